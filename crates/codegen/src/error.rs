//! What cannot be generated.

use std::fmt;

/// Why there is no output: everything in a schema that the language has no words for, such as two models that would
/// get the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerateError {
    /// One sentence each: what was found, where, and what to do.
    pub problems: Vec<String>,
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for GenerateError {}
