//! From the opening of a session to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use streampod::prelude::*;
use streampod::{Server, StreamingEndpoint, StreamingSession};

use super::{Note, note, ping, pong, recorder};
use crate::kit::{TestServer, config};

#[tokio::test]
async fn an_endpoint_is_opened_asked_and_closed_in_order() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send_together([note("open", "a"), note("open", "back"), note("open", "b")]).await;
    heard.expect("open opened nobody").await;
    heard.expect("open a nobody").await;
    heard.expect("open back nobody").await;
    heard.expect("open b nobody").await;
    client.expect(note("open", "back")).await;
    client.close().await;
    heard.expect("open closed nobody").await;
    server.until_idle().await;
    heard.expect_nothing();
}

#[tokio::test]
async fn what_was_sent_before_the_end_is_handled() {
    let (server, recorder, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send_together([note("open", "wait"), note("open", "a"), note("open", "b")]).await;
    heard.expect("open opened nobody").await;
    heard.expect("open wait nobody").await;
    // All of it is received before the closing handshake ends.
    client.close().await;
    server.until("the connection is gone", |stats| stats.connections == 0).await;
    recorder.permits.add_permits(1);
    heard.expect("open a nobody").await;
    heard.expect("open b nobody").await;
    heard.expect("open closed nobody").await;
    server.until_idle().await;
}

#[tokio::test]
async fn a_handler_that_waits_learns_that_the_client_is_gone() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send(note("open", "cancelled")).await;
    heard.expect("open opened nobody").await;
    heard.expect("open cancelled nobody").await;
    drop(client);
    heard.expect(r#"Err("the client's streaming connection is closed")"#).await;
    heard.expect("open closed nobody").await;
    server.until_idle().await;
}

#[tokio::test]
async fn a_ping_is_answered_while_a_message_is_handled() {
    let (server, recorder, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send_together([note("open", "wait"), note("open", "back"), ping()]).await;
    client.expect(pong()).await;
    heard.expect("open opened nobody").await;
    heard.expect("open wait nobody").await;
    heard.expect_nothing();
    recorder.permits.add_permits(1);
    client.expect(note("open", "back")).await;
}

#[tokio::test]
async fn what_fails_is_passed_over() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream().await;
    for bad in ["fail", "panic"] {
        client.send(note("open", bad)).await;
        client.send(note("open", "back")).await;
        client.expect(note("open", "back")).await;
    }
    let unreadable = [
        json!({ "className": "Note", "data": { "text": 5 } }),
        json!({ "className": "NoSuchClass", "data": {} }),
        json!({ "className": "null", "data": null }),
        json!({ "data": {} }),
        json!({ "className": 5 }),
    ];
    for object in unreadable {
        client.send(json!({ "endpoint": "open", "object": object })).await;
        client.send(note("open", "back")).await;
        client.expect(note("open", "back")).await;
    }
}

#[tokio::test]
async fn a_message_of_a_basic_type_travels_too() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send(json!({ "endpoint": "open", "object": { "className": "int", "data": 5 } })).await;
    heard.expect("open opened nobody").await;
    heard.expect("open something else nobody").await;
}

#[tokio::test]
async fn fields_for_servers_stay_there() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send(note("open", "secret")).await;
    client.expect(note("open", "no secret")).await;
}

/// Counts itself, and what is dropped with it.
struct Counter {
    count: AtomicUsize,
    _alive: Arc<()>,
}

/// Counts the messages of each session, and sends the count back.
struct Counts(Arc<()>);

/// The same, under another name.
struct Others(Arc<()>);

/// An endpoint that has methods, and handles no messages.
pub(super) struct Silent;

#[endpoint]
impl Counts {}

#[endpoint]
impl Others {}

#[endpoint]
impl Silent {
    async fn answer(&self, _session: &Session) -> i64 {
        42
    }
}

async fn count(session: &StreamingSession, alive: &Arc<()>) -> Result<()> {
    assert!(session.user_object::<String>().is_none());
    if session.user_object::<Counter>().is_none() {
        session.set_user_object(Counter { count: AtomicUsize::new(0), _alive: Arc::clone(alive) });
    }
    let counter = session.user_object::<Counter>().ok_or("no counter")?;
    let count = counter.count.fetch_add(1, Ordering::Relaxed) + 1;
    session.send_stream_message(Note { text: count.to_string(), secret: None }).await
}

