//! What is wrong with a configuration.

use std::fmt;
use std::path::PathBuf;

/// Why a configuration cannot be used: everything that is wrong with it, one problem a line.
#[derive(Debug)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// The problems, at least one: those of files in the order of their lines, then those of the environment.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong with a configuration. Its text never shows a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A file exists and cannot be read.
    #[error("{}: the file cannot be read ({reason}); it must be readable, or not exist", path.display())]
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A file is too large to be meant.
    #[error("{}: the file is larger than {max_bytes} bytes; is it the right file?", path.display())]
    LargeFile {
        /// The file.
        path: PathBuf,
        /// The largest size.
        max_bytes: u64,
    },
    /// A file is not YAML, or uses of YAML what a configuration has no use for.
    #[error("{location}: {message}")]
    InvalidYaml {
        /// Where reading stopped.
        location: Location,
        /// What is wrong.
        message: String,
    },
    /// A key is given twice.
    #[error("{location}: `{key}` is given again, it is already in line {first_line}; remove one of them")]
    DuplicateKey {
        /// The second of them.
        location: Location,
        /// The key, with its section.
        key: String,
        /// The line of the first.
        first_line: usize,
    },
    /// A key has no meaning.
    #[error("{location}: unknown key `{key}`; allowed here: {}{}", allowed.join(", "), did_you_mean(suggestion))]
    UnknownKey {
        /// The key's place.
        location: Location,
        /// The key, with its section.
        key: String,
        /// The keys that have a meaning there.
        allowed: Vec<&'static str>,
        /// The key that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// A value is not one that its setting can have.
    #[error("{origin} is {found}; expected {expected}")]
    WrongValue {
        /// Where the value is.
        origin: Origin,
        /// The value, in quotes if it is text, or what it is.
        found: String,
        /// What is allowed.
        expected: String,
    },
}

impl Problem {
    pub(super) fn location(&self) -> Option<&Location> {
        match self {
            Self::InvalidYaml { location, .. }
            | Self::DuplicateKey { location, .. }
            | Self::UnknownKey { location, .. }
            | Self::WrongValue { origin: Origin::File { location, .. }, .. } => Some(location),
            Self::UnreadableFile { .. } | Self::LargeFile { .. } | Self::WrongValue { .. } => None,
        }
    }
}

fn did_you_mean(suggestion: &Option<&str>) -> String {
    suggestion.map(|key| format!(" (did you mean `{key}`?)")).unwrap_or_default()
}

/// Where a value is given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// In a file.
    File {
        /// The value's place.
        location: Location,
        /// Its key, with the section; empty for the whole file.
        key: String,
    },
    /// In an environment variable.
    Environment {
        /// The variable's name.
        name: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { location, key } if key.is_empty() => write!(f, "{location}: the file"),
            Self::File { location, key } => write!(f, "{location}: `{key}`"),
            Self::Environment { name } => write!(f, "environment variable {name}"),
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}
