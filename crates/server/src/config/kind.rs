//! What a setting's value can be.

use std::time::Duration;

use super::{LogFormat, Logging, RunMode, Scheme};

/// What a setting's value can be: how it is read from text, and what an error says is expected.
pub(super) struct Kind<T> {
    pub(super) expected: &'static str,
    pub(super) syntax: Syntax,
    pub(super) read: fn(&str) -> Option<T>,
}

/// How a value is written in YAML.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// As text; a number or Boolean has to be in quotes.
    Text,
    /// As a word or number, with or without quotes.
    Any,
}

pub(super) const RUN_MODE: Kind<RunMode> = named(RunMode::EXPECTED, |text| text.parse().ok());
pub(super) const LOGGING: Kind<Logging> = named(Logging::EXPECTED, |text| text.parse().ok());
pub(super) const LOG_FORMAT: Kind<LogFormat> = named(LogFormat::EXPECTED, |text| text.parse().ok());
pub(super) const SCHEME: Kind<Scheme> = named(Scheme::EXPECTED, |text| text.parse().ok());

pub(super) const BOOLEAN: Kind<bool> = Kind {
    expected: "true or false",
    syntax: Syntax::Any,
    read: |text| text.to_ascii_lowercase().parse().ok(),
};

pub(super) const PORT: Kind<u16> =
    Kind { expected: "a port number from 0 to 65535", syntax: Syntax::Any, read: |text| text.parse().ok() };

pub(super) const SIZE_BYTES: Kind<usize> = Kind {
    expected: "a number of bytes, at least 1",
    syntax: Syntax::Any,
    read: |text| text.parse().ok().filter(|bytes| *bytes >= 1),
};

/// So many of something that takes memory; the upper bound is where it cannot be meant any more.
pub(super) const COUNT: Kind<usize> = Kind {
    expected: "a whole number from 0 to 1000000",
    syntax: Syntax::Any,
    read: |text| text.parse().ok().filter(|count| *count <= 1_000_000),
};

/// The upper bound keeps `Instant::now() + interval` from overflowing.
pub(super) const INTERVAL: Kind<Duration> = Kind {
    expected: "a whole number of seconds from 1 to 4294967295",
    syntax: Syntax::Any,
    read: |text| {
        text.parse::<u32>()
            .ok()
            .filter(|seconds| *seconds >= 1)
            .map(|seconds| Duration::from_secs(seconds.into()))
    },
};

pub(super) const HOST: Kind<String> = Kind {
    expected: "a host name or IP address, without scheme and path",
    syntax: Syntax::Text,
    read: |text| {
        let is_host = !text.is_empty() && !text.contains(|c: char| c == '/' || c.is_whitespace());
        is_host.then(|| text.into())
    },
};

/// Text that may be empty.
pub(super) const TEXT: Kind<String> = Kind {
    expected: "text, in quotes if it looks like a number",
    syntax: Syntax::Text,
    read: |text| Some(text.into()),
};

pub(super) const NON_EMPTY_TEXT: Kind<String> = Kind {
    expected: "text that is not empty, in quotes if it looks like a number",
    syntax: Syntax::Text,
    read: |text| (!text.is_empty()).then(|| text.into()),
};

const fn named<T>(expected: &'static str, read: fn(&str) -> Option<T>) -> Kind<T> {
    Kind { expected, syntax: Syntax::Any, read }
}
