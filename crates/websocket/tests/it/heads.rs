//! Heads: every flag, every opcode, every length.

use streampod_websocket::{Event, Head, Kind, Opcode, Reader, Role, Violation};

use crate::kit::{KEY, Owned, client, fragment, frame, from_client, read, read_whole, server, violation};

/// What RFC 6455 says about a frame with these first two bytes, written down once more.
fn expected(first: u8, second: u8, continuing: bool, deflate: bool) -> Result<(), Violation> {
    let (last, opcode) = (first >> 7 == 1, first & 15);
    let reserved = first >> 4 & 7;
    let (masked, length) = (second >> 7 == 1, second & 127);
    if matches!(opcode, 3..=7 | 11..=15) {
        return Err(Violation::UnknownOpcode);
    }
    if reserved != 0 && !(reserved == 4 && deflate && (opcode == 1 || opcode == 2)) {
        return Err(Violation::ReservedBits);
    }
    if !masked {
        return Err(Violation::Unmasked);
    }
    if opcode >= 8 {
        return match (last, length) {
            (false, _) => Err(Violation::ControlFragmented),
            (true, 126..) => Err(Violation::ControlTooLong),
            _ => Ok(()),
        };
    }
    match (opcode, continuing) {
        (0, false) => Err(Violation::UnexpectedContinuation),
        (1 | 2, true) => Err(Violation::MissingContinuation),
        _ => Ok(()),
    }
}

#[test]
fn every_two_first_bytes() {
    for (first, second) in (0..=255).flat_map(|first| (0..=255).map(move |second| (first, second))) {
        for (continuing, deflate) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut reader = server();
            if deflate {
                reader = reader.accepting_deflated();
            }
            let mut stream = if continuing { fragment(Opcode::Binary, b"") } else { Vec::new() };
            stream.extend([first, second]);
            let found = read_whole(reader, &stream);
            let wanted = expected(first, second, continuing, deflate);
            assert_eq!(
                found,
                (vec![], wanted),
                "{first:08b} {second:08b} continuing: {continuing} deflate: {deflate}"
            );
        }
    }
}

#[test]
fn a_server_must_not_mask() {
    assert_eq!(violation(client(), &from_client(Opcode::Text, b"a")), Violation::Masked);
    let text = frame(Role::Server, Head::new(Opcode::Text, 0), b"a");
    assert_eq!(violation(server(), &text), Violation::Unmasked);
    assert_eq!(read_whole(client(), &text), (vec![Owned::Text("a".into())], Ok(())));
}

#[test]
fn lengths_at_their_boundaries() {
    for len in [0, 1, 2, 7, 8, 9, 31, 32, 33, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537, 200_000] {
        let payload: Vec<u8> = (0..len).map(|byte| b'a' + (byte % 26) as u8).collect();
        for (from, reader) in [(Role::Client, server as fn() -> Reader), (Role::Server, client)] {
            let bytes = frame(from, Head::new(Opcode::Text, 0), &payload);
            let head = bytes.len() - len;
            let mask = if from == Role::Client { 4 } else { 0 };
            let expected = match len {
                0..=125 => 2,
                126..=65_535 => 4,
                _ => 10,
            };
            assert_eq!(head, expected + mask);
            let text = Owned::Text(String::from_utf8(payload.clone()).unwrap());
            let whole = (vec![text], Ok(()));
            assert_eq!(read_whole(reader(), &bytes), whole, "{len} bytes");
            // Inside the head, at its end, inside the payload, at its end.
            for at in [1, head - 1, head, head + 1, (head + len).saturating_sub(1)] {
                let (first, second) = bytes.split_at(at.min(bytes.len()));
                assert_eq!(read(reader(), [first, second]), whole, "{len} bytes, split at {at}");
            }
        }
    }
}

#[test]
fn lengths_are_as_short_as_they_can_be() {
    let with = |length: &[u8]| [&[0x82][..], length, &KEY].concat();
    for short in [0u16, 1, 125] {
        assert_eq!(
            violation(server(), &with(&[&[0xfe][..], &short.to_be_bytes()].concat())),
            Violation::LengthNotMinimal
        );
    }
    for medium in [0u64, 125, 126, 65_535] {
        assert_eq!(
            violation(server(), &with(&[&[0xff][..], &medium.to_be_bytes()].concat())),
            Violation::LengthNotMinimal
        );
    }
    for huge in [1u64 << 63, u64::MAX] {
        assert_eq!(
            violation(server(), &with(&[&[0xff][..], &huge.to_be_bytes()].concat())),
            Violation::LengthOutOfRange
        );
    }
    let most = with(&[&[0xff][..], &(u64::MAX >> 1).to_be_bytes()].concat());
    assert_eq!(violation(server(), &most), Violation::MessageTooLong);
}

#[test]
fn heads_are_written_as_they_are_read() {
    for opcode in
        [Opcode::Continuation, Opcode::Text, Opcode::Binary, Opcode::Close, Opcode::Ping, Opcode::Pong]
    {
        let head = Head { mask: Some(KEY), ..Head::new(opcode, 5) };
        assert_eq!(head.bytes()[..], [0x80 | opcode as u8, 0x85, KEY[0], KEY[1], KEY[2], KEY[3]]);
    }
    let head = Head { deflated: true, last: false, ..Head::new(Opcode::Binary, 126) };
    assert_eq!(head.bytes()[..], [0x42, 126, 0, 126]);
    assert_eq!(Head::new(Opcode::Text, 65_536).bytes()[..], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn compressed_messages_only_where_agreed_on() {
    let head = Head { deflated: true, ..Head::new(Opcode::Text, 0) };
    let bytes = frame(Role::Client, head, b"\xff");
    assert_eq!(violation(server(), &bytes), Violation::ReservedBits);
    let events = vec![Owned::Deflated(Kind::Text, vec![0xff])];
    assert_eq!(read_whole(server().accepting_deflated(), &bytes), (events, Ok(())));

    // The first fragment says so for all of them.
    let first = frame(Role::Client, Head { last: false, ..head }, b"\xff");
    let stream = [first.clone(), from_client(Opcode::Continuation, b"\xfe")].concat();
    let events = vec![Owned::Deflated(Kind::Text, vec![0xff, 0xfe])];
    assert_eq!(read_whole(server().accepting_deflated(), &stream), (events, Ok(())));
    let again = frame(Role::Client, Head { deflated: true, ..Head::new(Opcode::Continuation, 0) }, b"");
    assert_eq!(violation(server().accepting_deflated(), &[first, again].concat()), Violation::ReservedBits);
}

#[test]
fn a_whole_frame_is_lent_out_of_the_buffer() {
    let mut bytes = from_client(Opcode::Text, b"lent");
    let place = bytes[6..].as_ptr();
    let mut reader = server();
    let mut input = reader.input(&mut bytes);
    let Ok(Some(Event::Text(text))) = input.next() else { panic!("no text") };
    assert_eq!((text, text.as_ptr()), ("lent", place));
    drop(input);
    assert_eq!(reader.owned_bytes(), 0);
    assert!(reader.input(&mut []).next().is_ok_and(|event| event.is_none()));
}
