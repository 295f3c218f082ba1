//! The reader's tests.
#![allow(clippy::unwrap_used, missing_docs)]

mod diagnostics;
mod kit;
mod modules;
mod property;
mod schema;
