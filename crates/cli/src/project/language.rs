//! The languages of clients.

use std::fmt;

/// A language that clients are generated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Dart,
    JavaScript,
    Rust,
    TypeScript,
}

impl Language {
    /// Every language, in the order of their names.
    pub(crate) const ALL: [Self; 4] = [Self::Dart, Self::JavaScript, Self::Rust, Self::TypeScript];

    /// The name on the command line and in `streampod.yaml`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dart => "dart",
            Self::JavaScript => "javascript",
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
        }
    }

    /// The language of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
