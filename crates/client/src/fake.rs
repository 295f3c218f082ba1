//! A server in memory, to test what uses a [`Client`] without a network.
//!
//! ```
//! use futures_util::StreamExt;
//! use streampod_client::{ClientOptions, fake};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let (client, mut server) = fake::client(ClientOptions::default());
//! let mut numbers = client.open::<i64>("math", "count", &[("to", &2_i64)]).stream();
//!
//! let mut socket = server.socket().await;
//! let call = socket.call().await;
//! assert_eq!((call.method(), call.argument::<i64>("to")), ("count", Some(2)));
//! socket.accept(&call).await;
//! socket.element(&call, &1_i64).await;
//! socket.end(&call).await;
//!
//! assert_eq!(numbers.next().await.unwrap().unwrap(), 1);
//! assert!(numbers.next().await.is_none());
//! # }
//! ```
//!
//! It speaks the real protocol over bytes in memory, so limits and back-pressure are those of a network. Its methods panic
//! where the client does something else than the test expects.

use std::collections::VecDeque;
use std::io;

use futures_util::{SinkExt, StreamExt};
use streampod_wire::{
    Answer, Arguments, CallId, Catalog, CloseReason, Exception, Frame, FrameBuffer, Model, OpenResult,
    Shared, StreamHead, StreamRef,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::client::Client;
use crate::error::RefusalReason;
use crate::options::ClientOptions;
use crate::transport::{ByteStream, Connecting, Transport};

/// How many bytes are on their way in each direction.
const BUFFER_BYTES: usize = 256 * 1024;
/// How many connections wait to be accepted.
const BACKLOG: usize = 64;

/// A client, and the server that it talks to.
///
/// # Panics
///
/// Panics if models of the options' catalog share a name.
pub fn client(options: ClientOptions) -> (Client, FakeServer) {
    let (sender, streams) = mpsc::channel(BACKLOG);
    let server = FakeServer { streams, sockets: VecDeque::new(), requests: VecDeque::new() };
    match Client::with_transport("http://fake/", options, FakeTransport(sender)) {
        Ok(client) => (client, server),
        Err(error) => panic!("{error}"),
    }
}

struct FakeTransport(mpsc::Sender<DuplexStream>);

impl Transport for FakeTransport {
    fn connect(&self) -> Connecting {
        let sender = self.0.clone();
        Box::pin(async move {
            let (near, far) = duplex(BUFFER_BYTES);
            sender.send(far).await.map_err(|_| io::ErrorKind::ConnectionRefused)?;
            Ok(Box::new(near) as Box<dyn ByteStream>)
        })
    }
}

/// The server; once it is dropped, the client cannot connect.
#[derive(Debug)]
pub struct FakeServer {
    streams: mpsc::Receiver<DuplexStream>,
    sockets: VecDeque<FakeSocket>,
    requests: VecDeque<FakeRequest>,
}

impl FakeServer {
    /// The next WebSocket that the client opens; its first ping is answered.
    pub async fn socket(&mut self) -> FakeSocket {
        let mut socket = self.silent_socket().await;
        match socket.receive_any().await.as_deref().map(Frame::parse) {
            Some(Ok(Frame::Ping)) => socket.send(r#"{"type":"pong"}"#).await,
            other => panic!("the first frame is a ping, not {other:?}"),
        }
        socket
    }

    /// The next WebSocket that the client opens; nothing is read from it or sent.
    pub async fn silent_socket(&mut self) -> FakeSocket {
        loop {
            if let Some(socket) = self.sockets.pop_front() {
                return socket;
            }
            self.accept().await;
        }
    }

    /// The next ordinary call.
    pub async fn request(&mut self) -> FakeRequest {
        loop {
            if let Some(request) = self.requests.pop_front() {
                return request;
            }
            self.accept().await;
        }
    }

    async fn accept(&mut self) {
        let Some(mut stream) = self.streams.recv().await else { panic!("the client is gone") };
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                // The client gave up.
                Err(_) => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let header = |name: &str| {
            let mut headers = head.lines().filter_map(|line| line.split_once(": "));
            headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
        };
        if let Some(key) = header("sec-websocket-key") {
            let accept = derive_accept_key(key.as_bytes());
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-accept: {accept}\r\n\r\n"
            );
            if stream.write_all(answer.as_bytes()).await.is_ok() {
                let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
                let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
                self.sockets.push_back(FakeSocket { target, socket });
            }
            return;
        }
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).await.is_ok() {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let body = String::from_utf8_lossy(&body).into_owned();
            self.requests.push_back(FakeRequest {
                path,
                body,
                authorization: header("authorization"),
                stream,
            });
        }
    }
}

/// An ordinary call.
#[derive(Debug)]
pub struct FakeRequest {
    /// The path: `/` and the endpoint.
    pub path: String,
    /// The arguments and the method: the JSON of an object.
    pub body: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    stream: DuplexStream,
}

impl FakeRequest {
    /// Answers, and closes the connection.
    pub async fn respond(mut self, status: u16, content_type: &str, body: &str) {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} Status\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        // The client may have given up.
        let _ = self.stream.write_all(answer.as_bytes()).await;
    }
}

/// The server's side of a WebSocket. Dropping it is a lost connection.
#[derive(Debug)]
pub struct FakeSocket {
    target: String,
    socket: WebSocketStream<DuplexStream>,
}

