//! Who may talk to which endpoint, and until when.

use std::time::{Duration, Instant};

use base64::Engine;
use streampod::prelude::*;
use streampod::types::UtcDateTime;
use streampod::{AuthenticationInfo, Revocation, Server, StreamingEndpoint, StreamingSession};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{Note, auth, note, recorder};
use crate::kit::{Client, RawClient, Received, TestServer, config};

/// Fails unless the server closes the connection next, with this code.
async fn expect_code(client: &mut Client, expected: CloseCode) {
    match client.receive().await {
        Some(Received::Close(Some(frame))) => assert_eq!(frame.code, expected),
        other => panic!("expected a close frame, found {other:?}"),
    }
}

#[tokio::test]
async fn only_those_that_the_user_may_access_are_opened_and_closed() {
    let (server, _, mut heard) = recorder::start().await;
    for (key, expected) in [
        ("ada", &["open opened ada", "private opened ada", "open closed ada", "private closed ada"][..]),
        (
            "eve:admin",
            &[
                "admin opened eve",
                "open opened eve",
                "private opened eve",
                "admin closed eve",
                "open closed eve",
                "private closed eve",
            ],
        ),
        ("wrong", &["open opened nobody", "open closed nobody"]),
    ] {
        server.stream_as(key).await.close().await;
        for words in expected {
            heard.expect(words).await;
        }
        server.until_idle().await;
        heard.expect_nothing();
    }
}

#[tokio::test]
async fn what_the_user_may_not_send_is_ignored() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream_as("ada").await;
    client.send(note("admin", "back")).await;
    client.send(note("private", "back")).await;
    client.expect(note("private", "back")).await;
    let mut nobody = server.stream().await;
    nobody.send(note("admin", "back")).await;
    nobody.send(note("private", "back")).await;
    nobody.send(note("open", "back")).await;
    nobody.expect(note("open", "back")).await;
}

#[tokio::test]
async fn a_client_signs_in_and_out_on_an_open_connection() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    let encoded = base64::engine::general_purpose::STANDARD.encode("eve:admin");
    let keys = [
        (None, "nobody"),
        (Some("Bearer ada".to_owned()), "ada"),
        (Some(format!("Basic {encoded}")), "eve"),
        (Some("wrong".to_owned()), "nobody"),
        (Some("eve:admin".to_owned()), "eve"),
        (None, "nobody"),
    ];
    heard.expect("open opened nobody").await;
    client.send(note("open", "id")).await;
    heard.expect("open id nobody").await;
    let id = heard.next().await;
    for (key, user) in keys {
        client.send(auth(key.as_deref())).await;
        client.send(note("private", "a")).await;
        client.send(note("admin", "b")).await;
        client.send(note("open", "id")).await;
        if user != "nobody" {
            heard.expect(&format!("private a {user}")).await;
        }
        if user == "eve" {
            heard.expect("admin b eve").await;
        }
        heard.expect(&format!("open id {user}")).await;
        heard.expect(&id).await;
    }
    client.close().await;
    // Each as the last user who could access it.
    for words in ["admin closed eve", "open closed nobody", "private closed eve"] {
        heard.expect(words).await;
    }
    server.until_idle().await;
    heard.expect_nothing();
}

#[tokio::test]
async fn what_was_opened_is_closed_also_after_signing_out() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream_as("ada").await;
    client.send(auth(None)).await;
    client.close().await;
    // As the one who could access it.
    for words in ["open opened ada", "private opened ada", "open closed nobody", "private closed ada"] {
        heard.expect(words).await;
    }
    // What became accessible on the way is closed too.
    let mut client = server.stream().await;
    client.send(auth(Some("ada"))).await;
    client.send(note("private", "a")).await;
    client.close().await;
    for words in ["open opened nobody", "private a ada", "open closed ada", "private closed ada"] {
        heard.expect(words).await;
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_read_closes_the_connection() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream_as("Basic%20!!").await;
    expect_code(&mut client, CloseCode::Policy).await;
    let mut client = server.stream().await;
    client.send(auth(Some("Basic !!"))).await;
    expect_code(&mut client, CloseCode::Policy).await;
    drop(client);
    heard.expect("open opened nobody").await;
    heard.expect("open closed nobody").await;
    server.until_idle().await;
}

#[tokio::test]
async fn a_handler_that_fails_closes_the_connection() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream_as("broken").await;
    expect_code(&mut client, CloseCode::Error).await;
    drop(client);
    server.until_idle().await;
    heard.expect_nothing();
    let mut client = server.stream_as("ada").await;
    // What follows is not handled with a right that nobody knows of.
    client.send_together([auth(Some("broken")), note("private", "a"), note("open", "a")]).await;
    expect_code(&mut client, CloseCode::Error).await;
    drop(client);
    for words in ["open opened ada", "private opened ada", "open closed ada", "private closed ada"] {
        heard.expect(words).await;
    }
    server.until_idle().await;
}

