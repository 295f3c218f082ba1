//! Streams end when the sign-in that they rest on does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use streampod::prelude::*;
use streampod::{AuthenticationInfo, Revocation};
use tokio::sync::{Notify, mpsc};

use crate::kit::{Call, Client, TestServer, config, within};

/// For everybody; the only argument of a token `user:sign-in:scope` is who it is.
struct Open;

#[endpoint]
impl Open {
    fn watch(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        forever()
    }

    /// Revokes by way of the connection that is concerned.
    async fn revoke(&self, session: &Session, user: String, numbers: Input<i64>) -> Result<i64> {
        session.messages().authentication_revoked(&user, Revocation::User).await?;
        drop(numbers);
        Ok(1)
    }
}

/// For those who are signed in.
struct Watched {
    outlived: mpsc::UnboundedSender<&'static str>,
}

#[endpoint(require_login)]
impl Watched {
    fn watch(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        forever()
    }

    fn echo(&self, _session: &Session, numbers: Input<i64>) -> impl Stream<Item = Result<i64>> {
        numbers
    }

    /// Returns a value, and notices that nobody waits for it.
    async fn value(&self, session: &Session, numbers: Input<i64>) -> Result<i64> {
        session.cancelled().await;
        drop(numbers);
        let _ = self.outlived.send("value");
        Ok(1)
    }
}

/// For those with a scope.
struct Scoped;

#[endpoint(scopes("write", "read"))]
impl Scoped {
    fn watch(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        forever()
    }
}

fn forever() -> impl Stream<Item = Result<i64>> {
    stream! {
        yield Ok(0);
        std::future::pending::<()>().await;
    }
}

/// Who a token `user:sign-in:scopes` is.
fn info(token: &str) -> AuthenticationInfo {
    let mut parts = token.split(':');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (user_identifier, auth_id, scopes) = (part(), part(), part());
    let scopes = scopes.split(' ').filter(|scope| !scope.is_empty()).map(ToOwned::to_owned).collect();
    AuthenticationInfo { user_identifier, auth_id, scopes, expires_at: None }
}

async fn server() -> (TestServer, mpsc::UnboundedReceiver<&'static str>) {
    let (outlived, seen) = mpsc::unbounded_channel();
    let server = Server::new(config())
        .endpoint(Open)
        .endpoint(Watched { outlived })
        .endpoint(Scoped)
        .authentication(|_, token| async move { Ok(Some(info(&token))) });
    (TestServer::of(server).await, seen)
}

/// Opens a call that rests on `token`, and waits until it runs.
async fn open(client: &mut Client, call: &Call, inputs: &[&str], token: &str) {
    client.send(call.open_as(token, json!({}), inputs)).await;
    client.expect(call.opened("success")).await;
}

async fn watch(client: &mut Client, call: &Call, token: &str) {
    open(client, call, &[], token).await;
    client.expect(call.element("int", json!(0))).await;
}

async fn revoke(server: &TestServer, user: &str, revocation: Revocation) {
    let session = server.handle().create_session();
    session.messages().authentication_revoked(user, revocation).await.unwrap();
}

/// Whatever a call is doing: it is closed with an error, and so are its open parameters. The socket stays open, and other users
/// notice nothing.
#[tokio::test]
async fn a_revoked_user_loses_every_call_that_needs_the_login() {
    let (server, mut outlived) = server().await;
    let mut client = server.connect().await;
    let [watching, echoing, value, open_to_all, other] = [
        Call::new(1, "watched", "watch"),
        Call::new(2, "watched", "echo"),
        Call::new(3, "watched", "value"),
        Call::new(4, "open", "watch"),
        Call::new(5, "watched", "watch"),
    ];
    watch(&mut client, &watching, "alice:1").await;
    open(&mut client, &echoing, &["numbers"], "alice:2").await;
    open(&mut client, &value, &["numbers"], "alice:1").await;
    watch(&mut client, &open_to_all, "alice:1").await;
    watch(&mut client, &other, "bob:1").await;

    revoke(&server, "alice", Revocation::User).await;
    // All of them were queued before that returned; what comes later comes behind them.
    client.send(json!({ "type": "ping" })).await;
    let mut closed = Vec::new();
    loop {
        let frame = client.frame().await;
        if frame["type"] == "pong" {
            break;
        }
        closed.push(frame);
    }
    let expected = [
        watching.close("error"),
        echoing.close("error"),
        echoing.close_input("numbers", "error"),
        value.close("error"),
        value.close_input("numbers", "error"),
    ];
    assert_eq!(closed, expected);
    assert_eq!(within("the end of the method", outlived.recv()).await, Some("value"));

    // Who is nobody's concern goes on; a new call is for the handler to judge.
    server.until("two calls", |stats| stats.calls == 2).await;
    watch(&mut client, &watching, "alice:3").await;
    client.close().await;
    server.until_idle().await;
}

