//! WebSockets.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use streampod_websocket::{Close, Event, Reader, Role, Writer};
use streampod_wire::{FrameBuffer, Framing};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::compression::{Compressed, ThreadInflater, framing};
use super::{Received, Transport};

/// No more is taken over while as much as this is unsent.
const UNSENT_MAX_BYTES: usize = 64 * 1024;
/// How often a socket is read to throw away what comes, before other tasks of the same thread get their turn.
const DISCARDED_READS_PER_TURN: usize = 64;
/// The size of the buffer into which all connections of a thread read.
const SCRATCH_BYTES: usize = 64 * 1024;
/// The largest buffer that a thread keeps to be written into.
const SPARE_MAX_BYTES: usize = 256 * 1024;

thread_local! {
    /// What connections read into, one after the other.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// What connections write into, one after the other.
    static SPARE: Cell<BytesMut> = Cell::new(BytesMut::new());
}

/// A WebSocket. While it is idle it owns no memory but its own.
pub(crate) struct WebSocket<S> {
    socket: S,
    reader: Reader,
    /// What is to be sent.
    out: BytesMut,
    /// How much of it is sent.
    sent: usize,
    /// Whether a close frame is in `out` or sent.
    closing: bool,
    /// Whether what is received cannot be read as frames any more.
    unreadable: bool,
    /// Whether the sending half of the connection is closed.
    shut_down: bool,
    /// How what is sent is compressed, if it is.
    compressed: Option<Compressed>,
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> WebSocket<S> {
    /// The server's side of a socket after its handshake, of which `received` came already.
    pub(crate) fn new(
        socket: S,
        received: &[u8],
        message_max_bytes: usize,
        compressed: Option<Compressed>,
    ) -> Self {
        let mut reader = Reader::new(Role::Server, message_max_bytes);
        if compressed.is_some() {
            reader = reader.accepting_deflated();
        }
        // Dropped unread, it is left in the reader.
        drop(reader.input(&mut received.to_vec()));
        let out = BytesMut::new();
        Self { socket, reader, out, sent: 0, closing: false, unreadable: false, shut_down: false, compressed }
    }

    /// How many bytes of memory it owns beside itself.
    #[cfg(test)]
    pub(super) fn owned_bytes(&self) -> usize {
        self.reader.owned_bytes() + self.out.capacity()
    }

    /// How much is to be sent.
    fn unsent(&self) -> usize {
        self.out.len() - self.sent
    }

    /// Reads into `scratch`; how much, which is nothing at the end.
    fn poll_read(&mut self, scratch: &mut Vec<u8>, context: &mut Context<'_>) -> Poll<usize> {
        scratch.resize(SCRATCH_BYTES, 0);
        let mut buffer = ReadBuf::new(scratch);
        // A connection that is lost has come to its end.
        let read = ready!(Pin::new(&mut self.socket).poll_read(context, &mut buffer)).is_ok();
        Poll::Ready(if read { buffer.filled().len() } else { 0 })
    }

    /// Reads and throws away what the other side goes on to send, to the end: a socket that is closed with something unread
    /// is reset, and then the other side may never see the close frame that tells it why.
    fn poll_discard(&mut self, scratch: &mut Vec<u8>, context: &mut Context<'_>) -> Poll<()> {
        if self.closing && self.unsent() == 0 && !self.shut_down {
            // Nothing more is sent, so the other side need not wait for it.
            self.shut_down = ready!(Pin::new(&mut self.socket).poll_shutdown(context)).is_ok();
            if !self.shut_down {
                return Poll::Ready(());
            }
        }
        for _ in 0..DISCARDED_READS_PER_TURN {
            if ready!(self.poll_read(scratch, context)) == 0 {
                return Poll::Ready(());
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Like [`Transport::poll_receive`], with a buffer to read into.
    fn poll_receive_into(
        &mut self,
        scratch: &mut Vec<u8>,
        context: &mut Context<'_>,
        mut receive: impl FnMut(Received<'_>) -> bool,
    ) -> Poll<Option<()>> {
        if self.unreadable {
            return self.poll_discard(scratch, context).map(|()| None);
        }
        if self.reader.is_closed() && self.closing {
            // Both sides have closed, and it is the server that ends the connection.
            return Poll::Ready(None);
        }
        let message_max_bytes = self.reader.message_max_bytes();
        let mut inflater = ThreadInflater::default();
        let mut any = false;
        'read: loop {
            let read = if self.reader.has_rest() { 0 } else { ready!(self.poll_read(scratch, context)) };
            if read == 0 && !self.reader.has_rest() {
                // The end waits until what came before it has had its effect.
                return Poll::Ready(any.then_some(()));
            }
            let mut input = self.reader.input(&mut scratch[..read]);
            let mut goes_on = true;
            while goes_on && self.out.len() - self.sent < UNSENT_MAX_BYTES {
                let received = match input.next() {
                    // To know that nothing more has come takes no system call.
                    Ok(None) => continue 'read,
                    Ok(Some(Event::Text(text))) => Received::Text(text),
                    Ok(Some(Event::Ping(payload))) => {
                        any = true;
                        if !self.closing {
                            // It fits, because it fitted the ping.
                            let _ = Writer::server().pong(&mut self.out, payload);
                        }
                        continue;
                    }
                    Ok(Some(Event::Pong(_))) => Received::Pong,
                    Ok(Some(Event::Close(close))) => Received::Close(close.map(|close| close.code)),
                    Ok(Some(Event::Binary(bytes))) => Received::Binary(bytes),
                    // Nobody hears it any more, and inflating it could take long.
                    Ok(Some(Event::Deflated(_))) if self.closing => {
                        any = true;
                        continue;
                    }
                    Ok(Some(Event::Deflated(message))) => {
                        let inflated = inflater.inflate(message, message_max_bytes);
                        self.unreadable = matches!(inflated, Received::Violation(_));
                        goes_on = !self.unreadable;
                        inflated
                    }
                    Err(violation) => {
                        self.unreadable = true;
                        goes_on = false;
                        Received::Violation(violation.code())
                    }
                };
                any = true;
                goes_on &= receive(received);
                if goes_on && inflater.is_tired() {
                    // Other connections of the thread get their turn.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
            return Poll::Ready(Some(()));
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for WebSocket<S> {
    fn framing(&self) -> Framing {
        framing(self.compressed)
    }

    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        receive: impl FnMut(Received<'_>) -> bool,
    ) -> Poll<Option<()>> {
        let mut scratch = SCRATCH.take();
        let received = self.poll_receive_into(&mut scratch, context, receive);
        SCRATCH.set(scratch);
        received
    }

    fn lend(out: &mut FrameBuffer) {
        out.lend(|| SPARE.take());
    }

    fn take(&mut self, out: &mut FrameBuffer) {
        if out.is_empty() {
            // What was lent and not used.
            give_back(out.take());
        } else if self.out.is_empty() {
            self.out = out.take();
        } else if self.has_room() {
            let more = out.take();
            self.out.extend_from_slice(&more);
            give_back(more);
        }
    }

    fn has_room(&self) -> bool {
        self.unsent() < UNSENT_MAX_BYTES
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.unsent() > 0 {
            let written = ready!(Pin::new(&mut self.socket).poll_write(context, &self.out[self.sent..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        if self.sent > 0 {
            self.sent = 0;
            give_back(std::mem::take(&mut self.out));
            return Pin::new(&mut self.socket).poll_flush(context);
        }
        Poll::Ready(Ok(()))
    }

    fn ping(&mut self) {
        if !self.closing {
            // It fits: it is empty.
            let _ = Writer::server().ping(&mut self.out, &[]);
        }
    }

    fn poll_close(&mut self, code: Option<u16>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.closing, true) {
            let close = code.map(|code| Close { code, reason: "" });
            Writer::server().close(&mut self.out, close);
        }
        self.poll_flush(context)
    }
}

/// Gives the memory of a buffer back to the connections of this thread.
fn give_back(mut buffer: BytesMut) {
    if buffer.capacity() == 0 {
        return;
    }
    buffer.clear();
    let kept = SPARE.take();
    let is_better = buffer.capacity() > kept.capacity() && buffer.capacity() <= SPARE_MAX_BYTES;
    SPARE.set(if is_better { buffer } else { kept });
}
