//! gRPC: one bidirectional stream on a connection.

use anyhow::{bail, ensure};
use bytes::BufMut;

use super::dialect::{Dialect, Progress};
use super::http2::{self, DATA, Event, FRAME_MAX_BYTES, Http2};
use super::template::Template;
use super::websocket::difference;

const STREAM: u32 = 1;
/// What a message has besides its bytes.
pub(crate) const MESSAGE_HEAD: usize = 5;

/// How messages that are sent together lie in frames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As many in one frame as fit. So tonic's client sends what is ready at the same time.
    Together,
    /// Each in a frame of its own. So it sends what becomes ready one by one.
    Each,
}

/// A connection with one call on it.
pub(crate) struct Grpc {
    http: Http2,
    path: &'static str,
    packing: Packing,
    message: Template,
    answer: Template,
    sent: u64,
    received: u64,
    is_open: bool,
    /// The data of frames that holds no whole message yet.
    data: Vec<u8>,
}

impl Grpc {
    /// Calls `path` and sends `message` with the numbers from 0 on, each of which comes back as it is.
    pub(crate) fn new(path: &'static str, message: Template, packing: Packing) -> Self {
        let (http, answer, data) = (Http2::default(), message.clone(), Vec::new());
        Self { http, path, packing, message, answer, sent: 0, received: 0, is_open: false, data }
    }

    fn data(&mut self, payload: &[u8]) -> anyhow::Result<usize> {
        self.data.extend_from_slice(payload);
        let mut rest = self.data.as_slice();
        let mut answers = 0;
        while let [compressed, a, b, c, d, after @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let Some(message) = after.get(..length) else { break };
            ensure!(*compressed == 0, "a compressed message, although we accept none");
            let expected = self.answer.with(self.received);
            ensure!(message == expected, "{}", difference(expected, message));
            self.received += 1;
            answers += 1;
            rest = &after[length..];
        }
        let read = self.data.len() - rest.len();
        self.data.drain(..read);
        Ok(answers)
    }
}

impl Dialect for Grpc {
    fn hello(&mut self, out: &mut Vec<u8>) {
        Http2::hello(out);
        http2::call(out, STREAM, self.path);
    }

    fn send(&mut self, count: usize, out: &mut Vec<u8>) {
        let framed = MESSAGE_HEAD + self.message.len();
        let mut left = count;
        while left > 0 {
            let now = match self.packing {
                Packing::Together => left.min((FRAME_MAX_BYTES / framed).max(1)),
                Packing::Each => 1,
            };
            http2::head(out, now * framed, DATA, 0, STREAM);
            for _ in 0..now {
                message(out, self.message.with(self.sent));
                self.sent += 1;
            }
            left -= now;
        }
        self.http.connection_window -= (count * framed) as i64;
        self.http.stream_window -= (count * framed) as i64;
    }

    fn receive(&mut self, input: &[u8], out: &mut Vec<u8>) -> anyhow::Result<Progress> {
        let mut progress = Progress::default();
        while let Some((event, length)) = self.http.read(&input[progress.consumed..], out)? {
            match event {
                Event::Data(_, payload) => progress.answers += self.data(payload)?,
                Event::Headers(_, true, packed) => {
                    bail!("the server ended the call: {}", packed.escape_ascii())
                }
                Event::Headers(_, false, _) => self.is_open = true,
                Event::Other => {}
            }
            progress.consumed += length;
        }
        Ok(progress)
    }

    fn is_open(&self) -> bool {
        self.is_open
    }

    fn room(&self) -> usize {
        let bytes = self.http.connection_window.min(self.http.stream_window);
        usize::try_from(bytes).unwrap_or_default() / (MESSAGE_HEAD + self.message.len())
    }
}

/// Writes a message with its head.
pub(crate) fn message(out: &mut Vec<u8>, message: &[u8]) {
    out.put_u8(0);
    out.put_u32(message.len() as u32);
    out.extend_from_slice(message);
}
