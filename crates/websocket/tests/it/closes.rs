//! Close frames, and what follows them.

use streampod_websocket::{Close, Event, Opcode, Violation, Writer, is_sendable};

use crate::kit::{Owned, buffer, client, from_client, read_whole, server, violation};

#[test]
fn every_close_code() {
    // RFC 6455, section 7.4, and the registry: 1012 to 1014 came later; 1004 to 1006 and 1015 never travel.
    let registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    for code in 0..=u16::MAX {
        let allowed = registered.contains(&code) || (3000..5000).contains(&code);
        assert_eq!(is_sendable(code), allowed);
        let found = read_whole(server(), &from_client(Opcode::Close, &code.to_be_bytes()));
        let expected = if allowed {
            (vec![Owned::Close(Some((code, String::new())))], Ok(()))
        } else {
            (vec![], Err(Violation::CloseCode))
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn payloads_of_close_frames() {
    let read = |payload: &[u8]| read_whole(server(), &from_client(Opcode::Close, payload));
    assert_eq!(read(b""), (vec![Owned::Close(None)], Ok(())));
    assert_eq!(read(b"\x03"), (vec![], Err(Violation::CloseTruncated)));
    assert_eq!(read("\x03\u{e8}".as_bytes()).1, Err(Violation::CloseCode), "C3 A8 is no code");
    assert_eq!(read(b"\x03\xe8\xc3"), (vec![], Err(Violation::InvalidUtf8)));
    let reason = "ä".repeat(61);
    let payload = [b"\x03\xe8", reason.as_bytes(), b"!"].concat();
    assert_eq!(read(&payload).0, [Owned::Close(Some((1000, reason + "!")))]);
}

#[test]
fn nothing_is_read_after_a_close_frame() {
    let mut reader = server();
    let mut bytes = [from_client(Opcode::Close, b""), from_client(Opcode::Text, b"late")].concat();
    let mut input = reader.input(&mut bytes);
    assert_eq!(input.next(), Ok(Some(Event::Close(None))));
    assert_eq!(input.next(), Ok(None));
    drop(input);
    assert!(reader.is_closed() && !reader.has_rest());
    // Also what would be a violation.
    assert_eq!(reader.input(&mut [0xff, 0xff]).next(), Ok(None));
    assert_eq!(reader.owned_bytes(), 0);
}

#[test]
fn a_failed_reader_stays_failed_and_owns_nothing() {
    let mut reader = server();
    let mut bytes = [from_client(Opcode::Continuation, b"x"), from_client(Opcode::Text, b"y")].concat();
    assert_eq!(reader.input(&mut bytes).next(), Err(Violation::UnexpectedContinuation));
    assert!(!reader.has_rest() && reader.owned_bytes() == 0);
    let mut text = from_client(Opcode::Text, b"y");
    assert_eq!(reader.input(&mut text).next(), Err(Violation::UnexpectedContinuation));
    assert!(!reader.is_closed());
}

#[test]
fn violations_say_how_to_close() {
    for (violation, code) in [
        (Violation::Unmasked, 1002),
        (Violation::CloseCode, 1002),
        (Violation::InvalidUtf8, 1007),
        (Violation::InvalidDeflate, 1007),
        (Violation::MessageTooLong, 1009),
    ] {
        assert_eq!(violation.code(), code);
        assert!(is_sendable(code));
        // It can be sent as it is.
        let mut out = buffer(b"");
        Writer::server().close(&mut out, Some(Close { code, reason: violation.description() }));
        let close = Owned::Close(Some((code, violation.to_string())));
        assert_eq!(read_whole(client(), &out), (vec![close], Ok(())));
    }
    assert_eq!(violation(server(), &from_client(Opcode::Close, b"\x03\xee")), Violation::CloseCode);
}
