//! tokio-tungstenite, which sends back what it gets.

use std::net::SocketAddr;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const READ_BUFFER_BYTES: usize = 4 * 1024;

/// When what was received is sent back.
#[derive(Clone, Copy)]
pub(crate) enum Flush {
    /// Each message at once.
    Each,
    /// When nothing more is there to be read.
    Batch,
}

/// Serves until the process is ended.
pub(crate) async fn serve(address: SocketAddr, flush: Flush) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(async move {
            // A load that has measured enough just goes; one that misses something says so itself.
            let _ = connection(socket, flush).await;
        });
    }
}

async fn connection(socket: TcpStream, flush: Flush) -> anyhow::Result<()> {
    socket.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let mut socket = accept_async_with_config(socket, Some(config)).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_close() {
            break;
        }
        match flush {
            Flush::Each => socket.send(message).await?,
            Flush::Batch => {
                socket.feed(message).await?;
                while let Some(Some(message)) = socket.next().now_or_never() {
                    socket.feed(message?).await?;
                }
                socket.flush().await?;
            }
        }
    }
    Ok(())
}
