//! The servers, each with one thread.

mod axum;
mod floor;
mod jsonrpsee;
pub(crate) mod node;
mod redis_subscriber;
mod socketioxide;
mod streampod;
mod tonic;
mod tungstenite;

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use tracing_subscriber::util::SubscriberInitExt;

/// Of so many messages that come from another server, one is passed on.
pub(crate) const EACH: u64 = 1000;

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Server {
    /// Epoll and frames, and nothing else: one write for all that one read brought.
    Floor,
    /// The same, but one write for every frame: a plain loop of `send`.
    FloorEach,
    /// tokio-tungstenite with a read buffer of 4 KiB: sends and flushes each message.
    Tungstenite,
    /// The same, but feeds all that is there to be read, then flushes.
    TungsteniteBatched,
    /// Streampod.
    Streampod,
    /// Streampod, with what a subscriber of its spans keeps.
    StreampodSpans,
    /// Only the client library of Redis, and a WebSocket for some of what it receives.
    RedisSubscriber,
    /// tonic.
    Tonic,
    /// jsonrpsee.
    Jsonrpsee,
    /// axum: a route, and a WebSocket.
    Axum,
    /// socketioxide.
    Socketioxide,
    /// Node.js with the package `ws`.
    Node,
}

/// Serves until the process is ended.
pub(crate) fn serve(server: Server, port: u16, redis: Option<u16>) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match server {
        Server::Floor => floor::serve(address, floor::Writes::OnePerRead),
        Server::FloorEach => floor::serve(address, floor::Writes::OnePerFrame),
        Server::Tungstenite => run(tungstenite::serve(address, tungstenite::Flush::Each)),
        Server::TungsteniteBatched => run(tungstenite::serve(address, tungstenite::Flush::Batch)),
        Server::Streampod => run(streampod::serve(port, redis)),
        Server::StreampodSpans => {
            tracing_subscriber::registry().init();
            run(streampod::serve(port, redis))
        }
        Server::RedisSubscriber => {
            run(redis_subscriber::serve(address, redis.context("it needs the port of a Redis")?))
        }
        Server::Tonic => run(tonic::serve(address)),
        Server::Jsonrpsee => run(jsonrpsee::serve(address)),
        Server::Axum => run(axum::serve(address)),
        Server::Socketioxide => run(socketioxide::serve(address)),
        Server::Node => node::serve(address),
    }
}

fn run(server: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server)
}
