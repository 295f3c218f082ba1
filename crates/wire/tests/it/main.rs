//! The wire protocol, tested from outside: values, frames, and connections against what was recorded.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod client_connection;
mod connection;
mod dynamic;
mod elements;
mod frames;
mod framing;
mod interleaving;
mod kit;
mod limits;
mod repeated;
mod replay;
mod streaming_endpoints;
mod transcripts;
mod values;
