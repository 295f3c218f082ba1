//! What carries messages.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use streampod_wire::Object;

use crate::channels::Channels;

/// Carries messages from those who post to those who listen.
///
/// Every broker keeps these promises, and passes the same tests:
///
/// - The messages of one publisher on one channel arrive in the order in which they were posted.
/// - A subscription receives each message posted after [`Channels::subscribe`] returned at most once. If it
///   misses some, it is told how many, or how it is told was its own choice ([`OnLag`](crate::OnLag)).
/// - After a subscription is dropped, nothing of it is left.
pub trait Broker: Send + Sync + 'static {
    /// Posts a message to everyone who listens on `channel`. It resolves once the message is on its way.
    ///
    /// # Errors
    ///
    /// The future fails if the message could not be accepted; then nobody receives it.
    fn post<'a>(&'a self, channel: &'a str, message: Object) -> PostFuture<'a>;

    /// The channels that somebody listens to here.
    fn channels(&self) -> &Arc<Channels>;
}

/// What [`Broker::post`] returns.
pub type PostFuture<'a> = Pin<Box<dyn Future<Output = Result<(), PostError>> + Send + 'a>>;

/// A message that was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the message for channel `{channel}` was not accepted: {reason}")]
#[non_exhaustive]
pub struct PostError {
    /// The channel.
    pub channel: String,
    /// Why, in words.
    pub reason: String,
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
}
