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
    waiting: mpsc::Receiver<Job>,
    received: u64,
}

impl Work {
    pub(super) fn new(line: Arc<Line>, session: Session, waiting: mpsc::Receiver<Job>) -> Self {
        Self { line, first: session.clone(), current: session, waiting, received: 0 }
    }

    /// Works until the connection has ended and all is handled that was received.
    pub(super) async fn run(mut self) {
        if self.sign_in().await {
            session_log::opened(&self.current);
            self.talk().await;
        }
        let elements = Elements { received: self.received, sent: self.line.sent() };
        session_log::ended(&self.current, self.line.reason(), Some(elements));
        self.first.close();
        self.line.drop_user_objects();
    }

    async fn talk(&mut self) {
        let server = Arc::clone(self.first.server());
        let mut opened = Vec::new();
        for endpoint in server.registry.streaming.all() {
            if self.may_access(endpoint) && !self.line.is_refused() {
                opened.push(Arc::clone(endpoint));
                self.take(endpoint, Step::Opened).await;
            }
        }
        while let Some(Job { request, bytes }) = self.waiting.recv().await {
            self.line.remove_waiting(bytes);
            if self.line.is_refused() {
                continue;
            }
            match request {
                Request::Authenticate { key } => {
                    self.current = self.first.again(key);
                    self.sign_in().await;
                }
                Request::Message { endpoint, object } => self.message(&endpoint, &object).await,
            }
        }
        for endpoint in server.registry.streaming.all() {
            if self.may_access(endpoint) || opened.iter().any(|opened| Arc::ptr_eq(opened, endpoint)) {
                self.take(endpoint, Step::Closed).await;
            }
        }
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
        // What the session rested on before does not matter any more.
        session.rest(None);
        let line = Arc::clone(&self.line);
        authentications::rest(line, session, since).await?;
        self.line.set_expiry(session.authenticated().and_then(|info| info.expires_at));
        Ok(())
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
            Ok(Ok(message)) => self.take(endpoint, Step::Message(message)).await,
            Ok(Err(error)) => {
                let error = error.without_content();
                let name = &endpoint.name;
                self.current.log(Level::WARN, format_args!("a message to `{name}` cannot be read: {error}"));
            }
            Err(panic) => self.log_failure(&format!("`{}`", endpoint.name), &Error::panicked(&*panic)),
        }
    }

    /// Has an endpoint do something. That it fails does not matter to the connection.
    async fn take(&self, endpoint: &Entry, step: Step) {
        let session = StreamingSession {
            session: self.current.clone(),
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
