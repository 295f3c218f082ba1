//! Rights that end on other servers, whatever is in the way: servers in this process that share a real Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use streampod::prelude::*;
use streampod::{AuthenticationInfo, Revocation};
use streampod_redis_fixture::RedisServer;

use crate::kit::{Call, Client, TestServer, config, within};

/// The channel on which servers tell each other what Alice loses.
const CHANNEL: &str = "_serverpod_revoked_authentication_alice";

struct Room;

#[endpoint(require_login)]
impl Room {
    fn watch(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        futures_util::stream::pending()
    }

    /// Ends by what it does.
    fn leave(&self, session: &Session) -> impl Stream<Item = Result<i64>> {
        try_stream! {
            session.messages().authentication_revoked("alice", Revocation::User).await?;
            yield 1;
        }
    }
}

/// What the authentication handlers of a test do.
#[derive(Clone, Default)]
struct Handler(Arc<AtomicU8>);

const FINDS_ALICE: u8 = 0;
const FINDS_NOBODY: u8 = 1;
const FAILS: u8 = 2;
const PANICS: u8 = 3;

impl Handler {
    fn set(&self, what: u8) {
        self.0.store(what, Ordering::SeqCst);
    }

    fn find(&self, token: String) -> Result<Option<AuthenticationInfo>> {
        let (user_identifier, auth_id) = ("alice".to_owned(), token);
        match self.0.load(Ordering::SeqCst) {
            FINDS_ALICE => Ok(Some(AuthenticationInfo { user_identifier, auth_id, ..Default::default() })),
            FINDS_NOBODY => Ok(None),
            FAILS => Err("the database is gone".into()),
            _ => panic!("a mistake in the handler"),
        }
    }
}

async fn server(redis: &RedisServer, handler: &Handler) -> TestServer {
    let mut config = config();
    (config.redis.enabled, config.redis.port) = (true, redis.port());
    let handler = handler.clone();
    let server = Server::new(config).broker(streampod::redis).endpoint(Room);
    TestServer::of(server.authentication(move |_, token| std::future::ready(handler.find(token)))).await
}

/// A stream of Alice, on a server that hears what she loses.
async fn watch(server: &TestServer, redis: &RedisServer, subscribers: u64) -> (Client, Call) {
    let mut client = server.connect().await;
    let call = Call::new(1, "room", "watch");
    client.send(call.open_as("1", json!({}), &[])).await;
    client.expect(call.opened("success")).await;
    listened(redis, subscribers).await;
    (client, call)
}

async fn listened(redis: &RedisServer, subscribers: u64) {
    let poll = async {
        while redis.subscribers(CHANNEL).await != subscribers {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("the subscriptions", poll).await;
}

/// Whoever revokes is told that the others were not; these learn of it as soon as they can.
#[tokio::test]
async fn other_servers_are_told_until_they_are() {
    let redis = RedisServer::start().await;
    let handler = Handler::default();
    let (here, there) = (server(&redis, &handler).await, server(&redis, &handler).await);
    let (mut client, call) = watch(&there, &redis, 1).await;
    redis.run(&["ACL", "SETUSER", "default", "-publish"]).await;
    let session = here.handle().create_session();
    let revoking = session.messages().authentication_revoked("alice", Revocation::AuthId("1".into()));
    let error = within("an error", revoking).await.unwrap_err().to_string();
    assert!(error.contains("refused") && error.contains(CHANNEL), "{error}");
    assert_eq!(there.stats().calls, 1);
    redis.run(&["ACL", "SETUSER", "default", "+publish"]).await;
    client.expect(call.close("error")).await;
    here.until("that it stops telling", |stats| stats.tasks == 0).await;
}

/// The stream that revokes is dropped by that, and so is who revokes and does not wait for it.
#[tokio::test]
async fn other_servers_are_told_also_if_nobody_waits_for_it() {
    let redis = RedisServer::start().await;
    let handler = Handler::default();
    let (here, there) = (server(&redis, &handler).await, server(&redis, &handler).await);
    let (mut client, call) = watch(&there, &redis, 1).await;
    let mut leaver = here.connect().await;
    let leaving = Call::new(1, "room", "leave");
    leaver.send(leaving.open_as("1", json!({}), &[])).await;
    leaver.expect(leaving.opened("success")).await;
    leaver.expect(leaving.close("error")).await;
    client.expect(call.close("error")).await;

    listened(&redis, 0).await;
    let (mut client, call) = watch(&there, &redis, 1).await;
    let session = here.handle().create_session();
    let revoking = session.messages().authentication_revoked("alice", Revocation::User);
    assert!(futures_util::FutureExt::now_or_never(revoking).is_none());
    client.expect(call.close("error")).await;
}

/// What a newer version takes away is not known here; the handler is asked what is left.
#[tokio::test]
async fn a_revocation_that_is_not_understood_has_the_handler_asked() {
    let redis = RedisServer::start().await;
    let handler = Handler::default();
    let server = server(&redis, &handler).await;
    let (mut client, call) = watch(&server, &redis, 1).await;
    let publish = ["PUBLISH", CHANNEL, r#"{"className":"serverpod.RevokedAuthenticationLater","data":{}}"#];
    assert_eq!(redis.run(&publish).await, ":1\r\n");
    client.send(json!({ "type": "ping" })).await;
    client.expect(json!({ "type": "pong" })).await;
    assert_eq!(server.stats().calls, 1);
    handler.set(FINDS_NOBODY);
    redis.run(&publish).await;
    client.expect(call.close("error")).await;
}

/// What Redis may not send is not heard: the handler is asked once, and the call goes on without.
#[tokio::test]
async fn a_channel_that_redis_refuses_has_the_handler_asked() {
    let redis = RedisServer::start().await;
    redis.run(&["ACL", "SETUSER", "default", "resetchannels", "&other*"]).await;
    let handler = Handler::default();
    let server = server(&redis, &handler).await;
    let mut client = server.connect().await;
    let call = Call::new(1, "room", "watch");
    client.send(call.open_as("1", json!({}), &[])).await;
    client.expect(call.opened("success")).await;
    server.until("that everything is settled", |stats| (stats.tasks, stats.calls) == (0, 1)).await;
}

/// A handler that cannot answer leaves nobody with rights: all calls end together, and not one after the other.
#[tokio::test]
async fn sign_ins_that_cannot_be_checked_end() {
    let redis = RedisServer::start().await;
    for what in [FAILS, PANICS] {
        let handler = Handler::default();
        let server = server(&redis, &handler).await;
        let mut client = server.connect().await;
        let calls = [1, 2, 3].map(|number| Call::new(number, "room", "watch"));
        for (call, token) in calls.iter().zip(["1", "2", "2"]) {
            client.send(call.open_as(token, json!({}), &[])).await;
            client.expect(call.opened("success")).await;
        }
        server.until("that everything is settled", |stats| stats.tasks == 0).await;
        handler.set(what);
        let start = Instant::now();
        redis.run(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        for _ in &calls {
            assert_eq!(client.frame().await["data"]["cr"], "error");
        }
        assert!(start.elapsed() < Duration::from_secs(15), "it took {:?}", start.elapsed());
        client.close().await;
        server.until_idle().await;
    }
}
