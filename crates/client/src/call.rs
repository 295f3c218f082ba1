//! A call that answers with one value.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::CallError;

/// A call that answers with one value, or with nothing: a future, which makes the call when it is first polled.
///
/// It fails with what the method throws, and as [`CallError`] lists. A call that was sent is not repeated.
///
/// # Cancel safety
///
/// Dropping it gives the call up. The method runs to its end all the same.
#[must_use = "the call is made when it is awaited"]
pub struct Call<T>(Pin<Box<dyn Future<Output = Result<T, CallError>> + Send>>);

impl<T> Call<T> {
    pub(crate) fn new(call: impl Future<Output = Result<T, CallError>> + Send + 'static) -> Self {
        Self(Box::pin(call))
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(..)")
    }
}
