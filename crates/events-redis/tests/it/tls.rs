//! TLS, with a certificate for `localhost` that nobody else trusts.

use streampod_events_redis::RedisSettings;
use streampod_redis_fixture::CERTIFICATE;
use tracing::Level;

use crate::kit::{RedisServer, connect, connected, eventually, expect, post, subscribe};
use crate::logs::Logs;

fn trusting(settings: RedisSettings) -> RedisSettings {
    RedisSettings { tls: true, authorities: vec![CERTIFICATE.to_vec()], ..settings }
}

#[tokio::test]
async fn messages_go_over_tls() {
    let server = RedisServer::start_with_tls().await;
    let broker = connected(trusting(server.settings())).await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    for number in 0..100 {
        post(&broker, "a", number).await;
        expect(&mut messages, number).await;
    }
}

/// What is wrong is said once, with what to check.
#[tokio::test]
async fn what_does_not_fit_is_an_error() {
    let encrypted = RedisServer::start_with_tls().await;
    let plain = RedisServer::start().await;
    let cases = [
        ("an unknown authority", RedisSettings { authorities: Vec::new(), ..trusting(encrypted.settings()) }),
        ("another name", RedisSettings { host: "127.0.0.1".to_owned(), ..trusting(encrypted.settings()) }),
        ("no TLS here", encrypted.settings()),
        (
            "a certificate that is none",
            RedisSettings { authorities: vec![vec![1]], ..trusting(plain.settings()) },
        ),
    ];
    for (what, settings) in cases {
        let logs = Logs::capture();
        let _broker = connect(settings);
        eventually(async || !logs.lines(Level::ERROR).is_empty()).await;
        assert!(logs.text().contains("`redis.requireSsl`"), "{what}: {}", logs.text());
    }
}

/// A server that does not speak TLS waits for the end of a line, for ever.
#[tokio::test]
async fn a_server_without_tls() {
    let logs = Logs::capture();
    let server = RedisServer::start().await;
    let settings = RedisSettings {
        response_timeout: std::time::Duration::from_millis(500),
        ..trusting(server.settings())
    };
    let _broker = connect(settings);
    eventually(async || !logs.lines(Level::ERROR).is_empty()).await;
    assert!(logs.text().contains("`redis.requireSsl`"), "{}", logs.text());
}
