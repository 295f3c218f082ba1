//! Room for a head.

use bytes::BytesMut;

use crate::head::{HEAD_MAX_BYTES, Head, Opcode};
use crate::mask::{MaskKey, apply_mask};

/// What most heads have: that of a payload of 126 to 65,535 bytes.
const USUAL_BYTES: usize = 4;

/// Room for the head of a frame whose payload is written straight into the buffer behind it, and whose length is known
/// only then.
///
/// The room is for a payload of 126 to 65,535 bytes. A shorter or a longer one is moved by a few bytes when the gap is closed.
///
/// ```
/// use streampod_websocket::{Gap, Opcode};
///
/// let mut out = bytes::BytesMut::new();
/// let gap = Gap::open(&mut out);
/// out.extend_from_slice(b"Hello");
/// gap.close(&mut out, Opcode::Text);
/// assert_eq!(&out[..], b"\x81\x05Hello");
/// ```
#[derive(Debug)]
#[must_use = "the frame is none before the gap is closed"]
pub struct Gap {
    start: usize,
    mask: Option<MaskKey>,
}

impl Gap {
    /// Begins a frame of a server at the end of `out`.
    #[inline]
    pub fn open(out: &mut BytesMut) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0; USUAL_BYTES]);
        Self { start, mask: None }
    }

    /// How many bytes a server's gap has.
    pub const ROOM: usize = USUAL_BYTES;

    /// The gap of a server's frame that begins at `start`, where [`ROOM`](Self::ROOM) bytes are there already.
    #[inline]
    pub fn at(start: usize) -> Self {
        Self { start, mask: None }
    }

    /// Begins a frame of a client at the end of `out`. The payload is masked when the gap is closed.
    pub fn masked(out: &mut BytesMut, key: MaskKey) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0; USUAL_BYTES + size_of::<MaskKey>()]);
        Self { start, mask: Some(key) }
    }

    /// Where the frame begins. To give the frame up, truncate the buffer to this.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where its payload begins.
    pub fn payload(&self) -> usize {
        self.start + USUAL_BYTES + self.mask.map_or(0, |key| key.len())
    }

    /// Writes the head of the frame, whose payload is everything behind the gap.
    #[inline]
    pub fn close(self, out: &mut BytesMut, opcode: Opcode) {
        self.close_as(out, Head::new(opcode, 0));
    }

    /// Writes this head, with the right length and mask: the frame of a compressed message, or a fragment.
    #[inline]
    pub fn close_as(self, out: &mut BytesMut, head: Head) {
        let payload = self.payload();
        let room = payload - self.start;
        // A buffer that was truncated below the gap has no payload.
        let len = out.len().saturating_sub(payload);
        let head = Head { mask: self.mask, payload_bytes: len as u64, ..head }.bytes();
        if let Some(key) = self.mask {
            apply_mask(&mut out[payload..], key);
        }
        let moved = self.start + head.len();
        if head.len() < room {
            out.copy_within(payload..payload + len, moved);
            out.truncate(moved + len);
        } else if head.len() > room {
            out.extend_from_slice(&[0; HEAD_MAX_BYTES][..head.len() - room]);
            out.copy_within(payload..payload + len, moved);
        }
        out[self.start..moved].copy_from_slice(&head);
    }
}
