//! What one broker does.

use std::sync::Arc;

use parking_lot::Mutex;
use streampod_wire::{Encoder, Model};
use tokio::task::JoinSet;

use super::kit::{Account, expect, expect_nothing_before, listen, messages, next, numbers, post, within};
use crate::broker::{Broker, PostErrorKind};
use crate::listening::Heard;
use crate::options::{OnLag, SubscribeOptions};
use crate::subscription::SubscriptionError;

pub(super) async fn order_is_kept(broker: Arc<dyn Broker>) {
    const POSTS: i64 = 1000;
    let mut messages = numbers(&broker, "order");
    let mut publishers = JoinSet::new();
    for publisher in 0..4 {
        let broker = Arc::clone(&broker);
        publishers.spawn(async move {
            for number in 0..POSTS {
                post(&broker, "order", publisher * POSTS + number).await;
            }
        });
    }
    let mut last = [-1; 4];
    for _ in 0..4 * POSTS {
        let number = *next(&mut messages).await.expect("no end").expect("a number");
        let (publisher, number) = ((number / POSTS) as usize, number % POSTS);
        assert_eq!(number, last[publisher] + 1, "of publisher {publisher}");
        last[publisher] = number;
    }
    publishers.join_all().await;
}

/// Twenty thousand messages on ten channels, from eight publishers that post side by side.
pub(super) async fn nothing_is_lost(broker: Arc<dyn Broker>) {
    const CHANNELS: i64 = 10;
    const PUBLISHERS: i64 = 8;
    const POSTS: i64 = 250;
    let name = |channel| format!("load {channel}");
    let mut subscriptions: Vec<_> = (0..CHANNELS).map(|channel| numbers(&broker, &name(channel))).collect();
    let mut publishers = JoinSet::new();
    for publisher in 0..PUBLISHERS {
        for channel in 0..CHANNELS {
            let (broker, name) = (Arc::clone(&broker), name(channel));
            publishers.spawn(async move {
                for number in 0..POSTS {
                    post(&broker, &name, publisher * POSTS + number).await;
                }
            });
        }
    }
    for messages in &mut subscriptions {
        let mut received = Vec::new();
        for _ in 0..PUBLISHERS * POSTS {
            received.push(*next(messages).await.expect("no end").expect("a number"));
        }
        received.sort_unstable();
        assert!(received.iter().copied().eq(0..PUBLISHERS * POSTS), "each once on `{}`", messages.channel());
    }
    publishers.join_all().await;
    for messages in &mut subscriptions {
        expect_nothing_before(&broker, messages, -1).await;
    }
}

