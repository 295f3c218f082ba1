//! The streams that feed the calls of one connection.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;
use slab::Slab;
use streampod_wire::{CallId, ClientConnection, CloseReason};

use crate::input::{Cause, Fed, Feed};
use crate::link::Link;

/// Inputs are polled, and calls opened, only while fewer bytes than this wait to be sent.
pub(crate) const OUT_MAX_BYTES: usize = 64 * 1024;
/// How many elements are taken from one input before the others get their turn.
const ELEMENTS_PER_TURN: usize = 32;

/// The streams that feed the calls of one connection. Only those that were woken are polled.
pub(crate) struct Inputs {
    slots: Slab<Slot>,
    ready: Arc<Ready>,
}

struct Slot {
    feed: Box<dyn Feed>,
    call: CallId,
    /// The index of the stream parameter.
    input: usize,
    entry: Arc<Entry>,
    waker: Waker,
}

/// The slots that were woken.
struct Ready {
    keys: Mutex<VecDeque<usize>>,
    link: Arc<Link>,
}

/// Puts one slot on the ready list.
struct Entry {
    key: usize,
    queued: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for Entry {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.keys.lock().push_back(self.key);
            self.ready.link.task.wake();
        }
    }
}

impl Inputs {
    pub(crate) fn new(link: Arc<Link>) -> Self {
        Self { slots: Slab::new(), ready: Arc::new(Ready { keys: Mutex::default(), link }) }
    }

    /// Begins to feed the stream parameter at the index `input`; the key by which to stop.
    pub(crate) fn add(&mut self, feed: Box<dyn Feed>, call: CallId, input: usize) -> usize {
        let slot = self.slots.vacant_entry();
        let key = slot.key();
        let entry = Arc::new(Entry { key, queued: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        entry.wake_by_ref();
        slot.insert(Slot { feed, call, input, waker: Waker::from(Arc::clone(&entry)), entry });
        key
    }

    /// Drops a stream.
    pub(crate) fn remove(&mut self, key: usize) {
        self.slots.try_remove(key);
    }

    /// Whether a stream is to be polled.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.keys.lock().is_empty()
    }

    /// Polls the streams that are ready while there is room for what they yield. `ended` learns of each that ended, and
    /// why it failed if it did. Whether anything was polled.
    pub(crate) fn run(
        &mut self,
        wire: &mut ClientConnection,
        mut ended: impl FnMut(CallId, usize, Option<Cause>),
    ) -> bool {
        let mut any = false;
        // What is woken meanwhile has to wait for the next turn: an input may wake itself each time.
        let count = self.ready.keys.lock().len();
        for _ in 0..count {
            if wire.out.len() >= OUT_MAX_BYTES {
                break;
            }
            let Some(key) = self.ready.keys.lock().pop_front() else { break };
            // The key may be that of a stream that was dropped.
            let Some(slot) = self.slots.get_mut(key) else { continue };
            slot.entry.queued.store(false, Ordering::Release);
            any = true;
            if let Some(failed) = slot.run(wire) {
                let (call, input) = (slot.call, slot.input);
                self.slots.remove(key);
                ended(call, input, failed);
            }
        }
        any
    }
}

impl Slot {
    /// Takes elements until none is ready, or others are to get their turn; if the stream ended, why it failed.
    fn run(&mut self, wire: &mut ClientConnection) -> Option<Option<Cause>> {
        for _ in 0..ELEMENTS_PER_TURN {
            if wire.out.len() >= OUT_MAX_BYTES {
                break;
            }
            let mut context = Context::from_waker(&self.waker);
            let (call, input) = (self.call, self.input);
            // A panic in a user's stream ends that stream alone.
            let poll =
                catch_unwind(AssertUnwindSafe(|| self.feed.poll_feed(wire, call, input, &mut context)));
            match poll {
                Ok(Poll::Pending) => return None,
                Ok(Poll::Ready(Fed::Element)) => {}
                Ok(Poll::Ready(Fed::End)) => return Some(None),
                Ok(Poll::Ready(Fed::Failed(cause))) => return Some(Some(cause)),
                Err(_) => {
                    wire.close_input(call, input, CloseReason::Error);
                    return Some(Some(Arc::new(io::Error::other("an input panicked"))));
                }
            }
        }
        self.entry.wake_by_ref();
        None
    }
}
