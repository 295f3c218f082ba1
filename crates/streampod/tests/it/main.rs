//! What the macros write: schemas, models on the wire, and endpoints that are called.

// Clippy's permission to unwrap in tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used)]

mod access;
#[cfg(feature = "auth")]
mod auth;
mod derive;
mod endpoint;
mod from_macros;
mod hostile;
mod kit;
mod models;
mod modules;
mod received;
mod schema;
#[cfg(feature = "serde")]
mod serde;
// Public, so that what it demands of public items is demanded of what the macros write, too.
pub mod signatures;
mod socket;
