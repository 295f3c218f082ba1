//! The codec from outside: every split of every stream, every rule of the protocol, and other implementations as judges.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod closes;
mod deflate;
mod distances;
mod fuzz;
mod heads;
mod kit;
mod limits;
mod negotiation;
mod oracle;
mod splits;
mod utf8;
mod writing;
