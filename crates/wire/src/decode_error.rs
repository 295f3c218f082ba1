//! Why a value cannot be read.

use std::fmt;

/// A value that cannot be read: what was found, what was expected, and where.
///
/// It is kept small, a pointer, because it travels up through every level of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    problem: Problem,
    /// From the innermost field outwards.
    path: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("not JSON: expected {} at byte {}", .0.expected, .0.position)]
    Syntax(Syntax),
    #[error("nested deeper than {0} levels")]
    TooDeep(u32),
    #[error("expected {expected}, found {found}")]
    Mismatch { expected: String, found: String },
    #[error("expected {expected}, found {text}")]
    MismatchedText { expected: String, text: String },
    #[error("missing")]
    Missing,
    #[error("there is no model named `{0}` here")]
    UnknownClass(String),
}

/// What is wrong with a text that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) expected: &'static str,
    pub(crate) position: usize,
}

impl DecodeError {
    /// A value that is not what was expected.
    pub fn mismatch(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Problem::Mismatch { expected: expected.into(), found: found.into() }.into()
    }

    /// A text that does not say what was expected; the beginning of it is shown.
    pub(crate) fn mismatched_text(expected: impl Into<String>, text: &str) -> Self {
        const SHOWN_MAX_CHARS: usize = 40;
        let mut shown: String = text.chars().take(SHOWN_MAX_CHARS).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Problem::MismatchedText { expected: expected.into(), text: shown }.into()
    }

    /// What is wrong without a word of the value: for logs, in which nothing stands that users send each other.
    #[must_use]
    pub fn without_content(&self) -> Self {
        let mut error = self.clone();
        if let Problem::MismatchedText { expected, .. } = &self.0.problem {
            let (expected, found) = (expected.clone(), "something else".to_owned());
            error.0.problem = Problem::Mismatch { expected, found };
        }
        error
    }

    /// A field that must be there and is not.
    pub fn missing(field: &str) -> Self {
        Self::from(Problem::Missing).within(field)
    }

    /// A class name that nothing here knows.
    pub fn unknown_class(name: &str) -> Self {
        Problem::UnknownClass(name.chars().take(100).collect()).into()
    }

    pub(crate) fn syntax(syntax: Syntax) -> Self {
        Problem::Syntax(syntax).into()
    }

    pub(crate) fn too_deep(limit: u32) -> Self {
        Problem::TooDeep(limit).into()
    }

    /// The same error, seen from the value that has `field`.
    #[must_use]
    pub fn within(mut self, field: impl Into<String>) -> Self {
        self.0.path.push(field.into());
        self
    }

    /// Whether the text was not even JSON, or nested too deep.
    pub fn is_syntax(&self) -> bool {
        matches!(self.0.problem, Problem::Syntax(_) | Problem::TooDeep(_))
    }
}

impl From<Problem> for DecodeError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Inner { problem, path: Vec::new() }))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, field) in self.0.path.iter().rev().enumerate() {
            if index > 0 && !field.starts_with('[') {
                f.write_str(".")?;
            }
            f.write_str(field)?;
        }
        if !self.0.path.is_empty() {
            f.write_str(": ")?;
        }
        self.0.problem.fmt(f)
    }
}

impl std::error::Error for DecodeError {}
