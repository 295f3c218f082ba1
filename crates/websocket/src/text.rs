//! Text that comes in pieces.

use std::str;

use crate::violation::Violation;

/// The longest beginning of a character that is not whole.
const TAIL_MAX_BYTES: usize = 3;

/// Text that comes in pieces, each of them checked when it comes, so that a text which cannot become valid any more is
/// found at its first bad byte.
#[derive(Debug, Default)]
pub(crate) struct Text {
    valid: String,
    /// The beginning of a character whose other bytes have not come.
    tail: [u8; TAIL_MAX_BYTES + 1],
    tail_bytes: usize,
}

impl Text {
    pub(crate) fn len(&self) -> usize {
        self.valid.len() + self.tail_bytes
    }

    pub(crate) fn capacity(&self) -> usize {
        self.valid.capacity()
    }

    /// Appends a piece; `to_come` is how much is known to follow, and decides how far the buffer grows.
    pub(crate) fn push(&mut self, mut piece: &[u8], to_come: usize) -> Result<(), Violation> {
        while self.tail_bytes > 0 {
            let Some((first, rest)) = piece.split_first() else { return Ok(()) };
            self.tail[self.tail_bytes] = *first;
            self.tail_bytes += 1;
            piece = rest;
            let tail = &self.tail[..self.tail_bytes];
            match str::from_utf8(tail) {
                Ok(character) => {
                    self.valid.push_str(character);
                    self.tail_bytes = 0;
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(Violation::InvalidUtf8),
            }
        }
        let (whole, tail) = piece.split_at(piece.len() - incomplete_bytes(piece));
        let whole = simdutf8::basic::from_utf8(whole).map_err(|_| Violation::InvalidUtf8)?;
        let grow_by = growth(self.valid.len(), self.valid.capacity(), whole.len(), to_come);
        self.valid.reserve_exact(grow_by);
        self.valid.push_str(whole);
        self.tail[..tail.len()].copy_from_slice(tail);
        self.tail_bytes = tail.len();
        Ok(())
    }

    /// The whole text, once everything has come.
    pub(crate) fn finish(&self) -> Result<&str, Violation> {
        if self.tail_bytes == 0 { Ok(&self.valid) } else { Err(Violation::InvalidUtf8) }
    }
}

/// How many bytes at the end are the beginning of a character that can still become valid.
fn incomplete_bytes(piece: &[u8]) -> usize {
    for count in 1..=piece.len().min(TAIL_MAX_BYTES) {
        let tail = &piece[piece.len() - count..];
        // Not a byte in the middle of a character.
        if tail[0] & 0xc0 != 0x80 {
            return match str::from_utf8(tail) {
                Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => count,
                _ => 0,
            };
        }
    }
    0
}

/// What to reserve for `more` bytes in a buffer: it doubles, so that nothing is copied more than a few times, but not beyond
/// what is known to come.
pub(crate) fn growth(len: usize, capacity: usize, more: usize, to_come: usize) -> usize {
    if capacity - len >= more {
        return 0;
    }
    let known = more.saturating_add(to_come);
    (capacity.saturating_mul(2).max(len + more) - len).min(known).max(more)
}
