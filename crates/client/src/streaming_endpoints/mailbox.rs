//! The messages of one endpoint.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;

/// The messages of one endpoint that wait to be consumed, as they arrived: each once, however many listeners there are.
///
/// While nobody listens, all wait for the next who does. When too many wait, the oldest are dropped, and every listener that
/// has not got them is told how many it misses.
#[derive(Debug)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    bounds: Bounds,
}

/// How much may wait. A single message always may.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) elements_max: usize,
    pub(super) bytes_max: usize,
}

impl Bounds {
    /// Whether so much is too much.
    pub(super) fn are_passed(&self, elements: usize, bytes: usize) -> bool {
        elements > 1 && (elements > self.elements_max || bytes > self.bytes_max)
    }
}

/// What comes next for a listener.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Message(Arc<str>),
    /// So many messages are missing.
    Lost(u64),
}

/// Messages are numbered as they arrive.
#[derive(Debug, Default)]
struct State {
    messages: VecDeque<Message>,
    /// The number of the first of them.
    first: u64,
    bytes: usize,
    listeners: Slab<Listener>,
    /// Where the next listener begins, if nobody listens.
    unheard: u64,
    ended: bool,
}

#[derive(Debug)]
struct Message {
    text: Arc<str>,
    /// How many listeners have not got it.
    unread: usize,
}

#[derive(Debug)]
struct Listener {
    /// The number of the next message.
    next: u64,
    waker: Option<Waker>,
}

impl Mailbox {
    /// A mailbox for which messages wait already, after so many others that were lost.
    pub(super) fn new(bounds: Bounds, lost: u64, messages: impl Iterator<Item = Arc<str>>) -> Self {
        let messages: VecDeque<_> = messages.map(|text| Message { text, unread: 0 }).collect();
        let bytes = messages.iter().map(|message| message.text.len()).sum();
        Self { state: Mutex::new(State { messages, bytes, first: lost, ..State::default() }), bounds }
    }

    /// Takes a message in.
    pub(super) fn push(&self, text: &str) {
        let mut state = self.state.lock();
        if state.ended {
            return;
        }
        let unread = state.listeners.len();
        state.bytes += text.len();
        state.messages.push_back(Message { text: text.into(), unread });
        while self.bounds.are_passed(state.messages.len(), state.bytes) {
            state.drop_first();
        }
        state.wake();
    }

    /// Begins to listen: from here on, or from where the last one ceased if nobody else listens.
    pub(super) fn listen(&self) -> usize {
        let mut state = self.state.lock();
        let next = if state.listeners.is_empty() {
            state.messages.iter_mut().for_each(|message| message.unread = 1);
            state.unheard
        } else {
            state.end()
        };
        state.listeners.insert(Listener { next, waker: None })
    }

    /// What comes next for this listener; none at the end.
    pub(super) fn poll_next(&self, listener: usize, context: &mut Context<'_>) -> Poll<Option<Next>> {
        let mut state = self.state.lock();
        let State { messages, first, listeners, ended, .. } = &mut *state;
        let listener = &mut listeners[listener];
        let Some(ahead) = listener.next.checked_sub(*first) else {
            let lost = *first - listener.next;
            listener.next = *first;
            return Poll::Ready(Some(Next::Lost(lost)));
        };
        let index = usize::try_from(ahead).unwrap_or(usize::MAX);
        if let Some(message) = messages.get_mut(index) {
            listener.next += 1;
            message.unread -= 1;
            let text = Arc::clone(&message.text);
            state.drop_read();
            return Poll::Ready(Some(Next::Message(text)));
        }
        if *ended {
            return Poll::Ready(None);
        }
        if !listener.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            listener.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Ceases to listen. What this listener has not got is lost with it.
    pub(super) fn leave(&self, listener: usize) {
        let mut state = self.state.lock();
        let next = state.listeners.remove(listener).next;
        if state.listeners.is_empty() {
            state.unheard = state.end();
        }
        let read = usize::try_from(next.saturating_sub(state.first)).unwrap_or(usize::MAX);
        state.messages.iter_mut().skip(read).for_each(|message| message.unread -= 1);
        state.drop_read();
    }

    /// Ends every listener, after what waits for it.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        state.wake();
    }
}

impl State {
    /// The number of the next message that arrives.
    fn end(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    fn drop_first(&mut self) {
        if let Some(message) = self.messages.pop_front() {
            self.bytes -= message.text.len();
            self.first += 1;
        }
        if self.messages.is_empty() {
            // An idle endpoint keeps no memory.
            self.messages = VecDeque::new();
        }
    }

    /// Drops what all have got.
    fn drop_read(&mut self) {
        while self.messages.front().is_some_and(|message| message.unread == 0) {
            self.drop_first();
        }
    }

    /// Wakes all listeners. Their wakers may run anything but what needs this mailbox, as those of tokio do.
    fn wake(&mut self) {
        self.listeners.iter_mut().filter_map(|(_, listener)| listener.waker.take()).for_each(Waker::wake);
    }
}
