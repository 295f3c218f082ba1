//! One channel: a ring of messages and the places of its subscribers in it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;
use smallvec::SmallVec;

use crate::listening::{Heard, Listener};
use crate::message::Message;
use crate::options::{OnLag, SubscribeOptions};

/// A channel that somebody listens to.
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
    Message(Message),
    /// So many messages were missed; the next one found is the oldest that is left.
    Missed(u64),
    /// Messages may have been missed here, because nothing arrived for a while.
    Gap,
    Closed,
}

/// What follows from the removal of a subscriber or listener.
#[must_use]
pub(crate) enum Removed {
    OneOfMany,
    /// Nobody listens any more. To be woken are those who wait until the channel is live, which it will not be.
    Last(Vec<Waker>),
}

#[derive(Default)]
struct Ring {
    messages: VecDeque<Entry>,
    /// The number of the first message in the ring; messages are numbered from the channel's beginning.
    first: u64,
    subscribers: Slab<Subscriber>,
    next_id: u64,
    /// The most messages that it holds: the largest bound that any subscriber so far asked for.
    bound: usize,
    /// What is called with each message, and has no place in the ring.
    listeners: Slab<Listener>,
    /// Whether what is posted arrives here.
    live: bool,
    /// Nothing arrived for a while.
    interrupted: bool,
    /// Those who wait until it is live.
    waiting: Vec<Waker>,
}

struct Entry {
    /// None where messages may have been missed.
    message: Option<Message>,
    /// How many subscribers have not read it; with the last one it goes.
    unread: usize,
}

struct Subscriber {
    id: u64,
    options: SubscribeOptions,
    /// The number of the message that is read next.
    place: u64,
    closed: bool,
    waker: Option<Waker>,
}

impl Channel {
    pub(crate) fn new(name: Arc<str>, live: bool) -> Self {
        Self { name, ring: Mutex::new(Ring { live, ..Ring::default() }) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many subscribers and listeners it has.
    pub(crate) fn len(&self) -> usize {
        self.ring.lock().len()
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

    /// Removes a subscriber.
    pub(crate) fn remove(&self, key: SubscriberKey) -> Removed {
        let mut ring = self.ring.lock();
        let subscriber = ring.subscribers.remove(key.index);
        ring.read_up_to(subscriber.place, u64::MAX);
        ring.removed()
    }

    /// Adds what is called with each message.
    pub(crate) fn add_listener(&self, listener: Listener) -> usize {
        self.ring.lock().listeners.insert(listener)
    }

    /// Removes a listener.
    pub(crate) fn remove_listener(&self, key: usize) -> Removed {
        let mut ring = self.ring.lock();
        ring.listeners.remove(key);
        ring.removed()
    }

    /// What is posted from now on arrives here.
    pub(crate) fn set_live(&self, may_have_missed: bool) {
        let mut ring = self.ring.lock();
        ring.live = true;
        let missed = std::mem::take(&mut ring.interrupted) || may_have_missed;
        let waiting = std::mem::take(&mut ring.waiting);
        drop(ring);
        waiting.into_iter().for_each(Waker::wake);
        if missed {
            self.add_entry(None);
        }
    }

    /// Nothing arrives here any more.
    pub(crate) fn interrupt(&self) {
        let mut ring = self.ring.lock();
        ring.interrupted |= std::mem::take(&mut ring.live);
    }

    /// Whether what is posted arrives here, or nobody listens any more.
    pub(crate) fn is_live(&self) -> bool {
        let ring = self.ring.lock();
        ring.live || ring.len() == 0
    }

    /// Ready when what is posted arrives here, or nobody listens any more.
    pub(crate) fn poll_live(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut ring = self.ring.lock();
        if ring.live || ring.len() == 0 {
            return Poll::Ready(());
        }
        if ring.waiting.iter().any(|known| known.will_wake(context.waker())) {
            return Poll::Pending;
        }
        let mut stale = Vec::new();
        if ring.waiting.len() == ring.waiting.capacity() {
            // Some may not wait any more; those who do come again.
            stale = std::mem::take(&mut ring.waiting);
            ring.waiting.reserve(stale.len() + 1);
        }
        ring.waiting.push(context.waker().clone());
        drop(ring);
        stale.into_iter().for_each(Waker::wake);
        Poll::Pending
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

    /// Adds a message and wakes those who wait for one. What comes from servers while the channel is not live was posted for those
    /// who listened earlier.
    pub(crate) fn push(&self, message: Message) {
        self.add_entry(Some(message));
    }

    /// Adds a message, or the mark of a gap.
    fn add_entry(&self, message: Option<Message>) {
        let mut ring = self.ring.lock();
        if !ring.live && matches!(message, Some(Message::Received(_))) {
            return;
        }
        let listeners: SmallVec<[Listener; 1]> =
            ring.listeners.iter().map(|(_, listener)| Arc::clone(listener)).collect();
        let heard = message.clone().filter(|_| !listeners.is_empty());
        let unread = ring.subscribers.len();
        if unread > 0 {
            ring.messages.push_back(Entry { message, unread });
        }
        if ring.messages.len() > ring.bound {
            ring.messages.pop_front();
            ring.first += 1;
        }
        let wakers: Vec<_> = ring.subscribers.iter_mut().filter_map(|(_, s)| s.waker.take()).collect();
        // Outside the lock, because those who are woken on other threads take it at once.
        drop(ring);
        for listener in listeners {
            listener(heard.as_ref().map_or(Heard::Gap, Heard::Message));
        }
        wakers.into_iter().for_each(Waker::wake);
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
        let closes_on_gap = subscriber.options.on_lag == OnLag::Close;
        let message = ring.messages[(place - first) as usize].message.clone();
        ring.subscribers[key.index].closed = message.is_none() && closes_on_gap;
        ring.read_up_to(place, place + 1);
        Poll::Ready(message.map_or(Next::Gap, Next::Message))
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Ring {
    /// How many subscribers and listeners there are.
    fn len(&self) -> usize {
        self.subscribers.len() + self.listeners.len()
    }

    /// What follows from a removal.
    fn removed(&mut self) -> Removed {
        match self.len() {
            0 => Removed::Last(std::mem::take(&mut self.waiting)),
            _ => Removed::OneOfMany,
        }
    }

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
