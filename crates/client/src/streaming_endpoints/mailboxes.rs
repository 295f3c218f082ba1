//! The messages of all endpoints.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::mailbox::{Bounds, Mailbox};

/// Of how many endpoints that nobody asked for it is known how many of their messages were lost.
const NAMES_MAX: usize = 1000;
/// Longer names are not kept for that.
const NAME_MAX_BYTES: usize = 256;

/// The messages of all endpoints, by name.
///
/// A name that was asked for has a mailbox, with bounds of its own. The server may invent any number of other names, so the
/// messages of these share one place with the same bounds, where they wait until their name is asked for.
#[derive(Debug)]
pub(super) struct Mailboxes {
    state: Mutex<State>,
    bounds: Bounds,
}

#[derive(Debug, Default)]
struct State {
    asked: HashMap<&'static str, Arc<Mailbox>>,
    unasked: Unasked,
    ended: bool,
}

impl Mailboxes {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { state: Mutex::default(), bounds }
    }

    /// The mailbox of an endpoint.
    pub(super) fn of(&self, endpoint: &'static str) -> Arc<Mailbox> {
        let mut state = self.state.lock();
        let State { asked, unasked, ended } = &mut *state;
        let mailbox = asked.entry(endpoint).or_insert_with(|| {
            let (lost, messages) = unasked.claim(endpoint);
            let mailbox = Mailbox::new(self.bounds, lost, messages.into_iter());
            if *ended {
                mailbox.end();
            }
            Arc::new(mailbox)
        });
        Arc::clone(mailbox)
    }

    /// Takes in a message of an endpoint.
    pub(super) fn push(&self, endpoint: &str, message: &str) {
        let mut state = self.state.lock();
        if let Some(mailbox) = state.asked.get(endpoint) {
            let mailbox = Arc::clone(mailbox);
            drop(state);
            mailbox.push(message);
        } else if !state.ended {
            state.unasked.push(endpoint, message, self.bounds);
        }
    }

    /// Ends all who listen, after what waits for them.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        let asked: Vec<_> = state.asked.values().cloned().collect();
        drop(state);
        asked.iter().for_each(|mailbox| mailbox.end());
    }
}

/// The messages of endpoints that nobody has asked for.
#[derive(Debug, Default)]
struct Unasked {
    /// With the name of their endpoint, as they arrived.
    messages: VecDeque<(Box<str>, Arc<str>)>,
    /// Of names and messages.
    bytes: usize,
    /// How many were dropped, by endpoint.
    lost: HashMap<Box<str>, u64>,
    /// How many were dropped of endpoints that are not in `lost`.
    lost_of_others: u64,
}

impl Unasked {
    fn push(&mut self, endpoint: &str, message: &str, bounds: Bounds) {
        self.bytes += endpoint.len() + message.len();
        self.messages.push_back((endpoint.into(), message.into()));
        while bounds.are_passed(self.messages.len(), self.bytes) {
            let Some((endpoint, message)) = self.messages.pop_front() else { break };
            self.bytes -= endpoint.len() + message.len();
            self.lose(endpoint);
        }
    }

    /// Takes note that a message was dropped.
    fn lose(&mut self, endpoint: Box<str>) {
        // Once there are others, an endpoint that is not in the map may be one of them.
        let has_room = self.lost.len() < NAMES_MAX && endpoint.len() <= NAME_MAX_BYTES;
        if let Some(count) = self.lost.get_mut(&endpoint) {
            *count += 1;
        } else if has_room && self.lost_of_others == 0 {
            self.lost.insert(endpoint, 1);
        } else {
            self.lost_of_others += 1;
        }
    }

