//! Writing whole frames.

use bytes::BytesMut;

use crate::close::Close;
use crate::event::Kind;
use crate::gap::Gap;
use crate::head::{Head, Opcode};
use crate::mask::{Masks, apply_mask};

/// The longest payload of a control frame.
pub const CONTROL_MAX_BYTES: usize = 125;
const CODE_BYTES: usize = 2;

/// A payload that no control frame can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ping or pong of {bytes} bytes; it carries at most {CONTROL_MAX_BYTES}")]
pub struct ControlTooLong {
    /// How long the payload is.
    pub bytes: usize,
}

/// Writes frames into a buffer, as one side of a connection has to: a client masks them.
#[derive(Debug, Clone)]
pub struct Writer {
    masks: Option<Masks>,
}

impl Writer {
    /// Writes as a server.
    pub const fn server() -> Self {
        Self { masks: None }
    }

    /// Writes as a client. The mask keys are made from `seed`; see [`Masks`] for what that is good enough for.
    pub const fn client(seed: u64) -> Self {
        Self { masks: Some(Masks::seeded(seed)) }
    }

    /// Begins a frame whose payload is then written straight into `out`.
    #[inline]
    pub fn begin(&mut self, out: &mut BytesMut) -> Gap {
        match &mut self.masks {
            None => Gap::open(out),
            Some(masks) => Gap::masked(out, masks.key()),
        }
    }

    /// Writes a text message.
    #[inline]
    pub fn text(&mut self, out: &mut BytesMut, text: &str) {
        self.frame(out, Head::new(Opcode::Text, 0), text.as_bytes());
    }

    /// Writes a binary message.
    pub fn binary(&mut self, out: &mut BytesMut, bytes: &[u8]) {
        self.frame(out, Head::new(Opcode::Binary, 0), bytes);
    }

    /// Writes a message whose payload is compressed already.
    pub fn deflated(&mut self, out: &mut BytesMut, kind: Kind, payload: &[u8]) {
        self.frame(out, Head { deflated: true, ..Head::new(kind.into(), 0) }, payload);
    }

    /// Writes a ping.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the payload is longer than [`CONTROL_MAX_BYTES`].
    pub fn ping(&mut self, out: &mut BytesMut, payload: &[u8]) -> Result<(), ControlTooLong> {
        self.control(out, Opcode::Ping, payload)
    }

    /// Writes a pong. The payload of a received ping never is too long for it.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the payload is longer than [`CONTROL_MAX_BYTES`].
    pub fn pong(&mut self, out: &mut BytesMut, payload: &[u8]) -> Result<(), ControlTooLong> {
        self.control(out, Opcode::Pong, payload)
    }

    /// Writes a close frame. A reason that is too long is cut. Nothing may be written after it.
    pub fn close(&mut self, out: &mut BytesMut, close: Option<Close<'_>>) {
        let mut payload = [0; CONTROL_MAX_BYTES];
        let mut len = 0;
        if let Some(Close { code, reason }) = close {
            let reason = &reason[..reason.floor_char_boundary(CONTROL_MAX_BYTES - CODE_BYTES)];
            len = CODE_BYTES + reason.len();
            payload[..CODE_BYTES].copy_from_slice(&code.to_be_bytes());
            payload[CODE_BYTES..len].copy_from_slice(reason.as_bytes());
        }
        self.frame(out, Head::new(Opcode::Close, 0), &payload[..len]);
    }

    /// Writes a frame with this head, whose length and mask are filled in.
    #[inline]
    pub fn frame(&mut self, out: &mut BytesMut, head: Head, payload: &[u8]) {
        let mask = self.masks.as_mut().map(Masks::key);
        let bytes = Head { mask, payload_bytes: payload.len() as u64, ..head }.bytes();
        out.reserve(bytes.len() + payload.len());
        out.extend_from_slice(&bytes);
        let start = out.len();
        out.extend_from_slice(payload);
        if let Some(key) = mask {
            apply_mask(&mut out[start..], key);
        }
    }

    fn control(&mut self, out: &mut BytesMut, opcode: Opcode, payload: &[u8]) -> Result<(), ControlTooLong> {
        if payload.len() > CONTROL_MAX_BYTES {
            return Err(ControlTooLong { bytes: payload.len() });
        }
        self.frame(out, Head::new(opcode, 0), payload);
        Ok(())
    }
}
