//! What goes wrong.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use streampod_wire::{DecodeError, EncodeError, Exception, Object, OpenResult, WrappedError};

/// Why a client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The URL cannot be read, or has no host.
    #[error("`{url}` is not the URL of a server, such as http://localhost:8080/")]
    InvalidUrl {
        /// What was given.
        url: String,
    },
    /// The URL is neither one of `http://` nor, with the feature `tls`, of `https://`.
    #[error(
        "`{scheme}://` is not supported: use `http://`, or `https://` with the feature `tls`, or bring a transport to \
         `Client::with_transport`"
    )]
    UnsupportedScheme {
        /// What was given.
        scheme: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
    /// Two models of [`ClientOptions::catalog`](crate::ClientOptions::catalog) have the same name.
    #[error("two models are named `{name}`")]
    NameConflict {
        /// The name.
        name: &'static str,
    },
}

/// Why a call did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The connection failed, not the call: trying again later may succeed.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The server refused to open a streaming call.
    #[error("{call} was refused: {reason}")]
    Refused {
        /// The method, `endpoint.method`.
        call: String,
        /// Why.
        reason: RefusalReason,
    },
    /// The method threw an exception; [`CallError::exception`] gives it with its type.
    #[error("{call} threw {}", .exception.class_name())]
    Exception {
        /// The method.
        call: String,
        /// The exception.
        exception: Object,
    },
    /// The method threw an exception that is not in [`ClientOptions::catalog`](crate::ClientOptions::catalog), or one that
    /// cannot be read.
    #[error("{call} threw `{class_name}`, which cannot be read")]
    UnreadableException {
        /// The method.
        call: String,
        /// The exception's name.
        class_name: String,
        /// Why it cannot be read.
        source: DecodeError,
    },
    /// The server closed a streaming call with an error that it does not explain.
    #[error("{call} was closed with an error")]
    ClosedWithError {
        /// The method.
        call: String,
        /// What a stream that fed the call had failed with, if one had.
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// A streaming call ended well, but without the one value that was to be its answer.
    #[error("{call} ended without a value")]
    NoValue {
        /// The method.
        call: String,
    },
    /// Elements arrived faster than they were consumed, and more than this client keeps were waiting. The call was
    /// cancelled.
    #[error(
        "elements were consumed too slowly: more than {elements_max} elements or {bytes_max} bytes were waiting"
    )]
    SlowConsumer {
        /// The bound.
        elements_max: usize,
        /// The bound in bytes.
        bytes_max: usize,
    },
    /// The server answered an ordinary call with a status other than 200.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An argument cannot be sent. Nothing was.
    #[error("an argument cannot be sent")]
    Argument(#[from] EncodeError),
    /// The answer is not of the expected type.
    #[error("the answer cannot be read")]
    Answer(#[from] DecodeError),
    /// An element is not of the expected type. The call was cancelled.
    #[error("an element cannot be read")]
    Element(#[from] WrappedError),
    /// The client was closed.
    #[error("the client was closed")]
    ClientClosed,
}

impl CallError {
    /// The exception that the method threw, if it is an `E`.
    pub fn exception<E: Exception>(&self) -> Option<&E> {
        match self {
            Self::Exception { exception, .. } => exception.downcast_ref(),
            _ => None,
        }
    }

    /// Whether the connection failed and not the call, so that trying again later may succeed.
    pub fn is_connection(&self) -> bool {
        matches!(self, Self::Connection(_))
    }
}

/// Why a connection failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The server could not be reached, or refused the connection.
    #[error("could not connect")]
    Failed(#[source] Arc<io::Error>),
    /// The server did not answer the first ping in time.
    #[error("the server did not answer within {0:?}")]
    HandshakeTimeout(Duration),
    /// The connection was lost while calls were open on it: the server closed it, or it was cut.
    #[error("the connection was lost")]
    Lost(#[source] Arc<io::Error>),
    /// The connection failed in another way while calls were open on it, such as by a frame that cannot be read.
    #[error("the connection failed while listening")]
    ListenFailed(#[source] Arc<io::Error>),
    /// Nothing was heard for too long, not even an answer to a ping.
    #[error("nothing was heard for {0:?}")]
    IdleTimeout(Duration),
    /// An ordinary call was not answered in time. It may have run all the same.
    #[error("the call was not answered within {0:?}")]
    CallTimeout(Duration),
}

impl ConnectionError {
    pub(crate) fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(Arc::new(io::Error::other(error)))
    }

    /// What a failure of an open connection is.
    pub(crate) fn broken(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
        let lost = [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof];
        let is_lost = lost.contains(&error.kind());
        let error = Arc::new(error);
        if is_lost { Self::Lost(error) } else { Self::ListenFailed(error) }
    }

    pub(crate) fn lost(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Lost(Arc::new(io::Error::other(error)))
    }
}

/// Why a streaming call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// There is no such endpoint or method, or the method has no streams.
    NotFound,
    /// The caller must sign in.
    Unauthorized,
    /// The caller lacks a scope.
    Forbidden,
    /// An argument or a stream parameter is missing or wrong, or too many calls are open.
    BadRequest,
}

impl RefusalReason {
    pub(crate) fn of(result: OpenResult) -> Self {
        match result {
            OpenResult::EndpointNotFound => Self::NotFound,
            OpenResult::AuthenticationFailed => Self::Unauthorized,
            OpenResult::AuthorizationDeclined => Self::Forbidden,
            OpenResult::InvalidArguments | OpenResult::Success => Self::BadRequest,
        }
    }

    pub(crate) fn result(self) -> OpenResult {
        match self {
            Self::NotFound => OpenResult::EndpointNotFound,
            Self::Unauthorized => OpenResult::AuthenticationFailed,
            Self::Forbidden => OpenResult::AuthorizationDeclined,
            Self::BadRequest => OpenResult::InvalidArguments,
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::BadRequest => "bad request",
        })
    }
}

/// An answer over HTTP with a status other than 200.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("HTTP status {status}: {body}")]
pub struct HttpError {
    /// The status: 400 for a bad request, 401 where the caller must sign in, 403 where it lacks a scope, 404 where there is
    /// no such endpoint, 500 where the method failed.
    pub status: u16,
    /// What the server says, as plain text.
    pub body: String,
}
