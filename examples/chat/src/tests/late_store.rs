//! A store that a test holds up.

use streampod::auth::{MemoryStore, Store, StoreFuture};
use streampod::prelude::*;
use tokio::sync::Semaphore;

/// A store that keeps whoever puts a message into it, or reads all of them, waiting until the test lets one go.
pub(super) struct LateStore {
    store: MemoryStore,
    pub(super) puts: Semaphore,
    pub(super) reads: Semaphore,
}

impl LateStore {
    pub(super) fn new() -> Self {
        Self { store: MemoryStore::new(), puts: Semaphore::new(0), reads: Semaphore::new(0) }
    }
}

/// Waits to be let go, if it is about what was said.
async fn wait(map: &str, gate: &Semaphore) {
    if map.starts_with("chat.history.") {
        gate.acquire().await.unwrap().forget();
    }
}

impl Store for LateStore {
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.store.get(map, key)
    }

    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            wait(map, &self.puts).await;
            self.store.put(map, key, value).await
        })
    }

    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool> {
        self.store.put_new(map, key, value)
    }

    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.store.remove(map, key)
    }

    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>> {
        Box::pin(async move {
            // What is in it now, told late.
            let entries = self.store.entries(map).await;
            wait(map, &self.reads).await;
            entries
        })
    }
}
