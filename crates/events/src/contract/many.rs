//! What brokers do that reach each other.

use std::sync::Arc;

use streampod_wire::{Encoder, Model};
use tokio::task::JoinSet;

use super::Brokers;
use super::kit::{Account, expect, expect_nothing_before, messages, next, numbers, post, within};
use crate::broker::Broker;
use crate::subscription::SubscriptionError;

pub(super) async fn both_receive_every_message_once([first, second]: [Arc<dyn Broker>; 2]) {
    let mut here = numbers(&first, "both");
    let mut there = numbers(&second, "both");
    within(here.ready()).await;
    within(there.ready()).await;
    for number in 0..100 {
        let broker = if number % 2 == 0 { &first } else { &second };
        post(broker, "both", number).await;
        expect(&mut here, number).await;
        expect(&mut there, number).await;
    }
    expect_nothing_before(&first, &mut here, -1).await;
    expect(&mut there, -1).await;
}

pub(super) async fn order_is_kept_between_servers(brokers: [Arc<dyn Broker>; 2]) {
    const POSTS: i64 = 1000;
    let mut subscriptions = brokers.each_ref().map(|broker| numbers(broker, "order"));
    for messages in &subscriptions {
        within(messages.ready()).await;
    }
    let mut publishers = JoinSet::new();
    for publisher in 0..4 {
        let broker = Arc::clone(&brokers[publisher as usize % 2]);
        publishers.spawn(async move {
            for number in 0..POSTS {
                post(&broker, "order", publisher * POSTS + number).await;
            }
        });
    }
    for messages in &mut subscriptions {
        let mut last = [-1; 4];
        for _ in 0..4 * POSTS {
            let number = *next(messages).await.expect("no end").expect("a number");
            let (publisher, number) = ((number / POSTS) as usize, number % POSTS);
            assert_eq!(number, last[publisher] + 1, "of publisher {publisher}");
            last[publisher] = number;
        }
    }
    publishers.join_all().await;
}

pub(super) async fn servers_see_what_is_for_servers([first, second]: [Arc<dyn Broker>; 2]) {
    let mut there = messages::<Account>(&second, "accounts");
    within(there.ready()).await;
    let account = Account { name: "Ann".to_owned(), password_hash: Some("secret".to_owned()) };
    post(&first, "accounts", account.clone()).await;
    let received = next(&mut there).await.expect("no end").expect("an account");
    assert_eq!(*received, account);
    let for_clients = Encoder::encode(&received).expect("it can be encoded");
    assert_eq!(&*for_clients, br#"{"name":"Ann"}"#);
}

pub(super) async fn unsubscribing_on_one_leaves_the_other([first, second]: [Arc<dyn Broker>; 2]) {
    let here = numbers(&first, "one");
    let mut there = numbers(&second, "one");
    within(here.ready()).await;
    within(there.ready()).await;
    drop(here);
    post(&first, "one", 1_i64).await;
    expect(&mut there, 1).await;
    assert!(first.channels().is_empty());
}

/// Every subscription that was live is told once, before anything newer; one that came meanwhile has missed nothing.
pub(super) async fn an_interruption_is_told_once(
    brokers: &impl Brokers,
    [first, second]: [Arc<dyn Broker>; 2],
) {
    let mut here = numbers(&first, "broken");
    let mut there = numbers(&second, "broken");
    within(here.ready()).await;
    within(there.ready()).await;
    post(&first, "broken", 1_i64).await;
    expect(&mut here, 1).await;
    expect(&mut there, 1).await;
    if !brokers.interrupt().await {
        return;
    }
    let failed = async {
        // What is posted until the loss is noticed may have been accepted.
        while first.post("broken", 2_i64.into_object()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    within(failed).await;
    let mut late = numbers(&first, "broken late");
    brokers.restore().await;
    for messages in [&here, &there, &late] {
        within(messages.ready()).await;
    }
    let posted = async {
        while first.post("broken", 3_i64.into_object()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    within(posted).await;
    for messages in [&mut here, &mut there] {
        let mut gaps = 0;
        loop {
            match next(messages).await.expect("no end") {
                Ok(number) if *number == 3 => break,
                Ok(number) => assert_eq!((*number, gaps), (2, 0), "what is older comes before the gap"),
                Err(SubscriptionError::Interrupted { channel }) => {
                    assert_eq!(channel, "broken");
                    gaps += 1;
                }
                Err(error) => panic!("expected the gap, found: {error}"),
            }
        }
        assert_eq!(gaps, 1, "the gap is told once");
    }
    expect_nothing_before(&first, &mut late, 4).await;
}