/// A call that the client opened.
#[derive(Debug, Clone)]
pub struct FakeCall {
    id: CallId,
    endpoint: String,
    method: String,
    arguments: String,
    authorization: Option<String>,
}

impl FakeCall {
    /// The endpoint's name.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The method's name.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What an `Authorization` header would hold.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// An argument, if it was given and is a `T`.
    pub fn argument<T: Model>(&self, name: &str) -> Option<T> {
        Arguments::parse(&self.arguments).ok()?.get(name, &Catalog::new()).ok()?
    }
}

impl FakeSocket {
    /// The path and the query for which it was opened: `/v1/websocket` for streaming calls, and `/websocket` for the deprecated
    /// streaming endpoints, perhaps with the caller's key.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The next frame but for pings, which are answered; `None` when the client closed the connection or is gone.
    pub async fn receive(&mut self) -> Option<String> {
        loop {
            let text = self.receive_any().await?;
            match Frame::parse(&text) {
                Ok(Frame::Ping) => self.send(r#"{"type":"pong"}"#).await,
                _ => return Some(text),
            }
        }
    }

    /// The next frame, also a ping.
    pub async fn receive_any(&mut self) -> Option<String> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Sends a frame as it stands.
    pub async fn send(&mut self, text: &str) {
        // The client may be gone, which `receive` tells.
        let _ = self.socket.send(Message::text(text)).await;
    }

    async fn write(&mut self, write: impl FnOnce(&mut FrameBuffer)) {
        let mut out = FrameBuffer::default();
        write(&mut out);
        while let Some(frame) = out.pop() {
            if let Ok(text) = Utf8Bytes::try_from(frame) {
                self.send(&text).await;
            }
        }
    }

    /// The next call that the client opens.
    pub async fn call(&mut self) -> FakeCall {
        let Some(text) = self.receive().await else {
            panic!("the client opens no call, but closed the socket")
        };
        match Frame::parse(&text) {
            Ok(Frame::Open(open)) => FakeCall {
                id: open.call,
                endpoint: open.endpoint.into_owned(),
                method: open.method.into_owned(),
                arguments: open.arguments.into_owned(),
                authorization: open.authorization.map(Into::into),
            },
            _ => panic!("the client opens no call, but sent {text}"),
        }
    }

    /// The next element that the client sends to the stream parameter `name`; `None` at its end. An exception or error
    /// panics.
    pub async fn input<T: Model>(&mut self, call: &FakeCall, name: &str) -> Option<T> {
        let Some(text) = self.receive().await else {
            panic!("the client feeds nothing, but closed the socket")
        };
        let of_this =
            |stream: &StreamRef<'_>| stream.call == call.id && stream.parameter.as_deref() == Some(name);
        match Frame::parse(&text) {
            Ok(Frame::Element { stream, value }) if of_this(&stream) => {
                Some(T::from_json(value.data, &Catalog::new()).unwrap_or_else(|error| panic!("{error}")))
            }
            Ok(Frame::Close { stream, reason: CloseReason::Done }) if of_this(&stream) => None,
            _ => panic!("the client does not feed `{name}`, but sent {text}"),
        }
    }

    async fn answer(&mut self, call: &FakeCall, result: OpenResult) {
        self.write(|out| out.opened(&call.endpoint, &call.method, call.id, result)).await;
    }

    /// Accepts a call.
    pub async fn accept(&mut self, call: &FakeCall) {
        self.answer(call, OpenResult::Success).await;
    }

    /// Refuses a call.
    pub async fn refuse(&mut self, call: &FakeCall, reason: RefusalReason) {
        self.answer(call, reason.result()).await;
    }

    /// Sends an element of what the method returns.
    pub async fn element<T: Model>(&mut self, call: &FakeCall, value: &T) {
        let class_name = T::element_type().class_name;
        let head = StreamHead::new(&call.endpoint, &call.method, call.id, None, &class_name);
        self.write(|out| {
            if let Err(error) = out.stream_element(&head, value) {
                panic!("{error}");
            }
        })
        .await;
    }

    /// Has the method fail with an exception, which ends the call.
    pub async fn throw(&mut self, call: &FakeCall, exception: impl Exception) {
        let head = StreamHead::new(&call.endpoint, &call.method, call.id, None, "");
        self.write(|out| {
            if let Err(error) = out.stream_exception(&head, &Shared::new(exception).into()) {
                panic!("{error}");
            }
        })
        .await;
        self.fail(call).await;
    }

    /// Has the method come to its end.
    pub async fn end(&mut self, call: &FakeCall) {
        self.close_stream(call, None, CloseReason::Done).await;
    }

    /// Has the method fail without an explanation.
    pub async fn fail(&mut self, call: &FakeCall) {
        self.close_stream(call, None, CloseReason::Error).await;
    }

    /// Has the method read the stream parameter `name` no more.
    pub async fn close_input(&mut self, call: &FakeCall, name: &str) {
        self.close_stream(call, Some(name), CloseReason::Done).await;
    }

    async fn close_stream(&mut self, call: &FakeCall, name: Option<&str>, reason: CloseReason) {
        self.write(|out| out.close(&call.endpoint, &call.method, call.id, name, reason)).await;
    }
}
