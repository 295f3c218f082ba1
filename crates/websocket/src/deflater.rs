//! Compressing messages.

use bytes::{BufMut, Bytes, BytesMut};
use zlib_rs::{Deflate, DeflateFlush, Status};

use crate::gap::Gap;
use crate::head::Head;
use crate::writer::Writer;
use crate::{Kind, Opcode};

/// Compression level. The first hardly finds anything in a message of 200 bytes (5 % less, where this saves 23 %) and takes half as
/// long; the higher ones find no more.
const LEVEL: i32 = 2;
/// What a flush ends with, and what does not travel: RFC 7692, section 7.2.1.
pub(crate) const FLUSH_END: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
const STORED_MAX_BYTES: usize = 0xffff;
const STORED_HEAD_BYTES: usize = 5;
/// The largest buffer that a deflater keeps between two messages.
const SCRATCH_MAX_BYTES: usize = 64 * 1024;

/// The size of the window in which repetitions are found, as the power of two of its bytes: 9 to 15, for 512 bytes to 32 KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 512 bytes. The extension knows 8, for 256 bytes, too; no compressor that is in use can do it.
    pub const MIN: Self = Self(9);
    /// 32 KiB, which every inflater can read unless it said otherwise.
    pub const MAX: Self = Self(15);

    /// This many bits; `None` if they are not 9 to 15.
    pub const fn new(bits: u8) -> Option<Self> {
        if bits >= Self::MIN.0 && bits <= Self::MAX.0 { Some(Self(bits)) } else { None }
    }

    /// How many bits it has.
    pub const fn bits(self) -> u8 {
        self.0
    }

    fn index(self) -> usize {
        usize::from(self.0 - Self::MIN.0)
    }
}

const WINDOWS: usize = (WindowBits::MAX.0 - WindowBits::MIN.0) as usize + 1;

/// Compresses messages, each by itself: it serves all connections of a thread.
///
/// It owns some 330 KiB for the full window, and less for each smaller one that somebody asked for, from its first use on; and up to
/// 64 KiB for messages.
#[derive(Default)]
pub struct Deflater {
    windows: [Option<Box<Deflate>>; WINDOWS],
    /// What a message is compressed into that stands in the buffer already.
    scratch: BytesMut,
}

impl Deflater {
    /// A compressor that owns nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a message to the end of `out`, compressed if that makes it shorter.
    pub fn message(
        &mut self,
        writer: &mut Writer,
        out: &mut BytesMut,
        kind: Kind,
        window: WindowBits,
        payload: &[u8],
    ) {
        let gap = writer.begin(out);
        let start = out.len();
        self.deflate(window, payload, out);
        let deflated = out.len() - start < payload.len();
        if !deflated {
            out.truncate(start);
            out.extend_from_slice(payload);
        }
        gap.close_as(out, Head { deflated, ..Head::new(Opcode::from(kind), 0) });
    }

    /// Ends the frame of a message that was written behind `gap` as it is: compressed if that makes it shorter.
    pub fn close(&mut self, gap: Gap, out: &mut BytesMut, kind: Kind, window: WindowBits) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let payload = gap.payload();
        self.deflate(window, &out[payload..], &mut scratch);
        let deflated = scratch.len() < out.len() - payload;
        if deflated {
            out.truncate(payload);
            out.extend_from_slice(&scratch);
        }
        gap.close_as(out, Head { deflated, ..Head::new(Opcode::from(kind), 0) });
        scratch.clear();
        if scratch.capacity() <= SCRATCH_MAX_BYTES {
            self.scratch = scratch;
        }
    }

    /// Compresses the part that the messages to many receivers have in common: what follows their heads. It refers to nothing
    /// before itself, so that any head can stand before it; every receiver has to accept [`WindowBits::MAX`].
    pub fn body(&mut self, body: &[u8]) -> DeflatedBody {
        let mut bytes = BytesMut::new();
        self.deflate(WindowBits::MAX, body, &mut bytes);
        DeflatedBody { bytes: bytes.freeze() }
    }

    /// Appends the compressed payload of a message to `out`, without its head.
    pub fn deflate(&mut self, window: WindowBits, payload: &[u8], out: &mut BytesMut) {
        let deflate = self.windows[window.index()]
            .get_or_insert_with(|| Box::new(Deflate::new(LEVEL, false, window.bits())));
        deflate.reset();
        let start = out.len();
        let mut end = start;
        // What cannot be compressed becomes a little longer.
        let mut room = payload.len() + payload.len() / 8 + 64;
        loop {
            out.put_bytes(0, room);
            let consumed = deflate.total_in() as usize;
            let written = deflate.total_out();
            let status = deflate.compress(&payload[consumed..], &mut out[end..], DeflateFlush::SyncFlush);
            end += (deflate.total_out() - written) as usize;
            if end < out.len() || !matches!(status, Ok(Status::Ok)) {
                break;
            }
            room = payload.len() / 8 + 64;
        }
        out.truncate(end);
        let compressed = end - start;
        if out.ends_with(&FLUSH_END) && compressed <= stored_bytes(payload.len()) {
            out.truncate(end - FLUSH_END.len());
        } else {
            out.truncate(start);
            store(payload, out);
            // The first byte of the flush.
            out.put_u8(0);
        }
    }
}

impl std::fmt::Debug for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflater").finish_non_exhaustive()
    }
}

/// The end of a message to many, compressed once.
#[derive(Debug, Clone)]
pub struct DeflatedBody {
    bytes: Bytes,
}

impl DeflatedBody {
    /// Ends the frame of a message that was written behind `gap` as it is and whose last `body_bytes` are this body: compressed if
    /// that makes it shorter.
    pub fn close(&self, gap: Gap, out: &mut BytesMut, kind: Kind, body_bytes: usize) {
        let payload = gap.payload();
        let head = (out.len() - payload).saturating_sub(body_bytes);
        if head > STORED_MAX_BYTES || STORED_HEAD_BYTES + self.bytes.len() >= body_bytes {
            return gap.close(out, kind.into());
        }
        // Room for the head of the one stored block that the message's head becomes.
        out.truncate(payload + head);
        out.extend_from_slice(&[0; STORED_HEAD_BYTES]);
        out.copy_within(payload..payload + head, payload + STORED_HEAD_BYTES);
        out[payload..payload + STORED_HEAD_BYTES].copy_from_slice(&stored_head(head as u16));
        out.extend_from_slice(&self.bytes);
        gap.close_as(out, Head { deflated: true, ..Head::new(Opcode::from(kind), 0) });
    }

    /// The compressed bytes, which [`from`](Self::from) makes a body again.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl From<Bytes> for DeflatedBody {
    /// A body of the [`bytes`](DeflatedBody::bytes) of one.
    fn from(bytes: Bytes) -> Self {
        Self { bytes }
    }
}

/// How many bytes a message has when it is stored, with the flush that ends it.
fn stored_bytes(bytes: usize) -> usize {
    bytes + bytes.div_ceil(STORED_MAX_BYTES) * STORED_HEAD_BYTES + 1 + FLUSH_END.len()
}

/// Appends stored blocks, which begin and end at whole bytes.
fn store(bytes: &[u8], out: &mut BytesMut) {
    for block in bytes.chunks(STORED_MAX_BYTES) {
        out.extend_from_slice(&stored_head(block.len() as u16));
        out.extend_from_slice(block);
    }
}

/// What stands before the bytes of a stored block.
fn stored_head(len: u16) -> [u8; STORED_HEAD_BYTES] {
    let ([low, high], [not_low, not_high]) = (len.to_le_bytes(), (!len).to_le_bytes());
    [0, low, high, not_low, not_high]
}
