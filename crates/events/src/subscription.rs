//! Listening on a channel.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_util::Stream;
use streampod_wire::{DecodeError, Model, Shared, WrappedError};

use crate::channel::{Channel, Next, SubscriberKey};
use crate::channels::Channels;
use crate::options::OnLag;

/// Why a subscription did not yield a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscriptionError {
    /// The subscription fell behind.
    #[error("missed {missed} messages on channel `{channel}` by falling behind")]
    Lagged {
        /// The channel.
        channel: String,
        /// How many messages were lost to this subscription.
        missed: u64,
    },
    /// The connection between servers was lost and is back: messages posted in between may have been missed.
    #[error(
        "messages on channel `{channel}` may have been missed while the connection between servers was lost"
    )]
    Interrupted {
        /// The channel.
        channel: String,
    },
    /// What connects the servers refuses the channel. Nothing more comes, and the stream ends.
    #[error("channel `{channel}` is refused by what connects the servers: {reason}")]
    Refused {
        /// The channel.
        channel: String,
        /// What it said.
        reason: String,
    },
    /// Nobody can read a message; another server sent it.
    #[error("a message on channel `{channel}` cannot be read: {}", reason.without_content())]
    Unreadable {
        /// The channel.
        channel: String,
        /// Why not.
        reason: DecodeError,
    },
    /// A message is of another type than this subscription expects.
    #[error("expected messages of type {expected} on channel `{channel}`, found one of type {found}")]
    WrongType {
        /// The channel.
        channel: String,
        /// The type that was subscribed to.
        expected: String,
        /// The type of the message.
        found: String,
    },
}

/// A stream of the messages of type `T` on one channel, from the moment it was made. Dropping it ends it.
pub struct Subscription<T> {
    channels: Arc<Channels>,
    channel: Arc<Channel>,
    key: SubscriberKey,
    on_lag: OnLag,
    missed: u64,
    message: PhantomData<fn() -> T>,
}

impl<T: Model> Subscription<T> {
    pub(crate) fn new(
        channels: Arc<Channels>,
        channel: Arc<Channel>,
        key: SubscriberKey,
        on_lag: OnLag,
    ) -> Self {
        Self { channels, channel, key, on_lag, missed: 0, message: PhantomData }
    }

    /// The channel's name.
    pub fn channel(&self) -> &str {
        self.channel.name()
    }

    /// Resolves when what is posted on any server arrives here. Until then, other servers may not know yet that somebody
    /// listens here, and what they post is missed. Inside one process that is at once.
    ///
    /// It resolves too when that will never be, and the next element is [`SubscriptionError::Refused`].
    ///
    /// # Cancel safety
    ///
    /// It can be dropped and called again at any time.
    pub async fn ready(&self) {
        poll_fn(|context| self.channel.poll_live(context)).await;
    }

    /// How many messages were lost to this subscription because it fell behind.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// What can end this subscription from elsewhere.
    pub fn closer(&self) -> Closer {
        Closer { channel: Arc::downgrade(&self.channel), key: self.key }
    }

    fn missed_some(&mut self, missed: u64) -> Option<SubscriptionError> {
        self.missed += missed;
        if self.on_lag == OnLag::KeepNewest {
            tracing::warn!(
                channel = self.channel.name(),
                missed,
                "a subscription fell behind and goes on with the newest"
            );
            return None;
        }
        Some(SubscriptionError::Lagged { channel: self.channel.name().to_owned(), missed })
    }

    fn interrupted(&self) -> Option<SubscriptionError> {
        if self.on_lag == OnLag::KeepNewest {
            let channel = self.channel.name();
            tracing::warn!(channel, "a subscription may have missed messages, and goes on");
            return None;
        }
        Some(SubscriptionError::Interrupted { channel: self.channel.name().to_owned() })
    }

    fn refused(&self, reason: &str) -> SubscriptionError {
        SubscriptionError::Refused { channel: self.channel.name().to_owned(), reason: reason.to_owned() }
    }

    fn unreadable(&self, error: WrappedError) -> SubscriptionError {
        let channel = self.channel.name().to_owned();
        match error {
            WrappedError::WrongType { expected, found } => {
                SubscriptionError::WrongType { channel, expected, found }
            }
            WrappedError::Unreadable(reason) => SubscriptionError::Unreadable { channel, reason },
        }
    }
}

impl<T: Model> Stream for Subscription<T> {
    type Item = Result<Shared<T>, SubscriptionError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match std::task::ready!(self.channel.poll(self.key, context)) {
                Next::Message(message) => Some(message.read().map_err(|error| self.unreadable(error))),
                Next::Gap => match self.interrupted() {
                    Some(error) => Some(Err(error)),
                    None => continue,
                },
                Next::Missed(missed) => match self.missed_some(missed) {
                    Some(error) => Some(Err(error)),
                    None => continue,
                },
                Next::Refused(reason) => Some(Err(self.refused(&reason))),
                Next::Closed => None,
            });
        }
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.channels.unsubscribe(&self.channel, self.key);
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("channel", &self.channel.name())
            .field("missed", &self.missed)
            .finish()
    }
}

/// Ends a subscription whose stream somebody else holds; the stream ends then.
#[derive(Debug)]
pub struct Closer {
    channel: Weak<Channel>,
    key: SubscriberKey,
}

impl Closer {
    /// Ends it. Does nothing if it ended already.
    pub fn close(&self) {
        if let Some(channel) = self.channel.upgrade() {
            channel.close(self.key);
        }
    }
    /// Whether it ended already.
    pub fn is_closed(&self) -> bool {
        self.channel.upgrade().is_none_or(|channel| !channel.has(self.key))
    }
}
