//! What is logged of sessions: one line when a call opens, and one when it ends.

use std::time::Instant;

use streampod_events::SubscriptionError;
use tracing::Level;

use crate::error::Error;
use crate::refusal::Refusal;
use crate::session::Session;

/// The target of everything that is logged of sessions.
pub(crate) const TARGET: &str = "streampod::session";

/// Why a call ended, as its session's log says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// Its method did.
    Done,
    /// Its method failed, or threw an exception.
    Failed,
    /// It was not run.
    Refused(&'static str),
    /// Its caller cancelled it.
    Cancelled,
    /// Its caller's connection is gone.
    Disconnected,
    /// The server stops.
    Stopping,
    /// Its caller's sign-in was revoked.
    Revoked,
    /// Its caller's sign-in has expired.
    Expired,
    /// Its caller sent an element of another type than the stream has.
    WrongElement,
    /// Its method did not read a stream parameter in time.
    NotRead,
    /// What a client sent to streaming endpoints was not handled in time.
    NotHandled,
    /// A client sent to streaming endpoints what nobody can read.
    Unreadable,
}

impl EndReason {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused(why) => why,
            Self::Cancelled => "cancelled",
            Self::Disconnected => "disconnected",
            Self::Stopping => "server stopping",
            Self::Revoked => "sign-in revoked",
            Self::Expired => "sign-in expired",
            Self::WrongElement => "element of another type",
            Self::NotRead => "stream parameter not read",
            Self::NotHandled => "messages not handled in time",
            Self::Unreadable => "unreadable frame",
        }
    }
}

impl From<&Refusal> for EndReason {
    fn from(refusal: &Refusal) -> Self {
        Self::Refused(match refusal {
            Refusal::AuthenticationFailed => "refused: not signed in",
            Refusal::AuthorizationDeclined => "refused: a scope is missing",
            Refusal::MalformedAuthorization(_) => "refused: malformed authorization",
            Refusal::MissingArgument(_) => "refused: an argument is missing",
            Refusal::WrongArgument { .. } => "refused: an argument is of another type",
        })
    }
}

/// How many elements of streams a call has had; none for a call without streams.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Elements {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// Logs that a call opened.
pub(crate) fn opened(session: &Session) {
    if tracing::enabled!(target: TARGET, Level::INFO) {
        tracing::info!(
            target: TARGET,
            session = %session.id(),
            endpoint = session.endpoint_name(),
            method = session.method_name(),
            user = session.user(),
            "call opened"
        );
    }
}

/// Logs that a call ended, if it is a call.
pub(crate) fn ended(session: &Session, reason: EndReason, elements: Option<Elements>) {
    if tracing::enabled!(target: TARGET, Level::INFO) {
        let duration = Instant::now().saturating_duration_since(session.opened_at());
        tracing::info!(
            target: TARGET,
            session = %session.id(),
            endpoint = session.endpoint_name(),
            method = session.method_name(),
            user = session.user(),
            duration_ms = duration.as_micros() as f64 / 1000.0,
            elements_in = elements.map(|elements| elements.received),
            elements_out = elements.map(|elements| elements.sent),
            reason = reason.name(),
            "call ended"
        );
    }
}

/// Logs what a method has to say.
pub(crate) fn message(session: &Session, level: Level, message: &dyn std::fmt::Display) {
    // The level of an event is part of the code.
    macro_rules! log {
        ($level:expr) => {
            tracing::event!(
                target: TARGET,
                $level,
                session = %session.id(),
                endpoint = session.endpoint_name(),
                method = session.method_name(),
                user = session.user(),
                "{message}"
            )
        };
    }
    match level {
        Level::ERROR => log!(Level::ERROR),
        Level::WARN => log!(Level::WARN),
        Level::INFO => log!(Level::INFO),
        Level::DEBUG => log!(Level::DEBUG),
        Level::TRACE => log!(Level::TRACE),
    }
}

/// Logs that a method failed; the number that ties the log to what its caller is told. An exception is between the method and
/// its caller, so only its name is logged.
pub(crate) fn failed(session: &Session, error: &Error) -> u64 {
    let server = session.server();
    let call_log_id = server.failure();
    if let Some(exception) = error.as_exception() {
        let class_name = exception.class_name();
        if !server.registry.catalog.contains(&class_name) {
            tracing::warn!(
                "clients do not know the exception {class_name}; add it to the server by `.exception::<{class_name}>()`"
            );
        }
        session.log(Level::DEBUG, format_args!("threw {class_name}; call log id: {call_log_id}"));
    } else {
        let gap = error.downcast_ref().is_some_and(|error| {
            matches!(error, SubscriptionError::Lagged { .. } | SubscriptionError::Interrupted { .. })
        });
        // A gap is told to whoever listens, and is nobody's mistake.
        let level = if gap { Level::WARN } else { Level::ERROR };
        session.log(level, format_args!("failed: {error}; call log id: {call_log_id}"));
    }
    call_log_id
}