#[tokio::test]
async fn one_sign_in_is_revoked_and_the_others_stay() {
    let (server, _outlived) = server().await;
    let mut client = server.connect().await;
    let calls = [1, 2, 3].map(|number| Call::new(number, "watched", "watch"));
    for (call, token) in calls.iter().zip(["alice:1", "alice:2", "bob:2"]) {
        watch(&mut client, call, token).await;
    }
    revoke(&server, "alice", Revocation::AuthId("2".into())).await;
    client.expect(calls[1].close("error")).await;
    revoke(&server, "alice", Revocation::AuthId("7".into())).await;
    revoke(&server, "carol", Revocation::User).await;
    revoke(&server, "bob", Revocation::AuthId("2".into())).await;
    client.expect(calls[2].close("error")).await;
    assert_eq!(server.stats().calls, 1);
    client.close().await;
    server.until_idle().await;
}

/// A scope concerns the calls of methods that need it, not everything that its user does.
#[tokio::test]
async fn a_revoked_scope_ends_the_calls_that_need_it() {
    let (server, _outlived) = server().await;
    let mut client = server.connect().await;
    let (plain, scoped) = (Call::new(1, "watched", "watch"), Call::new(2, "scoped", "watch"));
    watch(&mut client, &plain, "alice:1:read write").await;
    watch(&mut client, &scoped, "alice:1:read write").await;
    revoke(&server, "alice", Revocation::Scopes(vec!["other".into()])).await;
    revoke(&server, "alice", Revocation::Scopes(vec!["other".into(), "write".into()])).await;
    client.expect(scoped.close("error")).await;
    assert_eq!(server.stats().calls, 1);
}

/// The connection that is concerned can be the one by which rights are taken away: frames come before the answer.
#[tokio::test]
async fn the_last_frames_come_before_the_answer_of_who_revoked() {
    let (server, _outlived) = server().await;
    let mut client = server.connect().await;
    let (watching, revoking) = (Call::new(1, "watched", "watch"), Call::new(2, "open", "revoke"));
    watch(&mut client, &watching, "alice:1").await;
    client.send(revoking.open(json!({ "user": "alice" }), &["numbers"])).await;
    client.expect(revoking.opened("success")).await;
    client.expect(watching.close("error")).await;
    client.expect(revoking.element("int", json!(1))).await;
    client.expect(revoking.close("done")).await;
    client.expect(revoking.close_input("numbers", "done")).await;
}

