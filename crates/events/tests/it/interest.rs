//! What a broker between servers is told, and what it says of its channels.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use parking_lot::Mutex;
use streampod_events::{Channels, Heard, Interest, OnLag, SubscribeOptions, Subscription, SubscriptionError};
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

/// The channel of this name that began last.
fn began(channels: &Channels, name: &str) -> Arc<str> {
    channels.names().into_iter().find(|known| **known == *name).unwrap()
}

type Element = Option<Result<Shared<i64>, SubscriptionError>>;

fn next(messages: &mut Subscription<i64>) -> Element {
    messages.next().now_or_never().expect("an element at once")
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
    channels.set_live(&began(&channels, "a"), false);
    channels.deliver("a", 1_i64.into_object());
    channels.interrupt();
    channels.interrupt();
    let mut late = channels.subscribe::<i64>("b", SubscribeOptions::default());
    channels.interrupt();
    assert!(report.ready().now_or_never().is_none());
    for name in ["a", "b"] {
        channels.set_live(&began(&channels, name), false);
        channels.set_live(&began(&channels, name), false);
        channels.deliver(name, 2_i64.into_object());
    }
    let (one, two) = (Some(Ok(Shared::new(1))), Some(Ok(Shared::new(2))));
    let interrupted = Some(Err(SubscriptionError::Interrupted { channel: "a".to_owned() }));
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
    channels.set_live(&began(&channels, "a"), false);
    receive(2);
    assert_eq!(messages.next().now_or_never(), Some(Some(Ok(Shared::new(2)))));
}

/// What makes one channel live says nothing of the next one under its name, which would hear what was posted before it began.
#[test]
fn a_channel_does_not_live_for_an_earlier_one() {
    let (_, channels) = channels();
    let first = channels.subscribe::<i64>("a", SubscribeOptions::default());
    let earlier = began(&channels, "a");
    drop(first);
    let second = channels.subscribe::<i64>("a", SubscribeOptions::default());
    channels.set_live(&earlier, false);
    assert!(!channels.is_live("a"));
    channels.set_live(&began(&channels, "a"), false);
    assert!(second.ready().now_or_never().is_some());
}

fn refused(reason: &str) -> Element {
    Some(Err(SubscriptionError::Refused { channel: "a".to_owned(), reason: reason.to_owned() }))
}

/// A refusal is told once to everyone, after what came earlier, and ends what waits for the channel.
#[tokio::test]
async fn a_refused_channel_is_told_to_everyone() {
    let (told, channels) = channels();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let _listening = channels.listen("a", {
        let heard = Arc::clone(&heard);
        move |message| {
            heard.lock().push(match message {
                Heard::Message(_) => "message",
                Heard::Gap => "gap",
                Heard::Refused => "refused",
            });
        }
    });
    let with = |on_lag| SubscribeOptions { on_lag, ..Default::default() };
    let mut all = [OnLag::Report, OnLag::KeepNewest, OnLag::Close]
        .map(|on_lag| channels.subscribe::<i64>("a", with(on_lag)));
    channels.deliver("a", 1_i64.into_object());
    let waiting = tokio::spawn({
        let channels = Arc::clone(&channels);
        async move { channels.live("a").await }
    });
    tokio::task::yield_now().await;
    assert_eq!(channels.refusal("a"), None);
    channels.refuse("a", "no right");
    tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("it resolves").unwrap();
    assert!(!channels.is_live("a"));
    assert_eq!(channels.refusal("a").as_deref(), Some("no right"));
    for messages in &mut all {
        assert!(messages.ready().now_or_never().is_some());
        assert_eq!(next(messages), Some(Ok(Shared::new(1))));
        assert_eq!([next(messages), next(messages), next(messages)], [refused("no right"), None, None]);
    }
    assert_eq!(*heard.lock(), ["message", "refused"]);
    // What others listen to is not touched by that, nor is a channel that nobody listens to.
    channels.refuse("b", "no right");
    assert_eq!((channels.refusal("b"), &**told.0.lock()), (None, &["+a".to_owned()][..]));
}

/// Whoever comes after a refusal has the broker asked again, and learns what comes of that.
#[test]
fn a_refused_channel_is_asked_for_again() {
    let (told, channels) = channels();
    let heard = Arc::new(Mutex::new(0));
    let _listening = channels.listen("a", {
        let heard = Arc::clone(&heard);
        move |message| *heard.lock() += usize::from(matches!(message, Heard::Gap))
    });
    let mut first = channels.subscribe::<i64>("a", SubscribeOptions::default());
    channels.refuse("a", "one");
    let mut second = channels.subscribe::<i64>("a", SubscribeOptions::default());
    assert_eq!(*told.0.lock(), ["+a", "+a"]);
    assert!(second.ready().now_or_never().is_none(), "the answer is not there yet");
    channels.refuse("a", "two");
    assert_eq!([next(&mut second), next(&mut second)], [refused("two"), None]);
    assert_eq!([next(&mut first), next(&mut first)], [refused("one"), None]);

    // It is no gap for one that comes now, but for one that was there all the time.
    let mut third = channels.subscribe::<i64>("a", SubscribeOptions::default());
    channels.set_live(&began(&channels, "a"), false);
    channels.deliver("a", 3_i64.into_object());
    assert_eq!(next(&mut third), Some(Ok(Shared::new(3))));
    assert_eq!(*heard.lock(), 1);
    drop(channels.subscribe::<i64>("a", SubscribeOptions::default()));
    assert_eq!(*told.0.lock(), ["+a", "+a", "+a"], "it is live");
}

/// A new connection makes a new start, which may end in a refusal where there was none.
#[test]
fn an_interruption_ends_a_refusal() {
    let (_, channels) = channels();
    let mut messages = channels.subscribe::<i64>("a", SubscribeOptions::default());
    channels.set_live(&began(&channels, "a"), false);
    channels.interrupt();
    channels.refuse("a", "no right");
    assert_eq!([next(&mut messages), next(&mut messages)], [refused("no right"), None]);
    channels.interrupt();
    assert_eq!(channels.refusal("a"), None);
    assert!(messages.ready().now_or_never().is_none());
}
