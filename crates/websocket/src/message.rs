//! A message that comes in pieces.

use crate::event::{Deflated, Event, Kind};
use crate::text::{Text, growth};
use crate::violation::Violation;

/// A message that comes in pieces: in several frames, or in one that several reads bring.
#[derive(Debug)]
pub(crate) enum Message {
    Text(Text),
    Binary(Vec<u8>),
    Deflated(Kind, Vec<u8>),
}

impl Message {
    pub(crate) fn new(kind: Kind, deflated: bool) -> Self {
        match kind {
            kind if deflated => Self::Deflated(kind, Vec::new()),
            Kind::Text => Self::Text(Text::default()),
            Kind::Binary => Self::Binary(Vec::new()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) | Self::Deflated(_, bytes) => bytes.len(),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        match self {
            Self::Text(text) => text.capacity(),
            Self::Binary(bytes) | Self::Deflated(_, bytes) => bytes.capacity(),
        }
    }

    pub(crate) fn is_deflated(&self) -> bool {
        matches!(self, Self::Deflated(..))
    }

    /// Appends a piece; `to_come` is how much of its frame is missing still.
    pub(crate) fn push(&mut self, piece: &[u8], to_come: usize) -> Result<(), Violation> {
        match self {
            Self::Text(text) => text.push(piece, to_come)?,
            Self::Binary(bytes) | Self::Deflated(_, bytes) => {
                bytes.reserve_exact(growth(bytes.len(), bytes.capacity(), piece.len(), to_come));
                bytes.extend_from_slice(piece);
            }
        }
        Ok(())
    }

    /// The event of the whole message, once everything has come.
    pub(crate) fn event(&self) -> Result<Event<'_>, Violation> {
        Ok(match self {
            Self::Text(text) => Event::Text(text.finish()?),
            Self::Binary(bytes) => Event::Binary(bytes),
            Self::Deflated(kind, bytes) => Event::Deflated(Deflated { kind: *kind, payload: bytes }),
        })
    }
}