async fn revoke(server: &TestServer, user: &str, revocation: Revocation) {
    let session = server.handle().create_session();
    session.messages().authentication_revoked(user, revocation).await.unwrap();
}

#[tokio::test]
async fn a_revoked_sign_in_ends_its_connection_and_no_other() {
    let (server, recorder, mut heard) = recorder::start().await;
    let mut others = Vec::new();
    for key in ["bob", "", "wrong"] {
        let mut client = server.stream_as(key).await;
        client.send(note("open", "back")).await;
        client.expect(note("open", "back")).await;
        others.push(client);
    }
    let revocations = [
        Revocation::User,
        Revocation::AuthId("ada's phone".into()),
        Revocation::Scopes(vec!["other".into(), "admin".into()]),
    ];
    for revocation in revocations {
        while !heard.next().await.starts_with("open back") {}
        let mut client = server.stream().await;
        client.send(auth(Some("ada:admin"))).await;
        client.send(note("private", "back")).await;
        client.expect(note("private", "back")).await;
        revoke(&server, "ada", Revocation::AuthId("ada's other phone".into())).await;
        revoke(&server, "ada", Revocation::Scopes(vec!["other".into()])).await;
        // Nothing is handled any more that has been sent already.
        client.send_together([note("private", "wait"), note("private", "too late")]).await;
        while heard.next().await != "private wait ada" {}
        // It does not wait for the handler.
        let before = Instant::now();
        revoke(&server, "ada", revocation).await;
        assert!(before.elapsed() < Duration::from_secs(2));
        recorder.permits.add_permits(1);
        expect_code(&mut client, CloseCode::Policy).await;
        drop(client);
        for words in ["admin closed ada", "open closed ada", "private closed ada"] {
            heard.expect(words).await;
        }
        for other in &mut others {
            other.send(note("open", "back")).await;
            other.expect(note("open", "back")).await;
        }
    }
    drop(others);
    server.until_idle().await;
}

/// Listens for its user, as the chat does.
struct Listens;

#[endpoint(require_login)]
impl Listens {}

impl StreamingEndpoint for Listens {
    async fn stream_opened(&self, session: &StreamingSession) -> Result<()> {
        let user = session.authenticated().ok_or("nobody")?.user_identifier.clone();
        let client = session.clone();
        session.messages().add_listener(&format!("user_{user}"), move |message: Shared<Note>| {
            let client = client.clone();
            async move {
                let _ = client.send_stream_message(message).await;
            }
        });
        Ok(())
    }
}

/// A server where every key is a user, and one that begins with `soon` expires.
async fn expiring(add: impl FnOnce(Server) -> Server) -> TestServer {
    let server = add(Server::new(config()).model::<Note>());
    let server = server.authentication(|_, key| async move {
        Ok((key != "wrong").then(|| AuthenticationInfo {
            expires_at: key.starts_with("soon").then(|| UtcDateTime::now() + Duration::from_millis(400)),
            user_identifier: key,
            ..Default::default()
        }))
    });
    TestServer::of(server).await
}

#[tokio::test]
async fn what_was_set_up_for_a_user_ends_with_that_users_right() {
    let server = expiring(|server| server.streaming_endpoint(Listens)).await;
    for other in [None, Some("wrong"), Some("bob")] {
        // The listener of whoever was signed in first stays.
        let mut client = server.stream_as("ada").await;
        server.until("it listens", |stats| stats.channels == 1).await;
        client.send(auth(other)).await;
        let session = server.handle().create_session();
        session.messages().post("user_ada", Note { text: "for ada".into(), secret: None }).await.unwrap();
        client.expect(note("listens", "for ada")).await;
        revoke(&server, "eve", Revocation::User).await;
        revoke(&server, "ada", Revocation::User).await;
        session.messages().post("user_ada", Note { text: "too late".into(), secret: None }).await.unwrap();
        expect_code(&mut client, CloseCode::Policy).await;
        drop((client, session));
        server.until_idle().await;
        // Likewise if it expires.
        let mut client = server.stream_as("soon").await;
        client.send(auth(other)).await;
        expect_code(&mut client, CloseCode::Policy).await;
        drop(client);
        server.until_idle().await;
    }
}

