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
    fn are_passed(&self, elements: usize, bytes: usize) -> bool {
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
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { state: Mutex::default(), bounds }
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
        let waiting = state.waiting();
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
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
        let waiting = state.waiting();
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
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

    /// The wakers of all who wait.
    fn waiting(&mut self) -> Vec<Waker> {
        self.listeners.iter_mut().filter_map(|(_, listener)| listener.waker.take()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn mailbox(elements_max: usize, bytes_max: usize) -> Mailbox {
        Mailbox::new(Bounds { elements_max, bytes_max })
    }

    /// What a listener gets until it has to wait, or until the end, which is `.`.
    fn read(mailbox: &Mailbox, listener: usize) -> String {
        let mut read = String::new();
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match mailbox.poll_next(listener, &mut context) {
                Poll::Pending => return read,
                Poll::Ready(None) => return read + ".",
                Poll::Ready(Some(Next::Message(text))) => read += &text,
                Poll::Ready(Some(Next::Lost(count))) => write!(read, "<{count}>").unwrap(),
            }
        }
    }

    fn push(mailbox: &Mailbox, texts: &str) {
        texts.split_inclusive(|_| true).for_each(|text| mailbox.push(text));
    }

    /// How many messages and bytes are kept.
    fn kept(mailbox: &Mailbox) -> (usize, usize) {
        let state = mailbox.state.lock();
        (state.messages.len(), state.bytes)
    }

    #[test]
    fn what_nobody_hears_waits_for_the_first_listener() {
        let mailbox = mailbox(10, 100);
        push(&mailbox, "ab");
        let first = mailbox.listen();
        let second = mailbox.listen();
        push(&mailbox, "cd");
        assert_eq!(read(&mailbox, first), "abcd");
        assert_eq!(kept(&mailbox), (2, 2), "the second has not got them");
        assert_eq!(read(&mailbox, second), "cd");
        assert_eq!(kept(&mailbox), (0, 0));
        push(&mailbox, "e");
        mailbox.leave(first);
        assert_eq!(read(&mailbox, second), "e");
        push(&mailbox, "f");
        mailbox.leave(second);
        assert_eq!(kept(&mailbox), (0, 0), "what a listener has not got goes with it");
        push(&mailbox, "g");
        assert_eq!(read(&mailbox, mailbox.listen()), "g");
    }

    #[test]
    fn the_oldest_are_dropped_and_each_listener_is_told() {
        let mailbox = mailbox(3, 100);
        let (slow, fast) = (mailbox.listen(), mailbox.listen());
        push(&mailbox, "ab");
        assert_eq!(read(&mailbox, fast), "ab");
        push(&mailbox, "cde");
        assert_eq!(kept(&mailbox), (3, 3));
        assert_eq!(read(&mailbox, fast), "cde");
        assert_eq!(read(&mailbox, slow), "<2>cde");
        mailbox.leave(slow);
        mailbox.leave(fast);
        push(&mailbox, "abcde");
        let next = mailbox.listen();
        push(&mailbox, "f");
        assert_eq!(read(&mailbox, next), "<3>def");
    }

    #[test]
    fn bytes_are_counted_too_and_one_message_always_fits() {
        let mailbox = mailbox(10, 4);
        let listener = mailbox.listen();
        mailbox.push("far too long");
        assert_eq!(kept(&mailbox), (1, 12));
        push(&mailbox, "abcde");
        assert_eq!(kept(&mailbox), (4, 4));
        assert_eq!(read(&mailbox, listener), "<2>bcde");
    }

    #[test]
    fn the_end_comes_after_what_waits() {
        let mailbox = mailbox(2, 9);
        push(&mailbox, "abc");
        mailbox.end();
        push(&mailbox, "d");
        let listener = mailbox.listen();
        assert_eq!(read(&mailbox, listener), "<1>bc.");
        assert_eq!(read(&mailbox, mailbox.listen()), ".");
    }

    proptest::proptest! {
        /// Whatever happens, a listener gets every message from its beginning on, in order, or is told of those it does not.
        #[test]
        fn nothing_is_lost_unsaid(steps in proptest::collection::vec((0_u8..5, 0_usize..3), 0..200)) {
            let mailbox = mailbox(4, 1000);
            // Each with the number of the message that it is to get next.
            let mut listeners: [Option<(usize, u64)>; 3] = [None; 3];
            let (mut sent, mut unheard) = (0, 0);
            for (step, index) in steps {
                match (step, listeners[index]) {
                    (0 | 1, _) => {
                        mailbox.push(&sent.to_string());
                        sent += 1;
                    }
                    (2, None) => {
                        let is_first = listeners.iter().all(Option::is_none);
                        listeners[index] = Some((mailbox.listen(), if is_first { unheard } else { sent }));
                    }
                    (3, Some((listener, expected))) => {
                        let next = mailbox.poll_next(listener, &mut Context::from_waker(Waker::noop()));
                        let expected = match next {
                            Poll::Ready(Some(Next::Message(text))) => {
                                assert_eq!(*text, expected.to_string());
                                expected + 1
                            }
                            Poll::Ready(Some(Next::Lost(count))) => {
                                assert!(count > 0 && expected + count + 4 == sent);
                                expected + count
                            }
                            other => {
                                assert_eq!(other, Poll::Pending);
                                assert_eq!(expected, sent);
                                expected
                            }
                        };
                        listeners[index] = Some((listener, expected));
                    }
                    (4, Some((listener, _))) => {
                        mailbox.leave(listener);
                        listeners[index] = None;
                        if listeners.iter().all(Option::is_none) {
                            unheard = sent;
                        }
                    }
                    _ => {}
                }
                let behind = listeners.iter().flatten().map(|(_, expected)| sent - expected).max();
                let waiting = behind.unwrap_or(sent - unheard).min(4);
                assert_eq!(kept(&mailbox).0 as u64, waiting);
            }
        }
    }
}
