//! Calls over HTTP/1.1, one after the other on a connection.

use anyhow::{Context, ensure};

use super::dialect::{Dialect, Progress};
use super::template::Template;
use super::websocket::difference;

/// A connection.
pub(crate) struct Http {
    request: Template,
    answer: Template,
    sent: u64,
    received: u64,
}

impl Http {
    /// Posts `body`, which is answered by the JSON `answer`, both with the numbers from 0 on.
    pub(crate) fn new(body: &str, answer: &str) -> Self {
        let request = format!(
            "POST /bench HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { request: Template::text(&request), answer: Template::text(answer), sent: 0, received: 0 }
    }
}

impl Dialect for Http {
    fn hello(&mut self, _: &mut Vec<u8>) {}

    fn send(&mut self, count: usize, out: &mut Vec<u8>) {
        for _ in 0..count {
            out.extend_from_slice(self.request.with(self.sent));
            self.sent += 1;
        }
    }

    fn receive(&mut self, input: &[u8], _: &mut Vec<u8>) -> anyhow::Result<Progress> {
        let mut progress = Progress::default();
        loop {
            let rest = &input[progress.consumed..];
            let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") else { break };
            let head = str::from_utf8(&rest[..end]).context("a head that is no text")?;
            ensure!(head.starts_with("HTTP/1.1 200"), "not an answer of status 200: {head}");
            let length = head.lines().filter_map(|line| line.split_once(": "));
            let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.next().and_then(|(_, value)| value.parse::<usize>().ok());
            let length = length.with_context(|| format!("an answer without a length: {head}"))?;
            let Some(body) = rest.get(end + 4..end + 4 + length) else { break };
            let expected = self.answer.with(self.received);
            ensure!(body == expected, "{}", difference(expected, body));
            self.received += 1;
            progress.answers += 1;
            progress.consumed += end + 4 + length;
        }
        Ok(progress)
    }

    fn is_open(&self) -> bool {
        true
    }
}
