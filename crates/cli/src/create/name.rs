//! The name of a project.

use std::fmt;
use std::str::FromStr;

/// A name that a folder and, with a suffix, packages of Cargo can have: it is checked more strictly than either would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

/// Why a text is no name for a project.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error("`{0}` cannot be the name of a project: {RULE}")]
    Shape(String),
    #[error("`{0}` cannot be the name of a project: it is a word of Rust")]
    Keyword(String),
    #[error("`{0}` cannot be the name of a project: Windows has no such folder")]
    Windows(String),
}

const RULE: &str = "it begins with a lower case letter, has up to 40 of them, digits, - and _, and ends with a letter or digit";
const NAME_MAX_CHARS: usize = 40;

/// What Rust reads as something else. Cargo refuses packages of these names, which somebody may add to the project.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "test", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while",
];

impl Name {
    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it begins the names of Rust's crates.
    pub(crate) fn ident(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_middle = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        let ends = text.ends_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || !ends || !text.chars().all(is_middle) || text.len() > NAME_MAX_CHARS {
            return Err(NameError::Shape(text.into()));
        }
        if KEYWORDS.contains(&text) {
            return Err(NameError::Keyword(text.into()));
        }
        let is_device =
            |name: &str| text.strip_prefix(name).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
        if matches!(text, "con" | "prn" | "aux" | "nul") || is_device("com") || is_device("lpt") {
            return Err(NameError::Windows(text.into()));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_folders_and_packages_can_have() {
        for name in ["demo", "a", "my-app_2", "x1", "comet", "com"] {
            assert_eq!(name.parse::<Name>(), Ok(Name(name.into())), "{name}");
        }
        assert_eq!("my-app".parse::<Name>().unwrap().ident(), "my_app");
    }

    #[test]
    fn other_names() {
        let long = "a".repeat(41);
        for name in ["", "Demo", "1st", "-a", "a-", "a b", "../a", "a/b", "a.b", "dämon", long.as_str()] {
            assert_eq!(name.parse::<Name>(), Err(NameError::Shape(name.into())), "{name}");
        }
        for name in ["fn", "test", "where"] {
            assert_eq!(name.parse::<Name>(), Err(NameError::Keyword(name.into())), "{name}");
        }
        for name in ["con", "com1", "lpt9"] {
            assert_eq!(name.parse::<Name>(), Err(NameError::Windows(name.into())), "{name}");
        }
    }
}
