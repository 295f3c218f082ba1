//! From nothing to the first connection.

use streampod_events::PostErrorKind;
use tracing::Level;

use crate::kit::{RedisServer, connect, eventually, expect, listen, post, try_post, within};
use crate::logs::Logs;

/// What is posted right after the start waits until the connection is there.
#[tokio::test]
async fn posts_wait_for_the_first_connection() {
    let server = RedisServer::start().await;
    let broker = connect(server.settings());
    let mut messages = listen::<i64>(&broker, "a");
    post(&broker, "a", 1).await;
    post(&broker, "a", 2).await;
    expect(&mut messages, 1).await;
    expect(&mut messages, 2).await;
}

/// Without a server they fail. Nobody has missed anything when it comes.
#[tokio::test]
async fn a_server_that_starts_later() {
    let logs = Logs::capture();
    let mut server = RedisServer::stopped();
    let broker = connect(server.settings());
    let mut messages = listen::<i64>(&broker, "a");
    let posted = try_post(&broker, "a", 1).await;
    assert_eq!(posted, Err(PostErrorKind::Disconnected(format!("Redis at localhost:{}", server.port()))));
    eventually(async || logs.text().matches("cannot connect").count() > 4).await;
    server.restart().await;
    within(broker.ready()).await;
    post(&broker, "a", 2).await;
    expect(&mut messages, 2).await;
    let warnings = logs.lines(Level::WARN);
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains(&format!("cannot connect to Redis at localhost:{}", server.port())));
    assert!(logs.lines(Level::INFO).last().unwrap().contains("again"));
}
