//! Connections that are lost in all ways.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use streampod_events::{PostErrorKind, SubscriptionError};
use streampod_events_redis::RedisSettings;
use tracing::Level;

use crate::kit::{
    RedisServer, connected, eventually, expect, expect_gap, listen, next, post, post_in_the_end, subscribe,
    try_post, within,
};
use crate::logs::Logs;

/// Posts fail at once and say why, subscribers are told once, and everything flows again.
#[tokio::test]
async fn a_server_that_is_killed_and_started_again() {
    let logs = Logs::capture();
    let mut server = RedisServer::start().await;
    let (first, second) = (server.broker().await, server.broker().await);
    let mut here = subscribe::<i64>(&first, "a").await;
    let mut there = subscribe::<i64>(&second, "a").await;
    post(&first, "a", 1).await;
    expect(&mut here, 1).await;
    expect(&mut there, 1).await;
    for round in 1..=3_i64 {
        server.kill();
        let disconnected = PostErrorKind::Disconnected(format!("Redis at localhost:{}", server.port()));
        eventually(async || try_post(&first, "a", 0).await.as_ref() == Err(&disconnected)).await;
        let started = Instant::now();
        for channel in ["a", "nobody listens"] {
            assert_eq!(try_post(&first, channel, 0).await.as_ref(), Err(&disconnected));
        }
        assert!(started.elapsed() < Duration::from_secs(1), "it failed at once");

        server.restart().await;
        within(first.ready()).await;
        within(second.ready()).await;
        post(&first, "a", round * 10).await;
        for messages in [&mut here, &mut there] {
            expect_gap(messages).await;
            expect(messages, round * 10).await;
        }
    }
    // Two brokers, three outages.
    let warnings = logs.lines(Level::WARN);
    assert_eq!(warnings.len(), 6, "{warnings:#?}");
    let address = format!("lost a connection to Redis at localhost:{}", server.port());
    assert!(warnings.iter().all(|line| line.contains(&address)), "{warnings:#?}");
    assert!(logs.lines(Level::ERROR).is_empty());
}

/// A server that hangs is as good as none. Until that is noticed, nobody knows of a post.
#[tokio::test]
async fn a_server_that_hangs() {
    let logs = Logs::capture();
    let server = RedisServer::start().await;
    let patience = Duration::from_millis(300);
    let settings = RedisSettings { response_timeout: patience, ping_interval: patience, ..server.settings() };
    let broker = connected(settings).await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    server.suspend();
    let unanswered = try_post(&broker, "a", 1).await;
    assert!(matches!(&unanswered, Err(PostErrorKind::Unanswered(_))), "{unanswered:?}");
    let disconnected = |posted| matches!(posted, Err(PostErrorKind::Disconnected(_)));
    eventually(async || disconnected(try_post(&broker, "nobody listens", 0).await)).await;
    eventually(async || logs.text().contains("nothing came for 300ms")).await;
    server.resume();
    post_in_the_end(&broker, "a", 2).await;
    // The first one was received by the server, but nobody listened when it woke.
    expect_gap(&mut messages).await;
    expect(&mut messages, 2).await;
    assert_eq!(logs.lines(Level::WARN).len(), 1, "{}", logs.text());
}

/// Redis ends a connection on which too much waits, for example. Posts do not suffer from that.
#[tokio::test]
async fn the_connection_for_subscriptions_is_lost() {
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    let mut client = server.client().await;
    for round in 0..5 {
        client.end_connection("streampod-subscriptions").await;
        post(&broker, "nobody listens", 0).await;
        // The gap is known once the loss is, and what is posted then waits until it arrives here.
        expect_gap(&mut messages).await;
        post(&broker, "a", round).await;
        expect(&mut messages, round).await;
    }
}

