//! Which channels Redis is to send, and which it sends.

use std::collections::{HashMap, HashSet};
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
    /// Redis was asked to send them.
    subscribed: HashSet<Arc<str>>,
    /// Something is to be done about them.
    changed: HashSet<Arc<str>>,
    /// Redis was asked to send them, and what it said against that.
    refused: HashMap<Arc<str>, String>,
}

/// What is to be done about some channels.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) subscribe: Vec<Arc<str>>,
    pub(crate) unsubscribe: Vec<Arc<str>>,
    /// Redis sends them already: they were lost and wanted again before anything was done about it.
    pub(crate) kept: Vec<Arc<str>>,
}

impl Wishes {
    /// There is a new connection, on which Redis sends nothing yet.
    pub(crate) fn restart(&self) {
        let State { wanted, subscribed, changed, refused } = &mut *self.state.lock();
        refused.clear();
        subscribed.clear();
        changed.clone_from(wanted);
    }

    /// What is to be done about the next channels, at most so many; it is taken as done by that.
    pub(crate) fn take(&self, most: usize) -> Batch {
        let mut batch = Batch::default();
        let State { wanted, subscribed, changed, .. } = &mut *self.state.lock();
        for name in changed.extract_if(|_| true).take(most) {
            if !wanted.contains(&name) {
                if subscribed.remove(&name) {
                    batch.unsubscribe.push(name);
                }
            } else if subscribed.insert(Arc::clone(&name)) {
                batch.subscribe.push(name);
            } else {
                batch.kept.push(name);
            }
        }
        batch
    }

    /// Redis was asked to send this channel, and refused.
    pub(crate) fn refuse(&self, name: Arc<str>, reason: String) {
        let mut state = self.state.lock();
        state.subscribed.remove(&name);
        if state.wanted.contains(&name) {
            state.refused.insert(name, reason);
        }
    }

    /// Why Redis does not send this channel, if it refused to.
    pub(crate) fn refusal(&self, name: &str) -> Option<String> {
        self.state.lock().refused.get(name).cloned()
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
        state.refused.remove(channel);
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
