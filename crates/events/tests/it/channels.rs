//! How channels keep their messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::StreamExt;
use streampod_events::{Channels, SubscribeOptions, Subscription};
use streampod_wire::Model;

fn poll(messages: &mut Subscription<i64>) -> Poll<Option<i64>> {
    let item = messages.poll_next_unpin(&mut Context::from_waker(Waker::noop()));
    item.map(|item| item.map(|message| *message.unwrap()))
}

/// A subscriber that never reads holds back at most its bound, and nothing once it is gone.
#[test]
fn a_subscriber_that_never_reads_holds_at_most_its_bound() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    impl streampod_wire::Encode for Counted {
        fn encode(&self, encoder: &mut streampod_wire::Encoder<'_>) {
            encoder.null();
        }
    }
    impl streampod_wire::Decode for Counted {
        fn decode(_: &mut streampod_wire::Decoder<'_>) -> Result<Self, streampod_wire::DecodeError> {
            Err(streampod_wire::DecodeError::missing("everything"))
        }
    }
    impl Model for Counted {
        fn describe(_: &mut streampod_wire::Catalog) -> streampod_schema::Type {
            streampod_schema::Type::Dynamic
        }
    }

    let alive = Arc::new(AtomicUsize::new(0));
    let channels = Arc::new(Channels::default());
    let options = SubscribeOptions { bound: 10, ..Default::default() };
    let idle = channels.subscribe::<Counted>("a", options);
    for _ in 0..1000 {
        alive.fetch_add(1, Ordering::Relaxed);
        channels.deliver("a", Counted(Arc::clone(&alive)).into_object());
    }
    assert_eq!(alive.load(Ordering::Relaxed), 10);
    // One that came later does not keep what it will not read.
    let late = channels.subscribe::<Counted>("a", options);
    drop(idle);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    drop(late);
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
