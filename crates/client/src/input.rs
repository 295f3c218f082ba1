//! Streams that feed a call.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt};
use streampod_wire::{CallId, ClientConnection, CloseReason, EncodeError, Exception, Model, Object, Shared};

use crate::error::CallError;

/// What a stream that feeds a call fails with: an exception that the method sees with its type, or an error of which it
/// learns only that there was one.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// An exception, which is thrown into the method's stream.
    #[error("{}", .0.class_name())]
    Exception(Object),
    /// Any other error: the method's stream is closed with an error. It is the source of
    /// [`CallError::ClosedWithError`] if the call then fails.
    #[error(transparent)]
    Other(Arc<dyn std::error::Error + Send + Sync>),
}

impl InputError {
    /// An error that stays on this side.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(Arc::from(error.into()))
    }
}

impl<E: Exception> From<E> for InputError {
    fn from(exception: E) -> Self {
        Self::Exception(Shared::new(exception).into())
    }
}

impl From<CallError> for InputError {
    /// So that what one call returns can feed another, exceptions included.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Exception { exception, .. } => Self::Exception(exception),
            other => Self::other(other),
        }
    }
}

/// A stream that feeds a stream parameter of `T`: its elements are `T`, or results of which an error ends the input as
/// [`InputError`] says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not feed a stream parameter of `{T}`",
    note = "wanted is a stream that is `Send` and owns what it uses"
)]
pub trait Input<T: Model> {
    /// The stream, its errors made one type.
    fn into_results(self) -> impl Stream<Item = Result<T, InputError>> + Send + 'static;
}

impl<T: Model, S: Stream<Item: InputItem<T>> + Send + 'static> Input<T> for S {
    fn into_results(self) -> impl Stream<Item = Result<T, InputError>> + Send + 'static {
        self.map(InputItem::into_result)
    }
}

/// An element of an [`Input`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no element for a stream parameter of `{T}`",
    note = "allowed are `{T}`, and `Result<{T}, E>` where `E` is an exception, a `CallError` or an `InputError`"
)]
pub trait InputItem<T> {
    /// The element, or why there is none.
    #[expect(clippy::missing_errors_doc, reason = "it makes no error of its own")]
    fn into_result(self) -> Result<T, InputError>;
}

impl<T: Model> InputItem<T> for T {
    fn into_result(self) -> Result<T, InputError> {
        Ok(self)
    }
}

impl<T: Model, E: Into<InputError>> InputItem<T> for Result<T, E> {
    fn into_result(self) -> Result<T, InputError> {
        self.map_err(Into::into)
    }
}

/// The stream for [`NO_INPUT`]. There is none.
#[derive(Debug, Clone, Copy)]
pub enum NoInput {}

/// Leaves out a stream parameter that may be left out, of whichever type.
pub const NO_INPUT: Option<NoInput> = None;

impl<T: Model> Input<T> for NoInput {
    fn into_results(self) -> impl Stream<Item = Result<T, InputError>> + Send + 'static {
        futures_util::stream::empty()
    }
}

/// A stream that feeds a call, whatever its type.
pub(crate) trait Feed: Send {
    /// Takes the next element and writes it for the stream parameter at the index `input`; the end is written too.
    fn poll_feed(
        &mut self,
        wire: &mut ClientConnection,
        call: CallId,
        input: usize,
        context: &mut Context<'_>,
    ) -> Poll<Fed>;
}

/// What a stream did that feeds a call.
pub(crate) enum Fed {
    Element,
    End,
    Failed(Cause),
}

/// Why a stream that feeds a call failed.
pub(crate) type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// A stream of results.
pub(crate) struct StreamFeed<S>(Pin<Box<S>>);

impl<S> StreamFeed<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self(Box::pin(stream))
    }
}

impl<T: Model, S: Stream<Item = Result<T, InputError>> + Send> Feed for StreamFeed<S> {
    fn poll_feed(
        &mut self,
        wire: &mut ClientConnection,
        call: CallId,
        input: usize,
        context: &mut Context<'_>,
    ) -> Poll<Fed> {
        let cause: Cause = match ready!(self.0.as_mut().poll_next(context)) {
            None => {
                wire.close_input(call, input, CloseReason::Done);
                return Poll::Ready(Fed::End);
            }
            Some(Ok(value)) => match wire.element(call, input, &value) {
                Ok(()) => return Poll::Ready(Fed::Element),
                Err(error) => Arc::new(error),
            },
            Some(Err(error)) => thrown(wire, call, input, error),
        };
        wire.close_input(call, input, CloseReason::Error);
        Poll::Ready(Fed::Failed(cause))
    }
}

fn thrown(wire: &mut ClientConnection, call: CallId, input: usize, error: InputError) -> Cause {
    match &error {
        InputError::Other(cause) => Arc::clone(cause),
        InputError::Exception(exception) => {
            let sent: Result<(), EncodeError> = wire.exception(call, input, exception);
            sent.err().map_or_else(|| Arc::new(error) as Cause, |error| Arc::new(error))
        }
    }
}
