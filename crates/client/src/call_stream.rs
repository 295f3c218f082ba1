//! What a streaming call returns.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use streampod_wire::CallId;

use crate::error::CallError;
use crate::link::Link;
use crate::queue::Queue;

/// What a streaming call returns: the elements that the method yields, in order.
///
/// An error is the last element. Dropping the stream cancels the call: the server is told, and the streams that feed the
/// call are dropped.
///
/// # Cancel safety
///
/// Waiting for the next element is cancel safe: nothing is lost when it is given up.
pub struct CallStream<T> {
    queue: Arc<Queue<T>>,
    /// The connection, and the call's name on it; none if the call failed before it had one.
    call: Option<(Arc<Link>, CallId)>,
}

impl<T> CallStream<T> {
    pub(crate) fn new(queue: Arc<Queue<T>>, call: Option<(Arc<Link>, CallId)>) -> Self {
        Self { queue, call }
    }

    /// Waits until the server has accepted the call.
    ///
    /// # Errors
    ///
    /// Fails if the call was refused or its connection failed; the stream then yields the same error.
    ///
    /// # Cancel safety
    ///
    /// This is cancel safe.
    pub async fn opened(&mut self) -> Result<(), CallError> {
        poll_fn(|context| self.poll_opened(context)).await
    }

    pub(crate) fn poll_opened(&self, context: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        self.queue.poll_opened(context)
    }
}

impl<T> Stream for CallStream<T> {
    type Item = Result<T, CallError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.queue.poll_next(context)
    }
}

impl<T> Drop for CallStream<T> {
    fn drop(&mut self) {
        if let Some((link, id)) = self.call.take()
            && !self.queue.is_ended()
        {
            link.cancel(id);
        }
    }
}

impl<T> fmt::Debug for CallStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallStream")
            .field("call", &self.call.as_ref().map(|(_, id)| id))
            .finish_non_exhaustive()
    }
}
