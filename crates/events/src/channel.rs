//! One channel: a ring of messages and the places of its subscribers in it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Mutex, MutexGuard};
use slab::Slab;
use smallvec::SmallVec;

use crate::listening::{Heard, Listener};
use crate::message::Message;
use crate::options::{OnLag, SubscribeOptions};
use crate::places::Places;

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
    /// Nothing more comes, for this reason.
    Refused(Arc<str>),
    Closed,
}

/// What follows from the removal of a subscriber or listener.
#[must_use]
pub(crate) enum Removed {
    OneOfMany,
    /// Nobody listens any more. To be woken are those who wait until the channel is live, which it will not be.
    Last(Vec<Waker>),
}

/// What wakes those who waited for messages. They are woken when this is dropped, which is to happen outside of every lock, because
/// those who are woken on other threads take it at once.
#[derive(Default)]
pub(crate) struct Wakers(SmallVec<[Waker; 8]>);

#[derive(Default)]
struct Ring {
    messages: VecDeque<Entry>,
    /// The number of the first message in the ring; messages are numbered from the channel's beginning.
    first: u64,
    subscribers: Slab<Subscriber>,
    /// Where those subscribers are that are not closed.
    places: Places,
    next_id: u64,
    /// What wakes those who wait for the next message.
    wakers: Slab<Waker>,
    /// How often they were woken.
    wakes: u64,
    /// What is called with each message, and has no place in the ring.
    listeners: Slab<Listener>,
    /// Whether what is posted arrives here.
    live: bool,
    /// Nothing arrived for a while.
    interrupted: bool,
    /// Why nothing will arrive.
    refused: Option<Arc<str>>,
    /// Listeners heard that nothing will arrive, and of nothing better since.
    was_refused: bool,
    /// Those who wait until it is live.
    waiting: Vec<Waker>,
}

#[derive(Clone)]
enum Entry {
    Message(Message),
    /// Messages may have been missed here.
    Gap,
    /// Those who find this receive nothing more.
    Refused(Arc<str>),
}

struct Subscriber {
    id: u64,
    options: SubscribeOptions,
    /// The number of the message that is read next.
    place: u64,
    /// Its group among the places; none once it is closed.
    group: Option<usize>,
    /// Its waker, if nobody was woken since this many wakes.
    waker: Option<(u64, usize)>,
}

