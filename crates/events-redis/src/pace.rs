//! Reading no more at once than others can keep up with.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes are read before others have their turn. In their shortest form, fewer messages fit than a subscription with
/// the default bound may be behind.
pub(crate) const TURN_BYTES: usize = 8 * 1024;

/// A socket from which no more is read at once than those can keep up with who read what arrives.
///
/// Otherwise a burst would be delivered as a whole, and the rings of the channels would run over before any subscriber has
/// had a chance to run.
pub(crate) struct Paced<S> {
    socket: S,
    /// How many bytes may be read in this turn.
    left: usize,
}

impl<S> Paced<S> {
    pub(crate) fn new(socket: S) -> Self {
        Self { socket, left: TURN_BYTES }
    }

    /// How many bytes may be read before others have their turn.
    pub(crate) fn left(&self) -> usize {
        self.left
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            self.left = TURN_BYTES;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let (before, left) = (buffer.filled().len(), self.left);
        let read = if buffer.remaining() <= left {
            Pin::new(&mut self.socket).poll_read(context, buffer)
        } else {
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(left));
            let read = Pin::new(&mut self.socket).poll_read(context, &mut part);
            let bytes = part.filled().len();
            buffer.advance(bytes);
            read
        };
        if read.is_pending() {
            self.left = TURN_BYTES;
        }
        ready!(read)?;
        self.left -= buffer.filled().len() - before;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