#[tokio::test]
async fn a_new_key_of_the_same_user_takes_the_place_of_the_old_one() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream_as("ada:admin").await;
    for key in [Some("bob"), Some("ada"), None, Some("ada"), Some("bob"), None] {
        client.send(auth(key)).await;
    }
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
    // The key with the scope was replaced by one without.
    revoke(&server, "ada", Revocation::Scopes(vec!["admin".into()])).await;
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
    revoke(&server, "bob", Revocation::User).await;
    expect_code(&mut client, CloseCode::Policy).await;
    drop(client);
    server.until_idle().await;
}

#[tokio::test]
async fn a_client_that_was_too_many_users_is_let_go() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream().await;
    for user in 0..9 {
        client.send(auth(Some(&format!("user{user}")))).await;
        client.send(note("private", "back")).await;
        client.expect(note("private", "back")).await;
    }
    client.send(auth(Some("user9"))).await;
    expect_code(&mut client, CloseCode::Policy).await;
    drop(client);
    server.until_idle().await;
}

#[tokio::test]
async fn a_right_that_ends_while_endpoints_are_opened_opens_no_more() {
    let (server, recorder, mut heard) = recorder::server();
    let server = TestServer::of(server.streaming_endpoint(Slow(recorder.clone()))).await;
    let mut client = server.stream_as("ada").await;
    heard.expect("a slow one opens").await;
    revoke(&server, "ada", Revocation::User).await;
    expect_code(&mut client, CloseCode::Policy).await;
    recorder.permits.add_permits(1);
    drop(client);
    server.until_idle().await;
    heard.expect_nothing();
}

/// Opens when it is let, before all others.
struct Slow(recorder::Recorder);

#[endpoint(require_login, name = "aSlowOne")]
impl Slow {}

impl StreamingEndpoint for Slow {
    async fn stream_opened(&self, _: &StreamingSession) -> Result<()> {
        self.0.tell("a slow one opens".into());
        self.0.permits.acquire().await?.forget();
        Ok(())
    }
}

#[tokio::test]
async fn a_will_close_listener_sees_the_user_of_the_end() {
    let (recorder, mut heard) = recorder::Recorder::new();
    let server = expiring(|server| server.streaming_endpoint(Watches(recorder))).await;
    let mut client = server.stream_as("eve").await;
    client.send(auth(Some("ada"))).await;
    client.send(note("watches", "")).await;
    heard.expect("watched ada").await;
    client.close().await;
    heard.expect("closed ada").await;
    server.until_idle().await;
}

struct Watches(recorder::Recorder);

#[endpoint]
impl Watches {}

impl StreamingEndpoint for Watches {
    async fn handle_stream_message(&self, session: &StreamingSession, _: Value) -> Result<()> {
        let user = |session: &Session| session.authenticated().map(|info| info.user_identifier.clone());
        self.0.tell(format!("watched {}", user(session).unwrap_or_default()));
        let recorder = self.0.clone();
        session.add_will_close_listener(move |session| async move {
            recorder.tell(format!("closed {}", user(&session).unwrap_or_default()));
        });
        Ok(())
    }
}

#[tokio::test]
async fn a_sign_in_that_expires_ends_its_connection() {
    let (recorder, mut heard) = recorder::Recorder::new();
    let server = expiring(|server| server.streaming_endpoint(recorder::Private(recorder))).await;
    let mut lasting = server.stream_as("long").await;
    heard.expect("private opened long").await;
    let mut client = server.stream_as("soon").await;
    heard.expect("private opened soon").await;
    expect_code(&mut client, CloseCode::Policy).await;
    lasting.send(note("private", "back")).await;
    lasting.expect(note("private", "back")).await;
}

#[tokio::test]
async fn what_is_left_to_handle_ends_with_the_right_too() {
    let (recorder, mut heard) = recorder::Recorder::new();
    let server = expiring(|server| server.streaming_endpoint(recorder::Private(recorder.clone()))).await;
    let mut client = server.stream_as("soon").await;
    client.send_together([note("private", "wait"), note("private", "too late")]).await;
    heard.expect("private opened soon").await;
    heard.expect("private wait soon").await;
    client.close().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    recorder.permits.add_permits(1);
    heard.expect("private closed soon").await;
    server.until_idle().await;
}

/// A client that does not answer the close frame costs nothing while that is waited for.
#[tokio::test]
async fn an_expired_connection_is_at_rest_while_it_closes() {
    let (recorder, mut heard) = recorder::Recorder::new();
    let server = expiring(|server| server.streaming_endpoint(recorder::Private(recorder))).await;
    let socket = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let mut client = RawClient::upgrade(socket, "/websocket?auth=soon").await;
    heard.expect("private opened soon").await;
    assert_eq!(client.read().await.unwrap().close_code(), Some(1008));
    let before = cpu_time();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let used = cpu_time() - before;
    assert!(used < Duration::from_millis(300), "{used:?}");
}

/// How much time this process has had on processors.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}
