//! Stream parameters for methods that a test calls directly.

use std::fmt;

use futures_util::stream;
use streampod_server::{Error, Input, Result};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// A stream parameter, and what feeds it.
///
/// ```
/// # use futures_util::StreamExt;
/// # use streampod_server::Input;
/// async fn sum(mut numbers: Input<i64>) -> i64 {
///     let mut sum = 0;
///     while let Some(Ok(number)) = numbers.next().await {
///         sum += number;
///     }
///     sum
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let (numbers, input) = streampod_testing::input();
/// let sum = tokio::spawn(sum(input));
/// numbers.send(1);
/// numbers.send(2);
/// drop(numbers);
/// assert_eq!(sum.await.unwrap(), 3);
/// # }
/// ```
pub fn input<T: Send + 'static>() -> (InputSender<T>, Input<T>) {
    let (sender, mut receiver) = unbounded_channel();
    let elements = stream::poll_fn(move |context| receiver.poll_recv(context));
    (InputSender(sender), Input::from_stream(elements))
}

/// A stream parameter with these elements, which ends after them.
pub fn input_of<T: 'static>(elements: impl IntoIterator<Item = T, IntoIter: Send + 'static>) -> Input<T> {
    Input::from_stream(stream::iter(elements.into_iter().map(Ok::<T, Error>)))
}

/// Feeds an [`Input`] as its caller would. Dropping it ends the stream.
///
/// However many elements are sent, none waits for the method to take the ones before it; what a method that is slow
/// holds up can be tested by a client.
pub struct InputSender<T>(UnboundedSender<Result<T>>);

impl<T> InputSender<T> {
    /// Sends an element; one that the method does not want any more is discarded.
    pub fn send(&self, element: T) {
        let _ = self.0.send(Ok(element));
    }

    /// Ends the stream with an exception. A caller whose stream fails in another way makes it
    /// [`InputError::ClosedWithError`](streampod_server::InputError::ClosedWithError).
    pub fn fail(self, error: impl Into<Error>) {
        let _ = self.0.send(Err(error.into()));
    }

    /// Resolves when the method has dropped its end.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped and called again at any time.
    pub async fn closed(&self) {
        self.0.closed().await;
    }

    /// Whether the method has dropped its end.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl<T> fmt::Debug for InputSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputSender").field("is_closed", &self.is_closed()).finish()
    }
}
