//! The program as its user runs it.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod create;
mod examples;
mod generate;
mod inspect;
mod kit;
mod project;
mod watch;
