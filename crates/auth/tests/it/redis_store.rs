//! The store in Redis.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use streampod_auth::{Keys, RedisStore, SignIn, Store, StoreError, store_from_config};
use streampod_redis_fixture::{CERTIFICATE_FILE, RedisServer};
use streampod_server::{Config, Redis};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::contract;
use crate::kit::{session, who};

const PASSWORD: &str = "correct-horse-battery-staple";

/// A Redis of the test's own, which keeps everything when it is killed.
async fn start() -> RedisServer {
    RedisServer::start_with(&["--requirepass", PASSWORD, "--appendonly", "yes", "--appendfsync", "always"])
        .await
}

fn settings(redis: &RedisServer) -> Redis {
    Redis {
        enabled: true,
        host: "127.0.0.1".into(),
        port: redis.port(),
        password: Some(PASSWORD.into()),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let redis = start().await;
    contract::check(|| Arc::new(RedisStore::new(&settings(&redis)).unwrap())).await;
}

#[tokio::test]
async fn is_shared_by_servers() {
    let redis = start().await;
    let config = Config { redis: settings(&redis), ..Config::default() };
    let (one, other) = (Keys::from_config(&config).unwrap(), Keys::from_config(&config).unwrap());
    let key = one.sign_in(&session(), "alice", SignIn::default()).await.unwrap();
    assert_eq!(who(&other, &key.token()).await.unwrap().unwrap().user_identifier, "alice");
    other.sign_out_everywhere(&session(), "alice").await.unwrap();
    assert_eq!(who(&one, &key.token()).await.unwrap(), None);
}

/// While Redis is away, everything fails, at once; then it goes on without anybody doing something.
#[tokio::test]
async fn comes_back_with_redis() {
    // Without a password, so that it tells everybody when it has read its files.
    let mut redis = RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).await;
    let settings = Redis { password: None, ..settings(&redis) };
    let store = RedisStore::new(&settings).unwrap();
    let keys = Keys::new(Arc::new(RedisStore::new(&settings).unwrap()));
    let key = keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap();
    store.put("map", "key", "value".into()).await.unwrap();

    for _ in 0..2 {
        redis.kill();
        for _ in 0..2 {
            let began = Instant::now();
            let error = store.get("map", "key").await.unwrap_err();
            assert!(matches!(error, StoreError::Redis { .. }), "{error:?}");
            assert!(
                who(&keys, &key.token()).await.is_err(),
                "a store that fails is not a user who is not signed in"
            );
            assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
        }
        redis.restart().await;
        assert_eq!(store.get("map", "key").await.unwrap().as_deref(), Some(&b"value"[..]));
        assert!(who(&keys, &key.token()).await.unwrap().is_some());
    }

    // Somebody who only reads does not notice a restart.
    redis.kill();
    redis.restart().await;
    assert_eq!(store.entries("map").await.unwrap().len(), 1);
}

/// Who does not answer is waited for, but not for ever, and then not asked again on the same connection.
#[tokio::test]
async fn does_not_wait_for_ever() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = Redis { port: listener.local_addr().unwrap().port(), ..Redis::default() };
    let store = RedisStore::new(&Redis { host: "127.0.0.1".into(), ..settings }).unwrap();
    let began = Instant::now();
    let accepting = async {
        let mut silent: Vec<TcpStream> = Vec::new();
        loop {
            silent.push(listener.accept().await.unwrap().0);
        }
    };
    let error = tokio::select! {
        error = store.get("map", "key") => error.unwrap_err(),
        () = accepting => unreachable!(),
    };
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert!(text_of(&error).contains("took more than 3s"), "{}", text_of(&error));
}

