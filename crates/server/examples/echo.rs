//! The server with an echo at `/echo`, on which Autobahn runs (`cargo xtask autobahn`).
//!
//! `cargo run -p streampod-server --example echo --features echo -- 9001`

use std::time::Duration;

use streampod_server::{Config, Limits, Server, StartError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    let mut config = Config::default();
    config.api_server.port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(9001);
    // Everything is compressed, and nothing is said that was not asked for.
    config.websocket_compression.enabled = true;
    config.websocket_compression.threshold_bytes = 1;
    config.websocket_ping_interval = Duration::from_secs(3600);
    let mut limits = Limits::default();
    limits.message_max_bytes = 32 * 1024 * 1024;
    let server = Server::new(config).limits(limits).start().await?;
    println!("listening on 127.0.0.1:{}", server.api_address().port());
    std::future::pending().await
}
