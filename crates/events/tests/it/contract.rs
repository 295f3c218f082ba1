//! The contract of [`Broker`], as tests that take any broker.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use streampod_events::{Broker, OnLag, SubscribeOptions, Subscription, SubscriptionError};
use streampod_wire::{Model, Shared};

/// Runs every test, each on a broker of its own.
pub(crate) async fn check(broker: impl Fn() -> Arc<dyn Broker>) {
    order_is_kept(broker()).await;
    every_subscriber_receives_every_message(broker()).await;
    only_messages_after_subscribing_arrive(broker()).await;
    unsubscribing_leaves_nothing(broker()).await;
    ten_thousand_channels_do_not_meet(broker()).await;
    a_slow_subscriber_learns_what_it_missed_and_others_miss_nothing(broker()).await;
    a_message_of_another_type_is_an_error_and_no_end(broker()).await;
    a_closed_subscription_ends(broker()).await;
}

fn listen<T: Model>(broker: &Arc<dyn Broker>, channel: &str, options: SubscribeOptions) -> Subscription<T> {
    broker.channels().subscribe(channel, options)
}

fn numbers(broker: &Arc<dyn Broker>, channel: &str) -> Subscription<i64> {
    listen(broker, channel, SubscribeOptions { bound: 100_000, ..Default::default() })
}

async fn post(broker: &Arc<dyn Broker>, channel: &str, number: i64) {
    broker.post(channel, number.into_object()).await.unwrap();
}

async fn next<T: Model>(messages: &mut Subscription<T>) -> Option<Result<Shared<T>, SubscriptionError>> {
    tokio::time::timeout(Duration::from_secs(10), messages.next()).await.expect("a message within 10 s")
}

async fn expect(messages: &mut Subscription<i64>, number: i64) {
    assert_eq!(next(messages).await, Some(Ok(Shared::new(number))));
}

async fn order_is_kept(broker: Arc<dyn Broker>) {
    const POSTS: i64 = 1000;
    let mut messages = numbers(&broker, "order");
    let publishers = (0..4).map(|publisher| {
        let broker = Arc::clone(&broker);
        tokio::spawn(async move {
            for number in 0..POSTS {
                post(&broker, "order", publisher * POSTS + number).await;
            }
        })
    });
    let publishers: Vec<_> = publishers.collect();
    let mut last = [-1; 4];
    for _ in 0..4 * POSTS {
        let number = *next(&mut messages).await.unwrap().unwrap();
        let (publisher, number) = ((number / POSTS) as usize, number % POSTS);
        assert_eq!(number, last[publisher] + 1, "of publisher {publisher}");
        last[publisher] = number;
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
}

async fn every_subscriber_receives_every_message(broker: Arc<dyn Broker>) {
    let mut subscribers: Vec<_> = (0..50).map(|_| numbers(&broker, "all")).collect();
    for number in 0..20 {
        post(&broker, "all", number).await;
    }
    for messages in &mut subscribers {
        for number in 0..20 {
            expect(messages, number).await;
        }
    }
}

async fn only_messages_after_subscribing_arrive(broker: Arc<dyn Broker>) {
    post(&broker, "later", 1).await;
    let mut first = numbers(&broker, "later");
    post(&broker, "later", 2).await;
    let mut second = numbers(&broker, "later");
    post(&broker, "later", 3).await;
    expect(&mut first, 2).await;
    expect(&mut first, 3).await;
    expect(&mut second, 3).await;
}

async fn unsubscribing_leaves_nothing(broker: Arc<dyn Broker>) {
    let first = numbers(&broker, "gone");
    let second = numbers(&broker, "gone");
    assert_eq!((broker.channels().len(), broker.channels().subscriptions()), (1, 2));
    drop(first);
    assert_eq!((broker.channels().len(), broker.channels().subscriptions()), (1, 1));
    drop(second);
    assert!(broker.channels().is_empty());
    post(&broker, "gone", 1).await;
    assert!(broker.channels().is_empty());
}

async fn ten_thousand_channels_do_not_meet(broker: Arc<dyn Broker>) {
    let name = |number| format!("channel {number}");
    let mut subscriptions: Vec<_> = (0..10_000).map(|number| numbers(&broker, &name(number))).collect();
    assert_eq!(broker.channels().len(), 10_000);
    for number in 0..10_000 {
        post(&broker, &name(number), number).await;
    }
    for (messages, number) in subscriptions.iter_mut().zip(0..) {
        expect(messages, number).await;
    }
    drop(subscriptions);
    assert!(broker.channels().is_empty());
}

async fn a_slow_subscriber_learns_what_it_missed_and_others_miss_nothing(broker: Arc<dyn Broker>) {
    let with = |on_lag| SubscribeOptions { bound: 10, on_lag };
    let mut quick = numbers(&broker, "lag");
    let mut report = listen::<i64>(&broker, "lag", with(OnLag::Report));
    let mut newest = listen::<i64>(&broker, "lag", with(OnLag::KeepNewest));
    let mut close = listen::<i64>(&broker, "lag", with(OnLag::Close));
    for number in 0..25 {
        post(&broker, "lag", number).await;
        expect(&mut quick, number).await;
    }
    let lagged = |missed| Some(Err(SubscriptionError::Lagged { channel: "lag".to_owned(), missed }));
    assert_eq!(next(&mut report).await, lagged(15));
    assert_eq!(next(&mut close).await, lagged(15));
    assert_eq!(next(&mut close).await, None);
    for number in 15..25 {
        expect(&mut report, number).await;
        expect(&mut newest, number).await;
    }
    assert_eq!((report.missed(), newest.missed(), close.missed(), quick.missed()), (15, 15, 15, 0));
}

async fn a_message_of_another_type_is_an_error_and_no_end(broker: Arc<dyn Broker>) {
    let mut messages = numbers(&broker, "types");
    broker.post("types", "text".to_owned().into_object()).await.unwrap();
    post(&broker, "types", 1).await;
    let Some(Err(error)) = next(&mut messages).await else { panic!("expected an error") };
    let text = "expected messages of type int on channel `types`, found one of type String";
    assert_eq!(error.to_string(), text);
    expect(&mut messages, 1).await;
}

async fn a_closed_subscription_ends(broker: Arc<dyn Broker>) {
    let mut messages = numbers(&broker, "closed");
    let closer = messages.closer();
    assert!(!closer.is_closed());
    let waiting = tokio::spawn(async move {
        let end = next(&mut messages).await;
        (messages, end)
    });
    tokio::task::yield_now().await;
    closer.close();
    let (messages, end) = waiting.await.unwrap();
    assert_eq!(end, None);
    drop(messages);
    assert!(closer.is_closed());
    closer.close();
}