impl Channel {
    pub(crate) fn new(name: Arc<str>, live: bool) -> Self {
        Self { name, ring: Mutex::new(Ring { live, ..Ring::default() }) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the very channel that began under this name, and no later one.
    pub(crate) fn is(&self, name: &Arc<str>) -> bool {
        Arc::ptr_eq(&self.name, name)
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
        let group = Some(ring.places.add(options.bound, place));
        let index = ring.subscribers.insert(Subscriber { id, options, place, group, waker: None });
        SubscriberKey { index, id }
    }

    /// Removes a subscriber.
    pub(crate) fn remove(&self, key: SubscriberKey) -> Removed {
        let mut ring = self.ring.lock();
        drop(ring.close(key.index));
        ring.subscribers.remove(key.index);
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
        ring.refused = None;
        let was_refused = std::mem::take(&mut ring.was_refused);
        let missed = std::mem::take(&mut ring.interrupted) || may_have_missed;
        let waiting = std::mem::take(&mut ring.waiting);
        if missed {
            Self::add_entry(ring, Entry::Gap, &mut Wakers::default());
        } else if was_refused {
            // The subscribers of that time have ended, and others have missed nothing.
            let listeners = ring.listeners();
            drop(ring);
            listeners.iter().for_each(|listener| listener(Heard::Gap));
        } else {
            drop(ring);
        }
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Nothing arrives here any more.
    pub(crate) fn interrupt(&self) {
        let mut ring = self.ring.lock();
        ring.interrupted |= std::mem::take(&mut ring.live);
        ring.refused = None;
    }

    /// Nothing will arrive here, for this reason.
    pub(crate) fn refuse(&self, reason: Arc<str>) {
        let mut ring = self.ring.lock();
        ring.live = false;
        // Whoever may have missed something is told more than that.
        ring.interrupted = false;
        ring.was_refused = true;
        ring.refused = Some(Arc::clone(&reason));
        let waiting = std::mem::take(&mut ring.waiting);
        Self::add_entry(ring, Entry::Refused(reason), &mut Wakers::default());
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Why nothing will arrive here.
    pub(crate) fn refusal(&self) -> Option<Arc<str>> {
        self.ring.lock().refused.clone()
    }

    /// Forgets that nothing will arrive, as it is asked for again. Returns whether that was so.
    pub(crate) fn forget_refusal(&self) -> bool {
        self.ring.lock().refused.take().is_some()
    }

    /// Whether what is posted arrives here, or nobody listens any more.
    pub(crate) fn is_live(&self) -> bool {
        let ring = self.ring.lock();
        ring.live || ring.len() == 0
    }

    /// Ready when what is posted arrives here, or never will, or nobody listens any more.
    pub(crate) fn poll_live(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut ring = self.ring.lock();
        if ring.live || ring.refused.is_some() || ring.len() == 0 {
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
        let is_there = ring.subscribers.get(key.index).is_some_and(|subscriber| subscriber.id == key.id);
        let waker = if is_there { ring.close(key.index) } else { None };
        drop(ring);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Adds a message and takes what wakes those who wait for one. What comes from servers while the channel is not live was posted for those
    /// who listened earlier.
    pub(crate) fn push(&self, message: Message, wakers: &mut Wakers) {
        let ring = self.ring.lock();
        if ring.live || !matches!(message, Message::Received(_)) {
            Self::add_entry(ring, Entry::Message(message), wakers);
        }
    }

    fn add_entry(mut ring: MutexGuard<'_, Ring>, entry: Entry, wakers: &mut Wakers) {
        let listeners = ring.listeners();
        let heard = (!listeners.is_empty()).then(|| entry.clone());
        ring.push(entry);
        ring.take_wakers(wakers);
        drop(ring);
        if let Some(heard) = heard {
            listeners.iter().for_each(|listener| listener(heard.as_heard()));
        }
    }

    /// What the subscriber finds at its place; it moves on by that.
    pub(crate) fn poll(&self, key: SubscriberKey, context: &mut Context<'_>) -> Poll<Next> {
        let ring = &mut *self.ring.lock();
        let (first, end) = (ring.first, ring.end());
        let subscriber = &ring.subscribers[key.index];
        if subscriber.group.is_none() {
            return Poll::Ready(Next::Closed);
        }
        let (place, SubscribeOptions { bound, on_lag }) = (subscriber.place, subscriber.options);
        // What others may still read is too old for this one, if its bound is smaller.
        let oldest = first.max(end.saturating_sub(bound as u64));
        if place < oldest {
            ring.advance(key.index, oldest);
            if on_lag == OnLag::Close {
                drop(ring.close(key.index));
            }
            return Poll::Ready(Next::Missed(oldest - place));
        }
        if place == end {
            ring.wake_later(key.index, context.waker());
            return Poll::Pending;
        }
        let entry = ring.messages[(place - first) as usize].clone();
        ring.advance(key.index, place + 1);
        let is_last = match &entry {
            Entry::Message(_) => false,
            Entry::Gap => on_lag == OnLag::Close,
            Entry::Refused(_) => true,
        };
        if is_last {
            drop(ring.close(key.index));
        }
        Poll::Ready(match entry {
            Entry::Message(message) => Next::Message(message),
            Entry::Gap => Next::Gap,
            Entry::Refused(reason) => Next::Refused(reason),
        })
    }
}

impl Drop for Wakers {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
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

    /// What is to be called with what comes, outside of the lock.
    fn listeners(&self) -> SmallVec<[Listener; 1]> {
        self.listeners.iter().map(|(_, listener)| Arc::clone(listener)).collect()
    }

    fn push(&mut self, entry: Entry) {
        if !self.places.is_empty() {
            self.messages.push_back(entry);
            self.forget();
        }
    }

    /// The subscriber goes on to this place.
    fn advance(&mut self, index: usize, place: u64) {
        let subscriber = &mut self.subscribers[index];
        let from = std::mem::replace(&mut subscriber.place, place);
        if subscriber.group.is_some_and(|group| self.places.advance(group, from, place)) {
            self.forget();
        }
    }

    /// The subscriber finds nothing more. Returns what wakes it, if it waits.
    fn close(&mut self, index: usize) -> Option<Waker> {
        let subscriber = &mut self.subscribers[index];
        let (group, place, waker) = (subscriber.group.take(), subscriber.place, subscriber.waker.take());
        if group.is_some_and(|group| self.places.remove(group, place)) {
            self.forget();
            // A burst for one that was allowed to be far behind need not cost memory for ever.
            if self.messages.capacity() / 4 > self.messages.len() {
                self.messages.shrink_to(self.messages.len() * 2);
            }
        }
        let (wakes, key) = waker?;
        (wakes == self.wakes).then(|| self.wakers.remove(key))
    }

    /// Drops the messages that nobody will read.
    fn forget(&mut self) {
        let oldest = self.places.oldest(self.end());
        while self.first < oldest {
            self.messages.pop_front();
            self.first += 1;
        }
    }

    fn wake_later(&mut self, index: usize, waker: &Waker) {
        let known = &mut self.subscribers[index].waker;
        match known.filter(|(wakes, _)| *wakes == self.wakes) {
            Some((_, key)) => self.wakers[key].clone_from(waker),
            None => *known = Some((self.wakes, self.wakers.insert(waker.clone()))),
        }
    }

    /// Takes what wakes those who wait for a message.
    fn take_wakers(&mut self, wakers: &mut Wakers) {
        if !self.wakers.is_empty() {
            self.wakes += 1;
            wakers.0.extend(self.wakers.drain());
            // Many waited who do not listen any more.
            if self.wakers.capacity() / 4 > self.subscribers.len() {
                self.wakers.shrink_to_fit();
            }
        }
    }
}

impl Entry {
    fn as_heard(&self) -> Heard<'_> {
        match self {
            Self::Message(message) => Heard::Message(message),
            Self::Gap => Heard::Gap,
            Self::Refused(_) => Heard::Refused,
        }
    }
}
