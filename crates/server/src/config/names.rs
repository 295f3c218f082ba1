//! Values that are one of a few names.

use std::fmt;
use std::str::FromStr;

use tracing::Level;

/// Text that is none of the names allowed in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is unknown; expected {expected}")]
pub struct UnknownName {
    found: String,
    expected: &'static str,
}

/// Declares an enum whose variants have names: their `as_str`, `Display` and `FromStr` (exact, lower case).
macro_rules! names {
    (
        $(#[$attribute:meta])*
        pub enum $type:ident($expected:literal) {
            $($(#[$variant_attribute:meta])* $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $type {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $type {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// What an error says is allowed.
            pub(super) const EXPECTED: &str = $expected;

            /// The name in files, in the environment and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                let named = Self::ALL.iter().copied().find(|value| value.as_str() == text);
                named.ok_or_else(|| UnknownName { found: text.into(), expected: Self::EXPECTED })
            }
        }
    };
}

names! {
    /// What a process is run for; picks the configuration file and the passwords.
    pub enum RunMode("development, staging, production or test") {
        /// On a developer's machine.
        #[default]
        Development = "development",
        /// A rehearsal of production.
        Staging = "staging",
        /// In production.
        Production = "production",
        /// In automated tests.
        Test = "test",
    }
}

names! {
    /// How much the server logs.
    pub enum Logging("normal or verbose") {
        /// What an operator wants to know: level info.
        #[default]
        Normal = "normal",
        /// What the server does, step by step: level debug.
        Verbose = "verbose",
    }
}

impl Logging {
    /// The most detailed level that is logged.
    pub const fn level(self) -> Level {
        match self {
            Self::Normal => Level::INFO,
            Self::Verbose => Level::DEBUG,
        }
    }
}

names! {
    /// How a line of the log is written.
    pub enum LogFormat("text or json") {
        /// For people.
        #[default]
        Text = "text",
        /// For programs: one JSON object a line.
        Json = "json",
    }
}

names! {
    /// The scheme of a server's public address.
    pub enum Scheme("http or https") {
        /// Not encrypted.
        #[default]
        Http = "http",
        /// Encrypted, by a proxy before the server.
        Https = "https",
    }
}
