//! Node.js with the package `ws`: `bench/node`, installed by `npm ci`.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Context;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/server.mjs");

/// What serves.
pub(crate) fn command(address: SocketAddr) -> Command {
    let mut command = Command::new("node");
    command.arg(SCRIPT).arg(address.port().to_string());
    command
}

/// Becomes that process, so that it is the one whose time is read.
pub(crate) fn serve(address: SocketAddr) -> anyhow::Result<()> {
    Err(command(address).exec()).context("starting node")
}
