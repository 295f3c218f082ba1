//! A framework for real-time backends.
//!
//! You write endpoints. A method that takes or returns a stream becomes a *streaming method*, and all of them share one
//! WebSocket that manages itself. Sessions message each other over *channels*. It speaks Serverpod's wire protocol, so
//! existing Flutter apps talk to it unchanged.
//!
#![cfg_attr(feature = "server", doc = "```no_run")]
#![cfg_attr(not(feature = "server"), doc = "```ignore")]
//! use streampod::prelude::*;
//!
//! pub struct Example;
//!
//! #[endpoint]
//! impl Example {
//!     /// Greets someone.
//!     async fn hello(&self, _session: &Session, name: String) -> Result<String> {
//!         Ok(format!("Hello {name}"))
//!     }
//!
//!     /// Sends every message back.
//!     fn echo_stream(&self, _session: &Session, messages: Input<Value>) -> impl Stream<Item = Result<Value>> {
//!         messages
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), StartError> {
//!     Server::from_config()?.endpoint(Example).run().await
//! }
//! ```

#[cfg(feature = "server")]
mod from_config;
mod property;
#[cfg(feature = "redis")]
mod redis;

pub use async_stream::{stream, try_stream};
pub use futures_util::{Stream, StreamExt, TryStreamExt};
pub use streampod_macros::{Exception, Model};
pub use streampod_schema as schema;
pub use streampod_wire::{Collection, Object, Shared, Uri, Value};

#[cfg(feature = "server")]
pub use from_config::FromConfig;
#[cfg(feature = "redis")]
pub use redis::redis;
#[cfg(feature = "server")]
pub use streampod_events::{OnLag, PostError, PostErrorKind, SubscribeOptions, SubscriptionError};
#[cfg(feature = "server")]
pub use streampod_macros::endpoint;
#[cfg(feature = "server")]
pub use streampod_server::{
    AuthenticationInfo, Compression, Config, ConfigError, Error, Handle, Input, InputError, InternalSession,
    Level, Limits, Listener, LogFormat, MessageStream, Messages, PostScope, Redis, Result, Revocation,
    RunMode, RunningServer, Server, ServerAddress, Session, SessionLogs, StartError, Stats,
};

/// The deprecated streaming endpoints.
#[cfg(feature = "server")]
#[allow(deprecated)]
pub use streampod_server::{StreamingConnectionClosed, StreamingEndpoint, StreamingSession};

/// Ready-made authentication: keys that the server hands out, and JSON web tokens (feature `jwt`).
#[cfg(feature = "auth")]
pub use streampod_auth as auth;

/// The runtime of generated clients.
#[cfg(feature = "client")]
pub use streampod_client as client;

/// The Rust types of the wire protocol that come from other crates.
pub mod types {
    pub use bytes::Bytes;
    pub use num_bigint::BigInt;
    pub use streampod_wire::Uri;
    /// A duration that may be negative; `std::time::Duration` travels too.
    pub use time::Duration as SignedDuration;
    pub use time::UtcDateTime;
    pub use uuid::Uuid;

    /// A double that can be an element of a set or a key of a map.
    pub use ordered_float::OrderedFloat;

    /// The time, as exactly as it travels: to the microsecond.
    pub fn now() -> UtcDateTime {
        let now = UtcDateTime::now();
        now.replace_microsecond(now.microsecond()).unwrap_or(now)
    }
}

/// What most endpoints need.
pub mod prelude {
    pub use crate::types::*;
    pub use crate::{Exception, Model, Shared, Stream, StreamExt, TryStreamExt, Value, stream, try_stream};
    #[cfg(feature = "server")]
    pub use crate::{FromConfig, Input, Result, Server, Session, StartError, endpoint};
}

/// How values are written and read, for those who write it by hand.
pub mod wire {
    pub use streampod_wire::{
        Audience, Catalog, Class, ClassName, Decode, DecodeError, Decoder, ElementType, Encode, EncodeError,
        Encoder, Exception, Model, Wrapped, WrappedError, from_wrapped, required,
    };

    /// The value that `json` encodes, as it stands on the wire: for values that are written into code, such as defaults.
    ///
    /// # Panics
    ///
    /// Panics if there is no such value.
    pub fn from_json<T: Decode>(json: &str) -> T {
        match Decoder::decode(json, &Catalog::new()) {
            Ok(value) => value,
            Err(error) => panic!("{json} is not the JSON of the type: {error}"),
        }
    }
}

/// The models that the package's `build.rs` made of `.spy.yaml` files, by `streampod_codegen::build("models")`.
///
/// ```ignore
/// streampod::models!();
/// ```
#[macro_export]
macro_rules! models {
    () => {
        #[allow(dead_code, deprecated, missing_docs, unreachable_pub)]
        mod streampod_models {
            ::std::include!(::std::concat!(::std::env!("OUT_DIR"), "/models.rs"));
        }

        pub use streampod_models::*;
    };
}

/// The code in the README and of the tests in `docs` is compiled by `cargo test --doc`.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../../docs/testing.md")]
struct Testing;

#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../../docs/streaming-endpoints.md")]
struct StreamingEndpoints;

#[cfg(all(doctest, feature = "jwt"))]
#[doc = include_str!("../../../docs/authentication.md")]
struct Authentication;

#[doc(hidden)]
pub mod __private;

/// Makes an exception what a method's `?` takes.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! __exception {
    ($exception:ident) => {
        #[automatically_derived]
        impl ::std::convert::From<$exception> for $crate::Error {
            fn from(exception: $exception) -> Self {
                $crate::Error::exception(exception)
            }
        }
    };
}

/// Without a server, no method throws.
#[cfg(not(feature = "server"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __exception {
    ($exception:ident) => {};
}
