//! What is spoken on a connection to streaming endpoints.

use std::sync::Arc;
use std::time::Instant;

use streampod_wire::StreamingFrame;
use time::UtcDateTime;
use tokio::sync::{mpsc, oneshot};

use crate::authentications;
use crate::call::Link;
use crate::connection::{Close, Protocol, Taken};
use crate::session::Session;
use crate::session_log::EndReason;
use crate::state::{Counted, ServerState};

use super::line::Line;
use super::work::{Job, Request, Work};
use super::{BUSY, REFUSED};

/// How many messages of a connection may wait to be handled before it is not read.
const WAITING_MAX: usize = 256;
/// How many bytes of them.
const WAITING_MAX_BYTES: usize = 1024 * 1024;

/// What is spoken on a connection to streaming endpoints. It answers pings, and leaves everything else to a task, which goes on after
/// the connection's end until all is handled that was received.
pub(super) struct Conversation {
    server: Arc<ServerState>,
    line: Arc<Line>,
    session: Session,
    /// Ends the work when it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    /// Tells the work that it outlives the connection.
    outlive: Option<oneshot::Sender<Counted>>,
    /// Since when so much waits that nothing is received.
    full: Option<Instant>,
    /// When the sign-in of the client expires, and when that is looked at next.
    expires: Option<(UtcDateTime, Instant)>,
}

impl Conversation {
    /// A conversation with a client whose key is `key`.
    pub(super) fn new(server: Arc<ServerState>, link: Arc<Link>, key: Option<Box<str>>) -> Self {
        let line = Arc::new(Line::new(link));
        let session = Session::streaming(Arc::clone(&server), key);
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let (outlive, outliving) = oneshot::channel();
        let work = Work::new(Arc::clone(&line), session.clone(), waiting);
        server.spawn_counted(async move {
            work.run().await;
            drop(outliving);
        });
        let (jobs, outlive) = (Some(jobs), Some(outlive));
        Self { server, line, session, jobs, outlive, full: None, expires: None }
    }

    /// Hands something over to be worked off. It has room, because nothing is received while it has none.
    fn hand_over(&mut self, request: Request, bytes: usize, now: Instant) {
        let Some(jobs) = &self.jobs else { return };
        self.line.add_waiting(bytes);
        if jobs.try_send(Job { request, bytes }).is_err() {
            self.line.remove_waiting(bytes);
        }
        if self.holds_too_much() {
            self.full = Some(now);
        }
    }

    fn holds_too_much(&self) -> bool {
        let has_room = self.jobs.as_ref().is_none_or(|jobs| jobs.capacity() > 0);
        !has_room || self.line.waiting_bytes() >= WAITING_MAX_BYTES
    }

    /// When the connection is to be closed because so much waits.
    fn full_deadline(&self) -> Option<Instant> {
        self.full.map(|since| since + self.server.limits.full_input_timeout)
    }

    /// Looks whether a sign-in of the client has expired.
    fn has_expired(&mut self, now: Instant) -> bool {
        let end = self.line.expires();
        match (end, self.expires) {
            (Some(end), Some((known, at))) if end == known && now < at => false,
            (Some(end), _) if end <= UtcDateTime::now() => true,
            _ => {
                self.expires = end.map(|end| (end, now + authentications::next_look(end)));
                false
            }
        }
    }
}

impl Protocol for Conversation {
    fn receive(&mut self, text: &str, now: Instant) -> Taken {
        let frame = match StreamingFrame::parse(text) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::debug!("a frame is unreadable: {}", error.without_content());
                self.line.ends_with(EndReason::Unreadable);
                return Taken::Close(Close(Some(REFUSED)));
            }
        };
        match frame {
            StreamingFrame::Ping => self.line.pong(),
            StreamingFrame::Pong | StreamingFrame::OtherCommand => {}
            StreamingFrame::Authenticate { key } => {
                let key = key.map(|key| key.into_owned().into_boxed_str());
                self.hand_over(Request::Authenticate { key }, text.len(), now);
            }
            StreamingFrame::Message { endpoint, object } => {
                if let Some(endpoint) = self.server.registry.streaming.get(&endpoint) {
                    let (endpoint, object) = (Arc::clone(endpoint), object.into());
                    self.hand_over(Request::Message { endpoint, object }, text.len(), now);
                } else if self.server.registry.endpoint(&endpoint).is_none() {
                    tracing::debug!("a message is for an endpoint that does not exist");
                    self.line.ends_with(EndReason::Unreadable);
                    return Taken::Close(Close(Some(REFUSED)));
                }
            }
        }
        Taken::Answered
    }

    fn run(&mut self) {
        // The work has a task of its own.
    }

    fn is_full(&mut self) -> bool {
        if self.full.is_some() && !self.holds_too_much() {
            self.full = None;
        }
        self.full.is_some()
    }

    fn unblock(&mut self) -> bool {
        self.line.wake_senders();
        false
    }

    fn deadline(&self) -> Option<Instant> {
        let expiry = self.expires.map(|(_, at)| at);
        self.full_deadline().into_iter().chain(expiry).min()
    }

    fn check_time(&mut self, now: Instant) -> Option<Close> {
        self.jobs.as_ref()?;
        if self.full_deadline().is_some_and(|deadline| now >= deadline) && self.is_full() {
            self.session
                .log(tracing::Level::WARN, "messages of a client are not handled in time; it is let go");
            self.line.refuse(BUSY, EndReason::NotHandled);
        }
        if self.has_expired(now) {
            self.line.refuse(REFUSED, EndReason::Expired);
        }
        self.line.take_close()
    }

    fn disconnect(&mut self) {
        if self.jobs.take().is_none() {
            return;
        }
        let is_stopping = self.server.stopping.is_cancelled();
        self.line.end(if is_stopping { EndReason::Stopping } else { EndReason::Disconnected });
        self.session.cancel();
        (self.full, self.expires) = (None, None);
        if let Some(outlive) = self.outlive.take() {
            let _ = outlive.send(Counted::new(&self.server, |counters| &counters.outliving_streams));
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.disconnect();
    }
}
