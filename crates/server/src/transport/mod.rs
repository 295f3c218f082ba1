//! What carries frames.

mod compression;
#[cfg(test)]
mod tests;
mod websocket;

use std::io;
use std::task::{Context, Poll};

use streampod_wire::{FrameBuffer, Framing};

pub(crate) use compression::Compressed;
pub(crate) use websocket::WebSocket;

/// What carries frames: the seam between a connection and its socket.
///
/// Frames are written into a [`FrameBuffer`] and leave it here, many with one write.
pub(crate) trait Transport: Send + Unpin + 'static {
    /// How frames are to be written.
    fn framing(&self) -> Framing;

    /// Hands over what has come, one after the other, until `receive` wants no more; what is left is handed over by the next call.
    /// Pending when all of it has been handed over; ready when there may be more, or with `None` at the end.
    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        receive: impl FnMut(Received<'_>) -> bool,
    ) -> Poll<Option<()>>;

    /// Lends `out` memory to write into, if it has none.
    fn lend(out: &mut FrameBuffer);

    /// Takes over what waits in `out`, with its memory, unless it holds too much already, and sends nothing yet.
    fn take(&mut self, out: &mut FrameBuffer);

    /// Whether it holds little enough to take more. Nothing is to be received while it does not, because some of that,
    /// such as a ping, it answers by itself.
    fn has_room(&self) -> bool;

    /// Sends what was taken over; ready when all of it is with the operating system.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Sends a ping frame with the next flush.
    fn ping(&mut self);

    /// Sends a close frame behind everything else, with `code` or none, and resolves when it is with the operating
    /// system.
    fn poll_close(&mut self, code: Option<u16>, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// What a transport received.
#[derive(Debug)]
pub(crate) enum Received<'a> {
    /// A text frame.
    Text(&'a str),
    /// A binary frame, which no client sends.
    Binary(&'a [u8]),
    /// The answer to a ping.
    Pong,
    /// The other side closes the connection, with this code or none: close it with the same.
    Close(Option<u16>),
    /// A message beyond the limit, or bytes that are no WebSocket frames, or no compressed message: close with this code.
    Violation(u16),
}
