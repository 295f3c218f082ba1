//! Streams that a caller feeds.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::{Stream, StreamExt};
use parking_lot::Mutex;
use streampod_wire::{Catalog, CloseReason, ElementType, IntoResult, Model, Value, Wrapped, WrappedError};

use crate::call::CallCore;
use crate::error::{Error, InputError, Result};

/// The most elements that a parameter holds before the socket is paused.
const ELEMENTS_MAX: usize = 256;
/// The most bytes that a parameter holds before the socket is paused.
const BYTES_MAX: usize = 1024 * 1024;

/// A stream parameter of a method: the elements that the caller sends, in order.
///
/// It ends when the caller ends it, cancels the call or is gone. An exception that the caller throws into it is an
/// `Err`, and so is the end of a stream that failed; [`Error::exception_ref`] tells them apart. Dropping it tells the
/// caller to send no more.
///
/// It holds at most 256 elements or 1 MiB; then the caller's socket is not read until the method has taken some. So it is
/// when all parameters of a connection together hold [`Limits::inputs_max_bytes`](crate::Limits::inputs_max_bytes).
///
/// While the socket is not read, its other calls wait too, and so does the caller's own wish to cancel. A method that does not
/// want a parameter any more drops it.
pub struct Input<T>(Source<T>);

enum Source<T> {
    /// The caller's connection.
    Caller(Arc<InputQueue<T>>),
    /// What [`Input::from_stream`] was given.
    Stream(Pin<Box<dyn Stream<Item = Result<T>> + Send>>),
}

/// The two ends of a stream parameter meet here: the connection puts elements in, the method takes them out.
pub(crate) struct InputQueue<T> {
    state: Mutex<State<T>>,
    element: Arc<ElementType>,
    call: Arc<CallCore>,
    index: usize,
}

struct State<T> {
    items: VecDeque<(Result<T>, usize)>,
    bytes: usize,
    ended: bool,
    /// Whether the caller threw an exception into it.
    failed: bool,
    /// Whether the method dropped its end.
    unwanted: bool,
    /// Whether the call is over for its caller: what this holds does not count for its connection any more.
    abandoned: bool,
    waker: Option<Waker>,
}

/// Whether more fits into a stream parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fullness {
    Room,
    Full,
}

/// The connection's end of a stream parameter, whatever its type.
pub(crate) trait InputSink: Send + Sync {
    /// Hands over an element.
    fn element(&self, value: &Wrapped<'_>, catalog: &Catalog) -> Result<Fullness, WrappedError>;

    /// Hands over an exception.
    fn exception(&self, value: &Wrapped<'_>, catalog: &Catalog) -> Result<Fullness, WrappedError>;

    /// Ends the stream.
    fn end(&self, reason: CloseReason);

    /// Ends the stream of a call that is over for its caller.
    fn abandon(&self, reason: CloseReason);

    /// Whether nothing more fits in.
    fn is_full(&self) -> bool;

    /// Whether it is full by its own bound, and not by that of all parameters together.
    fn is_full_by_itself(&self) -> bool;

    /// How many bytes wait to be read.
    fn held_bytes(&self) -> usize;
}

impl<T: Model> Input<T> {
    /// A stream parameter and the connection's end of it.
    pub(crate) fn new(
        element: Arc<ElementType>,
        call: Arc<CallCore>,
        index: usize,
    ) -> (Self, Arc<dyn InputSink>) {
        let state = State {
            items: VecDeque::new(),
            bytes: 0,
            ended: false,
            failed: false,
            unwanted: false,
            abandoned: false,
            waker: None,
        };
        let queue = Arc::new(InputQueue { state: Mutex::new(state), element, call, index });
        (Self(Source::Caller(Arc::clone(&queue))), queue)
    }
}

impl<T> Input<T> {
    /// A stream parameter with the elements of `stream`, which are `T` or results, for a method that is called from Rust and
    /// not by a client: from another method, or from a test. It is bounded as `stream` is.
    pub fn from_stream<S>(stream: S) -> Self
    where
        S: Stream<Item: IntoResult<Value = T>> + Send + 'static,
        Error: From<<S::Item as IntoResult>::Error>,
    {
        Self(Source::Stream(Box::pin(stream.map(|element| element.into_result().map_err(Error::from)))))
    }
}

impl<T> Stream for Input<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let InputQueue { state, call, index, .. } = match &mut self.get_mut().0 {
            Source::Caller(queue) => &**queue,
            Source::Stream(stream) => return stream.as_mut().poll_next(context),
        };
        call.note_read(*index);
        let mut state = state.lock();
        let was_full = state.is_full();
        if let Some((item, bytes)) = state.items.pop_front() {
            state.bytes -= bytes;
            state.release(call, bytes);
            if state.items.is_empty() {
                // An idle stream keeps no memory.
                state.items = VecDeque::new();
            }
            let is_full = state.is_full();
            drop(state);
            if was_full && !is_full {
                call.wake_connection();
            }
            return Poll::Ready(Some(item));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            state.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl<T> Drop for Input<T> {
    fn drop(&mut self) {
        let Source::Caller(queue) = &self.0 else { return };
        let mut state = queue.state.lock();
        state.unwanted = true;
        let items = std::mem::take(&mut state.items);
        let bytes = std::mem::take(&mut state.bytes);
        state.release(&queue.call, bytes);
        drop(state);
        drop(items);
        queue.call.note_dropped(queue.index);
    }
}

impl<T> std::fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let element = match &self.0 {
            Source::Caller(queue) => &queue.element.class_name,
            Source::Stream(_) => std::any::type_name::<T>(),
        };
        f.debug_struct("Input").field("element", &element).finish_non_exhaustive()
    }
}

impl<T> State<T> {
    fn release(&self, call: &CallCore, bytes: usize) {
        if !self.abandoned {
            call.release_input(bytes);
        }
    }

