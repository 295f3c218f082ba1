//! Compressing what WebSockets carry: permessage-deflate, with what all connections of a thread share.

use std::cell::{Cell, RefCell};

use bytes::BytesMut;
use streampod_websocket::{
    Agreement, Deflated, DeflatedBody, Deflater, Gap, Inflated, Inflater, Kind, Opcode, WindowBits,
};
use streampod_wire::{Common, Framing};

use super::Received;
use crate::config::Compression;

/// No more compressed messages are read in one go once they have become as much as this.
const INFLATED_MAX_BYTES: usize = 64 * 1024;

thread_local! {
    /// What compresses for all connections, one message after the other.
    static DEFLATER: RefCell<Deflater> = RefCell::default();
    /// What inflates for all connections. Both own nothing before their first message.
    static INFLATER: Cell<Option<Box<Inflater>>> = const { Cell::new(None) };
}

/// How what is sent on a connection is compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compressed {
    /// The window that the client can read.
    window: WindowBits,
    /// Messages with fewer bytes are sent as they are.
    threshold_bytes: u32,
}

impl Compressed {
    /// What was agreed on, and what is configured.
    pub(crate) fn new(agreement: Agreement, compression: &Compression) -> Self {
        let threshold_bytes = u32::try_from(compression.threshold_bytes).unwrap_or(u32::MAX);
        Self { window: agreement.window, threshold_bytes }
    }
}

/// How frames are to be written on a connection.
pub(super) fn framing(compressed: Option<Compressed>) -> Framing {
    let close = |out: &mut BytesMut, start| Gap::at(start).close(out, Opcode::Text);
    let Some(Compressed { window, threshold_bytes }) = compressed else {
        return Framing {
            room: Gap::ROOM,
            close,
            large_bytes: usize::MAX,
            close_large: |out, start, _| Gap::at(start).close(out, Opcode::Text),
        };
    };
    // A framing is the same for many connections, so that it has no state but this.
    let close_large = match window.bits() {
        9 => deflate::<9>,
        10 => deflate::<10>,
        11 => deflate::<11>,
        12 => deflate::<12>,
        13 => deflate::<13>,
        14 => deflate::<14>,
        _ => deflate::<15>,
    };
    let large_bytes = (threshold_bytes as usize).saturating_add(Gap::ROOM);
    Framing { room: Gap::ROOM, close, large_bytes, close_large }
}

/// Ends a frame and compresses its message. What is common to many is compressed once for all whose window is the largest, as nearly
/// all are.
fn deflate<const WINDOW_BITS: u8>(out: &mut BytesMut, start: usize, common: Option<Common<'_>>) {
    let window = const { WindowBits::new(WINDOW_BITS) }.unwrap_or(WindowBits::MAX);
    let gap = Gap::at(start);
    match common {
        Some(Common { bytes, form }) if window == WindowBits::MAX => {
            let body = form.get_or_init(|| {
                let body = &out[out.len() - bytes..];
                DEFLATER.with_borrow_mut(|deflater| deflater.body(body)).bytes().clone()
            });
            DeflatedBody::from(body.clone()).close(gap, out, Kind::Text, bytes);
        }
        _ => DEFLATER.with_borrow_mut(|deflater| deflater.close(gap, out, Kind::Text, window)),
    }
}

/// The inflater of this thread, taken with the first compressed message, and given back when this is dropped.
#[derive(Default)]
pub(super) struct ThreadInflater {
    inflater: Option<Box<Inflater>>,
    inflated_bytes: usize,
}

impl ThreadInflater {
    /// Inflates a message, up to `message_max_bytes`.
    // Apart from what reads messages that are not compressed, which is to stay small.
    #[inline(never)]
    pub(super) fn inflate(&mut self, message: Deflated<'_>, message_max_bytes: usize) -> Received<'_> {
        let inflater = self.inflater.get_or_insert_with(|| INFLATER.take().unwrap_or_default());
        let (received, bytes) = match inflater.inflate(message, message_max_bytes) {
            Ok(Inflated::Text(text)) => (Received::Text(text), text.len()),
            Ok(Inflated::Binary(bytes)) => (Received::Binary(bytes), bytes.len()),
            Err(violation) => (Received::Violation(violation.code()), 0),
        };
        self.inflated_bytes += bytes;
        received
    }

    /// Whether messages have become so many bytes that others are to get their turn.
    pub(super) fn is_tired(&self) -> bool {
        self.inflated_bytes >= INFLATED_MAX_BYTES
    }
}

impl Drop for ThreadInflater {
    fn drop(&mut self) {
        if let Some(mut inflater) = self.inflater.take() {
            inflater.shrink();
            INFLATER.set(Some(inflater));
        }
    }
}
