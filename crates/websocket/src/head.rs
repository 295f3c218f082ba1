//! The head of a frame.

use std::ops::Deref;

use crate::event::Kind;
use crate::mask::MaskKey;
use crate::violation::Violation;

/// The longest head: two bytes, eight of length, four of mask. A server's has no mask, and at most ten bytes.
pub const HEAD_MAX_BYTES: usize = 14;

const LAST: u8 = 0x80;
const DEFLATED: u8 = 0x40;
const RESERVED: u8 = 0x30;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// A further fragment of the message that is under way.
    Continuation = 0,
    /// A text message, or its first fragment.
    Text = 1,
    /// A binary message, or its first fragment.
    Binary = 2,
    /// The end of the connection.
    Close = 8,
    /// A question for a pong.
    Ping = 9,
    /// The answer to a ping.
    Pong = 10,
}

impl Opcode {
    fn read(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    /// Whether it is a frame about the connection, and no part of a message.
    pub const fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

impl From<Kind> for Opcode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Binary => Self::Binary,
        }
    }
}

/// The head of a frame: RFC 6455, section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// What the frame is.
    pub opcode: Opcode,
    /// Whether it is the last frame of its message.
    pub last: bool,
    /// Whether it begins a compressed message.
    pub deflated: bool,
    /// What the payload is masked with; every frame of a client has one, and none of a server.
    pub mask: Option<MaskKey>,
    /// How long the payload is, in bytes.
    pub payload_bytes: u64,
}

impl Head {
    /// The head of a message in a single frame, or of a control frame, as a server sends it.
    pub const fn new(opcode: Opcode, payload_bytes: u64) -> Self {
        Self { opcode, last: true, deflated: false, mask: None, payload_bytes }
    }

    /// The head as it travels.
    pub fn bytes(&self) -> HeadBytes {
        let mut bytes = HeadBytes::default();
        let flag = |on, bit| if on { bit } else { 0 };
        let first = flag(self.last, LAST) | flag(self.deflated, DEFLATED) | self.opcode as u8;
        let masked = flag(self.mask.is_some(), MASKED);
        match self.payload_bytes {
            short @ 0..=125 => {
                bytes.push(&[first, masked | short as u8]);
            }
            medium @ 126..=0xffff => {
                bytes.push(&[first, masked | LENGTH_16]);
                bytes.push(&(medium as u16).to_be_bytes());
            }
            long => {
                bytes.push(&[first, masked | LENGTH_64]);
                bytes.push(&long.to_be_bytes());
            }
        }
        if let Some(mask) = self.mask {
            bytes.push(&mask);
        }
        bytes
    }

    /// Reads a head from the beginning of `bytes`, and says how many it has; `None` while some are missing. What is
    /// wrong with those that are there is found at once, and always in the same order.
    #[inline(always)]
    pub(crate) fn read(bytes: &[u8], rules: &Rules) -> Result<Option<(Self, usize)>, Violation> {
        let [first, second, ..] = *bytes else { return Ok(None) };
        let opcode = Opcode::read(first & OPCODE).ok_or(Violation::UnknownOpcode)?;
        let (last, deflated) = (first & LAST != 0, first & DEFLATED != 0);
        if first & RESERVED != 0
            || (deflated && !(rules.deflated && matches!(opcode, Opcode::Text | Opcode::Binary)))
        {
            return Err(Violation::ReservedBits);
        }
        let masked = second & MASKED != 0;
        if masked != rules.masked {
            return Err(if masked { Violation::Masked } else { Violation::Unmasked });
        }
        let short = second & LENGTH;
        if opcode.is_control() {
            if !last {
                return Err(Violation::ControlFragmented);
            }
            if short >= LENGTH_16 {
                return Err(Violation::ControlTooLong);
            }
        } else if (opcode == Opcode::Continuation) != rules.continuing {
            return Err(if rules.continuing {
                Violation::MissingContinuation
            } else {
                Violation::UnexpectedContinuation
            });
        }
        let rest = &bytes[2..];
        let (payload_bytes, length_bytes) = match short {
            LENGTH_16 => {
                let Some(length) = rest.first_chunk() else { return Ok(None) };
                (u64::from(u16::from_be_bytes(*length)), 2)
            }
            LENGTH_64 => {
                let Some(length) = rest.first_chunk() else { return Ok(None) };
                (u64::from_be_bytes(*length), 8)
            }
            short => (u64::from(short), 0),
        };
        match length_bytes {
            2 if payload_bytes < 126 => return Err(Violation::LengthNotMinimal),
            8 if payload_bytes <= 0xffff => return Err(Violation::LengthNotMinimal),
            8 if payload_bytes >> 63 != 0 => return Err(Violation::LengthOutOfRange),
            _ => {}
        }
        if !opcode.is_control() && payload_bytes > rules.room_for(deflated) {
            return Err(Violation::MessageTooLong);
        }
        let mut size = 2 + length_bytes;
        let mut mask = None;
        if masked {
            let Some(key) = bytes[size..].first_chunk() else { return Ok(None) };
            mask = Some(*key);
            size += key.len();
        }
        Ok(Some((Self { opcode, last, deflated, mask, payload_bytes }, size)))
    }
}

/// What a head is read by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Whether frames have to be masked, or must not be.
    pub(crate) masked: bool,
    /// Whether a message may be compressed.
    pub(crate) deflated: bool,
    /// Whether a message is under way, of which only the next fragment may come.
    pub(crate) continuing: bool,
    /// How many bytes of payload a frame may bring.
    pub(crate) room: u64,
}

impl Rules {
    /// What cannot be made smaller is made a little larger by compressing it.
    fn room_for(&self, deflated: bool) -> u64 {
        if deflated { with_overhead(self.room) } else { self.room }
    }
}

/// The longest compressed form that a message of `bytes` bytes reasonably has: with fixed codes, a byte has up to nine bits.
pub(crate) fn with_overhead(bytes: u64) -> u64 {
    bytes.saturating_add(bytes / 8 + 64)
}

/// The bytes of a [`Head`], or the first of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeadBytes {
    bytes: [u8; HEAD_MAX_BYTES],
    len: u8,
}

impl HeadBytes {
    /// Appends `bytes`, or as many of them as there is room for, and says how many those were.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> usize {
        let room = &mut self.bytes[usize::from(self.len)..];
        let count = bytes.len().min(room.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.len += count as u8;
        count
    }
}

impl Deref for HeadBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}
