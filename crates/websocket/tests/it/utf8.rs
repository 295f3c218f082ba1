//! UTF-8: the same verdict as the standard library's, at the first byte that decides it, however a text comes.

use std::str;

use streampod_websocket::{Opcode, Reader, Violation};

use crate::kit::{KEY, Owned, fragment, from_client, server};

/// At which byte a text cannot become valid any more, if there is one.
fn first_bad_byte(text: &[u8]) -> Option<usize> {
    (1..=text.len()).find(|end| str::from_utf8(&text[..*end]).is_err_and(|error| error.error_len().is_some()))
}

fn feed(reader: &mut Reader, bytes: &[u8]) -> Result<Option<Owned>, Violation> {
    reader.input(&mut bytes.to_vec()).next().map(|event| event.map(Owned::from))
}

/// Gives a reader one byte of a text after the other, in one frame or in a frame for each.
fn check_byte_by_byte(text: &[u8], in_fragments: bool) {
    let mut reader = server();
    let frame = from_client(Opcode::Text, text);
    let (head, payload) = frame.split_at(frame.len() - text.len());
    if !in_fragments {
        assert_eq!(
            feed(&mut reader, head),
            if text.is_empty() { Ok(Some(Owned::Text(String::new()))) } else { Ok(None) }
        );
    }
    let bad = first_bad_byte(text);
    for at in 0..text.len() {
        let is_last = at + 1 == text.len();
        let opcode = if at == 0 { Opcode::Text } else { Opcode::Continuation };
        let found = match (in_fragments, is_last) {
            (false, _) => feed(&mut reader, &payload[at..=at]),
            (true, false) => feed(&mut reader, &fragment(opcode, &text[at..=at])),
            (true, true) => feed(&mut reader, &from_client(opcode, &text[at..=at])),
        };
        if bad == Some(at + 1) || (is_last && str::from_utf8(text).is_err()) {
            assert_eq!(found, Err(Violation::InvalidUtf8), "{text:x?} at {at}");
            return;
        }
        let expected = is_last.then(|| Owned::Text(str::from_utf8(text).unwrap().to_owned()));
        assert_eq!(found, Ok(expected), "{text:x?} at {at}");
    }
}

/// The bytes at which the rules of UTF-8 change.
const EDGES: [u8; 28] = [
    0x00, 0x41, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x91, 0x9f, 0xa0, 0xa1, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
    0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

#[test]
fn every_two_bytes() {
    for first in 0..=255u8 {
        for second in 0..=255u8 {
            check_byte_by_byte(&[first, second], false);
        }
    }
}

#[test]
fn every_three_bytes_at_edges() {
    for first in 0x7f..=255u8 {
        for second in 0x7f..=0xc1u8 {
            for third in EDGES {
                check_byte_by_byte(&[first, second, third], false);
            }
        }
    }
    for text in EDGES.iter().flat_map(|a| EDGES.iter().flat_map(move |b| EDGES.iter().map(|c| [*a, *b, *c])))
    {
        check_byte_by_byte(&text, true);
    }
}

#[test]
fn every_four_bytes_at_edges() {
    for first in 0xee..=0xf6u8 {
        for (second, third) in
            EDGES.iter().flat_map(|second| EDGES.iter().map(move |third| (*second, *third)))
        {
            for fourth in EDGES {
                check_byte_by_byte(&[first, second, third, fourth], false);
                check_byte_by_byte(&[b'a', first, second, third, fourth, b'z'], false);
            }
        }
    }
}

/// Pieces longer than a byte, around every cut of a text that has characters of all lengths.
#[test]
fn longer_pieces() {
    let text = "κόσμε \u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff} end".repeat(3);
    for damaged in 0..=text.len() {
        let mut bytes = text.clone().into_bytes();
        if let Some(byte) = bytes.get_mut(damaged) {
            *byte ^= 0x40;
        }
        let bad = first_bad_byte(&bytes);
        for cut in (0..bytes.len()).step_by(if damaged % 8 == 0 { 1 } else { 7 }) {
            let mut reader = server();
            let first = feed(&mut reader, &fragment(Opcode::Text, &bytes[..cut]));
            if bad.is_some_and(|bad| bad <= cut) {
                assert_eq!(first, Err(Violation::InvalidUtf8));
                continue;
            }
            assert_eq!(first, Ok(None));
            let found = feed(&mut reader, &from_client(Opcode::Continuation, &bytes[cut..]));
            let expected = String::from_utf8(bytes.clone()).map_err(|_| Violation::InvalidUtf8);
            assert_eq!(
                found,
                expected.map(|text| Some(Owned::Text(text))),
                "damaged at {damaged}, cut at {cut}"
            );
        }
    }
}

/// The bad byte is found although most of its frame has not come.
#[test]
fn the_rest_of_a_frame_is_not_waited_for() {
    let mut reader = server();
    let head = [&[0x81, 0xfe, 0x10, 0x00][..], &KEY].concat();
    let masked = [b'a' ^ KEY[0], 0xff ^ KEY[1]];
    assert_eq!(feed(&mut reader, &[&head[..], &masked].concat()), Err(Violation::InvalidUtf8));
}
