// What both the fuzzer and the test of its corpus run: any bytes, as two settings and a stream of frames.

use streampod_websocket::{
    Deflated, Event, Inflated, Inflater, Kind, Reader, Role, Violation, Writer, negotiate,
};

/// The inflated size that is allowed.
const INFLATED_MAX_BYTES: usize = 10_000;

/// An event, without what it borrows.
#[derive(Debug, PartialEq)]
struct Seen {
    name: &'static str,
    payload: Vec<u8>,
}

/// Reads the input as a stream of frames, at once and in pieces, and checks that it is the same, that memory stays
/// bounded, and that what is read can be written and read again.
pub(crate) fn run(data: &[u8]) {
    let [settings, seed, stream @ ..] = data else { return };
    let role = if settings & 1 == 0 { Role::Server } else { Role::Client };
    let max = [0, 100, 5_000, usize::MAX][usize::from(settings >> 2 & 3)];
    let reader = || {
        let reader = Reader::new(role, max);
        if settings & 2 == 0 { reader } else { reader.accepting_deflated() }
    };
    let whole = read(reader(), [stream].into_iter(), 0);
    let step = usize::from(seed % 13) + 1;
    let in_pieces = read(reader(), stream.chunks(step), usize::from(seed / 13 % 4));
    assert_eq!(whole, in_pieces, "in pieces of {step} bytes it reads differently");

    let written = write(role, &whole.0);
    let again = read(reader(), [&written[..]].into_iter(), 0);
    assert_eq!(again, (whole.0, Ok(())), "what was read is not what is written");

    if let Ok(text) = std::str::from_utf8(stream) {
        let _ = negotiate([text]);
    }
}

fn read<'a>(
    mut reader: Reader,
    pieces: impl Iterator<Item = &'a [u8]>,
    pause_after: usize,
) -> (Vec<Seen>, Result<(), Violation>) {
    let mut seen = Vec::new();
    let mut inflater = Inflater::new();
    let mut arrived = 0;
    for piece in pieces {
        arrived += piece.len();
        let mut piece = piece.to_vec();
        let mut received = &mut piece[..];
        loop {
            let mut input = reader.input(received);
            let mut count = 0;
            loop {
                match input.next() {
                    Ok(None) => break,
                    Ok(Some(event)) => seen.push(see(event, &mut inflater)),
                    Err(violation) => {
                        assert_eq!(input.next(), Err(violation), "a failed reader stays failed");
                        return (seen, Err(violation));
                    }
                }
                count += 1;
                if count == pause_after {
                    break;
                }
            }
            drop(input);
            // Buffers grow to twice what is in them, and have a smallest size.
            assert!(reader.owned_bytes() <= 2 * arrived + 1024, "{} bytes are owned", reader.owned_bytes());
            if !reader.has_rest() {
                break;
            }
            received = &mut [];
        }
    }
    (seen, Ok(()))
}

fn see(event: Event<'_>, inflater: &mut Inflater) -> Seen {
    let (name, payload) = match event {
        Event::Text(text) => ("text", text.as_bytes().to_vec()),
        Event::Binary(bytes) => ("binary", bytes.to_vec()),
        Event::Deflated(message) => {
            if let Ok(inflated) = inflater.inflate(message, INFLATED_MAX_BYTES) {
                let len = match inflated {
                    Inflated::Text(text) => text.len(),
                    Inflated::Binary(bytes) => bytes.len(),
                };
                assert!(len <= INFLATED_MAX_BYTES);
            }
            let Deflated { kind, payload } = message;
            (if kind == Kind::Text { "deflated text" } else { "deflated binary" }, payload.to_vec())
        }
        Event::Ping(payload) => ("ping", payload.to_vec()),
        Event::Pong(payload) => ("pong", payload.to_vec()),
        Event::Close(None) => ("close", Vec::new()),
        Event::Close(Some(close)) => ("close", [&close.code.to_be_bytes(), close.reason.as_bytes()].concat()),
    };
    Seen { name, payload }
}

/// Writes the events as the other side of `role` would.
fn write(role: Role, events: &[Seen]) -> Vec<u8> {
    let mut writer = if role == Role::Server { Writer::client(1) } else { Writer::server() };
    let mut out = bytes::BytesMut::new();
    for Seen { name, payload } in events {
        let written = match *name {
            "text" => {
                let text = std::str::from_utf8(payload).expect("a text is UTF-8");
                writer.text(&mut out, text);
                Ok(())
            }
            "binary" => {
                writer.binary(&mut out, payload);
                Ok(())
            }
            "deflated text" => {
                writer.deflated(&mut out, Kind::Text, payload);
                Ok(())
            }
            "deflated binary" => {
                writer.deflated(&mut out, Kind::Binary, payload);
                Ok(())
            }
            "ping" => writer.ping(&mut out, payload),
            "pong" => writer.pong(&mut out, payload),
            _ => {
                let close = payload.split_first_chunk().map(|(code, reason)| streampod_websocket::Close {
                    code: u16::from_be_bytes(*code),
                    reason: std::str::from_utf8(reason).expect("a reason is UTF-8"),
                });
                writer.close(&mut out, close);
                Ok(())
            }
        };
        written.expect("a control frame that was read is short enough to be written");
    }
    out.to_vec()
}