/// A connection that is lost as soon as it is there, as by too small an output buffer, is made again after longer and longer
/// pauses: each time is a gap for everybody.
#[tokio::test]
async fn connections_that_do_not_last_are_made_again_less_and_less_often() {
    let server = RedisServer::start().await;
    let first_pause = Duration::from_millis(20);
    let settings = RedisSettings { first_pause, longest_pause: Duration::from_secs(20), ..server.settings() };
    let _broker = connected(settings).await;
    let mut client = server.client().await;
    for name in ["streampod-subscriptions", "streampod-posts"] {
        let started = Instant::now();
        for _ in 0..7 {
            eventually(async || !client.connections(name).await.is_empty()).await;
            client.end_connection(name).await;
        }
        // The six pauses in between are of 20 ms, twice as much, and so on, or half of that.
        let pauses = (0..6).map(|doubled| first_pause * (1 << doubled) / 2).sum::<Duration>();
        assert!(started.elapsed() >= pauses, "{:?}, expected {pauses:?} or more", started.elapsed());
    }
}

/// Subscriptions do not suffer from that.
#[tokio::test]
async fn the_connection_for_posts_is_lost() {
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    let mut client = server.client().await;
    for round in 0..5 {
        client.end_connection("streampod-posts").await;
        post_in_the_end(&broker, "a", round).await;
        expect(&mut messages, round).await;
    }
}

/// A post whose answer is lost is never taken for accepted, nor sent again.
#[tokio::test]
async fn posts_during_an_outage_arrive_at_most_once() {
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    let mut client = server.client().await;
    let mut accepted = Vec::new();
    for round in 0..20 {
        eventually(async || client.connections("streampod-posts").await.len() == 1).await;
        let numbers = round * 500..round * 500 + 500;
        let posts = join_all(numbers.clone().map(|number| try_post(&broker, "a", number)));
        // Some are answered before the connection ends, some are not.
        let (posted, ()) = tokio::join!(posts, client.end_connection("streampod-posts"));
        let posted = numbers.zip(posted);
        accepted.extend(posted.filter(|(_, posted)| posted.is_ok()).map(|(number, _)| number));
    }
    post_in_the_end(&broker, "a", -1).await;
    let mut received = Vec::new();
    loop {
        match *next(&mut messages).await.unwrap() {
            -1 => break,
            number => received.push(number),
        }
    }
    assert!(received.is_sorted_by(|a, b| a < b), "each once, in order");
    assert!(accepted.iter().all(|number| received.contains(number)), "what was accepted has arrived");
    println!("{} of 10,000 were accepted, {} have arrived", accepted.len(), received.len());
    assert!(!accepted.is_empty());
}

#[tokio::test]
async fn ten_thousand_channels_are_subscribed_again() {
    let mut server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut subscriptions: Vec<_> =
        (0..10_000).map(|number| listen::<i64>(&broker, &format!("channel {number}"))).collect();
    for messages in &subscriptions {
        within(messages.ready()).await;
    }
    server.kill();
    eventually(async || try_post(&broker, "nobody listens", 0).await.is_err()).await;
    server.restart().await;
    let started = Instant::now();
    within(broker.ready()).await;
    println!("10,000 channels are subscribed again {:?} after the start of the server", started.elapsed());
    for (messages, number) in subscriptions.iter_mut().zip(0..) {
        within(messages.ready()).await;
        if number % 1000 == 0 {
            let channel = messages.channel().to_owned();
            post(&broker, &channel, number).await;
        }
        expect_gap(messages).await;
        if number % 1000 == 0 {
            expect(messages, number).await;
        }
    }
}

/// An interruption closes what asked for that, and the channel with it.
#[tokio::test]
async fn a_subscription_that_is_to_close_closes() {
    use futures_util::StreamExt;
    use streampod_events::{Broker, OnLag, SubscribeOptions};
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let options = SubscribeOptions { on_lag: OnLag::Close, ..Default::default() };
    let mut messages = broker.channels().subscribe::<i64>("a", options);
    within(messages.ready()).await;
    server.client().await.end_connection("streampod-subscriptions").await;
    let channel = "a".to_owned();
    assert_eq!(next(&mut messages).await, Err(SubscriptionError::Interrupted { channel }));
    assert_eq!(within(messages.next()).await, None);
}
