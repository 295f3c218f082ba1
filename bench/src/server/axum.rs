//! axum with serde_json: a route that takes and returns JSON.

use std::net::SocketAddr;

use axum::routing::post;
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
    let router =
        Router::new().route("/bench", post(async |Json(arguments): Json<Arguments>| Json(arguments.text)));
    Ok(axum::serve(TcpListener::bind(address).await?, router).await?)
}