    fn is_full(&self) -> bool {
        self.items.len() >= ELEMENTS_MAX || self.bytes >= BYTES_MAX
    }
}

impl<T> InputQueue<T> {
    fn push(&self, item: Result<T>, bytes: usize) -> Fullness {
        let mut state = self.state.lock();
        if state.unwanted || state.ended {
            return Fullness::Room;
        }
        state.failed |= item.is_err();
        state.items.push_back((item, bytes));
        state.bytes += bytes;
        let all_are_full = self.call.hold_input(bytes);
        let fullness = if all_are_full || state.is_full() { Fullness::Full } else { Fullness::Room };
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        fullness
    }
}

impl<T: Model> InputSink for InputQueue<T> {
    fn element(&self, value: &Wrapped<'_>, catalog: &Catalog) -> Result<Fullness, WrappedError> {
        let item = T::from_wrapped(value, &self.element, catalog)?;
        Ok(self.push(Ok(item), value.data.len()))
    }

    fn exception(&self, value: &Wrapped<'_>, catalog: &Catalog) -> Result<Fullness, WrappedError> {
        let error = match Value::unwrap(value, catalog)? {
            Value::Object(object) => Error::from_object(object),
            _ => {
                let found = value.class_name.clone().into_owned();
                return Err(WrappedError::WrongType { expected: "an exception".to_owned(), found });
            }
        };
        Ok(self.push(Err(error), value.data.len()))
    }

    fn end(&self, reason: CloseReason) {
        let mut state = self.state.lock();
        // A failure that no exception explained is an element of its own.
        if reason == CloseReason::Error && !state.ended && !state.unwanted && !state.failed {
            state.items.push_back((Err(InputError::ClosedWithError.into()), 0));
        }
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_full(&self) -> bool {
        let state = self.state.lock();
        !state.unwanted && !state.ended && (state.is_full() || self.call.inputs_are_full())
    }

    fn abandon(&self, reason: CloseReason) {
        self.end(reason);
        let mut state = self.state.lock();
        state.release(&self.call, state.bytes);
        state.abandoned = true;
    }

    fn is_full_by_itself(&self) -> bool {
        self.state.lock().is_full()
    }

    fn held_bytes(&self) -> usize {
        self.state.lock().bytes
    }
}
