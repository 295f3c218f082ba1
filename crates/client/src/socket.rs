//! A WebSocket.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use streampod_wire::FrameBuffer;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::transport::ByteStream;

/// No more is taken over while as much as this is unsent.
const UNSENT_MAX_BYTES: usize = 64 * 1024;
/// The size of the read buffer: it is there also while the connection is idle.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// A WebSocket, into which many frames go with one write.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: WebSocketStream<Box<dyn ByteStream>>,
    /// How many bytes of ours the socket's own buffer holds, or a few more.
    unsent: usize,
    /// Whether the socket's own buffer may hold something.
    dirty: bool,
    /// Whether a close frame was received.
    closed: bool,
}

impl Socket {
    /// Opens a WebSocket over `stream`.
    pub(crate) async fn handshake(
        url: String,
        stream: Box<dyn ByteStream>,
        message_max_bytes: usize,
    ) -> io::Result<Self> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            // It is written when it is flushed, and not before.
            .write_buffer_size(usize::MAX / 2)
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(message_max_bytes))
            .max_frame_size(Some(message_max_bytes));
        let handshake = tokio_tungstenite::client_async_with_config(url, stream, Some(config));
        let (socket, _) = handshake.await.map_err(into_io)?;
        Ok(Self { socket, unsent: 0, dirty: false, closed: false })
    }

    /// The text frame that comes next; none for something else, with which the socket deals by itself. It fails at the end.
    pub(crate) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Utf8Bytes>>> {
        let message = ready!(Pin::new(&mut self.socket).poll_next(context)).transpose().map_err(into_io)?;
        Poll::Ready(match message {
            Some(Message::Text(text)) => Ok(Some(text)),
            Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {
                // The answer waits in the socket's buffer until it is flushed.
                self.dirty = true;
                Ok(None)
            }
            Some(Message::Binary(_)) => Err(io::Error::other("the server sent a binary frame")),
            Some(Message::Close(_)) => {
                self.closed = true;
                self.dirty = true;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            None => Err(io::ErrorKind::ConnectionAborted.into()),
        })
    }

    /// Takes over what waits in `out`, unless it holds too much already, and sends nothing yet.
    pub(crate) fn take(&mut self, out: &mut FrameBuffer) -> io::Result<()> {
        if self.closed {
            // Nothing may follow a close frame.
            *out = FrameBuffer::default();
        }
        while self.unsent < UNSENT_MAX_BYTES {
            let Some(frame) = out.pop() else { break };
            self.unsent += frame.len();
            let text = Utf8Bytes::try_from(frame).map_err(io::Error::other)?;
            self.feed(Message::Text(text))?;
        }
        Ok(())
    }

    fn feed(&mut self, message: Message) -> io::Result<()> {
        self.dirty = true;
        Pin::new(&mut self.socket).start_send(message).map_err(into_io)
    }

    /// Sends what was taken over; ready when all of it is with the operating system.
    pub(crate) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.dirty {
            ready!(Pin::new(&mut self.socket).poll_flush(context)).map_err(into_io)?;
            self.dirty = false;
            self.unsent = 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what waits, then an empty close frame, and awaits the server's.
    pub(crate) async fn close(mut self, mut out: FrameBuffer) -> io::Result<()> {
        while !out.is_empty() {
            self.take(&mut out)?;
            poll_fn(|context| self.poll_flush(context)).await?;
        }
        if !self.closed {
            self.feed(Message::Close(None))?;
        }
        poll_fn(|context| self.poll_flush(context)).await?;
        while !self.closed && poll_fn(|context| self.poll_receive(context)).await?.is_some() {}
        Ok(())
    }
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => io::ErrorKind::ConnectionReset.into(),
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::NotConnected.into(),
        other => io::Error::other(other),
    }
}
