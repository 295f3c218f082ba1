//! tungstenite as the judge, both ways.
//!
//! Where the two differ on purpose, RFC 6455 is on our side:
//! - section 5.2: a length must have its shortest form, and not its highest bit (tungstenite reads it all the same);
//! - section 7.4: codes that must not be sent, such as 1005, 999 or 5000, are violations (tungstenite reads them as 1002);
//! - sections 5.1 and 8.1: what is wrong is found before the rest of its frame has come (tungstenite waits). For that the
//!   streams here consist of whole frames.

use std::io::{self, Read, Write};

use proptest::prelude::*;
use streampod_websocket::{Close, Role, Violation, Writer};
use tokio_tungstenite::tungstenite::protocol::{self, CloseFrame, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::kit::{MAX_BYTES, Owned, any_stream, buffer, client, read_whole, server};

/// A socket of memory: it gives what it has, and keeps what it gets.
#[derive(Default)]
struct Memory {
    unread: io::Cursor<Vec<u8>>,
    written: Vec<u8>,
}

impl Read for Memory {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.unread.read(out)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn theirs(role: Role, unread: Vec<u8>) -> WebSocket<Memory> {
    let role = match role {
        Role::Client => protocol::Role::Client,
        Role::Server => protocol::Role::Server,
    };
    let config = WebSocketConfig::default().max_message_size(Some(MAX_BYTES)).max_frame_size(Some(MAX_BYTES));
    let memory = Memory { unread: io::Cursor::new(unread), written: Vec::new() };
    WebSocket::from_raw_socket(memory, role, Some(config))
}

/// What tungstenite reads, up to its close frame or first error.
fn read_theirs(role: Role, stream: &[u8]) -> (Vec<Owned>, Result<(), Error>) {
    let mut socket = theirs(role, stream.to_owned());
    let mut events = Vec::new();
    loop {
        events.push(match socket.read() {
            Ok(Message::Text(text)) => Owned::Text(text.to_string()),
            Ok(Message::Binary(bytes)) => Owned::Binary(bytes.to_vec()),
            Ok(Message::Ping(payload)) => Owned::Ping(payload.to_vec()),
            Ok(Message::Pong(payload)) => Owned::Pong(payload.to_vec()),
            Ok(Message::Close(close)) => {
                let close = close.map(|close| (close.code.into(), close.reason.to_string()));
                events.push(Owned::Close(close));
                return (events, Ok(()));
            }
            Ok(Message::Frame(_)) => continue,
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return (events, Ok(())),
            Err(error) => return (events, Err(error)),
        });
    }
}

/// The stream without what is not a whole frame at its end.
fn whole_frames(stream: &[u8]) -> &[u8] {
    let mut end = 0;
    while let Some([_, second, rest @ ..]) = stream.get(end..) {
        let (length, head) = match second & 127 {
            126 => (rest.first_chunk().map(|bytes| u64::from(u16::from_be_bytes(*bytes))), 4),
            127 => (rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)), 10),
            short => (Some(u64::from(short)), 2),
        };
        let mask = if second & 128 != 0 { 4 } else { 0 };
        let next = length.and_then(|length| length.checked_add((end + head + mask) as u64));
        match next {
            Some(next) if next <= stream.len() as u64 => end = next as usize,
            _ => break,
        }
    }
    &stream[..end]
}

fn compare(role: Role, stream: &[u8]) -> Result<(), TestCaseError> {
    let stream = whole_frames(stream);
    let reader = if role == Role::Server { server() } else { client() };
    let (events, end) = read_whole(reader, stream);
    let (their_events, their_end) = read_theirs(role, stream);
    match (end, their_end) {
        (Ok(()), Ok(())) => prop_assert_eq!(events, their_events),
        // Here tungstenite reads on, perhaps to another error.
        (Err(Violation::LengthNotMinimal | Violation::LengthOutOfRange | Violation::CloseCode), _) => {
            prop_assert!(their_events.starts_with(&events));
        }
        (Err(_), Err(_)) => prop_assert_eq!(events, their_events),
        (ours, theirs) => prop_assert!(false, "{stream:x?}: {ours:?} here, {theirs:?} there"),
    }
    Ok(())
}

