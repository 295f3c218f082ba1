//! The server over real sockets.

mod http;
mod kit;
mod lifetimes;
mod limits;
mod messages;
mod robustness;
mod shutdown;
mod transcripts;
