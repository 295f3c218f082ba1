//! What is read.

use crate::close::Close;
use crate::head::Opcode;
use crate::violation::Violation;

/// What the other side sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A compressed message, only where [`Reader::accepting_deflated`](crate::Reader::accepting_deflated) said so. An
    /// `Inflater` makes a text or a binary message of it.
    Deflated(Deflated<'a>),
    /// A ping, to be answered by a pong with the same payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong(&'a [u8]),
    /// The other side closes the connection. It is the last event; what follows it is thrown away.
    Close(Option<Close<'a>>),
}

impl<'a> Event<'a> {
    /// The event of a whole frame that is not fragmented.
    #[inline(always)]
    pub(crate) fn read(opcode: Opcode, deflated: bool, payload: &'a [u8]) -> Result<Self, Violation> {
        Ok(match opcode {
            Opcode::Text if deflated => Self::Deflated(Deflated { kind: Kind::Text, payload }),
            Opcode::Text => {
                Self::Text(simdutf8::basic::from_utf8(payload).map_err(|_| Violation::InvalidUtf8)?)
            }
            Opcode::Binary if deflated => Self::Deflated(Deflated { kind: Kind::Binary, payload }),
            // A continuation belongs to a message, which makes its own event.
            Opcode::Binary | Opcode::Continuation => Self::Binary(payload),
            Opcode::Ping => Self::Ping(payload),
            Opcode::Pong => Self::Pong(payload),
            Opcode::Close => Self::Close(Close::read(payload)?),
        })
    }
}

/// What a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text in UTF-8.
    Text,
    /// Bytes.
    Binary,
}

/// A whole message as it travels compressed: RFC 7692.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deflated<'a> {
    /// What it is once inflated; a text is not yet checked to be one.
    pub kind: Kind,
    /// The compressed bytes, without the last four bytes of the flush.
    pub payload: &'a [u8],
}
