//! What Redis is asked to send, and what is not kept.

use std::sync::Arc;

use streampod_events::{Broker, SubscribeOptions};

use crate::kit::{RedisServer, connect, eventually, expect, listen, post, subscribe, within};

/// Redis sends a channel while somebody listens, once for all of them.
#[tokio::test]
async fn redis_sends_what_somebody_listens_to() {
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut client = server.client().await;
    let first = subscribe::<i64>(&broker, "a").await;
    let second = subscribe::<i64>(&broker, "a").await;
    assert_eq!(client.subscribers("a").await, 1);
    drop(first);
    let mark = subscribe::<i64>(&broker, "mark").await;
    assert_eq!(client.subscribers("a").await, 1);
    drop(second);
    eventually(async || client.subscribers("a").await == 0).await;
    drop(mark);
    eventually(async || client.run::<Vec<String>>("PUBSUB CHANNELS").await.is_empty()).await;
}

/// Ten thousand channels come and go, and nothing of them stays.
#[tokio::test]
async fn nothing_stays_of_channels_that_come_and_go() {
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut client = server.client().await;
    for round in 0..20 {
        let subscriptions: Vec<_> =
            (0..500).map(|number| listen::<i64>(&broker, &format!("{round} {number}"))).collect();
        if round % 2 == 0 {
            within(subscriptions[0].ready()).await;
        }
    }
    let last = subscribe::<i64>(&broker, "last").await;
    eventually(async || client.run::<Vec<String>>("PUBSUB CHANNELS").await == ["last"]).await;
    drop(last);
}

/// A dropped broker closes its connections, also while there is none and while somebody still listens.
#[tokio::test]
async fn a_dropped_broker_closes_its_connections() {
    let mut server = RedisServer::start().await;
    let broker = server.broker().await;
    let messages = subscribe::<i64>(&broker, "a").await;
    let mut client = server.client().await;
    assert_eq!(client.connections("streampod-posts").await.len(), 1);
    assert_eq!(client.connections("streampod-subscriptions").await.len(), 1);
    let held = Arc::downgrade(&broker);
    drop(broker);
    assert!(held.upgrade().is_none());
    eventually(async || client.connections("streampod-posts").await.is_empty()).await;
    eventually(async || client.connections("streampod-subscriptions").await.is_empty()).await;
    drop(messages);

    server.kill();
    drop(connect(server.settings()));
    server.restart().await;
    let mut client = server.client().await;
    let other = server.broker().await;
    assert_eq!(client.connections("streampod-posts").await.len(), 1);
    let mut messages = subscribe::<i64>(&other, "a").await;
    post(&other, "a", 1).await;
    expect(&mut messages, 1).await;
}

/// A burst that is far larger than what a subscription may be behind is no reason to lose messages, as long as its reader is
/// quick.
#[tokio::test]
async fn a_burst_is_delivered_as_it_is_read() {
    const MESSAGES: i64 = 20_000;
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let mut messages = broker.channels().subscribe::<i64>("a", SubscribeOptions::default());
    within(messages.ready()).await;
    let mut client = server.client().await;
    let mut burst = redis::pipe();
    for number in 0..MESSAGES {
        burst.publish("a", format!(r#"{{"className":"int","data":{number}}}"#)).ignore();
    }
    let reading = tokio::spawn(async move {
        for number in 0..MESSAGES {
            expect(&mut messages, number).await;
        }
    });
    client.pipeline(&burst).await;
    within(reading).await.unwrap();
}

/// Who listens again does not receive what was posted before, though Redis never stopped sending the channel.
#[tokio::test]
async fn what_was_posted_earlier_does_not_arrive_later() {
    let server = RedisServer::start().await;
    let broker = server.broker().await;
    let earlier = subscribe::<i64>(&broker, "a").await;
    let mut burst = redis::pipe();
    for _ in 0..5000 {
        burst.publish("a", r#"{"className":"int","data":0}"#).ignore();
    }
    // It blocks the only thread, so that nothing of it is read yet.
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port())).unwrap();
    let () = burst.query(&mut client.get_connection().unwrap()).unwrap();
    drop(earlier);
    let mut messages = listen::<i64>(&broker, "a");
    post(&broker, "a", 1).await;
    expect(&mut messages, 1).await;
}
