//! Posts that wait for a connection.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use streampod_events::PostErrorKind;
use streampod_events_redis::{RedisBroker, RedisSettings};

use crate::kit::{RedisServer, connected, eventually, expect, expect_gap, subscribe, try_post, within};

async fn broker(server: &RedisServer, waiting_posts: usize) -> Arc<RedisBroker> {
    let settings = RedisSettings { waiting_posts, ..server.settings() };
    connected(settings).await
}

/// Kills the server; posts wait from now on.
async fn kill(server: &mut RedisServer, broker: &RedisBroker) {
    server.kill();
    // What is posted before the loss is noticed fails, and what is posted later waits.
    let waits = async || {
        let posted = tokio::time::timeout(Duration::from_millis(50), try_post(broker, "mark", 0)).await;
        posted.is_err()
    };
    eventually(waits).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_sent_in_their_order() {
    const POSTS: i64 = 10_000;
    let mut server = RedisServer::start().await;
    let broker = broker(&server, POSTS as usize).await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    kill(&mut server, &broker).await;
    let mut posts = pin!(join_all((0..POSTS).map(|number| try_post(&broker, "a", number))));
    assert!(posts.as_mut().now_or_never().is_none());
    assert_eq!(try_post(&broker, "a", -1).await, Err(PostErrorKind::QueueFull { waiting: POSTS as usize }));
    server.restart().await;
    assert!(within(posts).await.iter().all(Result::is_ok));
    expect_gap(&mut messages).await;
    for number in 0..POSTS {
        expect(&mut messages, number).await;
    }
}

#[tokio::test]
async fn they_wait_no_longer_than_they_are_to() {
    let mut server = RedisServer::start().await;
    let waiting_timeout = Duration::from_millis(300);
    let settings = RedisSettings { waiting_posts: 10, waiting_timeout, ..server.settings() };
    let broker = connected(settings).await;
    kill(&mut server, &broker).await;
    let posted = join_all((0..10).map(|number| try_post(&broker, "a", number))).await;
    let disconnected = PostErrorKind::Disconnected(format!("Redis at localhost:{}", server.port()));
    assert!(posted.iter().all(|posted| posted.as_ref() == Err(&disconnected)), "{posted:?}");
}

/// A post that is given up leaves its place to another one.
#[tokio::test]
async fn a_place_is_free_when_its_post_is_dropped() {
    let mut server = RedisServer::start().await;
    let broker = broker(&server, 1).await;
    kill(&mut server, &broker).await;
    for _ in 0..10 {
        let posted = tokio::time::timeout(Duration::from_millis(20), try_post(&broker, "a", 0)).await;
        assert!(posted.is_err(), "it waits: {posted:?}");
    }
    server.restart().await;
    within(async { try_post(&broker, "a", 0).await }).await.unwrap();
}
