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
    /// Whether it is written only where there is none: what the user goes on with, such as a package's manifest.
    pub once: bool,
}

impl SourceFile {
    /// A file that is written anew whenever its text changes.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), once: false }
    }

    /// A file that is written only where there is none.
    pub fn once(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { once: true, ..Self::new(path, text) }
    }
}
