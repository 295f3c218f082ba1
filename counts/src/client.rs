//! A client that costs next to nothing: it sends bytes that it has, and compares what comes.

use anyhow::ensure;

use crate::frames::{masked, plain};
use crate::paths::Transfers;
use crate::pipe::Pipe;

/// The key of a handshake, from RFC 6455, section 1.3.
const UPGRADE: &str = "GET /v1/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                       Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
/// How an answer to that ends.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// The client's end of a connection.
pub(crate) struct Client {
    pipe: Pipe,
}

impl Client {
    /// A client whose pipe the server has.
    pub(crate) fn new(pipe: Pipe) -> Self {
        Self { pipe }
    }

    /// Makes the connection a WebSocket.
    pub(crate) async fn upgrade(&self) -> anyhow::Result<()> {
        self.pipe.send(UPGRADE.as_bytes());
        let is_whole = |answer: &[u8]| answer.starts_with(b"HTTP/1.1 101") && answer.ends_with(HEAD_END);
        let is_upgraded = self.pipe.received(1, is_whole).await;
        ensure!(is_upgraded, "the server did not upgrade the connection");
        Ok(())
    }

    /// Sends a frame with this text, which is answered by one with that.
    pub(crate) async fn exchange_text(&self, text: &str, answer: &str) -> anyhow::Result<()> {
        self.exchange(&masked(text), &Answer::exactly(plain(answer))).await
    }

    /// Sends bytes, which are answered like this.
    pub(crate) async fn exchange(&self, request: &[u8], answer: &Answer) -> anyhow::Result<()> {
        self.pipe.send(request);
        self.receive(answer).await
    }

    /// Waits for this.
    pub(crate) async fn receive(&self, answer: &Answer) -> anyhow::Result<()> {
        let length = answer.length;
        self.pipe
            .received(length, |bytes| {
                let is_right =
                    bytes.len() == length && bytes.starts_with(&answer.start) && bytes.ends_with(&answer.end);
                ensure!(is_right, "the server answered {}", bytes.escape_ascii());
                Ok(())
            })
            .await
    }

    /// What the server answers to this, whatever that is, if it writes all of it at once.
    pub(crate) async fn ask(&self, request: &[u8]) -> Vec<u8> {
        self.pipe.send(request);
        self.pipe.received(1, <[u8]>::to_vec).await
    }

    /// How often the server has read and written.
    pub(crate) fn transfers(&self) -> Transfers {
        self.pipe.transfers()
    }
}

/// What is to come.
pub(crate) struct Answer {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Vec<u8>,
    pub(crate) length: usize,
}

impl Answer {
    /// These bytes and no others.
    pub(crate) fn exactly(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len(), start: bytes, end: Vec::new() }
    }
}
