//! Streams that outlive their connection.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use tokio::time::{Sleep, sleep};

use crate::backoff::Backoff;
use crate::call_stream::CallStream;
use crate::error::{CallError, ConnectionError};

/// A stream that is called again whenever its connection fails:
///
/// ```no_run
/// # use futures_util::StreamExt;
/// # use streampod_client::{Backoff, Client, Event, reconnecting};
/// # async fn example(client: Client) {
/// let mut updates = reconnecting(Backoff::default(), move || client.open::<i64>("board", "watch", &[]).stream());
/// while let Some(event) = updates.next().await {
///     match event {
///         Ok(Event::Element(update)) => println!("{update}"),
///         Ok(Event::Gap(gap)) => println!("{}; again in {:?}", gap.error, gap.delay),
///         Ok(Event::Resumed) => println!("back; what was missed can be asked for now"),
///         Err(error) => println!("the call itself failed: {error}"),
///     }
/// }
/// # }
/// ```
///
/// Only a [`ConnectionError`] is followed by another call. Any other error is the last element, and a stream that the
/// server ends has ended. Waiting for the next event is cancel safe; dropping the stream cancels its call.
///
/// # Panics
///
/// Panics if it is polled outside of a tokio runtime.
pub fn reconnecting<T, F: FnMut() -> CallStream<T>>(backoff: Backoff, open: F) -> Reconnecting<T, F> {
    Reconnecting { open, backoff, attempt: 0, state: State::Calling }
}

/// What [`reconnecting`] returns.
pub struct Reconnecting<T, F> {
    open: F,
    backoff: Backoff,
    /// How many attempts there were since a call was last open.
    attempt: u32,
    state: State<T>,
}

/// What a [`Reconnecting`] stream yields.
#[derive(Debug, Clone)]
pub enum Event<T> {
    /// An element of a call.
    Element(T),
    /// The connection failed. What the method yields from here to [`Resumed`](Self::Resumed) is lost.
    Gap(Gap),
    /// The server accepted the call again: from here on nothing is missed.
    Resumed,
}

/// Why there is a gap, and when the next attempt is made. Every attempt that fails is told too.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Gap {
    /// Why the connection failed.
    pub error: ConnectionError,
    /// The number of the next attempt, from 1.
    pub attempt: u32,
    /// How long it is until then.
    pub delay: Duration,
}

enum State<T> {
    /// The call is to be made.
    Calling,
    Call {
        stream: CallStream<T>,
        accepted: bool,
    },
    Waiting(Pin<Box<Sleep>>),
    Ended,
}

impl<T, F: FnMut() -> CallStream<T> + Unpin> Stream for Reconnecting<T, F> {
    type Item = Result<Event<T>, CallError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let error = match &mut this.state {
                State::Calling => {
                    this.state = State::Call { stream: (this.open)(), accepted: false };
                    continue;
                }
                State::Call { stream, accepted } if !*accepted => match ready!(stream.poll_opened(context)) {
                    Ok(()) => {
                        *accepted = true;
                        if std::mem::take(&mut this.attempt) > 0 {
                            return Poll::Ready(Some(Ok(Event::Resumed)));
                        }
                        continue;
                    }
                    Err(error) => Some(error),
                },
                State::Call { stream, .. } => match ready!(Pin::new(stream).poll_next(context)) {
                    Some(Ok(element)) => return Poll::Ready(Some(Ok(Event::Element(element)))),
                    Some(Err(error)) => Some(error),
                    None => None,
                },
                State::Waiting(wait) => {
                    ready!(wait.as_mut().poll(context));
                    this.state = State::Calling;
                    continue;
                }
                State::Ended => return Poll::Ready(None),
            };
            return Poll::Ready(this.ended(error));
        }
    }
}

impl<T, F> Reconnecting<T, F> {
    /// What follows the end of a call.
    fn ended(&mut self, error: Option<CallError>) -> Option<Result<Event<T>, CallError>> {
        self.state = State::Ended;
        let error = match error? {
            CallError::Connection(error) => error,
            other => return Some(Err(other)),
        };
        self.attempt = self.attempt.saturating_add(1);
        let delay = self.backoff.delay(self.attempt);
        self.state = State::Waiting(Box::pin(sleep(delay)));
        Some(Ok(Event::Gap(Gap { error, attempt: self.attempt, delay })))
    }
}

impl<T, F> fmt::Debug for Reconnecting<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnecting").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}
