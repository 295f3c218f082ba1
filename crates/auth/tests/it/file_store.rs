//! The store in a file.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use streampod_auth::{FileStore, Store, StoreError};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::contract;

/// For a process of the tests: the file that it is to hold.
const HELD: &str = "STREAMPOD_TEST_HELD_FILE";

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/store.redb");
    contract::check(|| Arc::new(FileStore::open(&path).unwrap())).await;
}

#[tokio::test]
async fn is_one_store_however_often_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let one = FileStore::open(folder.path().join("store.redb")).unwrap();
    let other = FileStore::open(folder.path().join("data/../store.redb")).unwrap();
    one.put("map", "key", "value".into()).await.unwrap();
    drop(one);
    assert!(other.get("map", "key").await.unwrap().is_some());
}

/// It is closed by whoever drops it last, which may be a thread that has just written.
#[tokio::test(flavor = "multi_thread")]
async fn can_be_opened_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..50 {
        let store = FileStore::open(folder.path().join("store.redb")).unwrap();
        assert_eq!(store.entries("rounds").await.unwrap().len(), round);
        store.put("rounds", &round.to_string(), "".into()).await.unwrap();
    }
}

/// What was put is there when the runtime that wrote it is gone, and the next one can write.
#[test]
fn outlives_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open(folder.path().join("store.redb")).unwrap();
    for round in 0..20 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            store.put("map", &format!("kept {round}"), "".into()).await.unwrap();
            // Nobody waits for this one, and its thread may not start any more.
            let forgotten = store.clone();
            tokio::spawn(async move { forgotten.put("map", "forgotten", "".into()).await });
            tokio::task::yield_now().await;
        });
        runtime.shutdown_background();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let entries = runtime.block_on(store.entries("map")).unwrap();
    assert_eq!(entries.iter().filter(|(key, _)| key.starts_with("kept")).count(), 20);
}

/// Outside of a runtime it is there too, for whoever asks, and later changes do not wait for a writer that never came.
#[test]
fn needs_no_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open(folder.path().join("store.redb")).unwrap();
    let done = "it is done when it is asked for";
    store.put("map", "key", "value".into()).now_or_never().expect(done).unwrap();
    let found = store.get("map", "key").now_or_never().expect(done).unwrap();
    assert_eq!(found.as_deref(), Some(&b"value"[..]));
    assert_eq!(store.entries("map").now_or_never().expect(done).unwrap().len(), 1);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let removing = async { tokio::time::timeout(Duration::from_secs(10), store.remove("map", "key")).await };
    assert_eq!(runtime.block_on(removing).expect("somebody writes").unwrap().as_deref(), Some(&b"value"[..]));
    assert!(store.put_new("map", "key", "again".into()).now_or_never().expect(done).unwrap());
}

#[tokio::test]
async fn says_that_another_process_has_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "file_store::holds_a_file", "--ignored", "--nocapture"])
        .env(HELD, &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    while !lines.next_line().await.unwrap().expect("the other process holds the file").contains("held") {}

    let error = FileStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    let text = error.to_string();
    for part in [path.canonicalize().unwrap().to_str().unwrap(), "another process", "another folder", "Redis"]
    {
        assert!(text.contains(part), "{text}");
    }

    // A process that is killed holds nothing, and what it wrote is whole.
    holder.kill().await.unwrap();
    let store = FileStore::open(&path).unwrap();
    assert!(store.get("map", "key").await.unwrap().is_some());
}

#[test]
#[ignore = "the other process of a test"]
fn holds_a_file() {
    let Ok(path) = std::env::var(HELD) else { return };
    let store = FileStore::open(path).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        store.put("map", "key", "value".into()).await.unwrap();
        // On a line of its own, after what the test harness says.
        println!("\nheld");
        std::future::pending::<()>().await;
    });
}

#[tokio::test]
async fn says_which_file_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, why: &str| {
        let error = FileStore::open(path).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
        assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
        assert!(source.contains(why), "{source}");
    };
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, but long enough to be looked at".repeat(100)).unwrap();
    check(&text, "");
    check(&text.join("store.redb"), "xists");
    check(folder.path(), "irectory");
}

/// Hashes of passwords may be in it.
#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/store.redb");
    let store = FileStore::open(&path).unwrap();
    store.put("map", "key", "value".into()).await.unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}
