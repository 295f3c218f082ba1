//! Opening, closing and sending at once, from several threads.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use streampod_client::fake::FakeServer;
use streampod_client::{
    ByteStream, Client, ClientOptions, Connecting, StreamingConnectionHandler,
    StreamingConnectionHandlerState, StreamingConnectionHandlerStatus, StreamingConnectionStatus,
    StreamingSendError, Transport,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{PONG, status};
use crate::kit::{client, within};

/// Bytes that answer the handshake, and close the client's connection just before that.
struct ClosesFirst {
    client: Arc<Mutex<Option<Client>>>,
    request: Vec<u8>,
}

impl AsyncWrite for ClosesFirst {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.request.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for ClosesFirst {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let request = String::from_utf8(std::mem::take(&mut self.request)).unwrap();
        let mut headers = request.lines().filter_map(|line| line.split_once(": "));
        let key = headers.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
        let Some((_, key)) = key else { return Poll::Pending };
        let client = self.client.lock().take().unwrap();
        client.close_streaming_connection().now_or_never().expect("there is nothing to wait for");
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        buffer.put_slice(answer.as_bytes());
        Poll::Ready(Ok(()))
    }
}

struct ClosingTransport(Arc<Mutex<Option<Client>>>);

impl Transport for ClosingTransport {
    fn connect(&self) -> Connecting {
        let stream = ClosesFirst { client: Arc::clone(&self.0), request: Vec::new() };
        Box::pin(std::future::ready(Ok(Box::new(stream) as Box<dyn ByteStream>)))
    }
}

#[tokio::test]
async fn closing_at_the_last_moment_is_closing() {
    let slot = Arc::new(Mutex::new(None));
    let transport = ClosingTransport(Arc::clone(&slot));
    let client = Client::with_transport("http://fake/", ClientOptions::default(), transport).unwrap();
    *slot.lock() = Some(client.clone());
    within(client.open_streaming_connection()).await.unwrap_err();
    assert_eq!(status(&client), StreamingConnectionStatus::Disconnected);
    let sent = client.endpoint("test").send_stream_message(1_i64).await;
    assert!(matches!(sent, Err(StreamingSendError::NotConnected)), "{sent:?}");
}

/// A server that answers every connection, and how many are open.
fn serve(mut server: FakeServer) -> (watch::Receiver<usize>, JoinHandle<()>) {
    let open = watch::Sender::new(0);
    let counted = open.subscribe();
    let open = Arc::new(open);
    let task = tokio::spawn(async move {
        loop {
            let mut socket = server.silent_socket().await;
            open.send_modify(|open| *open += 1);
            let open = Arc::clone(&open);
            tokio::spawn(async move {
                while let Some(text) = socket.receive_any().await {
                    if text.contains("ping") {
                        socket.send(PONG).await;
                    }
                }
                open.send_modify(|open| *open -= 1);
            });
        }
    });
    (counted, task)
}

/// What somebody does with the client again and again; `seed` makes each different.
async fn act(client: Client, seed: u64) {
    let endpoint = client.endpoint("test");
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..200 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        match random % 5 {
            0 | 1 => drop(client.open_streaming_connection().await),
            2 => client.close_streaming_connection().await,
            3 => {
                // Given up somewhere on the way.
                let limit = Duration::from_micros(random >> 8 & 0xFF);
                drop(tokio::time::timeout(limit, client.open_streaming_connection()).await);
            }
            _ => drop(endpoint.send_stream_message(1_i64).await),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_order_one_connection_is_open_at_the_end_or_none() {
    let (client, server) = client();
    let (mut open, server) = serve(server);
    for round in 0..5 {
        let actors: Vec<_> = (0..8).map(|n| tokio::spawn(act(client.clone(), round * 8 + n + 1))).collect();
        for actor in actors {
            within(actor).await.unwrap();
        }
        within(client.open_streaming_connection()).await.unwrap();
        within(open.wait_for(|open| *open == 1)).await.unwrap();
        let mut statuses = client.streaming_connection_status();
        within(statuses.wait_for(|status| *status == StreamingConnectionStatus::Connected)).await.unwrap();
        within(client.close_streaming_connection()).await;
        within(open.wait_for(|open| *open == 0)).await.unwrap();
        assert_eq!(status(&client), StreamingConnectionStatus::Disconnected);
    }
    server.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_handler_is_closed_nothing_is_open_and_nothing_opens_again() {
    let (client, server) = client();
    let (mut open, server) = serve(server);
    for round in 0..300 {
        let handler = StreamingConnectionHandler::new(&client).retry_every(Duration::ZERO);
        handler.connect();
        if round % 3 == 0 {
            let mut states = handler.state();
            let is_connected = |state: &StreamingConnectionHandlerState| {
                state.status == StreamingConnectionHandlerStatus::Connected
            };
            within(states.wait_for(is_connected)).await.unwrap();
        } else if round % 3 == 1 {
            tokio::task::yield_now().await;
        }
        within(handler.close()).await;
        assert_eq!(status(&client), StreamingConnectionStatus::Disconnected);
        within(open.wait_for(|open| *open == 0)).await.unwrap();
        assert_eq!(handler.state().borrow().status, StreamingConnectionHandlerStatus::Disconnected);
    }
    server.abort();
}
