//! The client against a server in memory.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod authorization;
mod calls;
mod connections;
mod inputs;
mod kit;
mod reconnecting;
mod streaming_endpoints;
mod streams;
#[cfg(feature = "tls")]
mod tls;
