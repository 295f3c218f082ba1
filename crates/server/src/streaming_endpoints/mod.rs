//! The deprecated streaming endpoints, at `/websocket`: everything that the server has of them. See section 4 of the wire
//! contract.
//!
//! A connection has one session. [`Conversation`](conversation::Conversation) is what is spoken on it, and hands messages to a
//! task that works them off one after the other, `work`. Both share a [`Line`](line::Line).

#![allow(deprecated)]

mod conversation;
mod endpoint;
mod line;
mod session;
mod work;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;

use crate::http;
use crate::state::ServerState;
use crate::upgrade;

use self::conversation::Conversation;

pub use self::endpoint::StreamingEndpoint;
pub(crate) use self::endpoint::StreamingEndpoints;
pub use self::line::StreamingConnectionClosed;
pub use self::session::StreamingSession;

/// The client sent what nobody can read, or may not be connected: the close code "policy violation".
const REFUSED: u16 = 1008;
/// Nobody could find out who the client is: the close code "internal error".
const FAILED: u16 = 1011;
/// What the client sent is not handled in time: the close code "try again later".
const BUSY: u16 = 1013;

/// Makes a WebSocket of a request's connection, on which clients talk to streaming endpoints.
pub(crate) fn upgrade(server: &Arc<ServerState>, request: Request) -> Response {
    // The work of a connection goes on for a while after its end, like that of a method whose caller is gone.
    if server.counters.outliving_streams.load(Ordering::Relaxed) >= server.limits.outliving_calls {
        return http::empty(StatusCode::SERVICE_UNAVAILABLE);
    }
    let key =
        http::query(request.uri()).into_iter().find_map(|(name, value)| (name == "auth").then_some(value));
    upgrade::upgrade(server, request, |server, link| Conversation::new(server, link, key.map(Into::into)))
}
