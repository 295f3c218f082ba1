//! Where calls and their connection's task meet.

use std::collections::VecDeque;
use std::sync::Arc;

use atomic_waker::AtomicWaker;
use parking_lot::Mutex;
use streampod_wire::{CallId, NewCall};

use crate::error::CallError;
use crate::input::Feed;
use crate::queue::Sink;

/// Where calls and their connection's task meet: what the task is to do next.
///
/// It holds no more than the calls that their callers hold: a call that is dropped before the task took it is gone.
#[derive(Default)]
pub(crate) struct Link {
    state: Mutex<State>,
    /// The connection's task.
    pub(crate) task: AtomicWaker,
}

#[derive(Default)]
struct State {
    opening: VecDeque<Box<Order>>,
    cancelled: Vec<CallId>,
    /// Whether the client is to be closed.
    stopped: bool,
    /// Whether the task takes no more calls.
    closed: bool,
}

/// A call that is to be opened.
pub(crate) struct Order {
    pub(crate) id: CallId,
    pub(crate) new: NewCall,
    pub(crate) inputs: Vec<Box<dyn Feed>>,
    pub(crate) sink: Arc<dyn Sink>,
    /// Whether it is opened only once, also if it is refused: it was before, or a refresh made it.
    pub(crate) once: bool,
}

impl Order {
    /// The method, `endpoint.method`.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.new.endpoint, self.new.method)
    }
}

impl Link {
    /// A link on which one call waits.
    pub(crate) fn with(order: Box<Order>) -> Self {
        let link = Self::default();
        link.state.lock().opening.push_back(order);
        link
    }

    /// Hands a call to the task, or back if that takes no more.
    pub(crate) fn open(&self, order: Box<Order>) -> Result<(), Box<Order>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(order);
        }
        state.opening.push_back(order);
        drop(state);
        self.task.wake();
        Ok(())
    }

    /// Cancels a call.
    pub(crate) fn cancel(&self, id: CallId) {
        let mut state = self.state.lock();
        let waiting = state.opening.iter().position(|order| order.id == id);
        let order = waiting.and_then(|index| state.opening.remove(index));
        if order.is_none() && !state.closed {
            state.cancelled.push(id);
        }
        drop(state);
        self.task.wake();
    }

    /// Ends every call, because the client is closed.
    pub(crate) fn stop(&self) {
        self.state.lock().stopped = true;
        self.task.wake();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state.lock().stopped
    }

    /// The calls to open, if there is room to do so, and then those to cancel.
    pub(crate) fn take(&self, has_room: bool) -> (VecDeque<Box<Order>>, Vec<CallId>) {
        let mut state = self.state.lock();
        let opening = if has_room { std::mem::take(&mut state.opening) } else { VecDeque::new() };
        (opening, std::mem::take(&mut state.cancelled))
    }

    /// Whether no call waits to be opened.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().opening.is_empty()
    }

    /// Takes no more calls if none waits to be opened; whether none does.
    pub(crate) fn close_if_empty(&self) -> bool {
        let mut state = self.state.lock();
        state.closed |= state.opening.is_empty();
        state.closed
    }

    /// Takes no more calls, and ends those that wait to be opened.
    pub(crate) fn close(&self, error: &CallError) {
        let mut state = self.state.lock();
        state.closed = true;
        let orders = std::mem::take(&mut state.opening);
        drop(state);
        for order in orders {
            order.sink.end(Err(error.clone()));
        }
    }
}
