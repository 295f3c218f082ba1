//! Which channels Redis is to send, and which it sends.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use streampod_events::Interest;
use tokio::sync::Notify;

/// Which channels Redis is to send, and which it sends.
///
/// A change is only noted, and a task does something about it. However often channels come and go meanwhile, no more is
/// noted than there are channels here or at Redis.
#[derive(Default)]
pub(crate) struct Wishes {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// Somebody listens to them here.
    wanted: HashSet<Arc<str>>,
    /// Redis was asked to send them, for these very channels.
    subscribed: HashSet<Arc<str>>,
    /// They were wanted when the connection was made, and Redis was not asked to send them yet.
    earlier: Vec<Arc<str>>,
    /// Something is to be done about them.
    changed: HashSet<Arc<str>>,
}

/// What is to be done about some channels.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) subscribe: Vec<Arc<str>>,
    pub(crate) unsubscribe: Vec<Arc<str>>,
    /// Redis sends them already: they were lost and wanted again before anything was done about it.
    pub(crate) kept: Vec<Arc<str>>,
    /// With it, everything is done that was wanted when the connection was made.
    pub(crate) is_caught_up: bool,
}

impl Wishes {
    /// There is a new connection, on which Redis sends nothing yet.
    pub(crate) fn restart(&self) {
        let State { wanted, subscribed, earlier, changed } = &mut *self.state.lock();
        subscribed.clear();
        changed.clear();
        *earlier = wanted.iter().map(Arc::clone).collect();
    }

    /// What is to be done about the next channels, at most so many; it is taken as done by that.
    pub(crate) fn take(&self, most: usize) -> Batch {
        let mut batch = Batch::default();
        let State { wanted, subscribed, earlier, changed } = &mut *self.state.lock();
        let from_earlier = earlier.drain(earlier.len().saturating_sub(most)..);
        let from_changed = changed.extract_if(|_| true).take(most - from_earlier.len());
        for name in from_earlier.chain(from_changed) {
            // The one that is wanted now: an earlier one of the same name may have ended.
            let Some(name) = wanted.get(&name).map(Arc::clone) else {
                if subscribed.remove(&name) {
                    batch.unsubscribe.push(name);
                }
                continue;
            };
            match subscribed.replace(Arc::clone(&name)) {
                None => batch.subscribe.push(name),
                Some(_) => batch.kept.push(name),
            }
        }
        batch.is_caught_up = earlier.is_empty();
        batch
    }

    /// Redis was asked to send this channel, and refused. It is asked again when the channel begins again.
    pub(crate) fn refuse(&self, name: &str) {
        self.state.lock().subscribed.remove(name);
    }

    /// The channel of this name for which Redis was asked.
    pub(crate) fn asked_for(&self, name: &str) -> Option<Arc<str>> {
        self.state.lock().subscribed.get(name).map(Arc::clone)
    }

    /// Resolves when there may be something to do.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Interest for Wishes {
    fn began(&self, channel: &Arc<str>) {
        let mut state = self.state.lock();
        state.wanted.insert(Arc::clone(channel));
        state.changed.insert(Arc::clone(channel));
        drop(state);
        self.changed.notify_one();
    }

    fn ended(&self, channel: &Arc<str>) {
        let mut state = self.state.lock();
        state.wanted.remove(channel);
        if state.subscribed.contains(channel) {
            state.changed.insert(Arc::clone(channel));
        } else {
            // Redis never learned of it.
            state.changed.remove(channel);
        }
        drop(state);
        self.changed.notify_one();
    }
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.subscribe.is_empty() && self.unsubscribe.is_empty() && self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Arc<str> {
        name.into()
    }

    fn check(wishes: &Wishes, most: usize, [subscribe, unsubscribe, kept]: [&[&str]; 3]) {
        let batch = wishes.take(most);
        let sorted = |names: Vec<Arc<str>>| {
            let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(sorted(batch.subscribe), subscribe, "to subscribe");
        assert_eq!(sorted(batch.unsubscribe), unsubscribe, "to unsubscribe");
        assert_eq!(sorted(batch.kept), kept, "kept");
    }

    #[test]
    fn each_change_leads_to_what_is_wanted_in_the_end() {
        let (wishes, a, b) = (Wishes::default(), name("a"), name("b"));
        wishes.began(&a);
        wishes.began(&b);
        wishes.ended(&b);
        check(&wishes, 9, [&["a"], &[], &[]]);
        check(&wishes, 9, [&[], &[], &[]]);
        wishes.ended(&a);
        wishes.began(&a);
        check(&wishes, 9, [&[], &[], &["a"]]);
        wishes.ended(&a);
        wishes.began(&b);
        check(&wishes, 9, [&["b"], &["a"], &[]]);
    }

    /// Redis may confirm a channel for one that has ended meanwhile.
    #[test]
    fn what_redis_was_asked_for_is_one_channel_and_no_later_one() {
        let (wishes, first, second) = (Wishes::default(), name("a"), name("a"));
        let is_asked_for =
            |channel: &Arc<str>| wishes.asked_for("a").is_some_and(|asked| Arc::ptr_eq(&asked, channel));
        wishes.began(&first);
        check(&wishes, 9, [&["a"], &[], &[]]);
        wishes.ended(&first);
        wishes.began(&second);
        assert!(is_asked_for(&first));
        check(&wishes, 9, [&[], &[], &["a"]]);
        assert!(is_asked_for(&second));
    }

    #[test]
    fn a_new_connection_starts_with_what_is_wanted() {
        let (wishes, [a, b, c]) = (Wishes::default(), ["a", "b", "c"].map(name));
        [&a, &b].into_iter().for_each(|name| wishes.began(name));
        check(&wishes, 9, [&["a", "b"], &[], &[]]);
        wishes.ended(&a);
        wishes.restart();
        assert!(wishes.state.lock().changed.is_empty());
        check(&wishes, 9, [&["b"], &[], &[]]);

        // Some of them end, or end and begin, before it is their turn; and others begin.
        [&a, &c].into_iter().for_each(|name| wishes.began(name));
        wishes.restart();
        wishes.ended(&a);
        wishes.ended(&b);
        wishes.began(&b);
        let mut subscribed = Vec::new();
        for is_caught_up in [false, false, true] {
            let batch = wishes.take(1);
            assert_eq!(batch.is_caught_up, is_caught_up);
            subscribed.extend(batch.subscribe);
        }
        subscribed.sort_unstable();
        assert_eq!(subscribed, [Arc::clone(&b), c]);
        // It would be subscribed to twice, but for this.
        check(&wishes, 9, [&[], &[], &["b"]]);
    }

    /// What comes and goes while Redis hangs takes no memory.
    #[test]
    fn what_redis_never_learned_of_is_forgotten() {
        let wishes = Wishes::default();
        for number in 0..1000 {
            let name = name(&number.to_string());
            wishes.began(&name);
            wishes.ended(&name);
        }
        let state = wishes.state.lock();
        assert!(state.wanted.is_empty() && state.changed.is_empty());
    }
}