fn any_message() -> impl Strategy<Value = Owned> {
    prop_oneof![
        3 => "\\PC{0,200}".prop_map(Owned::Text),
        1 => (65_530usize..65_540).prop_map(|len| Owned::Text("x".repeat(len))),
        2 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Owned::Binary),
        1 => proptest::collection::vec(any::<u8>(), 0..126).prop_map(Owned::Ping),
        1 => proptest::collection::vec(any::<u8>(), 0..126).prop_map(Owned::Pong),
    ]
}

fn any_close() -> impl Strategy<Value = Owned> {
    proptest::option::of((prop_oneof![1000u16..1004, 1007u16..1012, 3000u16..5000], "\\PC{0,30}"))
        .prop_map(Owned::Close)
}

fn write_ours(mut writer: Writer, messages: &[Owned]) -> Vec<u8> {
    let mut out = buffer(b"");
    for message in messages {
        match message {
            Owned::Text(text) => writer.text(&mut out, text),
            Owned::Binary(bytes) => writer.binary(&mut out, bytes),
            Owned::Deflated(kind, payload) => writer.deflated(&mut out, *kind, payload),
            Owned::Ping(payload) => writer.ping(&mut out, payload).unwrap(),
            Owned::Pong(payload) => writer.pong(&mut out, payload).unwrap(),
            Owned::Close(close) => {
                let close = close.as_ref().map(|(code, reason)| Close { code: *code, reason });
                writer.close(&mut out, close);
            }
        }
    }
    out.to_vec()
}

fn write_theirs(role: Role, messages: &[Owned]) -> Vec<u8> {
    let mut socket = theirs(role, Vec::new());
    for message in messages.iter().cloned() {
        let message = match message {
            Owned::Text(text) => Message::text(text),
            Owned::Binary(bytes) | Owned::Deflated(_, bytes) => Message::binary(bytes),
            Owned::Ping(payload) => Message::Ping(payload.into()),
            Owned::Pong(payload) => Message::Pong(payload.into()),
            Owned::Close(close) => Message::Close(
                close.map(|(code, reason)| CloseFrame { code: code.into(), reason: reason.into() }),
            ),
        };
        socket.write(message).unwrap();
    }
    socket.flush().unwrap();
    socket.get_ref().written.clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_server_reads_what_tungstenite_reads(stream in any_stream(Role::Client)) {
        compare(Role::Server, &stream)?;
    }

    #[test]
    fn a_client_reads_what_tungstenite_reads(stream in any_stream(Role::Server)) {
        compare(Role::Client, &stream)?;
    }

    #[test]
    fn noise_reads_the_same(stream in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0x81), Just(0x80), Just(0x01)], 0..80)) {
        compare(Role::Server, &stream)?;
        compare(Role::Client, &stream)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_reads_what_the_other_writes(messages in proptest::collection::vec(any_message(), 0..8), close in any_close()) {
        let messages = [messages, vec![close]].concat();
        prop_assert_eq!(&read_theirs(Role::Client, &write_ours(Writer::server(), &messages)).0, &messages);
        prop_assert_eq!(&read_theirs(Role::Server, &write_ours(Writer::client(1), &messages)).0, &messages);
        prop_assert_eq!(&read_whole(client(), &write_theirs(Role::Server, &messages)).0, &messages);
        prop_assert_eq!(&read_whole(server(), &write_theirs(Role::Client, &messages)).0, &messages);
        // What a server writes is the same to the byte.
        prop_assert_eq!(write_ours(Writer::server(), &messages), write_theirs(Role::Server, &messages));
    }
}

/// The list above, in streams.
#[test]
fn where_they_differ() {
    let masked = [0x82, 0xfe, 0, 1, 0, 0, 0, 0, 7];
    assert_eq!(read_whole(server(), &masked), (vec![], Err(Violation::LengthNotMinimal)));
    assert_eq!(read_theirs(Role::Server, &masked).0, [Owned::Binary(vec![7])]);
    let code_1005 = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed];
    assert_eq!(read_whole(server(), &code_1005), (vec![], Err(Violation::CloseCode)));
    assert!(matches!(read_theirs(Role::Server, &code_1005).0[..], [Owned::Close(Some((1002, _)))]));
    let begun = [0x81, 0xfe, 1, 0, 0, 0, 0, 0, 0xff];
    assert_eq!(read_whole(server(), &begun), (vec![], Err(Violation::InvalidUtf8)));
    assert!(matches!(read_theirs(Role::Server, &begun), (events, Ok(())) if events.is_empty()));
}
