//! Message channels, as a session uses them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt};
use streampod_events::{Closer, PostError, PostErrorKind, SubscribeOptions, Subscription};
use streampod_wire::{Model, Shared};

use crate::authentications;
use crate::error::{Error, Result};
use crate::revocation::Revocation;
use crate::session::Session;

/// Which servers a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PostScope {
    /// All servers, if Redis connects them, else this one.
    #[default]
    Automatic,
    /// All servers; an error if nothing connects them.
    Global,
    /// This server alone.
    Local,
}

/// The server's message channels: what one session posts, every session that listens receives.
///
/// What listens on behalf of a session stops when that closes.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a>(&'a Session);

impl<'a> Messages<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self(session)
    }

    /// Posts a message to everyone who listens on `channel`: on all servers if Redis connects them, else on this one. It is
    /// encoded at most once, however many streaming methods pass it on.
    ///
    /// # Errors
    ///
    /// Fails with a [`PostError`] if the message was not accepted, or nobody knows.
    #[doc(alias = "postMessage")]
    pub async fn post<T: Model>(self, channel: &str, message: T) -> Result<()> {
        self.post_with(PostScope::Automatic, channel, message).await
    }

    /// Like [`post`](Self::post), to the servers that are meant.
    ///
    /// # Errors
    ///
    /// Fails with a [`PostError`] if the message was not accepted, or nobody knows; also if it is for all servers, and nothing
    /// connects them.
    pub async fn post_with<T: Model>(self, scope: PostScope, channel: &str, message: T) -> Result<()> {
        let broker = &self.0.server().broker;
        match scope {
            PostScope::Local => broker.channels().deliver(channel, message.into_object()),
            PostScope::Global if !broker.is_clustered() => {
                return Err(PostError::new(channel, PostErrorKind::NotClustered).into());
            }
            PostScope::Automatic | PostScope::Global => broker.post(channel, message.into_object()).await?,
        }
        Ok(())
    }

    /// How many channels somebody listens to on this server, for whatever session.
    pub fn channels(self) -> usize {
        self.0.server().broker.channels().len()
    }

    /// Takes rights away from a user: closes the streams that rest on them with an error, here and on all other servers.
    ///
    /// These are the calls of methods for which one has to be signed in, and of those marked `revocable`. When this resolves,
    /// their last frames are queued on this server, unless a method blocks its connection for seconds; on others they are
    /// within a second. A call that is being authenticated meanwhile is asked about again. What the handler for authentication
    /// finds from now on is its own matter: whoever takes away rights changes what it looks up first.
    ///
    /// # Errors
    ///
    /// Fails with a [`PostError`] if the other servers could not be told at once. On this one it has happened then, and the others
    /// are told as soon as they can be, for as long as this server runs. Servers that were not connected ask their
    /// authentication handler about every such call once they are.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped once it was polled, here and elsewhere the streams end all the same: also if one of them is what
    /// revokes.
    #[doc(alias = "authenticationRevoked")]
    pub async fn authentication_revoked(self, user_identifier: &str, revocation: Revocation) -> Result<()> {
        let server = self.0.server();
        // Whatever ends here, and however long that takes, the others are told.
        let telling = server
            .broker
            .is_clustered()
            .then(|| revocation.clone().tell(Arc::clone(server), user_identifier));
        authentications::revoke(server, user_identifier, &revocation).await;
        match telling {
            Some(telling) => Ok(telling.await?),
            None => Ok(()),
        }
    }

    /// The messages of type `T` that are posted on `channel` from now on.
    ///
    /// At most 256 messages wait; one that falls further behind gets an error that says how many it missed, and a message
    /// of another type is an error too. Either ends a method that passes the stream on as it is.
    #[doc(alias = "createStream")]
    pub fn stream<T: Model>(self, channel: &str) -> MessageStream<T> {
        self.stream_with(channel, SubscribeOptions::default())
    }

    /// Like [`stream`](Self::stream), with another bound or another answer to falling behind.
    pub fn stream_with<T: Model>(self, channel: &str, options: SubscribeOptions) -> MessageStream<T> {
        let subscription = self.0.server().broker.channels().subscribe(channel, options);
        self.0.keep(subscription.closer());
        MessageStream(subscription)
    }

    /// Calls `listener` with each message of type `T` that is posted on `channel` from now on, one after the other.
    ///
    /// It runs in a task of its own, until it is removed or the session closes. Messages that are missed or of another
    /// type are logged as warnings.
    #[doc(alias = "addListener")]
    pub fn add_listener<T: Model, F>(
        self,
        channel: &str,
        mut listener: impl FnMut(Shared<T>) -> F + Send + 'static,
    ) -> Listener
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut messages = self.stream::<T>(channel);
        let closer = messages.0.closer();
        let tasks = Arc::clone(self.0.server());
        tasks.spawn_counted(async move {
            while let Some(message) = messages.next().await {
                match message {
                    Ok(message) => listener(message).await,
                    Err(error) => tracing::warn!("a message listener was not called: {error}"),
                }
            }
        });
        Listener(closer)
    }
}

/// A listener on a channel. Dropping this leaves it in place; it ends with its session.
#[derive(Debug)]
pub struct Listener(Closer);

impl Listener {
    /// Removes the listener. A call of it that is under way goes on.
    #[doc(alias = "removeListener")]
    pub fn remove(self) {
        self.0.close();
    }
}

/// The messages on a channel, as a stream. It ends when its session closes.
pub struct MessageStream<T>(Subscription<T>);

impl<T: Model> MessageStream<T> {
    /// Resolves when what is posted on any server arrives here. Until then, other servers may not know yet that somebody
    /// listens here, and what they post is missed. Without Redis that is at once.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped and called again at any time.
    pub async fn ready(&self) {
        self.0.ready().await;
    }

    /// How many messages were lost to this stream because it fell behind.
    pub fn missed(&self) -> u64 {
        self.0.missed()
    }
}

impl<T: Model> Stream for MessageStream<T> {
    type Item = Result<Shared<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context).map(|item| item.map(|message| message.map_err(Error::from)))
    }
}

impl<T> fmt::Debug for MessageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
