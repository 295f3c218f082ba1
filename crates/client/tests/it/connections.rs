//! The life of the socket.

use std::time::Duration;

use futures_util::StreamExt;
use streampod_client::fake::FakeServer;
use streampod_client::{CallError, Client, ConnectionError, Status};
use tokio::time::{Instant, advance, sleep};

use crate::kit::{client, client_with, collect, opened, within};

async fn until(client: &Client, status: Status) {
    within(client.status().wait_for(|now| *now == status)).await.unwrap();
}

#[tokio::test]
async fn the_socket_is_opened_by_the_first_call_closed_after_the_last_and_opened_anew() {
    let (client, mut server) = client();
    assert_eq!(*client.status().borrow(), Status::Idle);
    for _ in 0..3 {
        let stream = client.open::<i64>("test", "count", &[]).stream();
        assert_eq!(*client.status().borrow(), Status::Connecting);
        let mut socket = within(server.socket()).await;
        until(&client, Status::Open).await;
        let call = within(socket.call()).await;
        socket.accept(&call).await;
        socket.end(&call).await;
        assert!(collect(stream).await.1.is_none());
        assert_eq!(within(socket.receive()).await, None);
        until(&client, Status::Idle).await;
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_close_delay_the_next_call_finds_the_socket_open() {
    let (client, mut server) = client_with(|options| options.close_delay = Duration::from_secs(1));
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    socket.end(&call).await;
    assert!(collect(stream).await.1.is_none());
    sleep(Duration::from_millis(900)).await;
    let stream = client.open::<i64>("test", "count", &[]).stream();
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    let start = Instant::now();
    socket.end(&call).await;
    assert!(collect(stream).await.1.is_none());
    assert_eq!(within(socket.receive()).await, None);
    assert!((1000..1100).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}

async fn error_of_a_call(client: &Client) -> ConnectionError {
    let (_, error) = collect(client.open::<i64>("test", "count", &[]).stream()).await;
    let Some(CallError::Connection(error)) = error else { panic!("{error:?}") };
    until(client, Status::Idle).await;
    error
}

#[tokio::test(start_paused = true)]
async fn could_not_connect_closed_at_once_and_no_answer_in_time() {
    let (client, server) = client();
    drop(server);
    assert!(matches!(error_of_a_call(&client).await, ConnectionError::Failed(_)));

    let (client, mut server) = crate::kit::client();
    let (error, ()) = tokio::join!(error_of_a_call(&client), async {
        drop(within(server.silent_socket()).await);
    });
    assert!(matches!(error, ConnectionError::Failed(_)), "{error:?}");

    // Neither a WebSocket that is never heard nor a server that accepts and says nothing.
    for accepts in [true, false] {
        let (client, mut server) = crate::kit::client();
        let start = Instant::now();
        let silent = async {
            let socket = if accepts { Some(within(server.silent_socket()).await) } else { None };
            sleep(Duration::from_secs(60)).await;
            drop(socket);
        };
        let error = tokio::select! { error = error_of_a_call(&client) => error, () = silent => panic!() };
        assert!(matches!(error, ConnectionError::HandshakeTimeout(_)), "{error:?}");
        assert_eq!(start.elapsed().as_secs(), 5);
    }
}

#[tokio::test]
async fn a_lost_connection_ends_every_call_and_the_next_opens_another() {
    let (client, mut server) = client();
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    let waiting = tokio::spawn(client.open::<i64>("test", "value", &[]).value());
    within(socket.call()).await;
    socket.element(&call, &1_i64).await;
    drop(socket);
    let (values, error) = collect(stream).await;
    assert_eq!(values, [1]);
    assert!(matches!(error, Some(CallError::Connection(ConnectionError::Lost(_)))), "{error:?}");
    let error = within(waiting).await.unwrap().unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    assert_eq!(error.to_string(), "the connection was lost");
    until(&client, Status::Idle).await;
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    socket.end(&call).await;
    assert!(collect(stream).await.1.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_ping_every_20_s_and_40_s_of_silence_are_the_end() {
    let (client, mut server) = client();
    let start = Instant::now();
    let (stream, mut socket, _call) = opened(&client, &mut server).await;
    for seconds in [20, 40] {
        let ping = within(socket.receive_any()).await;
        assert_eq!(ping.as_deref(), Some(r#"{"type":"ping"}"#));
        assert_eq!(start.elapsed().as_secs(), seconds);
        if seconds == 20 {
            socket.send(r#"{"type":"pong"}"#).await;
        }
    }
    let (_, error) = collect(stream).await;
    assert!(matches!(error, Some(CallError::Connection(ConnectionError::IdleTimeout(_)))), "{error:?}");
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn anything_heard_keeps_the_connection() {
    let (client, mut server) = client();
    let (mut stream, mut socket, call) = opened(&client, &mut server).await;
    for n in 0..10_i64 {
        advance(Duration::from_secs(30)).await;
        socket.element(&call, &n).await;
        assert_eq!(within(stream.next()).await.unwrap().unwrap(), n);
    }
}

/// The last frame before the client closes the socket because of `text`.
async fn answer_to(server: &mut FakeServer, client: &Client, text: &str) -> Option<String> {
    let (stream, mut socket, _) = opened(client, server).await;
    socket.send(text).await;
    let mut last = None;
    while let Some(frame) = within(socket.receive()).await {
        last = Some(frame);
    }
    let (_, error) = collect(stream).await;
    assert!(matches!(error, Some(CallError::Connection(ConnectionError::ListenFailed(_)))), "{error:?}");
    last
}

#[tokio::test]
async fn unreadable_frames_are_reported_and_reports_are_not_answered() {
    let (client, mut server) = client();
    for text in ["nonsense", "[]", r#"{"type":"what","data":{}}"#, r#"{"type":"msm","data":{}}"#] {
        let answer = answer_to(&mut server, &client, text).await.unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer, serde_json::json!({ "type": "brm", "data": { "req": text } }));
    }
    let report = r#"{"type":"brm","data":{"req":"what"}}"#;
    assert_eq!(answer_to(&mut server, &client, report).await, None);
}

#[tokio::test]
async fn the_servers_ping_is_answered() {
    let (client, mut server) = client();
    let (_stream, mut socket, _) = opened(&client, &mut server).await;
    socket.send(r#"{"type":"ping"}"#).await;
    assert_eq!(within(socket.receive()).await.as_deref(), Some(r#"{"type":"pong"}"#));
}

#[tokio::test]
async fn closing_the_client_ends_its_calls_and_refuses_new_ones() {
    let (client, mut server) = client();
    let (stream, mut socket, _) = opened(&client, &mut server).await;
    client.close();
    assert!(matches!(collect(stream).await.1, Some(CallError::ClientClosed)));
    assert_eq!(within(socket.receive()).await, None);
    let late = client.open::<i64>("test", "count", &[]).stream();
    assert!(matches!(collect(late).await.1, Some(CallError::ClientClosed)));
    assert!(matches!(client.call::<()>("a", "b", &[]).await, Err(CallError::ClientClosed)));
    assert_eq!(*client.status().borrow(), Status::Closed);
}

#[tokio::test]
async fn calls_go_on_when_the_client_is_dropped() {
    let (client, mut server) = client();
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    drop(client);
    socket.element(&call, &1_i64).await;
    socket.end(&call).await;
    assert_eq!(collect(stream).await.0, [1]);
}

#[test]
fn nobody_waits_for_a_runtime_that_is_gone() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (client, _server) = client();
    let gone = runtime();
    let stream = gone.block_on(async { client.open::<i64>("test", "count", &[]).stream() });
    drop(gone);
    runtime().block_on(async {
        assert!(collect(stream).await.1.unwrap().is_connection());
    });
}