pub(super) async fn every_subscriber_receives_every_message(broker: Arc<dyn Broker>) {
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

pub(super) async fn only_messages_after_subscribing_arrive(broker: Arc<dyn Broker>) {
    post(&broker, "later", 1_i64).await;
    let mut first = numbers(&broker, "later");
    post(&broker, "later", 2_i64).await;
    expect(&mut first, 2).await;
    let mut second = numbers(&broker, "later");
    within(second.ready()).await;
    post(&broker, "later", 3_i64).await;
    expect(&mut first, 3).await;
    expect(&mut second, 3).await;
}

pub(super) async fn unsubscribing_leaves_nothing(broker: Arc<dyn Broker>) {
    let first = numbers(&broker, "gone");
    let second = numbers(&broker, "gone");
    assert_eq!((broker.channels().len(), broker.channels().subscriptions()), (1, 2));
    drop(first);
    assert_eq!((broker.channels().len(), broker.channels().subscriptions()), (1, 1));
    drop(second);
    assert!(broker.channels().is_empty());
    post(&broker, "gone", 1_i64).await;
    assert!(broker.channels().is_empty());
    let mut third = numbers(&broker, "gone");
    expect_nothing_before(&broker, &mut third, 2).await;
}

/// However quickly a channel is dropped and wanted again, it works in the end.
pub(super) async fn a_channel_that_comes_and_goes_works(broker: Arc<dyn Broker>) {
    for round in 0..200 {
        let mut subscription = numbers(&broker, "again");
        for _ in 0..round % 4 {
            drop(subscription);
            if round % 3 == 0 {
                tokio::task::yield_now().await;
            }
            subscription = numbers(&broker, "again");
        }
        expect_nothing_before(&broker, &mut subscription, round).await;
    }
    // A post does not wait for a channel that nobody wants any more.
    let subscription = numbers(&broker, "over");
    let posting = Arc::clone(&broker);
    let posting = tokio::spawn(async move { post(&posting, "over", 1_i64).await });
    drop(subscription);
    within(posting).await.expect("it does not panic");
}

pub(super) async fn ten_thousand_channels_do_not_meet(broker: Arc<dyn Broker>) {
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

pub(super) async fn a_slow_subscriber_learns_what_it_missed_and_others_miss_nothing(broker: Arc<dyn Broker>) {
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

pub(super) async fn a_message_of_another_type_is_an_error_and_no_end(broker: Arc<dyn Broker>) {
    let mut messages = numbers(&broker, "types");
    post(&broker, "types", "text".to_owned()).await;
    post(&broker, "types", 1_i64).await;
    let Some(Err(error)) = next(&mut messages).await else { panic!("expected an error") };
    let text = "expected messages of type int on channel `types`, found one of type String";
    assert_eq!(error.to_string(), text);
    expect(&mut messages, 1).await;
}

/// What has no encoding is refused if it has to travel, and nobody receives it then.
pub(super) async fn a_message_that_cannot_travel_is_an_error(broker: Arc<dyn Broker>) {
    let mut messages = messages::<f64>(&broker, "infinite");
    let posted = within(broker.post("infinite", f64::INFINITY.into_object())).await;
    if let Err(error) = posted {
        assert!(matches!(error.kind, PostErrorKind::NotEncodable(_)), "{error}");
        post(&broker, "infinite", 1.5).await;
        assert_eq!(next(&mut messages).await.expect("no end").as_deref(), Ok(&1.5));
    } else {
        assert_eq!(next(&mut messages).await.expect("no end").as_deref(), Ok(&f64::INFINITY));
    }
}

pub(super) async fn a_closed_subscription_ends(broker: Arc<dyn Broker>) {
    let mut messages = numbers(&broker, "closed");
    let closer = messages.closer();
    assert!(!closer.is_closed());
    let waiting = tokio::spawn(async move {
        let end = next(&mut messages).await;
        (messages, end)
    });
    tokio::task::yield_now().await;
    closer.close();
    let (messages, end) = waiting.await.expect("it does not panic");
    assert_eq!(end, None);
    drop(messages);
    assert!(closer.is_closed());
    closer.close();
    assert!(broker.channels().is_empty());
}

pub(super) async fn listeners_hear_every_message(broker: Arc<dyn Broker>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listening = broker.channels().listen("heard", {
        let heard = Arc::clone(&heard);
        move |message| match message {
            Heard::Message(message) => {
                heard.lock().push(*message.clone().read::<i64>().expect("a number"));
            }
            Heard::Gap | Heard::Refused => heard.lock().push(-1),
        }
    });
    let mut messages = numbers(&broker, "heard");
    for number in 0..10 {
        post(&broker, "heard", number).await;
    }
    for number in 0..10 {
        expect(&mut messages, number).await;
    }
    assert!(heard.lock().iter().copied().eq(0..10));
    drop(listening);
    drop(messages);
    assert!(broker.channels().is_empty());
}

pub(super) async fn clients_do_not_see_what_is_for_servers(broker: Arc<dyn Broker>) {
    let mut messages = messages::<Account>(&broker, "accounts");
    let account = Account { name: "Ann".to_owned(), password_hash: Some("secret".to_owned()) };
    post(&broker, "accounts", account.clone()).await;
    let received = next(&mut messages).await.expect("no end").expect("an account");
    assert_eq!(*received, account);
    let for_clients = Encoder::encode(&received).expect("it can be encoded");
    assert_eq!(&*for_clients, br#"{"name":"Ann"}"#);
}
