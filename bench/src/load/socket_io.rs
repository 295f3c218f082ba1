//! Events of Socket.IO over a WebSocket.

use anyhow::{bail, ensure};

use super::dialect::{Dialect, Progress};
use super::template::Template;
use super::websocket::{difference, frame, masked_text, read_upgrade, upgrade, write_text};

const PATH: &str = "/socket.io/?EIO=4&transport=websocket";

/// A connection that sends events and gets them back.
pub(crate) struct SocketIo {
    stage: Stage,
    request: Template,
    answer: Template,
    sent: u64,
    received: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Upgrading,
    /// The server owes its handshake, a packet of Engine.IO.
    Greeting,
    /// It owes the answer to our joining its namespace.
    Joining,
    Open,
}

impl SocketIo {
    /// Sends the event `text` with `value`, which has a slot for the number.
    pub(crate) fn new(value: &str) -> Self {
        // 4: a message of Engine.IO; 2: an event of Socket.IO.
        let answer = Template::text(&format!(r#"42["text",{value}]"#));
        let request = masked_text(answer.clone());
        Self { stage: Stage::Upgrading, request, answer, sent: 0, received: 0 }
    }

    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) -> anyhow::Result<usize> {
        match self.stage {
            // 2 and 3: ping and pong.
            _ if text == b"2" => write_text(out, "3"),
            Stage::Open => {
                let expected = self.answer.with(self.received);
                ensure!(text == expected, "{}", difference(expected, text));
                self.received += 1;
                return Ok(1);
            }
            Stage::Greeting if text.starts_with(b"0{") => {
                write_text(out, "40");
                self.stage = Stage::Joining;
            }
            Stage::Joining if text.starts_with(b"40{") => self.stage = Stage::Open,
            _ => bail!("the server sent what nobody asked for: {}", text.escape_ascii()),
        }
        Ok(0)
    }
}

impl Dialect for SocketIo {
    fn hello(&mut self, out: &mut Vec<u8>) {
        upgrade(out, PATH);
    }

    fn send(&mut self, count: usize, out: &mut Vec<u8>) {
        for _ in 0..count {
            out.extend_from_slice(self.request.with(self.sent));
            self.sent += 1;
        }
    }

    fn receive(&mut self, input: &[u8], out: &mut Vec<u8>) -> anyhow::Result<Progress> {
        let mut progress = Progress::default();
        if self.stage == Stage::Upgrading {
            let Some(length) = read_upgrade(input)? else { return Ok(progress) };
            progress.consumed = length;
            self.stage = Stage::Greeting;
        }
        while let Some((opcode, payload, length)) = frame(&input[progress.consumed..])? {
            ensure!(opcode == 0x1, "the server sent a frame of opcode {opcode}: {}", payload.escape_ascii());
            progress.answers += self.text(payload, out)?;
            progress.consumed += length;
        }
        Ok(progress)
    }

    fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }
}