/// Who is revoked while the handler looks them up is looked up again, before the call opens.
#[tokio::test]
async fn a_call_that_is_being_authenticated_is_checked_again() {
    let (asked, answer, times) =
        (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let handler = {
        let (asked, answer, times) = (Arc::clone(&asked), Arc::clone(&answer), Arc::clone(&times));
        move |_: Session, token: String| {
            let (asked, answer, times) = (Arc::clone(&asked), Arc::clone(&answer), Arc::clone(&times));
            async move {
                if times.fetch_add(1, Ordering::SeqCst) > 0 {
                    return Ok(None);
                }
                asked.notify_one();
                answer.notified().await;
                Ok(Some(info(&token)))
            }
        }
    };
    let (outlived, _seen) = mpsc::unbounded_channel();
    let server = Server::new(config()).endpoint(Watched { outlived }).authentication(handler);
    let server = TestServer::of(server).await;
    let mut client = server.connect().await;
    let call = Call::new(1, "watched", "watch");
    client.send(call.open_as("alice:1", json!({}), &[])).await;
    within("the handler", asked.notified()).await;
    revoke(&server, "alice", Revocation::User).await;
    answer.notify_one();
    client.expect(call.opened("authenticationFailed")).await;
    assert_eq!(times.load(Ordering::SeqCst), 2);
    client.close().await;
    server.until_idle().await;
}

/// A sign-in that expires ends its streams then, and opens none afterwards.
#[tokio::test]
async fn streams_end_when_their_sign_in_expires() {
    const LIFE: Duration = Duration::from_millis(600);
    let end = UtcDateTime::now() + LIFE;
    let (outlived, _seen) = mpsc::unbounded_channel();
    let server =
        Server::new(config()).endpoint(Watched { outlived }).authentication(move |_, token| async move {
            let expires_at = if token.starts_with("mortal") { Some(end) } else { Some(UtcDateTime::MAX) };
            Ok(Some(AuthenticationInfo { expires_at, ..info(&token) }))
        });
    let server = TestServer::of(server).await;
    let mut client = server.connect().await;
    let calls = [1, 2, 3].map(|number| Call::new(number, "watched", "watch"));
    watch(&mut client, &calls[0], "mortal").await;
    watch(&mut client, &calls[1], "immortal").await;
    watch(&mut client, &calls[2], "mortal too").await;
    // One that ends before is not missed by the clock.
    client.send(calls[2].close("done")).await;
    client.expect(calls[2].close("done")).await;
    client.expect(calls[0].close("error")).await;
    assert!(UtcDateTime::now() >= end);
    client.send(calls[2].open_as("mortal", json!({}), &[])).await;
    client.expect(calls[2].opened("authenticationFailed")).await;
    assert_eq!(server.stats().calls, 1);
    client.close().await;
    server.until_idle().await;
}

/// Nobody knows who calls: that is an error, and no anonymous user.
#[tokio::test]
async fn a_handler_that_fails_is_an_error_also_where_nobody_has_to_sign_in() {
    let fails = Arc::new(AtomicBool::new(true));
    let known = Arc::clone(&fails);
    let server = Server::new(config()).endpoint(Open).authentication(move |_, token| {
        let fails = known.load(Ordering::SeqCst);
        async move { if fails { Err("the database is gone".into()) } else { Ok(Some(info(&token))) } }
    });
    let server = TestServer::of(server).await;
    let mut client = server.connect().await;
    let call = Call::new(1, "open", "watch");
    client.send(call.open_as("alice:1", json!({}), &[])).await;
    client.expect(call.opened("success")).await;
    client.expect(call.close("error")).await;
    fails.store(false, Ordering::SeqCst);
    watch(&mut client, &call, "alice:1").await;
}

/// Users come and go while they are revoked: nothing is left of any of them.
#[tokio::test]
async fn revoking_meets_calls_that_end_by_themselves() {
    let (server, _outlived) = server().await;
    let sockets = Arc::new(Mutex::new(0));
    let port = server.port();
    let clients = (0..8).map(|number| {
        let sockets = Arc::clone(&sockets);
        tokio::spawn(async move {
            let mut client = Client::connect(port).await;
            for round in 0..20 {
                let call = Call::new(round, "watched", "watch");
                client.send(call.open_as(&format!("user{}:1", number % 2), json!({}), &[])).await;
                client.expect(call.opened("success")).await;
                client.send(call.close("done")).await;
                // It ends once, by whoever was first.
                loop {
                    let frame = client.frame().await;
                    if frame["type"] == "cmsc" {
                        assert!(frame == call.close("done") || frame == call.close("error"), "{frame}");
                        break;
                    }
                }
            }
            *sockets.lock() += 1;
            client.close().await;
        })
    });
    let clients: Vec<_> = clients.collect();
    while *sockets.lock() < 8 {
        revoke(&server, "user0", Revocation::User).await;
        revoke(&server, "user1", Revocation::AuthId("1".into())).await;
        tokio::task::yield_now().await;
    }
    for client in clients {
        client.await.unwrap();
    }
    server.until_idle().await;
}
