//! How channels keep their messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::StreamExt;
use streampod_events::{Channels, SubscribeOptions, Subscription, SubscriptionError};
use streampod_wire::{Catalog, Decode, DecodeError, Decoder, Encode, Encoder, Model};

fn poll(messages: &mut Subscription<i64>) -> Poll<Option<i64>> {
    let item = messages.poll_next_unpin(&mut Context::from_waker(Waker::noop()));
    item.map(|item| item.map(|message| *message.unwrap()))
}

/// A message that is counted while it exists.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn deliver(channels: &Channels, alive: &Arc<AtomicUsize>) {
        alive.fetch_add(1, Ordering::Relaxed);
        channels.deliver("a", Self(Arc::clone(alive)).into_object());
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Encode for Counted {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.null();
    }
}

impl Decode for Counted {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Err(DecodeError::missing("everything"))
    }
}

impl Model for Counted {
    fn describe(_: &mut Catalog) -> streampod_schema::Type {
        streampod_schema::Type::Dynamic
    }
}

fn bounded(channels: &Arc<Channels>, bound: usize) -> Subscription<Counted> {
    channels.subscribe("a", SubscribeOptions { bound, ..Default::default() })
}

/// A subscriber that never reads holds back at most its bound, and nothing once it is gone.
#[test]
fn a_subscriber_that_never_reads_holds_at_most_its_bound() {
    let alive = Arc::new(AtomicUsize::new(0));
    let channels = Arc::new(Channels::default());
    let idle = bounded(&channels, 10);
    for _ in 0..1000 {
        Counted::deliver(&channels, &alive);
    }
    assert_eq!(alive.load(Ordering::Relaxed), 10);
    // One that came later does not keep what it will not read.
    let late = bounded(&channels, 10);
    drop(idle);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    drop(late);
}

/// Nobody holds more because others may be, or might have been, further behind.
#[test]
fn the_bound_of_one_subscriber_is_not_that_of_others() {
    let alive = Arc::new(AtomicUsize::new(0));
    let channels = Arc::new(Channels::default());
    let mut idle = bounded(&channels, 10);
    let mut quick = bounded(&channels, 1_000_000);
    let context = &mut Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        Counted::deliver(&channels, &alive);
        assert!(matches!(quick.poll_next_unpin(context), Poll::Ready(Some(Ok(_)))));
    }
    assert_eq!(alive.load(Ordering::Relaxed), 10, "the one that may hold more has read everything");
    for _ in 0..1000 {
        Counted::deliver(&channels, &alive);
    }
    assert_eq!(alive.load(Ordering::Relaxed), 1000, "it reads no more, and holds its own");
    drop(quick);
    assert_eq!(alive.load(Ordering::Relaxed), 10, "it is gone, and others hold their own");
    for _ in 0..1000 {
        Counted::deliver(&channels, &alive);
    }
    assert_eq!(alive.load(Ordering::Relaxed), 10);
    let lagged = SubscriptionError::Lagged { channel: "a".to_owned(), missed: 2990 };
    assert!(matches!(idle.poll_next_unpin(context), Poll::Ready(Some(Err(error))) if error == lagged));
    for left in (0..10).rev() {
        assert!(matches!(idle.poll_next_unpin(context), Poll::Ready(Some(Ok(_)))));
        assert_eq!(alive.load(Ordering::Relaxed), left);
    }
}

/// One that is closed holds nothing, though somebody still has it.
#[test]
fn a_closed_subscriber_holds_nothing() {
    let alive = Arc::new(AtomicUsize::new(0));
    let channels = Arc::new(Channels::default());
    let closed = bounded(&channels, 10);
    Counted::deliver(&channels, &alive);
    assert_eq!(alive.load(Ordering::Relaxed), 1);
    closed.closer().close();
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    Counted::deliver(&channels, &alive);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    drop(closed);
}

/// Those who wait are woken once for each time that they were found waiting.
#[test]
fn a_message_wakes_who_waits() {
    #[derive(Default)]
    struct Woken(AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let channels = Arc::new(Channels::default());
    let mut messages = channels.subscribe::<i64>("a", SubscribeOptions::default());
    assert!(messages.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    for number in 0_i64..3 {
        channels.deliver("a", number.into_object());
    }
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    for number in 0..3 {
        assert_eq!(poll(&mut messages), Poll::Ready(Some(number)));
    }
    assert!(messages.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    channels.deliver("a", 3_i64.into_object());
    assert_eq!(woken.0.load(Ordering::Relaxed), 2);
}
