//! What every store has to do.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::try_join_all;
use streampod_auth::{MemoryStore, Store};

/// Checks a store that is empty. `open` opens it, also again.
pub(crate) async fn check(open: impl Fn() -> Arc<dyn Store>) {
    let store = open();
    remembers(&*store).await;
    takes_any_text_and_bytes(&*store).await;
    is_taken_once(&store).await;
    lists_in_order(&*store).await;
    holds_ten_thousand(&*store).await;

    drop(store);
    let again = open();
    assert_eq!(again.get("kept", "key").await.unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(again.entries("many").await.unwrap().len(), 10_000);
}

#[tokio::test]
async fn in_memory() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    check(|| Arc::clone(&store)).await;
}

async fn remembers(store: &dyn Store) {
    assert_eq!(store.get("map", "key").await.unwrap(), None);
    assert_eq!(store.remove("map", "key").await.unwrap(), None);
    assert_eq!(store.entries("map").await.unwrap(), []);

    store.put("map", "key", "one".into()).await.unwrap();
    assert_eq!(store.get("map", "key").await.unwrap().as_deref(), Some(&b"one"[..]));
    store.put("map", "key", "two".into()).await.unwrap();
    assert_eq!(store.get("map", "key").await.unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(store.get("another", "key").await.unwrap(), None, "maps do not see each other");
    assert_eq!(store.get("map", "another").await.unwrap(), None);

    assert!(!store.put_new("map", "key", "three".into()).await.unwrap());
    assert_eq!(store.get("map", "key").await.unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(store.remove("map", "key").await.unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(store.remove("map", "key").await.unwrap(), None);
    assert!(store.put_new("map", "key", "four".into()).await.unwrap());
    store.remove("map", "key").await.unwrap();

    store.put("kept", "key", "value".into()).await.unwrap();
}

async fn takes_any_text_and_bytes(store: &dyn Store) {
    let all_bytes: Bytes = (0..=255).collect::<Vec<u8>>().into();
    let values = [all_bytes, Bytes::new(), Bytes::from(vec![7; 200_000])];
    let names = ["", " ", "ключ:🗝️", "a\0b", "a\r\nb", "*", "{x}:1", "\u{10FFFF}"];
    for map in names {
        for (key, value) in names.iter().zip(values.iter().cycle()) {
            store.put(map, key, value.clone()).await.unwrap();
        }
    }
    for map in names {
        let mut expected: Vec<(String, Bytes)> =
            names.iter().map(|key| (*key).to_owned()).zip(values.iter().cycle().cloned()).collect();
        expected.sort();
        assert!(store.entries(map).await.unwrap() == expected, "{map:?}");
        for (key, value) in expected {
            assert!(store.remove(map, &key).await.unwrap() == Some(value), "{map:?} {key:?}");
        }
        assert_eq!(store.entries(map).await.unwrap(), []);
    }
}

/// Of many who want the same, one gets it, and all see who; and one of many takes it away.
async fn is_taken_once(store: &Arc<dyn Store>) {
    let tasks = (0..50u8).map(|task| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.put_new("race", "key", Bytes::from(vec![task])).await })
    });
    let took = try_join_all(tasks).await.unwrap().into_iter().map(Result::unwrap).collect::<Vec<_>>();
    let winners: Vec<usize> = (0..50).filter(|task| took[*task]).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(usize::from(store.get("race", "key").await.unwrap().unwrap()[0]), winners[0]);

    let tasks = (0..50).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.remove("race", "key").await })
    });
    let removed = try_join_all(tasks).await.unwrap().into_iter().map(Result::unwrap);
    assert_eq!(removed.flatten().count(), 1);
}

async fn lists_in_order(store: &dyn Store) {
    for key in ["b", "a", "10", "9", "B", "é", "aa", ""] {
        store.put("ordered", key, key.to_owned().into()).await.unwrap();
    }
    // Neighbours, of which the names begin alike.
    store.put("ordere", "x", Bytes::new()).await.unwrap();
    store.put("ordered.", "x", Bytes::new()).await.unwrap();
    let entries = store.entries("ordered").await.unwrap();
    let keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, ["", "10", "9", "B", "a", "aa", "b", "é"]);
    assert!(entries.iter().all(|(key, value)| key.as_bytes() == value));
}

async fn holds_ten_thousand(store: &dyn Store) {
    let keys: Vec<String> = (0..10_000).map(|number| format!("{number:05}")).collect();
    for some in keys.chunks(500) {
        let puts = some.iter().map(|key| store.put("many", key, key.clone().into()));
        try_join_all(puts).await.unwrap();
    }
    let entries = store.entries("many").await.unwrap();
    assert!(entries.iter().map(|(key, _)| key).eq(&keys), "{} entries", entries.len());
    assert_eq!(store.get("many", "07777").await.unwrap().as_deref(), Some(&b"07777"[..]));
}
