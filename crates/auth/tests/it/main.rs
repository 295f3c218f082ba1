//! Keys, tokens, and the stores behind them, which are real: files and a Redis of the test's own.

#![allow(clippy::unwrap_used)]

mod contract;
mod file_store;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "jwt")]
mod jwt_forged;
mod keys;
mod keys_interrupted;
mod kit;
mod logs;
#[cfg(feature = "redis")]
mod redis_demoted;
#[cfg(feature = "redis")]
mod redis_store;
mod revoked;
