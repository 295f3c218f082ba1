//! The work that a connection to streaming endpoints brings about.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use streampod_wire::{StreamingFrame, Value};
use tokio::sync::mpsc;
use tracing::Level;

use crate::driver::Ended;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::session_log::{self, Elements, EndReason};
use crate::{authentication, authentications};

use super::endpoint::Entry;
use super::line::{Line, StreamingConnectionClosed};
use super::session::StreamingSession;
use super::{FAILED, REFUSED};

/// How many other users a client may have been before it is let go.
const FORMER_MAX: usize = 8;

/// What a client asked for.
pub(super) struct Job {
    pub(super) request: Request,
    /// How much of it waits until it is handled.
    pub(super) bytes: usize,
}

pub(super) enum Request {
    /// It signs in anew, or out if there is no key.
    Authenticate { key: Option<Box<str>> },
    /// It sends a message.
    Message { endpoint: Arc<Entry>, object: Box<str> },
}

/// An endpoint that is to be told of the end.
struct Opened<'a> {
    endpoint: &'a Arc<Entry>,
    /// The last session with which the client could access it.
    session: Session,
}

/// Something that an endpoint is asked to do.
enum Step {
    Opened,
    Closed,
    Message(Value),
}

/// Works off what a client asks for, one after the other, from the opening of its session to the end.
pub(super) struct Work {
    line: Arc<Line>,
    /// The session as it began.
    first: Session,
    /// The session since the client signed in the last time.
    current: Session,
    /// The sessions before that, of other users: what was set up for them may still be there, and rests on their sign-ins.
    former: Vec<Session>,
    waiting: mpsc::Receiver<Job>,
    received: u64,
}

impl Work {
    pub(super) fn new(line: Arc<Line>, session: Session, waiting: mpsc::Receiver<Job>) -> Self {
        Self { line, first: session.clone(), current: session, former: Vec::new(), waiting, received: 0 }
    }

    /// Works until the connection has ended and all is handled that was received.
    pub(super) async fn run(mut self) {
        if self.sign_in().await {
            self.line.set_expiry(self.current.authenticated().and_then(|info| info.expires_at));
            session_log::opened(&self.current);
            self.talk().await;
        }
        let elements = Elements { received: self.received, sent: self.line.sent() };
        session_log::ended(&self.current, self.line.reason(), Some(elements));
        self.current.close();
        for session in self.former.iter().chain([&self.current, &self.first]) {
            session.rest_no_more();
        }
        self.line.drop_user_objects();
    }

    async fn talk(&mut self) {
        let server = Arc::clone(self.first.server());
        let mut opened = Vec::new();
        for endpoint in server.registry.streaming.all() {
            if !self.line.is_refused() && self.may_access(endpoint) {
                opened.push(Opened { endpoint, session: self.current.clone() });
                self.take(endpoint, &self.current, Step::Opened).await;
            }
        }
        while let Some(Job { request, bytes }) = self.waiting.recv().await {
            self.line.remove_waiting(bytes);
            if self.line.is_refused() {
                continue;
            }
            match request {
                Request::Authenticate { key } => {
                    if !self.sign_in_anew(key).await {
                        continue;
                    }
                    for endpoint in
                        server.registry.streaming.all().filter(|endpoint| self.may_access(endpoint))
                    {
                        opened.retain(|opened| !Arc::ptr_eq(opened.endpoint, endpoint));
                        opened.push(Opened { endpoint, session: self.current.clone() });
                    }
                }
                Request::Message { endpoint, object } => self.message(&endpoint, &object).await,
            }
        }
        opened.sort_by_key(|opened| Arc::clone(&opened.endpoint.name));
        for Opened { endpoint, session } in &opened {
            self.take(endpoint, session, Step::Closed).await;
        }
    }

