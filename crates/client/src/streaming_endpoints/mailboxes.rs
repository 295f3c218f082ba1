//! The messages of all endpoints.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::mailbox::{Bounds, Mailbox};

/// The messages of all endpoints that somebody asked for, by name. Messages of others are ignored: a server may invent any number of
/// names.
#[derive(Debug)]
pub(super) struct Mailboxes {
    state: Mutex<State>,
    bounds: Bounds,
}

#[derive(Debug, Default)]
struct State {
    mailboxes: HashMap<&'static str, Arc<Mailbox>>,
    ended: bool,
}

impl Mailboxes {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { state: Mutex::default(), bounds }
    }

    /// The mailbox of an endpoint.
    pub(super) fn of(&self, endpoint: &'static str) -> Arc<Mailbox> {
        let mut state = self.state.lock();
        let State { mailboxes, ended } = &mut *state;
        let mailbox = mailboxes.entry(endpoint).or_insert_with(|| {
            let mailbox = Mailbox::new(self.bounds);
            if *ended {
                mailbox.end();
            }
            Arc::new(mailbox)
        });
        Arc::clone(mailbox)
    }

    /// Takes in a message of an endpoint.
    pub(super) fn push(&self, endpoint: &str, message: &str) {
        let mailbox = self.state.lock().mailboxes.get(endpoint).cloned();
        match mailbox {
            Some(mailbox) => mailbox.push(message),
            None => tracing::debug!("a message of an endpoint that this client does not know was ignored"),
        }
    }

    /// Ends all who listen, after what waits for them.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        let mailboxes: Vec<_> = state.mailboxes.values().cloned().collect();
        drop(state);
        mailboxes.iter().for_each(|mailbox| mailbox.end());
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::streaming_endpoints::mailbox::Next;

    fn next(mailbox: &Mailbox, listener: usize) -> Poll<Option<Next>> {
        mailbox.poll_next(listener, &mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn messages_wait_for_names_that_were_asked_for_and_no_others() {
        let mailboxes = Mailboxes::new(Bounds { elements_max: 10, bytes_max: 1000 });
        let a = mailboxes.of("a");
        for (endpoint, message) in [("a", "1"), ("b", "2"), ("a", "3")] {
            mailboxes.push(endpoint, message);
        }
        assert!(Arc::ptr_eq(&a, &mailboxes.of("a")));
        let listener = a.listen();
        assert_eq!(next(&a, listener), Poll::Ready(Some(Next::Message("1".into()))));
        assert_eq!(next(&a, listener), Poll::Ready(Some(Next::Message("3".into()))));
        let b = mailboxes.of("b");
        let listener = b.listen();
        assert_eq!(next(&b, listener), Poll::Pending);
        for n in 0..5000 {
            mailboxes.push(&format!("invented{n}"), "1");
        }
        assert_eq!(mailboxes.state.lock().mailboxes.len(), 2);
    }

    #[test]
    fn the_end_is_everywhere() {
        let mailboxes = Mailboxes::new(Bounds { elements_max: 10, bytes_max: 1000 });
        let a = mailboxes.of("a");
        mailboxes.push("a", "1");
        mailboxes.end();
        mailboxes.push("a", "2");
        let listener = a.listen();
        assert_eq!(next(&a, listener), Poll::Ready(Some(Next::Message("1".into()))));
        assert_eq!(next(&a, listener), Poll::Ready(None));
        let b = mailboxes.of("b");
        let listener = b.listen();
        assert_eq!(next(&b, listener), Poll::Ready(None));
    }
}
