//! One call on a connection: what its method writes to and is woken by.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::Wake;

use atomic_waker::AtomicWaker;
use parking_lot::Mutex;
use smallvec::SmallVec;
use streampod_wire::{EncodeError, FrameBuffer, Framing, Model, ServerConnection, Slot};
use time::UtcDateTime;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::authentications::EndsWithSignIn;
use crate::limits::Limits;

/// What the calls of a connection share with it: the state of the protocol with the frames that wait to be sent, and
/// the list of calls that want to be polled.
#[derive(Debug)]
pub(crate) struct Link {
    /// Locked for the time of one frame. Nobody waits for it but methods that handed an [`Input`](crate::Input) to
    /// another task.
    pub(crate) wire: Mutex<ServerConnection>,
    pub(crate) queue: Mutex<Queue>,
    /// The connection's task.
    pub(crate) task: AtomicWaker,
    /// Returned streams are polled while fewer bytes wait to be sent.
    out_max_bytes: usize,
    /// How many bytes all stream parameters hold.
    input_bytes: AtomicUsize,
    inputs_max_bytes: usize,
    /// How many methods run to their end although their caller is gone.
    outliving: AtomicUsize,
}

/// A method that runs to its end although its caller is gone; it counts among the calls of its connection until then.
pub(crate) struct Outliving(Arc<Link>);

impl Outliving {
    pub(crate) fn new(link: &Arc<Link>) -> Self {
        link.outliving.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(link))
    }
}

impl Drop for Outliving {
    fn drop(&mut self) {
        self.0.outliving.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Calls, of which a connection has few, most often.
pub(crate) type Slots = SmallVec<[Slot; 4]>;

/// Which calls want to be polled.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) ready: Slots,
    /// Whether the connection's task is running, and looks at `ready` before it sleeps. For the others it is woken in any case.
    awake: bool,
    /// Those that wait until there is room for their output.
    pub(crate) blocked: Slots,
    /// Those that end because of their caller's sign-in.
    pub(crate) sign_in_ends: Vec<SignInEnd>,
}

/// The end of a call because its caller's sign-in ends.
#[derive(Debug)]
pub(crate) struct SignInEnd {
    pub(crate) call: Arc<CallCore>,
    pub(crate) at: EndsAt,
}

#[derive(Debug)]
pub(crate) enum EndsAt {
    /// Revoked: now. Whoever revoked it waits until this is dropped.
    Now(TaskTrackerToken),
    /// When it expires.
    Later(UtcDateTime),
}

impl Link {
    /// What the calls of a connection share, whose transport frames what is sent like this.
    pub(crate) fn new(limits: &Limits, framing: Framing) -> Self {
        let mut wire = ServerConnection::new(limits.calls_per_connection);
        wire.out = FrameBuffer::framed(framing);
        Self {
            wire: Mutex::new(wire),
            queue: Mutex::default(),
            task: AtomicWaker::new(),
            out_max_bytes: limits.out_max_bytes,
            input_bytes: AtomicUsize::new(0),
            inputs_max_bytes: limits.inputs_max_bytes,
            outliving: AtomicUsize::new(0),
        }
    }

    /// Takes note that the connection's task runs: it need not be woken for calls that want to be polled.
    pub(crate) fn wake_up(&self) {
        self.queue.lock().awake = true;
    }

    /// Takes note that the connection's task runs no more, unless a call wants to be polled; whether that is so.
    pub(crate) fn sleep(&self) -> bool {
        let mut queue = self.queue.lock();
        queue.awake = !queue.ready.is_empty();
        !queue.awake
    }

    /// How many methods run to their end although their caller is gone.
    pub(crate) fn outliving(&self) -> usize {
        self.outliving.load(Ordering::Relaxed)
    }

