//! Ready-made authentication, through a server on a real port.

mod failing;
#[cfg(feature = "jwt")]
mod jwt;
mod keys;
