//! A store that fails: nobody knows who calls then, which is not the same as nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use streampod::auth::{Keys, MemoryStore, SignIn, Store, StoreError, StoreFuture};
use streampod::prelude::*;

use crate::socket::{Socket, post, start};

/// No test waits longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store that can be switched off.
#[derive(Default)]
struct Switched {
    store: MemoryStore,
    is_off: AtomicBool,
    /// What is removed is gone, and nobody is told.
    removes_silently: AtomicBool,
}

impl Switched {
    fn check(&self) -> Result<(), StoreError> {
        if self.is_off.load(Ordering::SeqCst) { Err(StoreError::other("switched off")) } else { Ok(()) }
    }
}

impl Store for Switched {
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            self.check()?;
            self.store.get(map, key).await
        })
    }

    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()> {
        self.store.put(map, key, value)
    }

    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool> {
        self.store.put_new(map, key, value)
    }

    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            let removed = self.store.remove(map, key).await;
            if self.removes_silently.load(Ordering::SeqCst) {
                return Err(StoreError::other("the answer is lost"));
            }
            removed
        })
    }

    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>> {
        self.store.entries(map)
    }
}

/// Signs out.
struct Account {
    keys: Keys,
}

#[endpoint(require_login)]
impl Account {
    async fn sign_out(&self, session: &Session) -> Result<()> {
        self.keys.sign_out(session).await
    }

    fn wait(&self, _session: &Session) -> impl Stream<Item = String> {
        futures_util::stream::pending()
    }
}

/// For everybody.
struct Open;

#[endpoint]
impl Open {
    async fn hello(&self, _session: &Session) -> String {
        "hello".to_owned()
    }

    fn greet(&self, _session: &Session) -> impl Stream<Item = String> {
        stream! { yield "hello".to_owned(); }
    }

    #[method(require_login)]
    async fn hello_member(&self, _session: &Session) -> String {
        "hello".to_owned()
    }
}

#[tokio::test]
async fn a_store_that_fails_is_a_failure_of_the_server() {
    let store = Arc::new(Switched::default());
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let handler = keys.handler();
    let server = start(|server| server.endpoint(Open).authentication(handler)).await;
    let session = server.handle().create_session();
    let token = keys.sign_in(&session, "alice", SignIn::default()).await.expect("the store works").token();
    let mut socket = Socket::connect(&server).await;
    assert_eq!(post(&server, "/open/helloMember", &token).await.0, 200);

    store.is_off.store(true, Ordering::SeqCst);
    for path in ["/open/hello", "/open/helloMember"] {
        let (status, body) = post(&server, path, &token).await;
        assert_eq!(status, 500, "{path}: {body}");
        assert!(body.starts_with("Internal server error") && !body.contains("switched"), "{body}");
    }
    let call = socket.open("open", "greet", &token).await;
    // Opened, because it is not refused, and closed before it has sent anything.
    socket.expect(call.opened("success")).await;
    socket.expect(call.closed("error")).await;
    // Who shows no key is anybody, and nobody has to be asked.
    assert_eq!(post(&server, "/open/hello", "").await.0, 200);
    assert_eq!(post(&server, "/open/helloMember", "").await.0, 401);
    assert_eq!(post(&server, "/open/hello", "no key").await.0, 200);

    store.is_off.store(false, Ordering::SeqCst);
    assert_eq!(post(&server, "/open/helloMember", &token).await.0, 200);
    drop(session);
    server.shutdown().await;
}

/// Somebody whose key is gone cannot try again, so the streams end though the store said nothing.
#[tokio::test]
async fn signing_out_ends_streams_though_the_answer_of_the_store_is_lost() {
    let store = Arc::new(Switched::default());
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let (handler, account) = (keys.handler(), Account { keys: keys.clone() });
    let server = start(|server| server.endpoint(account).authentication(handler)).await;
    let session = server.handle().create_session();
    let token = keys.sign_in(&session, "alice", SignIn::default()).await.expect("the store works").token();
    let mut socket = Socket::connect(&server).await;
    let call = socket.open("account", "wait", &token).await;
    socket.expect(call.opened("success")).await;

    store.removes_silently.store(true, Ordering::SeqCst);
    assert_eq!(post(&server, "/account/signOut", &token).await.0, 500);
    let ended = tokio::time::timeout(PATIENCE, socket.expect(call.closed("error"))).await;
    ended.expect("the stream ends");
    assert_eq!(post(&server, "/account/signOut", &token).await.0, 401);
    drop(session);
    server.shutdown().await;
}
