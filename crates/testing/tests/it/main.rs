//! Tests of the test tools, on endpoints as the macro would write them.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod client;
mod direct;
mod flush;
mod kit;
mod soon;
