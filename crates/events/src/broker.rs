//! What carries messages.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use streampod_wire::{EncodeError, Object};

use crate::channels::Channels;

/// Carries messages from those who post to those who listen.
///
/// Every broker keeps these promises, and passes the same tests (feature `contract`):
///
/// - The messages of one publisher on one channel arrive in the order in which they were posted.
/// - A subscription receives each message at most once that is posted after it became
///   [ready](crate::Subscription::ready); and each that this process posts after [`Channels::subscribe`] returned. If it
///   misses some, it is told so, or how it is told was its own choice ([`OnLag`](crate::OnLag)).
/// - A subscription that cannot receive what other servers post, because the channel is refused, says so and ends.
/// - After a subscription is dropped, nothing of it is left.
/// - A post that succeeds was accepted; one that fails says why.
pub trait Broker: Send + Sync + 'static {
    /// Posts a message to everyone who listens on `channel`. It resolves once the message is accepted.
    ///
    /// # Errors
    ///
    /// The future fails if the message was not accepted, or nobody knows. See [`PostErrorKind`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the message may have been posted or not.
    fn post<'a>(&'a self, channel: &'a str, message: Object) -> PostFuture<'a>;

    /// The channels that somebody listens to here.
    fn channels(&self) -> &Arc<Channels>;

    /// Whether posts reach other servers too.
    fn is_clustered(&self) -> bool;
}

/// What [`Broker::post`] returns.
pub type PostFuture<'a> = Pin<Box<dyn Future<Output = Result<(), PostError>> + Send + 'a>>;

/// A message that was not accepted, or of which nobody knows.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a message for channel `{channel}` was not posted: {kind}")]
#[non_exhaustive]
pub struct PostError {
    /// The channel.
    pub channel: String,
    /// Why.
    pub kind: PostErrorKind,
}

impl PostError {
    /// An error of a post on `channel`.
    pub fn new(channel: &str, kind: impl Into<PostErrorKind>) -> Self {
        Self { channel: channel.to_owned(), kind: kind.into() }
    }
}

/// Why a message was not posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostErrorKind {
    /// It was to reach all servers, and there is nothing that connects them. Nobody receives it.
    #[error(
        "it is for all servers, and nothing connects them: enable Redis by `redis.enabled: true` in \
         config/<run mode>.yaml or by SERVERPOD_REDIS_ENABLED=true"
    )]
    NotClustered,
    /// It holds something that cannot travel. Nobody receives it.
    #[error("{0}")]
    NotEncodable(#[from] EncodeError),
    /// There is no connection to what carries messages between servers. Nobody receives it.
    #[error("there is no connection to {0}")]
    Disconnected(String),
    /// As many messages wait for a connection as may. Nobody receives it.
    #[error("{waiting} messages wait for a connection already")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// What carries messages between servers did not accept it; what it said. Nobody receives it.
    #[error("it was refused: {0}")]
    Refused(String),
    /// The connection was lost, or too slow, before an answer came. It may be received or not.
    #[error("nobody knows whether it arrived: {0}")]
    Unanswered(String),
}

/// Carries messages inside one process.
#[derive(Debug, Default)]
pub struct LocalBroker {
    channels: Arc<Channels>,
}

impl Broker for LocalBroker {
    fn post<'a>(&'a self, channel: &'a str, message: Object) -> PostFuture<'a> {
        self.channels.deliver(channel, message);
        Box::pin(std::future::ready(Ok(())))
    }

    fn channels(&self) -> &Arc<Channels> {
        &self.channels
    }

    fn is_clustered(&self) -> bool {
        false
    }
}
