//! Streampod's frames over a WebSocket, for Streampod and for servers that only send back what they get.

use anyhow::{Context, bail, ensure};

use super::dialect::{Dialect, Progress};
use super::opening::Opening;
use super::template::{Template, frame_head};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// A key and its answer from RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What tells the types of frames apart: `{"type":"omsr` and the like.
const KIND: usize = 13;

/// A connection with its calls.
pub(crate) struct WebSocket {
    opening: Opening,
    request: Option<Template>,
    sent: u64,
    /// What answers a request, in this order, and the number of the next of each. The last one counts.
    answers: Vec<(Template, u64)>,
    /// By how much the numbers of answers grow.
    step: u64,
}

impl WebSocket {
    /// `opening`: what is sent at the start, and the whole text that answers it. Then, `request` is sent with the numbers
    /// from 0 on, and each is answered by all `answers` with the same number, which begin differently if they are many.
    pub(crate) fn new(
        opening: Vec<(String, String)>,
        request: Option<Template>,
        answers: Vec<Template>,
    ) -> Self {
        let request = request.map(masked_text);
        let answers = answers.into_iter().map(|answer| (answer, 0)).collect();
        Self { opening: Opening::new(opening), request, sent: 0, answers, step: 1 }
    }

    /// The same, but only the last of so many messages comes.
    pub(crate) fn each(mut self, step: u64) -> Self {
        self.step = step;
        self.answers.iter_mut().for_each(|(_, next)| *next = step - 1);
        self
    }

    fn text(&mut self, text: &[u8]) -> anyhow::Result<usize> {
        let begins_like =
            |(answer, _): &(Template, u64)| answer.bytes()[..KIND] == text[..KIND.min(text.len())];
        let index =
            match self.answers.len() {
                1 => 0,
                _ => self.answers.iter().position(begins_like).with_context(|| {
                    format!("the server sent what nobody asked for: {}", text.escape_ascii())
                })?,
            };
        let earlier = if index == 0 { self.sent } else { self.answers[index - 1].1 };
        let last = index + 1 == self.answers.len();
        let (answer, next) = &mut self.answers[index];
        let expected = answer.with(*next);
        ensure!(text == expected, "{}", difference(expected, text));
        ensure!(self.request.is_none() || *next < earlier, "an answer came too early");
        *next += self.step;
        Ok(usize::from(last))
    }
}

impl Dialect for WebSocket {
    fn hello(&mut self, out: &mut Vec<u8>) {
        Opening::hello(out);
    }

    fn send(&mut self, count: usize, out: &mut Vec<u8>) {
        let Some(request) = &mut self.request else { return };
        for _ in 0..count {
            out.extend_from_slice(request.with(self.sent));
            self.sent += 1;
        }
    }

    fn receive(&mut self, input: &[u8], out: &mut Vec<u8>) -> anyhow::Result<Progress> {
        let mut progress = Progress { consumed: self.opening.upgrade(input, out)?, answers: 0 };
        if !self.opening.is_upgraded() {
            return Ok(progress);
        }
        while let Some((opcode, payload, length)) = frame(&input[progress.consumed..])? {
            match opcode {
                0x1 if self.opening.is_done() => progress.answers += self.text(payload)?,
                0x1 => self.opening.text(payload, out)?,
                0x9 => pong(out, payload),
                other => bail!("the server sent a frame of opcode {other}: {}", payload.escape_ascii()),
            }
            progress.consumed += length;
        }
        Ok(progress)
    }

    fn is_open(&self) -> bool {
        self.opening.is_done()
    }
}

/// Writes the request for a WebSocket.
pub(crate) fn upgrade(out: &mut Vec<u8>, path: &str) {
    out.extend_from_slice(
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        )
        .as_bytes(),
    );
}

/// The length of the answer to that, if it is whole.
///
/// # Errors
///
/// Fails if the server refuses.
pub(crate) fn read_upgrade(input: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&input[..end]);
    ensure!(head.starts_with("HTTP/1.1 101"), "the server did not upgrade: {head}");
    Ok(Some(end + 4))
}

/// A text as a frame of a client.
pub(crate) fn masked_text(text: Template) -> Template {
    text.masked(MASK)
}

/// Answers a ping.
pub(crate) fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    frame_head(out, 0xa, payload.len(), Some([0; 4]));
    out.extend_from_slice(payload);
}

/// Writes a masked text frame.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    frame_head(out, 0x1, text.len(), Some(MASK));
    out.extend(text.bytes().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// The first frame of a server, if it is whole: its opcode, its payload, and the length of all of it.
pub(crate) fn frame(input: &[u8]) -> anyhow::Result<Option<(u8, &[u8], usize)>> {
    let [first, second, ..] = *input else { return Ok(None) };
    ensure!(first & 0xf0 == 0x80, "the server sent a fragment or an extension's frame: {first:#x}");
    ensure!(second & 0x80 == 0, "the server sent a masked frame");
    let (head, length) = match (second, input) {
        (126, [_, _, a, b, ..]) => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        (126, _) => return Ok(None),
        (127, _) => bail!("the server sent a frame of more than 64 KiB"),
        (length, _) => (2, usize::from(length)),
    };
    Ok(input.get(head..head + length).map(|payload| (first & 0xf, payload, head + length)))
}

/// Says what was expected and what came.
pub(crate) fn difference(expected: &[u8], found: &[u8]) -> String {
    format!("a wrong answer\n  expected {}\n  found    {}", expected.escape_ascii(), found.escape_ascii())
}
