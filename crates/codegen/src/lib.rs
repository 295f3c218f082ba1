//! Streampod's code generators.
//!
//! - [`build`] makes Rust models of `.spy.yaml` files; it is what a user's `build.rs` calls.
//! - [`dart`], [`typescript`] and [`rust`] make clients. They read a [`Schema`](streampod_schema::Schema), as a server reports
//!   it, and nothing else, so clients cannot drift from their server.

mod build;
pub mod dart;
mod error;
pub mod models;
pub mod rust;
mod source;
pub mod typescript;

pub use build::{Build, build};
pub use error::GenerateError;

/// A file that a generator wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path inside the output folder, with `/` between its parts.
    pub path: String,
    /// What the file holds.
    pub text: String,
}
