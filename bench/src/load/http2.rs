//! As much of HTTP/2 as gRPC needs of a client: frames and windows.

use anyhow::{Context, bail, ensure};
use bytes::{Buf, BufMut};

/// What both sides may send of a stream or a connection until the other grants more.
const WINDOW: i64 = 65_535;
/// What we grant.
const OUR_WINDOW: u32 = i32::MAX as u32;
/// The most bytes that a frame of ours has, but for its head.
pub(crate) const FRAME_MAX_BYTES: usize = 16_384;
const FRAME_HEAD: usize = 9;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;

pub(crate) const END_STREAM: u8 = 0x1;
const ACK: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;

/// A connection's windows.
pub(crate) struct Http2 {
    /// What we may still send on the connection, and on its first stream.
    pub(crate) connection_window: i64,
    pub(crate) stream_window: i64,
    initial_window: i64,
    /// What was received since the server was last granted more.
    ungranted: u32,
}

/// What a frame brings.
pub(crate) enum Event<'a> {
    /// Data of a stream.
    Data(u32, &'a [u8]),
    /// Headers or trailers of a stream, and whether they end it. What they say is packed.
    Headers(u32, bool, &'a [u8]),
    /// Something that was dealt with.
    Other,
}

impl Default for Http2 {
    fn default() -> Self {
        Self { connection_window: WINDOW, stream_window: WINDOW, initial_window: WINDOW, ungranted: 0 }
    }
}

impl Http2 {
    /// Writes the preface, with windows that are never full.
    pub(crate) fn hello(out: &mut Vec<u8>) {
        out.extend_from_slice(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        head(out, 12, SETTINGS, 0, 0);
        // No pushes, and the window of each stream.
        out.extend_from_slice(&[0, 2, 0, 0, 0, 0, 0, 4]);
        out.put_u32(OUR_WINDOW);
        grant(out, 0, OUR_WINDOW - WINDOW as u32);
    }

    /// Reads the first frame, if it is whole, and says how many bytes it has.
    pub(crate) fn read<'a>(
        &mut self,
        input: &'a [u8],
        out: &mut Vec<u8>,
    ) -> anyhow::Result<Option<(Event<'a>, usize)>> {
        let [a, b, c, kind, flags, d, e, f, g, after @ ..] = input else { return Ok(None) };
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let stream = u32::from_be_bytes([*d, *e, *f, *g]);
        let Some(payload) = after.get(..length) else { return Ok(None) };
        let mut event = Event::Other;
        match *kind {
            DATA => {
                ensure!(flags & PADDED == 0, "a padded frame, which is not understood here");
                ensure!(flags & END_STREAM == 0, "the server ended a call without trailers");
                event = Event::Data(stream, payload);
                self.ungranted += length as u32;
                if self.ungranted > OUR_WINDOW / 2 {
                    grant(out, 0, self.ungranted);
                    // A stream that lives shorter never gets so far.
                    grant(out, stream, self.ungranted);
                    self.ungranted = 0;
                }
            }
            HEADERS => event = Event::Headers(stream, flags & END_STREAM != 0, payload),
            SETTINGS if flags & ACK == 0 => {
                self.settings(payload);
                head(out, 0, SETTINGS, ACK, 0);
            }
            PING if flags & ACK == 0 => {
                head(out, length, PING, ACK, 0);
                out.extend_from_slice(payload);
            }
            SETTINGS | PING => {}
            WINDOW_UPDATE => {
                let granted = payload.try_into().context("a grant of not four bytes")?;
                let granted = i64::from(u32::from_be_bytes(granted));
                *if stream == 0 { &mut self.connection_window } else { &mut self.stream_window } += granted;
            }
            other => bail!("the server sent a frame of type {other}: {}", payload.escape_ascii()),
        }
        Ok(Some((event, FRAME_HEAD + length)))
    }

    fn settings(&mut self, mut payload: &[u8]) {
        while payload.len() >= 6 {
            let (name, value) = (payload.get_u16(), payload.get_u32());
            // SETTINGS_INITIAL_WINDOW_SIZE also changes the streams that are open.
            if name == 4 {
                self.stream_window += i64::from(value) - self.initial_window;
                self.initial_window = i64::from(value);
            }
        }
    }
}

/// Writes the head of a frame.
pub(crate) fn head(out: &mut Vec<u8>, length: usize, kind: u8, flags: u8, stream: u32) {
    out.extend_from_slice(&(length as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.put_u32(stream);
}

fn grant(out: &mut Vec<u8>, stream: u32, bytes: u32) {
    head(out, 4, WINDOW_UPDATE, 0, stream);
    out.put_u32(bytes);
}

/// The frame that opens a call, in HPACK without a dynamic table.
pub(crate) fn call(out: &mut Vec<u8>, stream: u32, path: &str) {
    // `:method: POST` and `:scheme: http` have numbers of their own.
    let mut packed = vec![0x83, 0x86];
    let mut literal = |name: &[u8], value: &str| {
        packed.extend_from_slice(name);
        packed.push(value.len() as u8);
        packed.extend_from_slice(value.as_bytes());
    };
    literal(&[0x04], path);
    // `:authority`
    literal(&[0x01], "localhost");
    // `content-type`
    literal(&[0x0f, 0x10], "application/grpc");
    literal(b"\x00\x02te", "trailers");
    head(out, packed.len(), HEADERS, END_HEADERS, stream);
    out.extend_from_slice(&packed);
}
