//! Why a store failed.

use std::path::PathBuf;
use std::time::Duration;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a store failed. What is kept in the store is in none of these texts, nor is a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the file.
    #[error(
        "the file {} is open in another process, and only one can use it: \
         stop that process, start this one in another folder, or enable Redis, which servers share",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be opened or made.
    #[error("the file {} could not be opened as a store", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Source,
    },
    /// The file could not be read or written.
    #[error("the file {} could not be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Source,
    },
    /// Redis did not do what it was asked.
    #[error("Redis at {address} did not answer as it should")]
    Redis {
        /// Its host and port.
        address: String,
        /// Why.
        source: Source,
    },
    /// The configuration enables Redis, and this program cannot use it.
    #[error(
        "Redis is enabled in the configuration, and this program was built without it: \
         build it with the feature `redis`, or disable Redis"
    )]
    WithoutRedis,
    /// What is in the store is not what was put there.
    #[error("the entry {key} of {map} in the store is not what Streampod writes there")]
    Unreadable {
        /// The map.
        map: String,
        /// The entry's key.
        key: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a key")]
    NoRandomness {
        /// Why.
        source: Source,
    },
    /// The store did not answer.
    #[error(
        "the store took more than {after:?} to answer, and what it was asked to change may be changed or not"
    )]
    TimedOut {
        /// How long it was waited for.
        after: Duration,
    },
    /// A store that is not of this crate failed.
    #[error("the store failed")]
    Other {
        /// Why.
        source: Source,
    },
}

impl StoreError {
    /// For stores of your own: why one failed.
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other { source: source.into() }
    }
}
