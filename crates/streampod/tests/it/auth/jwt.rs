//! JSON web tokens, through a server on a real port.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use streampod::auth::{Jwt, Keys, MemoryStore, SignIn};
use streampod::prelude::*;
use streampod::{Revocation, RunningServer};

use crate::socket::{Socket, post, start};

const SECRET: [u8; 32] = [7; 32];

/// For those who are signed in.
struct Room;

#[endpoint(require_login)]
impl Room {
    async fn who(&self, session: &Session) -> String {
        who(session)
    }

    #[method(scopes("admin"))]
    async fn rule(&self, session: &Session) -> String {
        who(session)
    }

    fn stay(&self, session: &Session) -> impl Stream<Item = String> {
        let who = who(session);
        stream! {
            yield who;
            std::future::pending::<()>().await;
        }
    }
}

fn who(session: &Session) -> String {
    session.authenticated().map(|info| info.user_identifier.clone()).unwrap_or_default()
}

fn token(claims: &Value) -> String {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(&SECRET))
        .expect("it can be signed")
}

fn now() -> i64 {
    UtcDateTime::now().unix_timestamp()
}

/// A server that takes keys and tokens.
async fn server() -> (RunningServer, Keys) {
    let keys = Keys::new(Arc::new(MemoryStore::new()));
    let jwt = Jwt::hs256(&SECRET).expect("the secret is long enough").issuer("us");
    let handler = keys.handler();
    let server =
        start(|server| server.endpoint(Room).authentication(handler).authentication(jwt.handler())).await;
    (server, keys)
}

#[tokio::test]
async fn tokens_and_keys_stand_beside_each_other() {
    let (server, keys) = server().await;
    let good = json!({ "iss": "us", "sub": "alice", "exp": now() + 60, "scope": "admin" });
    let key = keys.sign_in(&server.handle().create_session(), "bob", SignIn::default()).await;
    let key = key.expect("the store works").token();
    for (path, token, expected) in [
        ("/room/who", token(&good), (200, "\"alice\"")),
        ("/room/rule", token(&good), (200, "\"alice\"")),
        ("/room/who", key.clone(), (200, "\"bob\"")),
        ("/room/rule", key, (403, "")),
        ("/room/rule", token(&json!({ "iss": "us", "sub": "alice", "exp": now() + 60 })), (403, "")),
        ("/room/who", token(&json!({ "iss": "them", "sub": "alice", "exp": now() + 60 })), (401, "")),
        ("/room/who", token(&json!({ "iss": "us", "sub": "alice", "exp": now() - 1 })), (401, "")),
        ("/room/who", format!("{}A", token(&good)), (401, "")),
        ("/room/who", String::new(), (401, "")),
    ] {
        let (status, body) = post(&server, path, &token).await;
        assert_eq!((status, &*body), expected, "{path} by `{token}`");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_token_that_expires_ends_its_streams() {
    let (server, _) = server().await;
    let end = now() + 2;
    let token = token(&json!({ "iss": "us", "sub": "alice", "exp": end }));
    let mut socket = Socket::connect(&server).await;
    let call = socket.open("room", "stay", &token).await;
    let began = Instant::now();
    let ending = async {
        socket.expect(call.opened("success")).await;
        socket.expect(call.element("alice")).await;
        socket.expect(call.closed("error")).await;
    };
    tokio::time::timeout(Duration::from_secs(20), ending).await.expect("the stream ends");
    assert!(now() >= end, "not before");
    assert!(began.elapsed() < Duration::from_secs(5), "and soon: {:?}", began.elapsed());
    let again = socket.open("room", "stay", &token).await;
    socket.expect(again.opened("authenticationFailed")).await;
    assert_eq!(post(&server, "/room/who", &token).await.0, 401);
    server.shutdown().await;
}

/// The streams of one token are ended by its `jti`.
#[tokio::test]
async fn a_token_can_be_revoked_by_its_id() {
    let (server, _) = server().await;
    let token_of = |id: &str| token(&json!({ "iss": "us", "sub": "alice", "exp": now() + 60, "jti": id }));
    let mut socket = Socket::connect(&server).await;
    let mut calls = Vec::new();
    for id in ["one", "other"] {
        let call = socket.open("room", "stay", &token_of(id)).await;
        socket.expect(call.opened("success")).await;
        socket.expect(call.element("alice")).await;
        calls.push(call);
    }
    let session = server.handle().create_session();
    for (id, call) in [("other", &calls[1]), ("one", &calls[0])] {
        let revoked = session.messages().authentication_revoked("alice", Revocation::AuthId(id.into()));
        revoked.await.expect("nobody else has to be told");
        socket.expect(call.closed("error")).await;
    }
    drop(session);
    server.shutdown().await;
}
