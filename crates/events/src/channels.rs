//! The channels that somebody listens to.

use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Waker;

use parking_lot::RwLock;
use streampod_wire::Model;

use crate::channel::{Channel, Removed, SubscriberKey, Wakers};
use crate::listening::{Heard, Listening};
use crate::message::Message;
use crate::options::SubscribeOptions;
use crate::subscription::Subscription;

/// How many parts the table of channels has, each with a lock of its own, so that posts to different channels rarely
/// wait for each other.
const SHARDS: usize = 16;

/// The channels that somebody listens to in this process. A channel exists while it has a subscriber.
///
/// A channel is *live* when what is posted on it from now on arrives here. Inside one process ([`Channels::default`]) all of
/// them are, always. A broker that connects servers is told by its [`Interest`] which channels there are, and says when one
/// is live.
#[derive(Default)]
pub struct Channels {
    shards: [RwLock<HashMap<Arc<str>, Arc<Channel>>>; SHARDS],
    interest: Option<Arc<dyn Interest>>,
}

/// Learns which channels somebody listens to here.
pub trait Interest: Send + Sync + 'static {
    /// `channel` has its first subscriber, or another one after it was [refused](Channels::refuse), which may be otherwise by
    /// now. It is not live.
    ///
    /// A lock is held: this must be quick, and must not ask the [`Channels`] for anything.
    fn began(&self, channel: &Arc<str>);

    /// `channel` has lost its last subscriber. It may begin again before anything was done about that, and is not live then.
    ///
    /// A lock is held here too. The calls for one channel come in their order.
    fn ended(&self, channel: &Arc<str>);
}

impl Channels {
    /// The channels of a broker that has to arrange for messages to arrive here. None is live until [`Channels::set_live`].
    pub fn with_interest(interest: Arc<dyn Interest>) -> Self {
        Self { interest: Some(interest), ..Self::default() }
    }

    /// Listens on the channel `name` for messages of type `T`.
    pub fn subscribe<T: Model>(self: &Arc<Self>, name: &str, options: SubscribeOptions) -> Subscription<T> {
        let options = SubscribeOptions { bound: options.bound.max(1), ..options };
        let (channel, key) = self.with_channel(name, |channel| channel.add(options));
        Subscription::new(Arc::clone(self), channel, key, options.on_lag)
    }