    /// Hands over what waits for an endpoint, and how many messages before that were lost.
    fn claim(&mut self, endpoint: &str) -> (u64, Vec<Arc<str>>) {
        let all = std::mem::take(&mut self.messages).into_iter();
        let (claimed, others): (VecDeque<_>, VecDeque<_>) = all.partition(|(name, _)| **name == *endpoint);
        let size: usize = claimed.iter().map(|(name, message)| name.len() + message.len()).sum();
        self.bytes -= size;
        self.messages = others;
        let lost = self.lost.remove(endpoint).unwrap_or(self.lost_of_others);
        (lost, claimed.into_iter().map(|(_, message)| message).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::streaming_endpoints::mailbox::Next;

    fn mailboxes(elements_max: usize, bytes_max: usize) -> Mailboxes {
        Mailboxes::new(Bounds { elements_max, bytes_max })
    }

    /// What waits for a listener that begins now, and how many messages it misses.
    fn read(mailbox: &Mailbox) -> (Vec<String>, u64) {
        let listener = mailbox.listen();
        let (mut texts, mut lost) = (Vec::new(), 0);
        loop {
            match mailbox.poll_next(listener, &mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Some(Next::Message(text))) => texts.push(text.to_string()),
                Poll::Ready(Some(Next::Lost(count))) => lost += count,
                Poll::Ready(None) | Poll::Pending => return (texts, lost),
            }
        }
    }

    #[test]
    fn messages_wait_for_their_name() {
        let mailboxes = mailboxes(3, 1000);
        for (endpoint, message) in [("a", "1"), ("b", "2"), ("a", "3")] {
            mailboxes.push(endpoint, message);
        }
        let a = mailboxes.of("a");
        mailboxes.push("a", "4");
        assert!(Arc::ptr_eq(&a, &mailboxes.of("a")));
        assert_eq!(read(&a), (vec!["1".into(), "3".into(), "4".into()], 0));
        // There is room again where the names that nobody asked for are.
        mailboxes.push("c", "5");
        mailboxes.push("c", "6");
        assert_eq!(read(&mailboxes.of("b")), (vec!["2".into()], 0));
    }

    #[test]
    fn those_that_nobody_asks_for_share_a_bound_and_none_is_lost_unsaid() {
        let mailboxes = mailboxes(3, 1000);
        for (endpoint, message) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("a", "5"), ("a", "6")] {
            mailboxes.push(endpoint, message);
        }
        assert_eq!(read(&mailboxes.of("a")), (vec!["5".into(), "6".into()], 2));
        assert_eq!(read(&mailboxes.of("b")), (vec![], 1));
        assert_eq!(read(&mailboxes.of("c")), (vec!["4".into()], 0));
        assert_eq!(mailboxes.state.lock().unasked.bytes, 0);
    }

    #[test]
    fn a_server_that_invents_names_makes_nothing_grow() {
        let mailboxes = mailboxes(10, 10_000);
        for n in 0..5000 {
            mailboxes.push(&format!("invented{n}"), "1");
        }
        let long = "x".repeat(1000);
        for n in 0..100 {
            mailboxes.push(&format!("{long}{n}"), &"2".repeat(900));
        }
        {
            let Unasked { messages, bytes, lost, lost_of_others } = &mailboxes.state.lock().unasked;
            assert!(messages.len() <= 10 && *bytes <= 10_000, "{} {bytes}", messages.len());
            assert_eq!(lost.len(), NAMES_MAX);
            assert!(lost.keys().all(|name| name.len() <= NAME_MAX_BYTES));
            let counted: u64 = lost.values().sum();
            assert_eq!(counted + lost_of_others + messages.len() as u64, 5100);
        }
        assert_eq!(read(&mailboxes.of("invented0")), (vec![], 1));
        // One of those that are not counted by name: it may have lost as many as all of them.
        let (texts, lost) = read(&mailboxes.of("invented4000"));
        assert!(texts.is_empty() && lost >= 1, "{texts:?} {lost}");
    }

    #[test]
    fn the_end_is_everywhere() {
        let mailboxes = mailboxes(10, 1000);
        mailboxes.push("a", "1");
        let b = mailboxes.of("b");
        mailboxes.end();
        mailboxes.push("c", "2");
        for mailbox in [b, mailboxes.of("a"), mailboxes.of("c")] {
            let listener = mailbox.listen();
            let mut context = Context::from_waker(Waker::noop());
            let first = mailbox.poll_next(listener, &mut context);
            let is_of_a = first == Poll::Ready(Some(Next::Message("1".into())));
            let end = if is_of_a { mailbox.poll_next(listener, &mut context) } else { first };
            assert_eq!(end, Poll::Ready(None));
        }
    }
}
