//! Connections and calls on which nothing happens.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Options;
use super::engine::Engine;
use super::process::Process;

/// How long the server's memory is watched when all is open: what opening took is freed by then.
const SETTLING: Duration = Duration::from_secs(1);

/// Opens all connections and calls, and returns what the server's memory has grown by.
pub(crate) fn run(options: &Options, server: &Process) -> anyhow::Result<Value> {
    let before = server.resident()?;
    let dialects = (0..options.connections)
        .map(|connection| (options.address, options.peer.idle(connection, options.in_flight)));
    let mut engine = Engine::connect(options.patience, dialects)?;
    let start = Instant::now();
    while start.elapsed() < SETTLING {
        engine.turn(Duration::from_millis(100), |_, _| 0)?;
    }
    let bytes = server.resident()?.saturating_sub(before) as f64;
    let calls = (options.connections * options.in_flight.max(1)) as f64;
    Ok(json!({
        "bytesPerConnection": bytes / options.connections as f64,
        "bytesPerCall": bytes / calls,
    }))
}
