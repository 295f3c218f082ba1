//! A store that forgets.

use std::collections::BTreeMap;
use std::future::ready;

use bytes::Bytes;
use parking_lot::RwLock;

use crate::store::{Store, StoreFuture};

/// A store in memory, for tests: what is in it is gone with it.
#[derive(Default)]
pub struct MemoryStore {
    maps: RwLock<BTreeMap<String, BTreeMap<String, Bytes>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        let found = self.maps.read().get(map).and_then(|map| map.get(key)).cloned();
        Box::pin(ready(Ok(found)))
    }

    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()> {
        self.maps.write().entry(map.to_owned()).or_default().insert(key.to_owned(), value);
        Box::pin(ready(Ok(())))
    }

    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool> {
        let mut maps = self.maps.write();
        let map = maps.entry(map.to_owned()).or_default();
        let is_new = !map.contains_key(key);
        if is_new {
            map.insert(key.to_owned(), value);
        }
        Box::pin(ready(Ok(is_new)))
    }

    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        let mut maps = self.maps.write();
        let removed = maps.get_mut(map).and_then(|map| map.remove(key));
        if maps.get(map).is_some_and(BTreeMap::is_empty) {
            maps.remove(map);
        }
        Box::pin(ready(Ok(removed)))
    }

    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>> {
        let maps = self.maps.read();
        let entries = maps.get(map).into_iter().flatten().map(|(key, value)| (key.clone(), value.clone()));
        Box::pin(ready(Ok(entries.collect())))
    }
}
