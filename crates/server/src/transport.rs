//! What carries frames.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use streampod_wire::FrameBuffer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes, error::CapacityError};

/// No more is taken over while as much as this is unsent.
const UNSENT_MAX_BYTES: usize = 64 * 1024;
/// How often a socket is read to throw away what comes, before other tasks of the same thread get their turn.
const DISCARDED_READS_PER_TURN: usize = 64;
/// What a pong has besides the payload of its ping.
const PONG_HEAD_BYTES: usize = 2;
/// The size of a connection's read buffer: it is there also while the connection is idle.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// What carries frames: the seam between a connection and its socket.
///
/// Frames are written into a [`FrameBuffer`] and leave it here, many with one write.
pub(crate) trait Transport: Send + Unpin + 'static {
    /// What comes next; `None` at the end.
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<Received>>;

    /// Takes over what waits in `out`, unless it holds too much already, and sends nothing yet. What was taken over goes
    /// out before the answer to anything that is received later. After the other side's close frame it is discarded.
    fn take(&mut self, out: &mut FrameBuffer) -> io::Result<()>;

    /// Whether it holds little enough to take more. Nothing is to be received while it does not, because some of that,
    /// such as a ping, it answers by itself.
    fn has_room(&self) -> bool;

    /// Sends what was taken over; ready when all of it is with the operating system.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Sends a ping frame with the next flush.
    fn ping(&mut self) -> io::Result<()>;

    /// Sends a close frame behind everything else, with `code` or none, and resolves when it is with the operating
    /// system.
    fn poll_close(&mut self, code: Option<u16>, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// What a transport received.
#[derive(Debug)]
pub(crate) enum Received {
    /// A text frame.
    Text(Utf8Bytes),
    /// A binary frame, which no client sends.
    Binary,
    /// The answer to a ping.
    Pong,
    /// Something that the transport deals with by itself.
    Other,
    /// The other side closes the connection.
    Close,
    /// A message beyond the limit, or bytes that are no WebSocket frames: close with this code.
    Violation(u16),
}

/// A WebSocket by tokio-tungstenite.
pub(crate) struct Tungstenite<S> {
    socket: WebSocketStream<S>,
    /// How many bytes of ours the socket's own buffer holds, or a few more.
    unsent: usize,
    /// Whether the socket's own buffer may hold something.
    dirty: bool,
    /// Whether a close frame was sent or received.
    closing: bool,
    /// Whether what is received cannot be read as frames any more.
    unreadable: bool,
    /// Whether the sending half of the connection is closed.
    shut_down: bool,
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Tungstenite<S> {
    /// The server's side of a socket after its handshake.
    pub(crate) async fn new(socket: S, message_max_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            // It is written when it is flushed, and not before.
            .write_buffer_size(message_max_bytes.max(UNSENT_MAX_BYTES) * 2)
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(message_max_bytes))
            .max_frame_size(Some(message_max_bytes));
        let socket = WebSocketStream::from_raw_socket(socket, Role::Server, Some(config)).await;
        Self { socket, unsent: 0, dirty: false, closing: false, unreadable: false, shut_down: false }
    }

    /// Reads and throws away what the other side goes on to send, to the end: a socket that is closed with something unread
    /// is reset, and then the other side may never see the close frame that tells it why.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.closing && !self.dirty && !self.shut_down {
            // Nothing more is sent, so the other side need not wait for it.
            self.shut_down = ready!(Pin::new(self.socket.get_mut()).poll_shutdown(context)).is_ok();
            if !self.shut_down {
                return Poll::Ready(());
            }
        }
        let mut bytes = [0; READ_BUFFER_BYTES];
        for _ in 0..DISCARDED_READS_PER_TURN {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(self.socket.get_mut()).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn feed(&mut self, message: Message) -> io::Result<()> {
        self.dirty = true;
        Pin::new(&mut self.socket).start_send(message).map_err(into_io)
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for Tungstenite<S> {
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Option<Received>> {
        if self.unreadable {
            return self.poll_discard(context).map(|()| None);
        }
        let received = match ready!(Pin::new(&mut self.socket).poll_next(context)) {
            None => return Poll::Ready(None),
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                let code = match error {
                    Error::Capacity(CapacityError::MessageTooLong { .. }) => 1009,
                    Error::Protocol(_) => 1002,
                    Error::Utf8(_) => 1007,
                    _ => return Poll::Ready(None),
                };
                self.unreadable = true;
                return Poll::Ready(Some(Received::Violation(code)));
            }
        };
        Poll::Ready(Some(match received {
            Message::Text(text) => Received::Text(text),
            Message::Binary(_) => Received::Binary,
            Message::Pong(_) => Received::Pong,
            Message::Close(_) => {
                self.closing = true;
                self.dirty = true;
                Received::Close
            }
            Message::Ping(payload) => {
                // The answer waits in the socket's buffer until it is flushed.
                self.dirty = true;
                self.unsent += PONG_HEAD_BYTES + payload.len();
                Received::Other
            }
            Message::Frame(_) => Received::Other,
        }))
    }

    fn take(&mut self, out: &mut FrameBuffer) -> io::Result<()> {
        if self.closing {
            // Nothing may follow a close frame, and one is under way.
            *out = FrameBuffer::default();
        }
        while self.has_room() {
            let Some(frame) = out.pop() else { break };
            self.unsent += frame.len();
            let text = Utf8Bytes::try_from(frame).map_err(io::Error::other)?;
            self.feed(Message::Text(text))?;
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.unsent < UNSENT_MAX_BYTES
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.dirty {
            ready!(Pin::new(&mut self.socket).poll_flush(context)).map_err(into_io)?;
            self.dirty = false;
            self.unsent = 0;
        }
        Poll::Ready(Ok(()))
    }

    fn ping(&mut self) -> io::Result<()> {
        self.feed(Message::Ping(Bytes::new()))
    }

    fn poll_close(&mut self, code: Option<u16>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.closing, true) {
            let frame = code.map(|code| CloseFrame { code: code.into(), reason: Utf8Bytes::default() });
            self.feed(Message::Close(frame))?;
        }
        self.poll_flush(context)
    }
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_) => {
            io::ErrorKind::NotConnected.into()
        }
        other => io::Error::other(other),
    }
}
