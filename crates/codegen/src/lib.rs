//! Streampod's code generators.
//!
//! The client generators read a [`Schema`](streampod_schema::Schema), as a server reports it, and nothing else.

pub mod dart;
mod error;
pub mod models;
pub mod rust;
mod source;
pub mod typescript;

pub use error::GenerateError;

/// A file that a generator wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path inside the output folder, with `/` between its parts.
    pub path: String,
    /// What the file holds.
    pub text: String,
}