/// Nor for who stops answering, and what it says later is not taken for an answer to something else.
#[tokio::test]
async fn does_not_wait_for_who_hangs() {
    let redis = start().await;
    let store = RedisStore::new(&settings(&redis)).unwrap();
    store.put("map", "one", "1".into()).await.unwrap();
    redis.suspend();
    let began = Instant::now();
    let error = store.get("map", "one").await.unwrap_err();
    assert!(text_of(&error).contains("took more than 3s"), "{}", text_of(&error));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    redis.resume();
    assert_eq!(store.get("map", "other").await.unwrap(), None);
    assert_eq!(store.get("map", "one").await.unwrap().as_deref(), Some(&b"1"[..]));
}

#[tokio::test]
async fn says_what_is_wrong_and_not_the_password() {
    let redis = start().await;
    let check = async |settings: Redis, parts: &[&str]| {
        let store = RedisStore::new(&settings).unwrap();
        let error = store.put("map", "key", "the value".into()).await.unwrap_err();
        let text = format!("{} {error:?} {store:?}", text_of(&error));
        for part in parts.iter().copied().chain([&*format!("{}:{}", settings.host, settings.port)]) {
            assert!(text.contains(part), "{text}");
        }
        for secret in [PASSWORD, "wrong-password", "the value"] {
            assert!(!text.contains(secret), "{text}");
        }
    };
    let right = settings(&redis);
    check(
        Redis { password: Some("wrong-password".into()), ..right.clone() },
        &["refused the user or the password", "passwords.yaml"],
    )
    .await;
    check(Redis { password: None, ..right.clone() }, &["NOAUTH", "passwords.yaml"]).await;
    check(
        Redis { user: Some("nobody".into()), ..right.clone() },
        &["refused the user or the password", "redis.user"],
    )
    .await;
    check(Redis { require_ssl: true, ..right.clone() }, &["TLS", "redis.requireSsl"]).await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    check(Redis { port: free, ..right.clone() }, &["cannot be reached", "refused"]).await;

    // A command that Redis does not know is quoted by it, with its arguments.
    let without_writing =
        RedisServer::start_with(&["--requirepass", PASSWORD, "--rename-command", "HSET", ""]).await;
    check(settings(&without_writing), &["unknown command"]).await;
}

/// For a process of the tests: the port of a Redis that speaks TLS alone.
const TLS_PORT: &str = "STREAMPOD_TEST_TLS_PORT";

/// It is trusted what the system trusts, which is said to a process of its own by an environment variable.
#[tokio::test]
async fn over_tls() {
    let redis = RedisServer::start_with_tls().await;
    let asks = async |authorities: &str| {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "redis_store::asks_over_tls", "--ignored", "--nocapture"])
            .env(TLS_PORT, redis.port().to_string())
            .env("SSL_CERT_FILE", authorities)
            .kill_on_drop(true)
            .output();
        let output = process.await.unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (succeeded, said) = asks(CERTIFICATE_FILE).await;
    assert!(succeeded, "{said}");
    let (succeeded, said) = asks("/dev/null").await;
    assert!(!succeeded && said.contains("TLS failed") && said.contains("certificate"), "{said}");
}

#[tokio::test]
#[ignore = "the other process of a test"]
async fn asks_over_tls() {
    let Ok(port) = std::env::var(TLS_PORT) else { return };
    let settings = Redis { port: port.parse().unwrap(), require_ssl: true, ..Redis::default() };
    let store = RedisStore::new(&settings).unwrap();
    store.put("map", "key", "value".into()).await.unwrap_or_else(|error| panic!("{}", text_of(&error)));
    assert_eq!(store.get("map", "key").await.unwrap().as_deref(), Some(&b"value"[..]));
}

#[test]
fn tls_needs_a_name() {
    let settings = Redis { host: "not a name".into(), require_ssl: true, ..Redis::default() };
    let error =
        store_from_config(&Config { redis: Redis { enabled: true, ..settings }, ..Config::default() });
    assert!(text_of(&error.err().unwrap()).contains("not a name"));
}

/// An error with why.
fn text_of(error: &StoreError) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    format!("{error}: {}", source.unwrap_or_default())
}
