//! The channels that somebody listens to.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::RwLock;
use streampod_wire::{Model, Object};

use crate::channel::{Channel, SubscriberKey};
use crate::options::SubscribeOptions;
use crate::subscription::Subscription;

/// How many parts the table of channels has, each with a lock of its own, so that posts to different channels rarely
/// wait for each other.
const SHARDS: usize = 16;

/// The channels that somebody listens to in this process. A channel exists while it has a subscriber.
#[derive(Debug, Default)]
pub struct Channels {
    shards: [RwLock<HashMap<Arc<str>, Arc<Channel>>>; SHARDS],
    hasher: RandomState,
}

impl Channels {
    /// Listens on the channel `name` for messages of type `T`.
    pub fn subscribe<T: Model>(self: &Arc<Self>, name: &str, options: SubscribeOptions) -> Subscription<T> {
        let mut shard = self.shard(name).write();
        let channel = match shard.get(name) {
            Some(channel) => Arc::clone(channel),
            None => {
                let name: Arc<str> = name.into();
                let channel = Arc::new(Channel::new(Arc::clone(&name)));
                shard.insert(name, Arc::clone(&channel));
                channel
            }
        };
        let options = SubscribeOptions { bound: options.bound.max(1), ..options };
        let key = channel.add(options);
        drop(shard);
        Subscription::new(Arc::clone(self), channel, key, options.on_lag)
    }

    /// Hands a message to everyone who listens on the channel `name` here.
    pub fn deliver(&self, name: &str, message: Object) {
        let channel = self.shard(name).read().get(name).map(Arc::clone);
        if let Some(channel) = channel {
            channel.push(message);
        }
    }

    /// How many channels somebody listens to.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// Whether nobody listens to anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many subscriptions there are, on all channels.
    pub fn subscriptions(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.read().values().map(|channel| channel.len()).sum::<usize>())
            .sum()
    }

    /// Removes a subscriber, and its channel with the last one.
    pub(crate) fn unsubscribe(&self, channel: &Channel, key: SubscriberKey) {
        // With the shard locked nobody can subscribe between the removal of the last subscriber and of its channel.
        let mut shard = self.shard(channel.name()).write();
        if channel.remove(key) {
            shard.remove(channel.name());
        }
    }

    fn shard(&self, name: &str) -> &RwLock<HashMap<Arc<str>, Arc<Channel>>> {
        &self.shards[self.hasher.hash_one(name) as usize % SHARDS]
    }
}