    /// Has `listener` called with each message that is delivered on the channel `name` from now on, by whoever delivers it;
    /// so it must be quick.
    pub fn listen(
        self: &Arc<Self>,
        name: &str,
        listener: impl Fn(Heard<'_>) + Send + Sync + 'static,
    ) -> Listening {
        let listener = Arc::new(listener);
        let (channel, key) = self.with_channel(name, |channel| channel.add_listener(listener));
        Listening::new(Arc::clone(self), channel, key)
    }

    /// Adds a subscriber to a channel, which is made for it if it is the first.
    fn with_channel<K>(&self, name: &str, add: impl FnOnce(&Channel) -> K) -> (Arc<Channel>, K) {
        let mut shard = self.shard(name).write();
        if let Some((name, channel)) = shard.get_key_value(name) {
            let key = add(channel);
            if let Some(interest) = &self.interest
                && channel.forget_refusal()
            {
                interest.began(name);
            }
            return (Arc::clone(channel), key);
        }
        let name: Arc<str> = name.into();
        let channel = Arc::new(Channel::new(Arc::clone(&name), self.interest.is_none()));
        let key = add(&channel);
        if let Some(interest) = &self.interest {
            interest.began(&name);
        }
        shard.insert(name, Arc::clone(&channel));
        (channel, key)
    }

    /// Hands a message to everyone who listens on the channel `name` here. One that was [received](Message::Received) while the
    /// channel is not live is left out: it was posted for those who listened earlier.
    pub fn deliver(&self, name: &str, message: impl Into<Message>) {
        if let Some(channel) = self.get(name) {
            channel.push(message.into(), &mut Wakers::default());
        }
    }

    /// Like [`deliver`](Self::deliver), with messages that came together, each with the name of its channel. Those who listen are
    /// woken once all are delivered.
    pub fn deliver_all<'a, M: Into<Message>>(&self, messages: impl IntoIterator<Item = (&'a str, M)>) {
        let mut wakers = Wakers::default();
        for (name, message) in messages {
            if let Some(channel) = self.get(name) {
                channel.push(message.into(), &mut wakers);
            }
        }
    }

    /// What is posted on `channel` from now on arrives here. After an interruption its subscribers are told that they may have
    /// missed something, as they are if `may_have_missed`.
    ///
    /// `channel` is what [`Interest::began`] was called with. It means that channel alone: one of the same name that began after
    /// it had ended is another, and would take what was posted before for its own.
    pub fn set_live(&self, channel: &Arc<str>, may_have_missed: bool) {
        if let Some(current) = self.get(channel)
            && current.is(channel)
        {
            current.set_live(may_have_missed);
        }
    }

    /// What is posted on the channel `name` elsewhere will not arrive here, for what connects the servers refuses it, for this
    /// reason. Its subscriptions end with [`SubscriptionError::Refused`](crate::SubscriptionError::Refused), and its
    /// listeners hear of it.
    ///
    /// Whoever subscribes to it later has the broker asked again, by [`Interest::began`], and learns what comes of that. An
    /// [interruption](Self::interrupt) ends the refusal too. Inside one process nothing is refused, and this does nothing.
    pub fn refuse(&self, name: &str, reason: &str) {
        if self.interest.is_some()
            && let Some(channel) = self.get(name)
        {
            channel.refuse(reason.into());
        }
    }

    /// Why the channel `name` is [refused](Self::refuse), if it is.
    pub fn refusal(&self, name: &str) -> Option<Arc<str>> {
        self.get(name)?.refusal()
    }

    /// Nothing arrives here any more: no channel is live.
    pub fn interrupt(&self) {
        for shard in &self.shards {
            shard.read().values().for_each(|channel| channel.interrupt());
        }
    }

    /// Resolves when the channel `name` is live, or [refused](Self::refuse), or nobody listens to it.
    pub async fn live(&self, name: &str) {
        let Some(channel) = self.get(name) else { return };
        poll_fn(|context| channel.poll_live(context)).await;
    }

    /// Whether the channel `name` is live, or nobody listens to it.
    pub fn is_live(&self, name: &str) -> bool {
        self.get(name).is_none_or(|channel| channel.is_live())
    }

    /// Whether somebody listens to the channel `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.shard(name).read().contains_key(name)
    }

    /// The names of all channels that somebody listens to.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.shards.iter().flat_map(|shard| shard.read().keys().cloned().collect::<Vec<_>>()).collect()
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
        self.without(channel, |channel| channel.remove(key));
    }

    /// Removes a listener, and its channel with the last one.
    pub(crate) fn stop_listening(&self, channel: &Channel, key: usize) {
        self.without(channel, |channel| channel.remove_listener(key));
    }

    /// Removes something from a channel, and the channel if that was the last.
    fn without(&self, channel: &Channel, remove: impl FnOnce(&Channel) -> Removed) {
        // With the shard locked nobody can subscribe between the removal of the last subscriber and of its channel.
        let mut shard = self.shard(channel.name()).write();
        let Removed::Last(waiting) = remove(channel) else { return };
        if let Some((name, _)) = shard.remove_entry(channel.name())
            && let Some(interest) = &self.interest
        {
            interest.ended(&name);
        }
        drop(shard);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn get(&self, name: &str) -> Option<Arc<Channel>> {
        self.shard(name).read().get(name).map(Arc::clone)
    }

    fn shard(&self, name: &str) -> &RwLock<HashMap<Arc<str>, Arc<Channel>>> {
        // The tables hash it again, with secrets. Here an even spread is all that matters: FNV-1a, of which the upper bits are best.
        let hash = name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        &self.shards[(hash >> 16) as usize % SHARDS]
    }
}

impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channels").field("len", &self.len()).finish_non_exhaustive()
    }
}