    /// Whether returned streams may be polled.
    pub(crate) fn has_room(&self, wire: &ServerConnection) -> bool {
        wire.out.len() < self.out_max_bytes
    }
}

/// What a call's method, its stream parameters and its wakers hold on to.
///
/// As a waker it puts the call on its connection's ready list: no task and no channel for each stream.
#[derive(Debug)]
pub(crate) struct CallCore {
    link: Arc<Link>,
    slot: Slot,
    /// How many elements the method has sent.
    sent: AtomicU64,
    /// Whether it is on the ready list.
    queued: AtomicBool,
    /// Whether the call is over for its caller; its slot may belong to another call then.
    ended: AtomicBool,
    /// One bit for each stream parameter that the method has polled.
    read: AtomicU64,
    /// One bit for each stream parameter that the method has dropped, until the caller is told.
    dropped: AtomicU64,
}

impl CallCore {
    pub(crate) fn new(link: Arc<Link>, slot: Slot) -> Self {
        Self {
            link,
            slot,
            sent: AtomicU64::new(0),
            queued: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            read: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    pub(crate) fn slot(&self) -> Slot {
        self.slot
    }

    /// How many elements the method has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Takes note that the method reads a stream parameter.
    pub(crate) fn note_read(&self, input: usize) {
        let bit = 1 << input;
        if self.read.load(Ordering::Relaxed) & bit == 0 {
            self.read.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Takes note that the method dropped a stream parameter.
    pub(crate) fn note_dropped(self: &Arc<Self>, input: usize) {
        self.dropped.fetch_or(1 << input, Ordering::Relaxed);
        if !self.ended.load(Ordering::Acquire) {
            Arc::clone(self).wake();
        }
    }

    /// Takes note that a stream parameter holds so many bytes more; whether those of all calls of the connection together now hold
    /// as much as they may.
    pub(crate) fn hold_input(&self, bytes: usize) -> bool {
        self.link.input_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes >= self.link.inputs_max_bytes
    }

    /// Takes note that a stream parameter holds so many bytes less.
    pub(crate) fn release_input(&self, bytes: usize) {
        let before = self.link.input_bytes.fetch_sub(bytes, Ordering::Relaxed);
        if before >= self.link.inputs_max_bytes && before - bytes < self.link.inputs_max_bytes {
            self.wake_connection();
        }
    }

    /// Whether the stream parameters of all calls of the connection together hold as much as they may.
    pub(crate) fn inputs_are_full(&self) -> bool {
        self.link.input_bytes.load(Ordering::Relaxed) >= self.link.inputs_max_bytes
    }

    /// Wakes the connection's task, because something it waits for has changed.
    pub(crate) fn wake_connection(&self) {
        self.link.task.wake();
    }

    /// Marks the call as over; what its method writes from now on is discarded.
    pub(crate) fn set_ended(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Takes the call off the ready list, before it is polled.
    pub(crate) fn set_polled(&self) {
        // Not only stored: what the poll looks at could be read before others see that, and whoever has changed it by then
        // would take the call for queued still.
        self.queued.swap(false, Ordering::AcqRel);
    }

    /// Tells the caller of stream parameters that the method has dropped. Those that it never read are left out unless
    /// `unread`: when a call ends at once, they end with it.
    pub(crate) fn close_dropped(&self, wire: &mut ServerConnection, unread: bool) {
        let mut dropped = self.dropped.load(Ordering::Relaxed);
        if dropped == 0 {
            return;
        }
        if !unread {
            dropped &= self.read.load(Ordering::Relaxed);
        }
        self.dropped.fetch_and(!dropped, Ordering::Relaxed);
        while dropped != 0 {
            wire.close_input(self.slot, dropped.trailing_zeros() as usize);
            dropped &= dropped - 1;
        }
    }

    /// Tells the client that the call is open.
    pub(crate) fn accept(&self) {
        if !self.ended.load(Ordering::Acquire) {
            self.link.wire.lock().accept(self.slot);
        }
    }

    /// Has the call end when its caller's sign-in expires.
    pub(crate) fn expire(self: &Arc<Self>, end: UtcDateTime) {
        self.end(EndsAt::Later(end));
    }

    fn end(self: &Arc<Self>, at: EndsAt) {
        let mut queue = self.link.queue.lock();
        // Looked at under the lock: a connection that is gone marks its calls before it empties the queue.
        if !self.ended.load(Ordering::Acquire) {
            queue.sign_in_ends.push(SignInEnd { call: Arc::clone(self), at });
            drop(queue);
            self.link.task.wake();
        }
    }

    /// Sends an element; whether there is room for another.
    pub(crate) fn element<T: Model>(&self, value: &T) -> Result<bool, EncodeError> {
        if self.ended.load(Ordering::Acquire) {
            return Ok(true);
        }
        let mut wire = self.link.wire.lock();
        self.close_dropped(&mut wire, false);
        wire.element(self.slot, value)?;
        // Only the call's method writes it.
        self.sent.store(self.sent() + 1, Ordering::Relaxed);
        Ok(self.link.has_room(&wire))
    }

    /// Whether there is room for an element.
    pub(crate) fn has_room(&self) -> bool {
        self.link.has_room(&self.link.wire.lock())
    }

    /// Has the call polled again once there is room for its output.
    pub(crate) fn wait_for_room(&self) {
        self.link.queue.lock().blocked.push(self.slot);
    }
}

impl EndsWithSignIn for CallCore {
    fn revoke(self: Arc<Self>, done: TaskTrackerToken) {
        self.end(EndsAt::Now(done));
    }
}

impl Wake for CallCore {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let mut queue = self.link.queue.lock();
            queue.ready.push(self.slot);
            let is_awake = queue.awake;
            drop(queue);
            if !is_awake {
                self.link.task.wake();
            }
        }
    }
}