impl StreamingEndpoint for Counts {
    async fn handle_stream_message(&self, session: &StreamingSession, _: Value) -> Result<()> {
        count(session, &self.0).await
    }
}

impl StreamingEndpoint for Others {
    async fn handle_stream_message(&self, session: &StreamingSession, _: Value) -> Result<()> {
        count(session, &self.0).await
    }
}

#[tokio::test]
async fn a_user_object_belongs_to_an_endpoint_and_a_session() {
    let alive = Arc::new(());
    let server = Server::new(config()).model::<Note>();
    let server = server.streaming_endpoint(Counts(alive.clone())).streaming_endpoint(Others(alive.clone()));
    let server = TestServer::of(server).await;
    let mut first = server.stream().await;
    let mut second = server.stream().await;
    for number in 1..4 {
        first.send(note("counts", "")).await;
        first.expect(note("counts", &number.to_string())).await;
    }
    first.send(note("others", "")).await;
    first.expect(note("others", "1")).await;
    second.send(note("counts", "")).await;
    second.expect(note("counts", "1")).await;
    // One for the test, two for the endpoints, three for the user objects.
    assert_eq!(Arc::strong_count(&alive), 6);
    first.close().await;
    server.until("one is gone", |stats| stats.sessions == 1).await;
    assert_eq!(Arc::strong_count(&alive), 4);
    drop(second);
    server.until_idle().await;
    assert_eq!(Arc::strong_count(&alive), 3);
}

#[tokio::test]
async fn endpoints_without_handlers_ignore_messages() {
    let (server, _, mut heard) = recorder::server();
    let server = TestServer::of(server.endpoint(Silent)).await;
    let mut client = server.stream().await;
    client.send(note("silent", "a")).await;
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
    heard.expect("open opened nobody").await;
    heard.expect("open back nobody").await;
}

/// Keeps a session for longer than its connection.
struct Keeps {
    kept: tokio::sync::mpsc::UnboundedSender<StreamingSession>,
    closed: Arc<AtomicUsize>,
}

#[endpoint]
impl Keeps {}

impl StreamingEndpoint for Keeps {
    async fn stream_opened(&self, session: &StreamingSession) -> Result<()> {
        let closed = Arc::clone(&self.closed);
        session.add_will_close_listener(move |_| async move {
            closed.fetch_add(1, Ordering::Relaxed);
        });
        let _ = self.kept.send(session.clone());
        Ok(())
    }
}

#[tokio::test]
async fn a_session_that_is_kept_is_closed_all_the_same() {
    let (kept, mut sessions) = tokio::sync::mpsc::unbounded_channel();
    let closed = Arc::new(AtomicUsize::new(0));
    let endpoint = Keeps { kept, closed: Arc::clone(&closed) };
    let server = TestServer::of(Server::new(config()).streaming_endpoint(endpoint)).await;
    let client = server.stream().await;
    let session = sessions.recv().await.unwrap();
    session.send_stream_message(1).await.unwrap();
    assert!(!session.is_closed() && closed.load(Ordering::Relaxed) == 0);
    client.close().await;
    server.until("closed", |stats| stats.connections == 0 && stats.tasks == 0).await;
    assert!(session.is_closed());
    assert_eq!(closed.load(Ordering::Relaxed), 1);
    let error = session.send_stream_message(2).await.unwrap_err();
    assert!(error.downcast_ref::<streampod::StreamingConnectionClosed>().is_some(), "{error}");
    let object = Arc::new(());
    session.set_user_object(Arc::clone(&object));
    assert!(session.user_object::<Arc<()>>().is_none());
    assert_eq!(Arc::strong_count(&object), 1);
    drop(session);
    server.until_idle().await;
}

#[tokio::test]
async fn a_server_that_stops_closes_what_is_open() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
    let handle = server.handle().clone();
    let (_, ()) = tokio::join!(
        async {
            client.expect_close().await;
            drop(client);
        },
        handle.stop()
    );
    heard.expect("open opened nobody").await;
    heard.expect("open back nobody").await;
    heard.expect("open closed nobody").await;
    server.until_idle().await;
}
