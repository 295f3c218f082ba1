//! What happens on a WebSocket until its calls are open.

use anyhow::ensure;

use super::websocket::{difference, read_upgrade, upgrade, write_text};

/// Where Streampod has it. Raw servers do not care.
const PATH: &str = "/v1/websocket";
/// How many calls are opened before the first of them was answered. More could fill the buffers of both sides.
const AHEAD: usize = 512;

/// The upgrade, and the calls.
pub(crate) struct Opening {
    is_upgraded: bool,
    /// What is sent, and the whole text that answers it. Nothing is sent where that is empty.
    calls: Vec<(String, String)>,
    sent: usize,
    answered: usize,
}

impl Opening {
    pub(crate) fn new(calls: Vec<(String, String)>) -> Self {
        Self { is_upgraded: false, calls, sent: 0, answered: 0 }
    }

    pub(crate) fn hello(out: &mut Vec<u8>) {
        upgrade(out, PATH);
    }

    /// Reads the answer to the upgrade if it is whole and was not read yet, and says how many bytes that were.
    pub(crate) fn upgrade(&mut self, input: &[u8], out: &mut Vec<u8>) -> anyhow::Result<usize> {
        if self.is_upgraded {
            return Ok(0);
        }
        let Some(length) = read_upgrade(input)? else { return Ok(0) };
        self.is_upgraded = true;
        self.send(out);
        Ok(length)
    }

    /// Reads what answers the next call.
    pub(crate) fn text(&mut self, text: &[u8], out: &mut Vec<u8>) -> anyhow::Result<()> {
        let expected = self.calls[self.answered].1.as_bytes();
        ensure!(text == expected, "{}", difference(expected, text));
        self.answered += 1;
        self.send(out);
        Ok(())
    }

    pub(crate) fn is_upgraded(&self) -> bool {
        self.is_upgraded
    }

    pub(crate) fn is_done(&self) -> bool {
        self.is_upgraded && self.answered == self.calls.len()
    }

    fn send(&mut self, out: &mut Vec<u8>) {
        for (text, _) in self.calls.iter().take(self.answered + AHEAD).skip(self.sent) {
            if !text.is_empty() {
                write_text(out, text);
            }
            self.sent += 1;
        }
    }
}
