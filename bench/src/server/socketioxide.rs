//! socketioxide: events of Socket.IO, which it sends back.

use std::net::SocketAddr;

use ::axum::Router;
use ::socketioxide::SocketIo;
use ::socketioxide::extract::{Data, SocketRef};

/// How many packets may wait for a socket; by default, an event is dropped when there are 128.
const WAITING_MAX: usize = 4096;

/// Serves until the process is ended.
pub(crate) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let (layer, io) = SocketIo::builder().max_buffer_size(WAITING_MAX).build_layer();
    io.ns("/", async |socket: SocketRef| {
        socket.on("text", async |socket: SocketRef, Data::<String>(text)| {
            // What cannot be sent is missed by the load.
            let _ = socket.emit("text", &text);
        });
    });
    super::axum::serve_router(address, Router::new().layer(layer)).await
}
