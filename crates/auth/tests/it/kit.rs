//! What these tests share.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use streampod_auth::{Keys, MemoryStore, Store, StoreError, StoreFuture};
use streampod_server::{AuthenticationInfo, InternalSession, Result};
use streampod_testing::TestApp;
use tokio::sync::oneshot;

/// A session of a server without endpoints.
pub(crate) fn session() -> InternalSession {
    TestApp::new(|server| server).anonymous().session()
}

/// Whom the handler of these keys knows by a token.
pub(crate) async fn who(keys: &Keys, token: &str) -> Result<Option<AuthenticationInfo>> {
    keys.handler()(session().clone(), token.to_owned()).await
}

/// The ids of a user's devices, in the order in which they are listed.
pub(crate) async fn listed(keys: &Keys, user: &str) -> Vec<i64> {
    keys.devices(user).await.unwrap().into_iter().map(|device| device.id).collect()
}

/// A store in memory in which one call can go wrong or wait.
#[derive(Default)]
pub(crate) struct Trap {
    store: MemoryStore,
    set: Mutex<Option<Set>>,
}

struct Set {
    /// How many calls go through before the one that is meant.
    after: usize,
    what: What,
}

enum What {
    Fault(Fault),
    /// Says that it waits, and goes on when it is told to.
    Wait(oneshot::Sender<()>, oneshot::Receiver<()>),
}

/// How a call of a store goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Fails,
    /// It is done, and nobody is told.
    FailsDone,
    Hangs,
    HangsDone,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [Self::Fails, Self::FailsDone, Self::Hangs, Self::HangsDone];
}

impl Trap {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Has the call fail that comes after so many others.
    pub(crate) fn fail_after(&self, calls: usize) {
        self.fault_after(calls, Fault::Fails);
    }

    /// Has the call go wrong that comes after so many others.
    pub(crate) fn fault_after(&self, calls: usize, fault: Fault) {
        *self.set.lock() = Some(Set { after: calls, what: What::Fault(fault) });
    }

    /// Has the call wait that comes after so many others. What is returned tells when it does, and lets it go on.
    pub(crate) fn wait_after(&self, calls: usize) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((waits, waiting), (go_on, told)) = (oneshot::channel(), oneshot::channel());
        *self.set.lock() = Some(Set { after: calls, what: What::Wait(waits, told) });
        (waiting, go_on)
    }

    /// Whether the call that was meant has come; from now on all go through.
    pub(crate) fn was_met(&self) -> bool {
        self.set.lock().take().is_none()
    }

    async fn pass<T>(&self, call: StoreFuture<'_, T>) -> Result<T, StoreError> {
        let what = {
            let mut set = self.set.lock();
            match &mut *set {
                Some(Set { after: 0, .. }) => set.take().map(|set| set.what),
                Some(set) => {
                    set.after -= 1;
                    None
                }
                None => None,
            }
        };
        match what {
            None => return call.await,
            Some(What::Wait(waits, told)) => {
                waits.send(()).unwrap();
                told.await.unwrap();
                return call.await;
            }
            Some(What::Fault(fault)) => {
                if matches!(fault, Fault::FailsDone | Fault::HangsDone) {
                    call.await?;
                }
                if matches!(fault, Fault::Hangs | Fault::HangsDone) {
                    std::future::pending::<()>().await;
                }
            }
        }
        Err(StoreError::other("the disk is on fire"))
    }
}

impl Store for Trap {
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move { self.pass(Box::pin(async { self.store.get(map, key).await })).await })
    }

    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.pass(Box::pin(async { self.store.put(map, key, value).await })).await })
    }

    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool> {
        Box::pin(
            async move { self.pass(Box::pin(async { self.store.put_new(map, key, value).await })).await },
        )
    }

    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move { self.pass(Box::pin(async { self.store.remove(map, key).await })).await })
    }

    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>> {
        Box::pin(async move { self.pass(Box::pin(async { self.store.entries(map).await })).await })
    }
}
