//! The messages that an endpoint sends.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use streampod_wire::{StreamingFrame, Value};

use super::error::StreamingMessageError;
use super::mailbox::{Mailbox, Next};
use crate::client::Shared;

/// The messages that a streaming endpoint sends, in order: what [`Endpoint::stream`](crate::Endpoint::stream) returns.
///
/// It yields every message that arrives from its beginning on, like each other stream of the same endpoint. The first one
/// begins with those that arrived while nobody listened, since the endpoint was first asked for: by this, or by
/// [`Client::streaming_endpoint`](crate::Client::streaming_endpoint), as generated clients do when they are made. A connection that is lost does not end it: it goes on with
/// the next one. It ends when the client is closed, or dropped with all its clones and endpoints.
/// What a dropped stream has not yielded is gone, unless another has yet to yield it.
///
/// Up to [`ClientOptions::buffered_elements_max`](crate::ClientOptions::buffered_elements_max) messages and
/// [`buffered_bytes_max`](crate::ClientOptions::buffered_bytes_max) bytes wait to be consumed, for each endpoint. One more
/// drops the oldest, in place of which there is a [`StreamingMessageError::Lost`].
///
/// # Cancel safety
///
/// Waiting for the next message is cancel safe.
pub struct StreamingMessages {
    mailbox: Arc<Mailbox>,
    listener: usize,
    /// For its catalog. It does not keep the connection.
    shared: Arc<Shared>,
}

impl StreamingMessages {
    pub(super) fn new(mailbox: Arc<Mailbox>, shared: Arc<Shared>) -> Self {
        Self { listener: mailbox.listen(), mailbox, shared }
    }
}

impl Stream for StreamingMessages {
    type Item = Result<Value, StreamingMessageError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.mailbox.poll_next(self.listener, context));
        Poll::Ready(next.map(|next| match next {
            // Read here, because it takes less room as it travels, and only who wants it has the work.
            Next::Message(text) => Ok(StreamingFrame::message(&text, &self.shared.options.catalog)?),
            Next::Lost(count) => Err(StreamingMessageError::Lost { count }),
        }))
    }
}

impl Drop for StreamingMessages {
    fn drop(&mut self) {
        self.mailbox.leave(self.listener);
    }
}

impl fmt::Debug for StreamingMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingMessages").finish_non_exhaustive()
    }
}
