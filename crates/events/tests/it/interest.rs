//! What a broker between servers is told, and what it says of its channels.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use parking_lot::Mutex;
use streampod_events::{Channels, Interest, OnLag, SubscribeOptions, SubscriptionError};
use streampod_wire::{Catalog, Model, Received, Shared};

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Interest for Told {
    fn began(&self, channel: &Arc<str>) {
        self.0.lock().push(format!("+{channel}"));
    }

    fn ended(&self, channel: &Arc<str>) {
        self.0.lock().push(format!("-{channel}"));
    }
}

fn channels() -> (Arc<Told>, Arc<Channels>) {
    let told = Arc::new(Told::default());
    (Arc::clone(&told), Arc::new(Channels::with_interest(told)))
}

/// The broker is told of the first who listens and the last who stops, in this order, and of nobody else.
#[test]
fn a_channel_begins_and_ends_once() {
    let (told, channels) = channels();
    let first = channels.subscribe::<i64>("a", SubscribeOptions::default());
    let second = channels.listen("a", |_| ());
    drop(first);
    drop(second);
    let third = channels.subscribe::<i64>("a", SubscribeOptions::default());
    drop(third);
    assert_eq!(*told.0.lock(), ["+a", "-a", "+a", "-a"]);
}

/// What waits for a channel that nobody listens to any more waits for nothing.
#[tokio::test]
async fn waiting_ends_with_the_channel() {
    let (_, channels) = channels();
    let messages = channels.subscribe::<i64>("a", SubscribeOptions::default());
    assert!(!channels.is_live("a"));
    let waiting = tokio::spawn({
        let channels = Arc::clone(&channels);
        async move { channels.live("a").await }
    });
    tokio::task::yield_now().await;
    drop(messages);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await;
    ended.expect("it ends with the channel").unwrap();
    assert!(channels.is_live("a"));
}

/// An interruption is told once, where it was; not to a channel that was not live before.
#[test]
fn an_interruption_is_told_where_it_was() {
    let (_, channels) = channels();
    let mut report = channels.subscribe::<i64>("a", SubscribeOptions::default());
    let with = |on_lag| SubscribeOptions { on_lag, ..Default::default() };
    let mut newest = channels.subscribe::<i64>("a", with(OnLag::KeepNewest));
    let mut close = channels.subscribe::<i64>("a", with(OnLag::Close));
    channels.set_live("a", false);
    channels.deliver("a", 1_i64.into_object());
    channels.interrupt();
    channels.interrupt();
    let mut late = channels.subscribe::<i64>("b", SubscribeOptions::default());
    channels.interrupt();
    assert!(report.ready().now_or_never().is_none());
    for name in ["a", "b"] {
        channels.set_live(name, false);
        channels.set_live(name, false);
        channels.deliver(name, 2_i64.into_object());
    }
    let (one, two) = (Some(Ok(Shared::new(1))), Some(Ok(Shared::new(2))));
    let interrupted = Some(Err(SubscriptionError::Interrupted { channel: "a".to_owned() }));
    let next = |messages: &mut streampod_events::Subscription<i64>| {
        messages.next().now_or_never().expect("an element at once")
    };
    assert_eq!(
        [next(&mut report), next(&mut report), next(&mut report)],
        [one.clone(), interrupted.clone(), two.clone()]
    );
    assert_eq!([next(&mut newest), next(&mut newest)], [one.clone(), two.clone()]);
    assert_eq!([next(&mut close), next(&mut close), next(&mut close)], [one, interrupted, None]);
    assert_eq!(next(&mut late), two);
}

/// What arrives while a channel is not live was posted for those who listened earlier.
#[test]
fn what_arrives_before_a_channel_is_live_is_left_out() {
    let (_, channels) = channels();
    let mut messages = channels.subscribe::<i64>("a", SubscribeOptions::default());
    let receive = |number: i64| {
        let text = number.into_object().to_servers().unwrap();
        channels.deliver("a", Received::new(text, &Arc::new(Catalog::new())).unwrap());
    };
    receive(1);
    channels.set_live("a", false);
    receive(2);
    assert_eq!(messages.next().now_or_never(), Some(Some(Ok(Shared::new(2)))));
}
