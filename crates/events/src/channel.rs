//! One channel: a ring of messages and the places of its subscribers in it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;
use streampod_wire::Object;

use crate::options::{OnLag, SubscribeOptions};

/// A channel that somebody listens to.
#[derive(Debug)]
pub(crate) struct Channel {
    name: Arc<str>,
    ring: Mutex<Ring>,
}

/// A subscriber of a channel, for as long as it is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SubscriberKey {
    index: usize,
    /// Tells it from a later subscriber at the same index.
    id: u64,
}

/// What a subscriber finds at its place.
#[derive(Debug)]
pub(crate) enum Next {
    Message(Object),
    /// So many messages were missed; the next one found is the oldest that is left.
    Missed(u64),
    Closed,
}

#[derive(Debug, Default)]
struct Ring {
    messages: VecDeque<Message>,
    /// The number of the first message in the ring; messages are numbered from the channel's beginning.
    first: u64,
    subscribers: Slab<Subscriber>,
    next_id: u64,
    /// The most messages that it holds: the largest bound that any subscriber so far asked for.
    bound: usize,
}

#[derive(Debug)]
struct Message {
    object: Object,
    /// How many subscribers have not read it; with the last one it goes.
    unread: usize,
}

#[derive(Debug)]
struct Subscriber {
    id: u64,
    options: SubscribeOptions,
    /// The number of the message that is read next.
    place: u64,
    closed: bool,
    waker: Option<Waker>,
}

impl Channel {
    pub(crate) fn new(name: Arc<str>) -> Self {
        Self { name, ring: Mutex::default() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many subscribers it has.
    pub(crate) fn len(&self) -> usize {
        self.ring.lock().subscribers.len()
    }

    /// Adds a subscriber, which will receive what is posted from now on.
    pub(crate) fn add(&self, options: SubscribeOptions) -> SubscriberKey {
        let mut ring = self.ring.lock();
        let (id, place) = (ring.next_id, ring.end());
        ring.next_id += 1;
        ring.bound = ring.bound.max(options.bound);
        let index = ring.subscribers.insert(Subscriber { id, options, place, closed: false, waker: None });
        SubscriberKey { index, id }
    }

    /// Removes a subscriber; true if it was the last one.
    pub(crate) fn remove(&self, key: SubscriberKey) -> bool {
        let mut ring = self.ring.lock();
        let subscriber = ring.subscribers.remove(key.index);
        ring.read_up_to(subscriber.place, u64::MAX);
        ring.subscribers.is_empty()
    }

    /// Whether the subscriber is still one.
    pub(crate) fn has(&self, key: SubscriberKey) -> bool {
        self.ring.lock().subscribers.get(key.index).is_some_and(|subscriber| subscriber.id == key.id)
    }

    /// Ends a subscription that its owner still holds.
    pub(crate) fn close(&self, key: SubscriberKey) {
        let mut ring = self.ring.lock();
        let subscriber = ring.subscribers.get_mut(key.index).filter(|subscriber| subscriber.id == key.id);
        let waker = subscriber.and_then(|subscriber| {
            subscriber.closed = true;
            subscriber.waker.take()
        });
        drop(ring);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Adds a message and wakes those who wait for one.
    pub(crate) fn push(&self, object: Object) {
        let mut ring = self.ring.lock();
        if ring.subscribers.is_empty() {
            return;
        }
        let unread = ring.subscribers.len();
        ring.messages.push_back(Message { object, unread });
        if ring.messages.len() > ring.bound {
            ring.messages.pop_front();
            ring.first += 1;
        }
        let wakers: Vec<_> = ring.subscribers.iter_mut().filter_map(|(_, s)| s.waker.take()).collect();
        // Outside the lock, because those who are woken on other threads take it at once.
        drop(ring);
        for waker in wakers {
            waker.wake();
        }
    }

    /// What the subscriber finds at its place; it moves on by that.
    pub(crate) fn poll(&self, key: SubscriberKey, context: &mut Context<'_>) -> Poll<Next> {
        let mut ring = self.ring.lock();
        let (first, end) = (ring.first, ring.end());
        let subscriber = &mut ring.subscribers[key.index];
        if subscriber.closed {
            return Poll::Ready(Next::Closed);
        }
        let place = subscriber.place;
        // Messages leave the ring only when they are read or too many.
        let oldest = first.max(end.saturating_sub(subscriber.options.bound as u64));
        if place < oldest {
            subscriber.place = oldest;
            subscriber.closed = subscriber.options.on_lag == OnLag::Close;
            ring.read_up_to(place, oldest);
            return Poll::Ready(Next::Missed(oldest - place));
        }
        if place == end {
            let waker = context.waker();
            if !subscriber.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
                subscriber.waker = Some(waker.clone());
            }
            return Poll::Pending;
        }
        subscriber.place += 1;
        let object = ring.messages[(place - first) as usize].object.clone();
        ring.read_up_to(place, place + 1);
        Poll::Ready(Next::Message(object))
    }
}

impl Ring {
    /// The number of the message after the last one.
    fn end(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    /// Takes note that one subscriber is done with the messages `from..to`.
    fn read_up_to(&mut self, from: u64, to: u64) {
        let from = from.max(self.first) - self.first;
        let to = to.saturating_sub(self.first).min(self.messages.len() as u64);
        for message in self.messages.range_mut(from as usize..to.max(from) as usize) {
            message.unread -= 1;
        }
        while self.messages.front().is_some_and(|message| message.unread == 0) {
            self.messages.pop_front();
            self.first += 1;
        }
    }
}
