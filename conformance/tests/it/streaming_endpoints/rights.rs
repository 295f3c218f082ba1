//! Who may talk to which endpoint, and until when.

use std::time::Duration;

use base64::Engine;
use streampod::types::UtcDateTime;
use streampod::{AuthenticationInfo, Revocation};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{auth, note, recorder};
use crate::kit::{Client, Received, TestServer};

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
    heard.expect("open closed nobody").await;
    server.until_idle().await;
    heard.expect_nothing();
}

#[tokio::test]
async fn what_was_opened_is_closed_also_after_signing_out() {
    let (server, _, mut heard) = recorder::start().await;
    let mut client = server.stream_as("ada").await;
    client.send(auth(None)).await;
    client.close().await;
    for words in ["open opened ada", "private opened ada", "open closed nobody", "private closed nobody"] {
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
    for words in ["open opened ada", "private opened ada", "open closed nobody", "private closed nobody"] {
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
        revoke(&server, "ada", revocation).await;
        recorder.permits.add_permits(1);
        expect_code(&mut client, CloseCode::Policy).await;
        drop(client);
        for words in ["admin closed ada", "open closed ada", "private closed ada"] {
            // The first may not have been opened, but may be accessed.
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

#[tokio::test]
async fn who_signed_out_is_not_concerned_by_a_revocation() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream_as("ada").await;
    client.send(auth(Some("bob"))).await;
    client.send(note("private", "back")).await;
    client.expect(note("private", "back")).await;
    revoke(&server, "ada", Revocation::User).await;
    client.send(auth(None)).await;
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
    revoke(&server, "bob", Revocation::User).await;
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
}

#[tokio::test]
async fn a_sign_in_that_expires_ends_its_connection() {
    let (recorder, mut heard) = recorder::Recorder::new();
    let server = streampod::Server::new(crate::kit::config())
        .model::<super::Note>()
        .streaming_endpoint(recorder::Private(recorder))
        .authentication(|_, key| async move {
            Ok(Some(AuthenticationInfo {
                expires_at: (key == "soon").then(|| UtcDateTime::now() + Duration::from_millis(300)),
                user_identifier: key,
                ..Default::default()
            }))
        });
    let server = TestServer::of(server).await;
    let mut lasting = server.stream_as("soon").await;
    heard.expect("private opened soon").await;
    // With a key that lasts the connection does too.
    lasting.send(auth(Some("long"))).await;
    let mut client = server.stream_as("soon").await;
    heard.expect("private opened soon").await;
    expect_code(&mut client, CloseCode::Policy).await;
    lasting.send(note("private", "back")).await;
    lasting.expect(note("private", "back")).await;
}
