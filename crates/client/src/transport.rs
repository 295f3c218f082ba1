//! How a client reaches its server.

use std::fmt;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::url::ServerUrl;

/// How a client reaches its server: a byte stream for each connection, over which it speaks HTTP or WebSocket.
///
/// [`Client::new`](crate::Client::new) uses TCP, and TLS with the feature `tls`. With [`Client::with_transport`](crate::Client::with_transport) it can be
/// anything, such as a Unix socket or, for tests, [`fake::FakeServer`](crate::fake::FakeServer).
pub trait Transport: Send + Sync + 'static {
    /// Opens a connection to the server. Dropping the future gives up.
    fn connect(&self) -> Connecting;
}

/// A connection that is being opened.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<Box<dyn ByteStream>>> + Send>>;

/// Bytes both ways.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> ByteStream for S {}

impl fmt::Debug for dyn ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

/// TCP, without encryption.
#[derive(Debug, Clone)]
pub(crate) struct Tcp {
    host: String,
    port: u16,
}

impl Tcp {
    pub(crate) fn to(url: &ServerUrl) -> Self {
        Self { host: url.host.clone(), port: url.port }
    }
}

impl Transport for Tcp {
    fn connect(&self) -> Connecting {
        let address = (self.host.clone(), self.port);
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn ByteStream>)
        })
    }
}
