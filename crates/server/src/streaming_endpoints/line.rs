//! What a connection to streaming endpoints shares with the work that it brings about.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use streampod_wire::Object;
use time::UtcDateTime;
use tokio::sync::Notify;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::authentications::EndsWithSignIn;
use crate::call::Link;
use crate::connection::Close;
use crate::error::Result;
use crate::session_log::EndReason;

/// What was to be sent to a client that is not connected any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client's streaming connection is closed")]
#[deprecated(note = "streaming methods do more: see `StreamingEndpoint`")]
pub struct StreamingConnectionClosed;

/// What a connection to streaming endpoints shares with the work that it brings about, which goes on for a while after its end.
pub(super) struct Line {
    link: Arc<Link>,
    /// Wakes those who wait for room in the output.
    room: Notify,
    state: Mutex<State>,
    /// How many bytes of messages wait to be handled.
    waiting_bytes: AtomicUsize,
}

struct State {
    /// Nothing can be sent any more.
    ended: bool,
    /// How many messages were sent.
    sent: u64,
    /// What the client sent is not to be handled any more.
    refused: bool,
    /// What the connection is to be closed with.
    close: Option<Close>,
    /// Those who revoked the client's sign-in wait until these are dropped.
    revoked: Vec<TaskTrackerToken>,
    /// Why the connection ended.
    reason: Option<EndReason>,
    /// When the first of the client's sign-ins expires.
    expires: Option<UtcDateTime>,
    /// What each endpoint knows of the session, until that closes.
    user_objects: Option<HashMap<Arc<str>, UserObject>>,
}

/// What an endpoint knows of a session.
pub(super) type UserObject = Arc<dyn Any + Send + Sync>;

impl Line {
    pub(super) fn new(link: Arc<Link>) -> Self {
        let state = State {
            ended: false,
            sent: 0,
            refused: false,
            close: None,
            revoked: Vec::new(),
            reason: None,
            expires: None,
            user_objects: Some(HashMap::new()),
        };
        Self { link, room: Notify::new(), state: Mutex::new(state), waiting_bytes: AtomicUsize::new(0) }
    }

    /// Sends a message, as soon as there is room for it.
    pub(super) async fn send(&self, endpoint: &str, message: &Object) -> Result<()> {
        loop {
            let mut room = pin!(self.room.notified());
            // Before it is looked whether there is room, so that no waking is missed.
            room.as_mut().enable();
            if self.try_send(endpoint, message)? {
                return Ok(());
            }
            room.await;
        }
    }

    /// Sends a message if there is room for it; whether there was.
    fn try_send(&self, endpoint: &str, message: &Object) -> Result<bool> {
        // Held until it is written, so that nothing is written after the end.
        let mut state = self.state.lock();
        if state.ended {
            return Err(StreamingConnectionClosed.into());
        }
        let mut wire = self.link.wire.lock();
        if !self.link.has_room(&wire) {
            return Ok(false);
        }
        wire.out.streaming_message(endpoint, message)?;
        state.sent += 1;
        drop((wire, state));
        self.link.task.wake();
        Ok(true)
    }

    /// Answers a ping.
    pub(super) fn pong(&self) {
        self.link.wire.lock().out.streaming_pong();
    }

    /// Has those go on who wait for room in the output.
    pub(super) fn wake_senders(&self) {
        self.room.notify_waiters();
    }

    /// Takes note that a message of so many bytes waits to be handled.
    pub(super) fn add_waiting(&self, bytes: usize) {
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes note that it is handled now.
    pub(super) fn remove_waiting(&self, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.link.task.wake();
    }

    /// How many bytes of messages wait to be handled.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Ordering::Relaxed)
    }

    /// Has the connection closed with `code`, and nothing handled any more of what the client sent.
    pub(super) fn refuse(&self, code: u16, reason: EndReason) {
        self.refuse_with(&mut self.state.lock(), code, reason);
    }

    fn refuse_with(&self, state: &mut State, code: u16, reason: EndReason) {
        if !std::mem::replace(&mut state.refused, true) {
            state.ended = true;
            state.close = Some(Close(Some(code)));
            state.reason.get_or_insert(reason);
            self.link.task.wake();
        }
    }

    /// Whether what the client sent is not to be handled any more.
    pub(super) fn is_refused(&self) -> bool {
        let mut state = self.state.lock();
        if state.expires.is_some_and(|end| end <= UtcDateTime::now()) {
            // Also once the connection is gone, and nobody else looks at the time.
            self.refuse_with(&mut state, super::REFUSED, EndReason::Expired);
        }
        state.refused
    }

    /// What the connection is to be closed with now, if it is.
    pub(super) fn take_close(&self) -> Option<Close> {
        self.state.lock().close.take()
    }

    /// Why the connection ends, unless that is known already.
    pub(super) fn ends_with(&self, reason: EndReason) {
        self.state.lock().reason.get_or_insert(reason);
    }

    pub(super) fn reason(&self) -> EndReason {
        self.state.lock().reason.unwrap_or(EndReason::Disconnected)
    }

    /// How many messages were sent.
    pub(super) fn sent(&self) -> u64 {
        self.state.lock().sent
    }

    /// Has the connection closed when the first of the client's sign-ins expires; never if there is none.
    pub(super) fn set_expiry(&self, end: Option<UtcDateTime>) {
        self.state.lock().expires = end;
        self.link.task.wake();
    }

    pub(super) fn expires(&self) -> Option<UtcDateTime> {
        self.state.lock().expires
    }

    /// The connection has ended: nothing can be sent any more.
    pub(super) fn end(&self, reason: EndReason) {
        let mut state = self.state.lock();
        state.ended = true;
        state.reason.get_or_insert(reason);
        state.revoked.clear();
        drop(state);
        self.room.notify_waiters();
    }

    pub(super) fn set_user_object(&self, endpoint: &Arc<str>, object: UserObject) {
        let mut state = self.state.lock();
        let before = match &mut state.user_objects {
            Some(objects) => objects.insert(Arc::clone(endpoint), object),
            None => Some(object),
        };
        // Outside of the lock: it may do anything when it is dropped.
        drop(state);
        drop(before);
    }

    pub(super) fn user_object(&self, endpoint: &str) -> Option<UserObject> {
        self.state.lock().user_objects.as_ref()?.get(endpoint).cloned()
    }

    /// Drops what endpoints know of the session.
    pub(super) fn drop_user_objects(&self) {
        let objects = self.state.lock().user_objects.take();
        drop(objects);
    }
}

impl EndsWithSignIn for Line {
    fn revoke(self: Arc<Self>, done: TaskTrackerToken) {
        let mut state = self.state.lock();
        // A connection that has ended has nothing to queue.
        if !state.ended {
            state.revoked.push(done);
        }
        self.refuse_with(&mut state, super::REFUSED, EndReason::Revoked);
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}
