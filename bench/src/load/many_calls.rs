//! Many of Streampod's calls on a connection, in turn.

use anyhow::{Context, bail, ensure};

use super::dialect::{Dialect, Progress};
use super::opening::Opening;
use super::template::Template;
use super::websocket::{difference, frame, masked_text, pong};
use crate::frames::Call;

/// A connection whose messages come on one call after the other.
pub(crate) struct ManyCalls {
    opening: Opening,
    calls: Vec<OneCall>,
    /// Where in an answer the call's number stands.
    number_at: usize,
    sent: u64,
}

struct OneCall {
    request: Option<Template>,
    answer: Template,
    /// The number of the next answer.
    next: u64,
}

impl ManyCalls {
    /// `opening` opens each call. `request` is what is sent on a call, if anything is, and `answer` what comes; message after
    /// message, both have the next number, and the next call.
    pub(crate) fn new<'a>(
        calls: impl Iterator<Item = (Call<'a>, (String, String))>,
        request: impl Fn(&Call<'a>) -> Option<Template>,
        answer: impl Fn(&Call<'a>) -> Template,
    ) -> Self {
        let (mut opening, mut open, mut number_at) = (Vec::new(), Vec::new(), 0);
        for (index, (call, pair)) in calls.enumerate() {
            let answer = answer(&call);
            let number = call.number.as_bytes();
            let found = answer.bytes().windows(number.len()).position(|window| window == number);
            number_at = found.unwrap_or_default();
            open.push(OneCall { request: request(&call).map(masked_text), answer, next: index as u64 });
            opening.push(pair);
        }
        Self { opening: Opening::new(opening), calls: open, number_at, sent: 0 }
    }

    fn text(&mut self, text: &[u8]) -> anyhow::Result<()> {
        let count = self.calls.len() as u64;
        let digits = text.get(self.number_at..self.number_at + Call::NUMBER_DIGITS);
        let number = digits.and_then(|digits| str::from_utf8(digits).ok()?.parse::<usize>().ok());
        let call = number.and_then(|number| self.calls.get_mut(number));
        let call = call.with_context(|| format!("an answer of no call: {}", text.escape_ascii()))?;
        let expected = call.answer.with(call.next);
        ensure!(text == expected, "{}", difference(expected, text));
        ensure!(call.request.is_none() || call.next < self.sent, "an answer came too early");
        call.next += count;
        Ok(())
    }
}

impl Dialect for ManyCalls {
    fn hello(&mut self, out: &mut Vec<u8>) {
        Opening::hello(out);
    }

    fn send(&mut self, count: usize, out: &mut Vec<u8>) {
        for _ in 0..count {
            let index = self.sent as usize % self.calls.len();
            let Some(request) = &mut self.calls[index].request else { return };
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
                0x1 if self.opening.is_done() => {
                    self.text(payload)?;
                    progress.answers += 1;
                }
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
