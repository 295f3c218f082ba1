//! Where senders and the connection's task meet.

use std::io;

use atomic_waker::AtomicWaker;
use parking_lot::Mutex;
use streampod_wire::{EncodeError, FrameBuffer};
use tokio::sync::{Notify, watch};

use super::error::StreamingSendError;
use crate::inputs::OUT_MAX_BYTES;
use crate::socket::Socket;

/// Where those who send and the task of one connection meet: what is to be sent next.
#[derive(Default)]
pub(super) struct Link {
    state: Mutex<State>,
    /// The connection's task.
    pub(super) task: AtomicWaker,
    /// Told when there is room, or never will be.
    room: Notify,
    /// Whether the socket is closed.
    closed: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    out: FrameBuffer,
    /// Whether the connection is to be closed, or is.
    stopped: bool,
}

impl Link {
    /// A link on which the first ping waits.
    pub(super) fn new() -> Self {
        let link = Self::default();
        link.ping();
        link
    }

    /// Has the server pinged.
    pub(super) fn ping(&self) {
        self.state.lock().out.streaming_ping();
    }

    /// Signs in with a header, or out without one, before anybody else can send.
    pub(super) fn authenticate(&self, header: Option<&str>) {
        self.state.lock().out.streaming_authenticate(header);
    }

    /// Hands a frame to the task as soon as there is room. Nobody has a turn: a future that waits, and that nobody polls any
    /// more, holds up no other.
    pub(super) async fn send(
        &self,
        write: impl Fn(&mut FrameBuffer) -> Result<(), EncodeError>,
    ) -> Result<(), StreamingSendError> {
        loop {
            // From here on, to miss nothing.
            let room = self.room.notified();
            {
                let mut state = self.state.lock();
                if state.stopped {
                    return Err(StreamingSendError::NotConnected);
                }
                if state.out.len() < OUT_MAX_BYTES {
                    write(&mut state.out)?;
                    drop(state);
                    self.task.wake();
                    return Ok(());
                }
            }
            room.await;
        }
    }

    /// Hands what waits to the socket, as much as that takes.
    pub(super) fn take(&self, socket: &mut Socket) -> io::Result<()> {
        let mut state = self.state.lock();
        let taken = socket.take(&mut state.out);
        let has_room = state.out.len() < OUT_MAX_BYTES;
        drop(state);
        if has_room {
            self.room.notify_waiters();
        }
        taken
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.state.lock().out.is_empty()
    }

    /// Has the task close the connection after what waits.
    pub(super) fn stop(&self) {
        self.state.lock().stopped = true;
        self.room.notify_waiters();
        self.task.wake();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state.lock().stopped
    }

    /// Takes no more; what waited.
    pub(super) fn finish(&self) -> FrameBuffer {
        self.stop();
        std::mem::take(&mut self.state.lock().out)
    }

    /// Takes note that the socket is closed.
    pub(super) fn set_closed(&self) {
        self.closed.send_replace(true);
    }

    /// Waits until the socket is closed.
    pub(super) async fn closed(&self) {
        // It does not fail: the sender is here.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }
}
