//! gRPC: many calls on a connection.

use anyhow::{Context, ensure};

use super::dialect::{Dialect, Progress};
use super::grpc::{MESSAGE_HEAD, message};
use super::http2::{self, DATA, END_STREAM, Event, Http2};
use super::template::Template;
use super::websocket::difference;
use crate::payload::Payload;

/// More calls than are in flight at any time.
const RING: usize = 1 << 16;
const ONCE: &str = "/bench.Bench/Once";

/// A connection with calls that stay open, or that answer once and end.
pub(crate) struct GrpcCalls {
    http: Http2,
    message: Template,
    answer: Template,
    /// How many calls stay open.
    idle: usize,
    opened: usize,
    next: u64,
    /// Which of the latest calls were answered.
    answered: Vec<bool>,
}

impl GrpcCalls {
    /// Opens so many calls, and sends nothing on them.
    pub(crate) fn idle(calls: usize) -> Self {
        Self { idle: calls, ..Self::once() }
    }

    /// Opens calls that answer once, with what they were sent.
    pub(crate) fn once() -> Self {
        let message = Payload::Text.protobuf(0);
        let (answer, answered) = (message.clone(), vec![false; RING]);
        Self { http: Http2::default(), message, answer, idle: 0, opened: 0, next: 0, answered }
    }

    fn data(&mut self, stream: u32, data: &[u8]) -> anyhow::Result<()> {
        let number = u64::from(stream / 2);
        let found = data.get(MESSAGE_HEAD..).context("an answer of less than a message")?;
        let expected = self.answer.with(number);
        ensure!(found == expected, "{}", difference(expected, found));
        let answered = std::mem::replace(&mut self.answered[number as usize % RING], true);
        ensure!(!answered, "call {number} was answered twice");
        Ok(())
    }
}

impl Dialect for GrpcCalls {
    fn hello(&mut self, out: &mut Vec<u8>) {
        Http2::hello(out);
        for call in 0..self.idle {
            http2::call(out, call as u32 * 2 + 1, Payload::Text.path());
        }
    }

    fn send(&mut self, count: usize, out: &mut Vec<u8>) {
        let framed = MESSAGE_HEAD + self.message.len();
        for _ in 0..count {
            let stream = self.next as u32 * 2 + 1;
            http2::call(out, stream, ONCE);
            http2::head(out, framed, DATA, END_STREAM, stream);
            message(out, self.message.with(self.next));
            self.next += 1;
        }
        self.http.connection_window -= (count * framed) as i64;
    }

    fn receive(&mut self, input: &[u8], out: &mut Vec<u8>) -> anyhow::Result<Progress> {
        let mut progress = Progress::default();
        while let Some((event, length)) = self.http.read(&input[progress.consumed..], out)? {
            match event {
                Event::Data(stream, data) => self.data(stream, data)?,
                Event::Headers(_, false, _) => self.opened += 1,
                Event::Headers(stream, true, packed) => {
                    let answered = &mut self.answered[stream as usize / 2 % RING];
                    ensure!(*answered, "a call ended without an answer: {}", packed.escape_ascii());
                    *answered = false;
                    progress.answers += 1;
                }
                Event::Other => {}
            }
            progress.consumed += length;
        }
        Ok(progress)
    }

    fn is_open(&self) -> bool {
        self.opened >= self.idle
    }

    fn room(&self) -> usize {
        usize::try_from(self.http.connection_window).unwrap_or_default() / (MESSAGE_HEAD + self.message.len())
    }
}
