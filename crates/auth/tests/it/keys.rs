//! Keys: signing in and out, and what a token is worth.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use streampod_auth::{Keys, MemoryStore, SignIn, Store};
use streampod_server::AuthenticationInfo;
use time::UtcDateTime;

use crate::kit::{Trap, listed, session, who};

fn keys() -> Keys {
    Keys::new(Arc::new(MemoryStore::new()))
}

#[tokio::test]
async fn a_key_says_who_calls() {
    let keys = keys();
    let sign_in = SignIn {
        scopes: vec!["admin".into()],
        device: "Telefon 📱".into(),
        lifetime: Some(Duration::from_secs(60)),
    };
    let key = keys.sign_in(&session(), "42", sign_in).await.unwrap();
    assert_eq!(key.token(), format!("{}:{}", key.id, key.key()));
    let device = keys.devices("42").await.unwrap().remove(0);
    let lasts = device.expires_at.unwrap() - device.signed_in_at;
    assert_eq!(lasts.whole_seconds(), 60);
    assert_eq!(
        (device.id, &*device.device, &*device.scopes),
        (key.id, "Telefon 📱", &["admin".to_owned()][..])
    );
    assert_eq!(
        who(&keys, &key.token()).await.unwrap(),
        Some(AuthenticationInfo {
            user_identifier: "42".into(),
            scopes: vec!["admin".into()],
            auth_id: key.id.to_string(),
            expires_at: device.expires_at,
        })
    );
    assert!(keys.devices("43").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_key_is_nobody() {
    let keys = keys();
    let (one, other) = (
        keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap(),
        keys.sign_in(&session(), "bob", SignIn::default()).await.unwrap(),
    );
    let (id, key) = (one.id, one.key());
    let mut flipped = key.to_owned();
    flipped.replace_range(20..21, if &key[20..21] == "A" { "B" } else { "A" });
    for wrong in [
        String::new(),
        key.to_owned(),
        format!("{id}"),
        format!("{id}:"),
        format!("{id}:{}", &key[1..]),
        format!("{id}:{key}="),
        format!("{id}:{key} "),
        format!(" {id}:{key}"),
        format!("0{id}:{key}"),
        format!("+{id}:{key}"),
        format!("-{id}:{key}"),
        format!("{id}:{flipped}"),
        format!("{id}:{}", key.to_lowercase()),
        format!("{id}:{}", other.key()),
        format!("{}:{key}", other.id),
        format!("id:{key}"),
        format!("18446744073709551617:{key}"),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.".into(),
        "🗝️:🗝️".into(),
    ] {
        assert_eq!(who(&keys, &wrong).await.unwrap(), None, "{wrong}");
    }
    assert_eq!(who(&keys, &one.token()).await.unwrap().unwrap().user_identifier, "alice");
}

/// Moves the end of a key, as if the clock were another one.
async fn expire(store: &dyn Store, user: &str, id: i64, micros: i64) {
    let (map, id) = (format!("auth.devices.{user}"), id.to_string());
    let mut device: Value = serde_json::from_slice(&store.get(&map, &id).await.unwrap().unwrap()).unwrap();
    device["expiresAt"] = micros.into();
    store.put(&map, &id, device.to_string().into()).await.unwrap();
}

/// Microseconds since 1970, so many hours from now.
fn in_hours(hours: i64) -> i64 {
    i64::try_from((UtcDateTime::now() + time::Duration::hours(hours)).unix_timestamp_nanos() / 1000).unwrap()
}

/// The clock of one host may be wrong; what it refuses is good on the others still.
#[tokio::test]
async fn an_expired_key_is_refused_and_kept() {
    let store = Arc::new(MemoryStore::new());
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let sign_in = |lifetime| SignIn { lifetime, ..SignIn::default() };
    let over = keys.sign_in(&session(), "alice", sign_in(Some(Duration::ZERO))).await.unwrap();
    let good = keys.sign_in(&session(), "alice", sign_in(Some(Duration::MAX))).await.unwrap();
    let devices = keys.devices("alice").await.unwrap();
    assert_eq!(
        devices.iter().map(|device| (device.id, device.expires_at)).collect::<Vec<_>>(),
        [(good.id, None)]
    );
    assert!(who(&keys, &good.token()).await.unwrap().is_some());

    for hours in [0, -25, -24 * 365] {
        expire(&*store, "alice", over.id, in_hours(hours)).await;
        assert_eq!(who(&keys, &over.token()).await.unwrap(), None);
        assert_eq!(listed(&keys, "alice").await, [good.id]);
    }
    // A host whose clock is right.
    expire(&*store, "alice", over.id, in_hours(1)).await;
    assert!(who(&keys, &over.token()).await.unwrap().is_some());
    assert_eq!(listed(&keys, "alice").await, [good.id, over.id]);
}

/// Whoever signs in is who cleans up, and only what has been over for a day.
#[tokio::test]
async fn what_has_expired_long_ago_is_removed() {
    let store = Arc::new(MemoryStore::new());
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let (mut issued, nobody) = (Vec::new(), session());
    for (user, hours) in [("alice", -25), ("alice", -23), ("alice", 1), ("bob", -25)] {
        let key = keys.sign_in(&nobody, user, SignIn::default()).await.unwrap();
        expire(&*store, user, key.id, in_hours(hours)).await;
        issued.push(key.id.to_string());
    }
    let newest = keys.sign_in(&nobody, "alice", SignIn::default()).await.unwrap();
    issued.push(newest.id.to_string());
    let left = async |map: &str| {
        let entries = store.entries(map).await.unwrap();
        issued.iter().map(|id| entries.iter().any(|(key, _)| key == id)).collect::<Vec<_>>()
    };
    assert_eq!(left("auth.keys").await, [false, true, true, true, true]);
    assert_eq!(left("auth.devices.alice").await, [false, true, true, false, true]);
    assert_eq!(left("auth.devices.bob").await, [false, false, false, true, false]);
}

#[tokio::test]
async fn signing_out_is_of_one_device_or_of_all() {
    let (keys, nobody) = (keys(), session());
    let mut tokens = Vec::new();
    for user in ["alice", "alice", "alice", "bob"] {
        tokens.push(keys.sign_in(&nobody, user, SignIn::default()).await.unwrap());
    }
    let good = async || {
        join_all(tokens.iter().map(|key| async { who(&keys, &key.token()).await.unwrap().is_some() })).await
    };

    assert!(!keys.sign_out_device(&nobody, "bob", tokens[0].id).await.unwrap(), "a device of somebody else");
    assert!(!keys.sign_out_device(&nobody, "alice", 1).await.unwrap());
    assert!(!keys.sign_out_device(&nobody, "alice", -1).await.unwrap());
    assert_eq!(good().await, [true, true, true, true]);

    assert!(keys.sign_out_device(&nobody, "alice", tokens[1].id).await.unwrap());
    assert!(!keys.sign_out_device(&nobody, "alice", tokens[1].id).await.unwrap());
    assert_eq!(good().await, [true, false, true, true]);

    keys.sign_out(&nobody).await.unwrap();
    let alice = who(&keys, &tokens[0].token()).await.unwrap().unwrap();
    keys.sign_out(&session().signed_in(alice)).await.unwrap();
    assert_eq!(good().await, [false, false, true, true]);
    assert_eq!(listed(&keys, "alice").await, [tokens[2].id]);

    keys.sign_out_everywhere(&nobody, "alice").await.unwrap();
    keys.sign_out_everywhere(&nobody, "nobody").await.unwrap();
    assert_eq!(good().await, [false, false, false, true]);
    assert!(listed(&keys, "alice").await.is_empty());
}

/// Somebody signed in by another handler has an id of theirs, which may be that of somebody's key.
#[tokio::test]
async fn a_stranger_with_the_same_id_signs_nobody_out() {
    let keys = keys();
    let key = keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap();
    let mut stranger = AuthenticationInfo {
        user_identifier: "mallory".into(),
        auth_id: key.id.to_string(),
        ..Default::default()
    };
    keys.sign_out(&session().signed_in(stranger.clone())).await.unwrap();
    stranger.auth_id = "6b9f".into();
    keys.sign_out(&session().signed_in(stranger)).await.unwrap();
    assert!(who(&keys, &key.token()).await.unwrap().is_some());
}

#[tokio::test]
async fn scopes_are_those_that_were_set_last() {
    let (keys, nobody) = (keys(), session());
    let one = keys
        .sign_in(&nobody, "alice", SignIn { scopes: vec!["a".into()], ..SignIn::default() })
        .await
        .unwrap();
    let other = keys.sign_in(&nobody, "alice", SignIn::default()).await.unwrap();
    keys.set_scopes(&nobody, "alice", &["b".into(), "c".into()]).await.unwrap();
    keys.set_scopes(&nobody, "nobody", &["b".into()]).await.unwrap();
    for key in [one, other] {
        assert_eq!(who(&keys, &key.token()).await.unwrap().unwrap().scopes, ["b", "c"]);
    }
    assert!(keys.devices("alice").await.unwrap().iter().all(|device| device.scopes == ["b", "c"]));
}

#[tokio::test]
async fn the_oldest_of_too_many_devices_is_signed_out() {
    let (keys, nobody) = (keys(), session());
    let mut issued = Vec::new();
    for _ in 0..Keys::DEVICES_MAX + 2 {
        issued.push(keys.sign_in(&nobody, "alice", SignIn::default()).await.unwrap());
    }
    let newest: Vec<i64> = issued.iter().rev().take(Keys::DEVICES_MAX).map(|key| key.id).collect();
    assert_eq!(listed(&keys, "alice").await, newest, "the newest first");
    assert_eq!(who(&keys, &issued[1].token()).await.unwrap(), None);
    assert!(who(&keys, &issued[2].token()).await.unwrap().is_some());

    let at_once = (0..20).map(|_| keys.sign_in(&nobody, "alice", SignIn::default()));
    let issued: Vec<i64> = join_all(at_once).await.into_iter().map(|key| key.unwrap().id).collect();
    let listed = listed(&keys, "alice").await;
    assert_eq!(listed.len(), Keys::DEVICES_MAX);
    assert!(issued.iter().all(|id| listed.contains(id)));
}

/// Neither the store nor what is printed has anything by which a key could be used.
#[tokio::test]
async fn keys_are_nowhere_to_be_seen() {
    let store = Arc::new(MemoryStore::new());
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let key = keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap();
    let mut seen = format!("{key:?} {keys:?} {:?} ", keys.devices("alice").await.unwrap());
    for map in ["auth.keys", "auth.devices.alice"] {
        for (id, entry) in store.entries(map).await.unwrap() {
            assert_eq!(id, key.id.to_string());
            seen.push_str(std::str::from_utf8(&entry).unwrap());
        }
    }
    assert!(seen.contains("sha256") && seen.contains("signedInAt"), "{seen}");
    assert!(!seen.contains(key.key()), "{seen}");
}

/// What others have put into the store is told apart, and not shown.
#[tokio::test]
async fn a_spoiled_entry_is_an_error() {
    let store = Arc::new(MemoryStore::new());
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    for entry in ["", "{}", "null", r#"{"user":7,"sha256":"rosebud"}"#, "\u{0}rosebud"] {
        store.put("auth.keys", "5", entry.into()).await.unwrap();
        let error = who(&keys, "5:key").await.unwrap_err().to_string();
        assert!(error.contains("entry 5 of auth.keys") && !error.contains("rosebud"), "{error}");
    }
    store.put("auth.keys", "5", r#"{"user":"alice","sha256":"rosebud"}"#.into()).await.unwrap();
    assert_eq!(who(&keys, "5:key").await.unwrap(), None);
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_and_nobody() {
    let store = Trap::new();
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let key = keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap();
    for calls in 0..2 {
        store.fail_after(calls);
        let error = who(&keys, &key.token()).await.unwrap_err();
        assert!(error.to_string().contains("on fire"), "{error}");
    }
    assert!(who(&keys, &key.token()).await.unwrap().is_some());
    // What cannot be a key is not looked up.
    store.fail_after(0);
    assert_eq!(who(&keys, "nothing").await.unwrap(), None);
}
