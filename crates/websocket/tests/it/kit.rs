//! Events that own what they carry, and reading a stream in any way.

use bytes::BytesMut;
use proptest::prelude::*;
use streampod_websocket::{Event, Head, Kind, MaskKey, Opcode, Reader, Role, Violation, apply_mask};

/// The longest message, where a test does not care.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// The mask of clients' frames.
pub(crate) const KEY: MaskKey = [0x37, 0xfa, 0x21, 0x3d];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Deflated(Kind, Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl From<Event<'_>> for Owned {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Text(text) => Self::Text(text.to_owned()),
            Event::Binary(bytes) => Self::Binary(bytes.to_owned()),
            Event::Deflated(message) => Self::Deflated(message.kind, message.payload.to_owned()),
            Event::Ping(payload) => Self::Ping(payload.to_owned()),
            Event::Pong(payload) => Self::Pong(payload.to_owned()),
            Event::Close(close) => Self::Close(close.map(|close| (close.code, close.reason.to_owned()))),
        }
    }
}

/// What a stream reads as: its events, and how it ends.
pub(crate) type Outcome = (Vec<Owned>, Result<(), Violation>);

pub(crate) fn server() -> Reader {
    Reader::new(Role::Server, MAX_BYTES)
}

pub(crate) fn client() -> Reader {
    Reader::new(Role::Client, MAX_BYTES)
}

/// Reads a stream in these pieces, each of them to its end.
pub(crate) fn read<'a>(mut reader: Reader, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut events = Vec::new();
    for piece in pieces {
        let mut piece = piece.to_owned();
        let mut input = reader.input(&mut piece);
        loop {
            match input.next() {
                Ok(Some(event)) => events.push(event.into()),
                Ok(None) => break,
                Err(violation) => {
                    assert_eq!(input.next(), Err(violation), "it stays failed");
                    return (events, Err(violation));
                }
            }
        }
    }
    (events, Ok(()))
}

/// Reads a stream at once.
pub(crate) fn read_whole(reader: Reader, stream: &[u8]) -> Outcome {
    read(reader, [stream])
}

/// What one frame alone reads as.
pub(crate) fn violation(reader: Reader, stream: &[u8]) -> Violation {
    read_whole(reader, stream).1.unwrap_err()
}

/// A frame as it travels; a client's is masked.
pub(crate) fn frame(from: Role, head: Head, payload: &[u8]) -> Vec<u8> {
    let mask = (from == Role::Client).then_some(KEY);
    let head = Head { mask, payload_bytes: payload.len() as u64, ..head };
    let mut bytes = head.bytes().to_vec();
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = mask {
        apply_mask(&mut bytes[start..], key);
    }
    bytes
}

/// A frame of a client.
pub(crate) fn from_client(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    frame(Role::Client, Head::new(opcode, 0), payload)
}

/// A fragment of a client's message, other than its last.
pub(crate) fn fragment(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    frame(Role::Client, Head { last: false, ..Head::new(opcode, 0) }, payload)
}

/// One frame, most often one that is allowed somewhere.
fn any_frame(from: Role) -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![
        4 => Just(Opcode::Text),
        2 => Just(Opcode::Binary),
        4 => Just(Opcode::Continuation),
        2 => Just(Opcode::Ping),
        1 => Just(Opcode::Pong),
    ];
    let payload = prop_oneof![
        4 => "[a-zäß你🎉]{0,20}".prop_map(String::into_bytes),
        2 => "[ -~]{100,300}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ];
    (opcode, any::<bool>(), prop::bool::weighted(0.05), payload).prop_map(
        move |(opcode, last, deflated, mut payload)| {
            let last = last || opcode.is_control();
            if opcode.is_control() {
                payload.truncate(125);
            }
            frame(from, Head { last, deflated, ..Head::new(opcode, 0) }, &payload)
        },
    )
}

/// Frames that may stand one after the other: texts and binaries, whole and in fragments, cut also inside of characters, with
/// control frames between them, and perhaps a close frame.
pub(crate) fn valid_stream(from: Role) -> impl Strategy<Value = Vec<u8>> {
    let message =
        ("[a-zäß你🎉]{0,60}", any::<bool>(), proptest::collection::vec(any::<prop::sample::Index>(), 0..4));
    let control = proptest::option::weighted(0.3, proptest::collection::vec(any::<u8>(), 0..20));
    let part = (message, control).prop_map(move |((text, binary, cuts), ping)| {
        let payload = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(payload.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(payload.len());
        let (mut stream, mut start) = (Vec::new(), 0);
        for (index, end) in cuts.iter().enumerate() {
            let opcode = match (index, binary) {
                (0, false) => Opcode::Text,
                (0, true) => Opcode::Binary,
                _ => Opcode::Continuation,
            };
            let last = index + 1 == cuts.len();
            stream.extend(frame(from, Head { last, ..Head::new(opcode, 0) }, &payload[start..*end]));
            if let Some(ping) = &ping {
                stream.extend(frame(from, Head::new(Opcode::Ping, 0), ping));
            }
            start = *end;
        }
        stream
    });
    let close = proptest::option::weighted(
        0.3,
        (prop::sample::select(vec![1000u16, 1001, 3000, 4999]), "[a-zä]{0,20}"),
    );
    (proptest::collection::vec(part, 0..6), close).prop_map(move |(parts, close)| {
        let mut stream = parts.concat();
        if let Some((code, reason)) = close {
            let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
            stream.extend(frame(from, Head::new(Opcode::Close, 0), &payload));
        }
        stream
    })
}

/// Any frames, in any order, some of them damaged.
pub(crate) fn any_stream(from: Role) -> impl Strategy<Value = Vec<u8>> {
    let damage = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2);
    let frames = prop_oneof![
        1 => proptest::collection::vec(any_frame(from), 0..8).prop_map(|frames| frames.concat()),
        1 => valid_stream(from),
    ];
    (frames, damage).prop_map(|(mut stream, damage)| {
        for (index, bits) in damage {
            if !stream.is_empty() {
                let at = index.index(stream.len());
                stream[at] ^= bits;
            }
        }
        stream
    })
}

/// A buffer with this in it.
pub(crate) fn buffer(bytes: &[u8]) -> BytesMut {
    BytesMut::from(bytes)
}
