//! axum: a route that takes and returns JSON, by serde_json, and a WebSocket that sends back what it gets.

use std::net::SocketAddr;

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{Message, WebSocket};
use axum::routing::{any, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::Deserialize;
use tokio::net::TcpListener;

/// What is posted, as Streampod's clients do.
#[derive(Deserialize)]
struct Arguments {
    text: String,
}

/// Serves until the process is ended.
pub(crate) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/bench", post(async |Json(arguments): Json<Arguments>| Json(arguments.text)))
        .route("/v1/websocket", any(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo)));
    serve_router(address, router).await
}

/// Serves a router, without Nagle's delays, as all servers here do.
pub(crate) async fn serve_router(address: SocketAddr, router: Router) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await?.tap_io(|socket| {
        // Fails on a connection that is gone already.
        let _ = socket.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// One message after the other, as axum's examples do.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Close(_)) || socket.send(message).await.is_err() {
            return;
        }
    }
}
