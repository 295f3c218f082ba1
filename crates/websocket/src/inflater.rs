//! Inflating messages.

use zlib_rs::{Inflate, InflateFlush, Status};

use crate::deflater::{FLUSH_END, WindowBits};
use crate::event::{Deflated, Kind};
use crate::violation::Violation;

/// The end of the flush that did not travel, and an empty last block, by which one sees that the message ended where a block
/// may begin.
const END: [u8; 6] = [0x00, 0x00, 0xff, 0xff, 0x03, 0x00];
/// With how much room for the inflated message it begins, at least.
const ROOM_MIN_BYTES: usize = 1024;
/// What it keeps for the next message.
const KEPT_MAX_BYTES: usize = 64 * 1024;

/// Inflates messages.
///
/// [`new`](Self::new) makes one that inflates each message by itself, and so serves all connections of a thread, where the other
/// side does not take over its context; [`keeping_context`](Self::keeping_context) one for a single connection, where it
/// does. Each owns some 50 KiB and up to 64 KiB for messages; while it inflates a longer one, no more than that needs.
pub struct Inflater {
    inflate: Box<Inflate>,
    keeps_context: bool,
    /// All of it is initialized, so that it need not be before each message.
    out: Vec<u8>,
}

/// A message once inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inflated<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

impl Inflater {
    /// Inflates each message by itself.
    pub fn new() -> Self {
        Self { inflate: inflate(), keeps_context: false, out: Vec::new() }
    }

    /// Inflates the messages of one connection, each of which may refer to those before it.
    pub fn keeping_context() -> Self {
        Self { keeps_context: true, ..Self::new() }
    }

    /// Inflates a message, up to `message_max_bytes`. The buffer grows with what it inflates to.
    ///
    /// # Errors
    ///
    /// Fails with [`Violation::MessageTooLong`], [`Violation::InvalidDeflate`] or [`Violation::InvalidUtf8`]. The
    /// connection is then to be closed.
    pub fn inflate(
        &mut self,
        message: Deflated<'_>,
        message_max_bytes: usize,
    ) -> Result<Inflated<'_>, Violation> {
        self.shrink();
        let end: &[u8] = if self.keeps_context {
            &FLUSH_END
        } else {
            self.inflate.reset(false);
            &END
        };
        let mut filled = 0;
        let ended = self.run(message.payload, &mut filled, message_max_bytes)?;
        if ended {
            // A block said that it is the last. What follows it is the byte that the flush began with: RFC 7692, section 7.2.3.4.
            self.inflate.reset(false);
        }
        let ended = self.run(end, &mut filled, message_max_bytes)?;
        if !self.keeps_context && !ended {
            return Err(Violation::InvalidDeflate);
        }
        let bytes = &self.out[..filled];
        Ok(match message.kind {
            Kind::Text => {
                Inflated::Text(simdutf8::basic::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)?)
            }
            Kind::Binary => Inflated::Binary(bytes),
        })
    }

    /// Lets go of what a long message needed. The next message does that too.
    pub fn shrink(&mut self) {
        if self.out.len() > KEPT_MAX_BYTES {
            self.out = Vec::new();
        }
    }

    /// How many bytes of memory it keeps for messages.
    pub fn owned_bytes(&self) -> usize {
        self.out.capacity()
    }

    /// Inflates all of `input`, and says whether its last byte ended a last block.
    fn run(&mut self, mut input: &[u8], filled: &mut usize, max: usize) -> Result<bool, Violation> {
        let mut ended = false;
        while !input.is_empty() {
            if ended {
                // Another stream follows.
                self.inflate.reset(false);
            }
            if *filled == self.out.len() {
                self.grow(input.len(), max)?;
            }
            let (total_in, total_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(input, &mut self.out[*filled..], InflateFlush::SyncFlush)
                .map_err(|_| Violation::InvalidDeflate)?;
            let consumed = (self.inflate.total_in() - total_in) as usize;
            let written = (self.inflate.total_out() - total_out) as usize;
            *filled += written;
            if *filled > max {
                return Err(Violation::MessageTooLong);
            }
            input = &input[consumed..];
            ended = status == Status::StreamEnd;
            if consumed == 0 && written == 0 && !ended {
                return Err(Violation::InvalidDeflate);
            }
            // All is consumed, but more may come of it.
            while input.is_empty() && !ended && *filled == self.out.len() {
                self.grow(0, max)?;
                let total_out = self.inflate.total_out();
                let status = self
                    .inflate
                    .decompress(&[], &mut self.out[*filled..], InflateFlush::SyncFlush)
                    .map_err(|_| Violation::InvalidDeflate)?;
                *filled += (self.inflate.total_out() - total_out) as usize;
                if *filled > max {
                    return Err(Violation::MessageTooLong);
                }
                ended = status == Status::StreamEnd;
            }
        }
        Ok(ended)
    }

    /// Makes room for more, up to one byte beyond the longest message.
    fn grow(&mut self, input_bytes: usize, max: usize) -> Result<(), Violation> {
        let limit = max.saturating_add(1);
        let wanted = (self.out.len() * 2).max(input_bytes.saturating_mul(4)).max(ROOM_MIN_BYTES).min(limit);
        if wanted <= self.out.len() {
            return Err(Violation::MessageTooLong);
        }
        self.out.reserve_exact(wanted - self.out.len());
        self.out.resize(wanted, 0);
        Ok(())
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").field("keeps_context", &self.keeps_context).finish_non_exhaustive()
    }
}

fn inflate() -> Box<Inflate> {
    Box::new(Inflate::new(false, WindowBits::MAX.bits()))
}