    /// Finds out who the client is now; false if it is to be let go. What was set up for another user stays, and so does what that
    /// rests on.
    async fn sign_in_anew(&mut self, key: Option<Box<str>>) -> bool {
        let before = std::mem::replace(&mut self.current, self.first.again(key));
        if !self.sign_in().await {
            self.former.push(before);
            return false;
        }
        let user = self.current.user();
        self.former.push(before);
        self.former.retain(|former| {
            let stays = former.authenticated().is_some() && former.user() != user;
            if !stays {
                former.rest_no_more();
            }
            stays
        });
        if self.former.len() > FORMER_MAX {
            self.line.refuse(REFUSED, EndReason::Refused("refused: signed in as too many users"));
        }
        let all = self.former.iter().chain([&self.current]).filter_map(|session| session.authenticated());
        self.line.set_expiry(all.filter_map(|info| info.expires_at).min());
        true
    }

    /// Finds out who the client is; false if it is to be let go.
    async fn sign_in(&mut self) -> bool {
        let signed_in = AssertUnwindSafe(self.authenticate()).catch_unwind().await;
        match signed_in.unwrap_or_else(|panic| Err(Ended::Failed(Error::panicked(&*panic)))) {
            Ok(()) => true,
            Err(Ended::Refused(refusal)) => {
                self.line.refuse(REFUSED, EndReason::from(&refusal));
                false
            }
            Err(Ended::Failed(error)) => {
                self.log_failure("the authentication handler", &error);
                self.line.refuse(FAILED, EndReason::Failed);
                false
            }
        }
    }

    async fn authenticate(&self) -> Result<(), Ended> {
        let session = &self.current;
        let since = session.server().authentications.now();
        authentication::sign_in(session).await?;
        let line = Arc::clone(&self.line);
        authentications::rest(line, session, since).await
    }

    fn may_access(&self, endpoint: &Entry) -> bool {
        endpoint.access.admits(self.current.authenticated()).is_ok()
    }

    /// Hands a message to an endpoint that the client may access.
    async fn message(&mut self, endpoint: &Entry, object: &str) {
        if !self.may_access(endpoint) {
            return;
        }
        self.received += 1;
        let catalog = &self.first.server().registry.catalog;
        let message = catch_unwind(|| StreamingFrame::message(object, catalog));
        match message {
            Ok(Ok(message)) => self.take(endpoint, &self.current, Step::Message(message)).await,
            Ok(Err(error)) => {
                let error = error.without_content();
                let name = &endpoint.name;
                // At debug, because it is the client's mistake, which it can make as often as it likes.
                self.current.log(Level::DEBUG, format_args!("a message to `{name}` cannot be read: {error}"));
            }
            Err(panic) => self.log_failure(&format!("`{}`", endpoint.name), &Error::panicked(&*panic)),
        }
    }

    /// Has an endpoint do something. That it fails does not matter to the connection.
    async fn take(&self, endpoint: &Entry, session: &Session, step: Step) {
        let session = StreamingSession {
            session: session.clone(),
            endpoint: Arc::clone(&endpoint.name),
            line: Arc::clone(&self.line),
        };
        let taken = AssertUnwindSafe(async {
            match step {
                Step::Opened => endpoint.handler.opened(&session).await,
                Step::Closed => endpoint.handler.closed(&session).await,
                Step::Message(message) => endpoint.handler.message(&session, message).await,
            }
        });
        if let Err(error) = taken.catch_unwind().await.unwrap_or_else(|panic| Err(Error::panicked(&*panic))) {
            self.log_failure(&format!("`{}`", endpoint.name), &error);
        }
    }

    /// Logs that something failed. An exception is logged by its name only, as that of a call.
    fn log_failure(&self, who: &str, error: &Error) {
        let session = &self.current;
        if let Some(exception) = error.as_exception() {
            session.log(Level::ERROR, format_args!("{who} threw {}", exception.class_name()));
        } else {
            let is_closed = error.downcast_ref::<StreamingConnectionClosed>().is_some();
            let level = if is_closed { Level::DEBUG } else { Level::ERROR };
            session.log(level, format_args!("{who} failed: {error}"));
        }
    }
}
