//! What the macros write: schemas, models on the wire, and endpoints that are called.

mod derive;
mod endpoint;
mod hostile;
mod kit;
mod models;
mod schema;
#[cfg(feature = "serde")]
mod serde;
