//! Received elements that wait to be consumed.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use streampod_wire::{Answer, Catalog, ElementType, Wrapped};

use crate::error::CallError;

/// The two ends of a call meet here: the connection's task puts elements in, the caller takes them out.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    element: ElementType,
    elements_max: usize,
    bytes_max: usize,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    bytes: usize,
    opened: bool,
    end: Option<Result<(), CallError>>,
    waker: Option<Waker>,
}

/// The connection's end of a call, whatever its type.
pub(crate) trait Sink: Send + Sync {
    /// The server accepted the call.
    fn opened(&self);

    /// Hands over an element. After an error the call is to be cancelled.
    fn element(&self, value: &Wrapped<'_>, catalog: &Catalog) -> Result<(), CallError>;

    /// Ends the call, if it has not ended. What was handed over before is still consumed.
    fn end(&self, end: Result<(), CallError>);
}

impl<T: Answer> Queue<T> {
    pub(crate) fn new(elements_max: usize, bytes_max: usize) -> Self {
        let state = State { items: VecDeque::new(), bytes: 0, opened: false, end: None, waker: None };
        Self { state: Mutex::new(state), element: T::element_type(), elements_max, bytes_max }
    }
}

impl<T> Queue<T> {
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Result<T, CallError>>> {
        let mut state = self.state.lock();
        if let Some((item, bytes)) = state.items.pop_front() {
            state.bytes -= bytes;
            if state.items.is_empty() {
                // An idle stream keeps no memory.
                state.items = VecDeque::new();
            }
            return Poll::Ready(Some(Ok(item)));
        }
        let Some(end) = state.end.take() else { return state.wait(context) };
        // An error is yielded once.
        state.end = Some(Ok(()));
        Poll::Ready(end.err().map(Err))
    }

    /// Whether the server accepted the call.
    pub(crate) fn poll_opened(&self, context: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        let mut state = self.state.lock();
        match &state.end {
            _ if state.opened => Poll::Ready(Ok(())),
            Some(end) => Poll::Ready(end.clone()),
            None => state.wait(context),
        }
    }

    /// Whether the call ended.
    pub(crate) fn is_ended(&self) -> bool {
        self.state.lock().end.is_some()
    }

    fn change(&self, change: impl FnOnce(&mut State<T>)) {
        let mut state = self.state.lock();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> State<T> {
    fn wait<R>(&mut self, context: &mut Context<'_>) -> Poll<R> {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            self.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl<T: Answer> Sink for Queue<T> {
    fn opened(&self) {
        self.change(|state| state.opened = true);
    }

    fn element(&self, value: &Wrapped<'_>, catalog: &Catalog) -> Result<(), CallError> {
        let item = T::from_wrapped(value, &self.element, catalog)?;
        let bytes = value.data.len();
        let mut fits = true;
        self.change(|state| {
            let full = state.items.len() >= self.elements_max || state.bytes + bytes > self.bytes_max;
            fits = state.items.is_empty() || !full;
            if fits {
                state.items.push_back((item, bytes));
                state.bytes += bytes;
            }
        });
        let (elements_max, bytes_max) = (self.elements_max, self.bytes_max);
        if fits { Ok(()) } else { Err(CallError::SlowConsumer { elements_max, bytes_max }) }
    }

    fn end(&self, end: Result<(), CallError>) {
        self.change(|state| {
            state.end.get_or_insert(end);
        });
    }
}
