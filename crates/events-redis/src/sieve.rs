//! Taking the messages out of what arrives.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::arriving::{Arriving, First};
use crate::pace::{Paced, TURN_BYTES};

/// What is called with the messages that arrived together, while the connection is polled. What Redis sends next is not read
/// meanwhile, so that no queue is needed here.
pub(crate) type OnMessages = Box<dyn Fn(&mut Messages<'_>) + Send + Sync>;

/// A socket of which the client library reads everything but messages.
///
/// There may be hundreds of thousands of them in a second. They are short and always look the same, and to read them as any
/// answer of Redis would cost more than all that is done with them.
///
/// What stands before a message is read by the library before the message is handed on, for it asks for more only when it has
/// read all that it was given.
pub(crate) struct Sieve<S> {
    socket: Paced<S>,
    /// None where nobody listens to anything: then all of it is for the library.
    on_messages: Option<OnMessages>,
    arriving: Arriving,
    /// What arrived, and nobody was given yet.
    buffer: BytesMut,
    /// How much of its beginning is for the library.
    others: usize,
}

/// The messages at the beginning of some bytes.
pub(crate) struct Messages<'a> {
    arriving: &'a mut Arriving,
    bytes: &'a [u8],
    /// How many of the bytes were messages.
    taken: usize,
    /// How many of the bytes behind them are something else.
    others: usize,
}

impl<S> Sieve<S> {
    /// A socket from which `on_messages` is called with the messages.
    pub(crate) fn new(socket: S, on_messages: Option<OnMessages>) -> Self {
        let (socket, arriving, buffer) = (Paced::new(socket), Arriving::default(), BytesMut::new());
        Self { socket, on_messages, arriving, buffer, others: 0 }
    }
}

impl<S: AsyncRead + Unpin> Sieve<S> {
    /// Hands on messages until something else comes first, or nothing that is complete.
    fn hand_on(&mut self) {
        let Some(on_messages) = &self.on_messages else { return };
        let mut messages =
            Messages { arriving: &mut self.arriving, bytes: &self.buffer, taken: 0, others: 0 };
        on_messages(&mut messages);
        // Those are skipped that it did not ask for.
        messages.by_ref().for_each(drop);
        let Messages { taken, others, .. } = messages;
        self.buffer.advance(taken);
        self.others = others;
    }

    /// Reads what is there, as far as it fits into this turn. Returns how much that was: nothing at the end.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.buffer.reserve(TURN_BYTES.saturating_sub(self.buffer.len()).max(TURN_BYTES / 2));
        if self.buffer.is_empty() && self.buffer.capacity() > TURN_BYTES {
            // It was needed for a message that was longer.
            self.buffer = BytesMut::with_capacity(TURN_BYTES);
        }
        let mut room = (&mut self.buffer).limit(self.socket.left().max(1));
        pin!(self.socket.read_buf(&mut room)).poll(context)
    }
}

impl<'a> Iterator for Messages<'a> {
    /// The name of the channel, and the text.
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.others > 0 {
            return None;
        }
        match self.arriving.first(&self.bytes[self.taken..]) {
            First::Message { name, text, length } => {
                self.taken += length;
                Some((name, text))
            }
            First::Other(length) => {
                self.others = length;
                None
            }
            First::Incomplete => None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Sieve<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.on_messages.is_none() {
            return Pin::new(&mut self.socket).poll_read(context, buffer);
        }
        loop {
            if self.others == 0 && !self.buffer.is_empty() {
                self.hand_on();
            }
            if self.others > 0 {
                break;
            }
            if ready!(self.poll_more(context))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
        let length = self.others.min(buffer.remaining());
        buffer.put_slice(&self.buffer[..length]);
        self.buffer.advance(length);
        self.others -= length;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sieve<S> {
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::io::AsyncWriteExt;

    use super::*;

    fn message(text: &str) -> String {
        format!(">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n${}\r\n{text}\r\n", text.len())
    }

    /// What was read and what was handed on, in its order, when the bytes arrive in pieces of so many.
    async fn sifted(bytes: &[u8], piece: usize) -> Vec<String> {
        let (mut far, near) = tokio::io::duplex(piece);
        let log = Arc::new(Mutex::new(Vec::<String>::new()));
        let handed_on = Arc::clone(&log);
        let on_messages: OnMessages = Box::new(move |messages| {
            let texts = messages.map(|(_, text)| format!("message of {}", text.len()));
            handed_on.lock().unwrap().extend(texts);
        });
        let mut sieve = Sieve::new(near, Some(on_messages));
        let write = async {
            far.write_all(bytes).await.unwrap();
            drop(far);
        };
        let read = async {
            let mut buffer = [0; 3];
            loop {
                let length = sieve.read(&mut buffer).await.unwrap();
                if length == 0 {
                    break sieve.buffer.capacity();
                }
                let text = std::str::from_utf8(&buffer[..length]).unwrap();
                let mut log = log.lock().unwrap();
                match log.last_mut() {
                    Some(last) if !last.starts_with("message") => last.push_str(text),
                    _ => log.push(text.to_owned()),
                }
            }
        };
        let ((), capacity) = tokio::join!(write, read);
        assert!(capacity <= TURN_BYTES, "{capacity} bytes are kept for nothing");
        std::mem::take(&mut *log.lock().unwrap())
    }

    #[tokio::test]
    async fn messages_are_handed_on_in_their_order_with_what_is_read() {
        let long = "x".repeat(100_000);
        let text = ["+OK\r\n", &message("a"), &message(&long), ":1\r\n:2\r\n", &message("b")].concat();
        let expected = ["+OK\r\n", "message of 1", "message of 100000", ":1\r\n:2\r\n", "message of 1"];
        for piece in [1, 5, 1000, 1_000_000] {
            assert_eq!(sifted(text.as_bytes(), piece).await, expected, "in pieces of {piece}");
        }
    }
}
