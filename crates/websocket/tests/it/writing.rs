//! What is written is read as it was meant.

use proptest::prelude::*;
use streampod_websocket::{
    CONTROL_MAX_BYTES, Close, ControlTooLong, Gap, HEAD_MAX_BYTES, Head, Kind, Masks, Opcode, Reader, Writer,
    apply_mask,
};

use crate::kit::{KEY, Owned, buffer, client, read_whole, server};

fn sides() -> [(Writer, Reader); 2] {
    [(Writer::server(), client()), (Writer::client(7), server())]
}

#[test]
fn every_kind_of_frame() {
    for (mut writer, reader) in sides() {
        let mut out = buffer(b"");
        writer.text(&mut out, "Grüße");
        writer.binary(&mut out, &[0, 255]);
        writer.deflated(&mut out, Kind::Text, b"\x00");
        writer.ping(&mut out, &[1; CONTROL_MAX_BYTES]).unwrap();
        writer.pong(&mut out, b"").unwrap();
        writer.close(&mut out, Some(Close { code: 1001, reason: "going" }));
        let expected = vec![
            Owned::Text("Grüße".into()),
            Owned::Binary(vec![0, 255]),
            Owned::Deflated(Kind::Text, vec![0]),
            Owned::Ping(vec![1; CONTROL_MAX_BYTES]),
            Owned::Pong(vec![]),
            Owned::Close(Some((1001, "going".into()))),
        ];
        assert_eq!(read_whole(reader.accepting_deflated(), &out), (expected, Ok(())));
    }
}

#[test]
fn gaps_of_every_size() {
    for len in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
        for (mut writer, reader) in sides() {
            let mut out = buffer(b"");
            writer.text(&mut out, "before");
            let payload: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
            let gap = writer.begin(&mut out);
            out.extend_from_slice(&payload);
            gap.close(&mut out, Opcode::Binary);
            writer.text(&mut out, "after");
            let expected =
                vec![Owned::Text("before".into()), Owned::Binary(payload), Owned::Text("after".into())];
            assert_eq!(read_whole(reader, &out), (expected, Ok(())), "{len} bytes");
        }
    }
}

#[test]
fn a_frame_can_be_given_up() {
    let mut out = buffer(b"kept");
    let gap = Gap::masked(&mut out, KEY);
    out.extend_from_slice(b"half");
    out.truncate(gap.start());
    assert_eq!(&out[..], b"kept");
}

#[test]
fn fragments_by_a_gap() {
    let mut out = buffer(b"");
    for (opcode, last, piece) in [(Opcode::Text, false, "Hel"), (Opcode::Continuation, true, "lo")] {
        let gap = Gap::open(&mut out);
        out.extend_from_slice(piece.as_bytes());
        gap.close_as(&mut out, Head { last, ..Head::new(opcode, 0) });
    }
    assert_eq!(&out[..], b"\x01\x03Hel\x80\x02lo");
    assert_eq!(read_whole(client(), &out), (vec![Owned::Text("Hello".into())], Ok(())));
}

#[test]
fn control_frames_that_would_be_too_long() {
    for (mut writer, reader) in sides() {
        let mut out = buffer(b"");
        assert_eq!(writer.ping(&mut out, &[0; 126]), Err(ControlTooLong { bytes: 126 }));
        assert_eq!(writer.pong(&mut out, &[0; 126]), Err(ControlTooLong { bytes: 126 }));
        assert!(out.is_empty());
        // Cut where a character ends.
        writer.close(&mut out, Some(Close { code: 4000, reason: &"ä".repeat(100) }));
        assert_eq!(read_whole(reader, &out).0, [Owned::Close(Some((4000, "ä".repeat(61))))]);
    }
}

#[test]
fn mask_keys_differ() {
    let (mut some, mut others) = (Masks::seeded(1), Masks::seeded(2));
    let mut keys: Vec<_> = (0..1000).flat_map(|_| [some.key(), others.key()]).collect();
    keys.sort_unstable();
    keys.dedup();
    assert!(keys.len() > 1990, "of 2000 keys, {} differ", keys.len());
    assert_eq!(Masks::seeded(1).key(), Masks::seeded(1).key());
    assert_eq!(HEAD_MAX_BYTES, 14);
}

proptest! {
    #[test]
    fn masking_is_what_the_standard_says(payload in proptest::collection::vec(any::<u8>(), 0..200), key: [u8; 4], skip in 0usize..16) {
        let mut masked = payload.clone();
        let skip = skip.min(masked.len());
        apply_mask(&mut masked[skip..], key);
        for (index, byte) in payload.iter().enumerate() {
            let expected = if index < skip { *byte } else { byte ^ key[(index - skip) % 4] };
            prop_assert_eq!(masked[index], expected);
        }
    }
}
