//! The server over real sockets.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod cases;
mod client;
mod cluster;
mod compression;
mod http;
mod in_memory;
mod kit;
mod lifetimes;
mod limits;
mod messages;
mod revocation;
mod rights;
mod robustness;
mod session_log;
mod shapes;
mod shutdown;
mod streaming_endpoints;
mod transcripts;
