//! Ready-made authentication for Streampod.
//!
//! [`Keys`] are what a server hands out when somebody signs in: a client holds `id:key`, the server a hash of the key.
//! They rest in a [`Store`]: a file in the working folder, or Redis (feature `redis`), which several servers share. `Jwt`
//! (feature `jwt`) takes JSON web tokens that somebody else issues. Both give a handler to `Server::authentication`, and a
//! server can have several.

mod device;
mod file_store;
mod from_config;
mod issued_key;
#[cfg(feature = "jwt")]
mod jwt;
mod keys;
mod memory_store;
mod open_files;
mod record;
#[cfg(feature = "redis")]
mod redis_connection;
#[cfg(feature = "redis")]
mod redis_store;
mod store;
mod store_error;
mod taking_away;
mod token;
mod writing;

pub use device::{Device, SignIn};
pub use file_store::FileStore;
pub use from_config::store_from_config;
pub use issued_key::IssuedKey;
#[cfg(feature = "jwt")]
pub use jwt::{Jwt, JwtError};
pub use keys::{HandlerFuture, Keys};
pub use memory_store::MemoryStore;
#[cfg(feature = "redis")]
pub use redis_store::RedisStore;
pub use store::{Store, StoreFuture};
pub use store_error::StoreError;
