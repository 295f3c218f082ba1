//! Streampod's server: sessions, dispatch, and streaming methods over one WebSocket.
//!
//! A [`Server`] has endpoints, which clients call over HTTP or, if a method takes or returns a stream, over a WebSocket
//! that all their calls share. Every call has a [`Session`]. The core, in `call_set`, knows the events of calls and their
//! values; frames are the wire crate's matter and sockets that of `transport`.

mod authentication;
mod authentications;
mod call;
mod call_set;
mod checks;
mod config;
mod connection;
mod driver;
#[cfg(feature = "echo")]
mod echo;
mod endpoint;
mod error;
mod http;
mod input;
mod internal_session;
mod limits;
mod logging;
mod messages;
mod refusal;
mod revocation;
mod running;
mod server;
mod session;
mod session_log;
mod state;
mod streaming_endpoints;
mod transport;
mod upgrade;

pub use authentication::AuthenticationInfo;
pub use config::*;
pub use driver::{Driver, Ended, Out, boxed, drive_stream, drive_value, into_result, open};
pub use endpoint::{Docs, Endpoint, EndpointBuilder, MethodBuilder, Passed, Start};
pub use error::{Error, InputError, Result};
pub use input::Input;
pub use internal_session::InternalSession;
pub use limits::Limits;
pub use messages::{Listener, MessageStream, Messages, PostScope};
pub use refusal::Refusal;
pub use revocation::Revocation;
pub use running::{Handle, RunningServer};
pub use server::{MakeBroker, Server, StartError};
pub use session::Session;
pub use state::Stats;
#[allow(deprecated)]
pub use streaming_endpoints::{StreamingConnectionClosed, StreamingEndpoint, StreamingSession};
pub use tracing::Level;
