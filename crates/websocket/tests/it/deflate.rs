//! permessage-deflate: with another implementation of deflate on the other side, and with bombs.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use proptest::prelude::*;
use streampod_websocket::{
    Deflated, DeflatedBody, Deflater, Event, Head, Inflated, Inflater, Kind, Opcode, Reader, Role, Violation,
    WindowBits, Writer,
};

use crate::kit::{MAX_BYTES, Owned, buffer, client, read_whole, server};

/// Inflates as RFC 7692, section 7.2.2, says, by miniz_oxide.
fn inflate_theirs(decompress: &mut Decompress, payload: &[u8]) -> Vec<u8> {
    let input = [payload, &[0, 0, 0xff, 0xff]].concat();
    let mut out = Vec::new();
    let before = decompress.total_in();
    loop {
        out.reserve(4096);
        let consumed = (decompress.total_in() - before) as usize;
        let status = decompress.decompress_vec(&input[consumed..], &mut out, FlushDecompress::Sync).unwrap();
        let all = (decompress.total_in() - before) as usize == input.len();
        if (all && out.len() < out.capacity()) || status == Status::StreamEnd {
            assert!(all, "{} bytes were left", input.len() - consumed);
            return out;
        }
    }
}

/// Deflates as RFC 7692, section 7.2.1, says, by miniz_oxide.
fn deflate_theirs(compress: &mut Compress, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let before = compress.total_in();
    loop {
        out.reserve(message.len() + 64);
        let consumed = (compress.total_in() - before) as usize;
        compress.compress_vec(&message[consumed..], &mut out, FlushCompress::Sync).unwrap();
        if (compress.total_in() - before) as usize == message.len() && out.len() < out.capacity() {
            assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
            out.truncate(out.len() - 4);
            return out;
        }
    }
}

fn text(payload: &[u8]) -> Deflated<'_> {
    Deflated { kind: Kind::Text, payload }
}

fn binary(payload: &[u8]) -> Deflated<'_> {
    Deflated { kind: Kind::Binary, payload }
}

fn deflated(deflater: &mut Deflater, window: WindowBits, message: &[u8]) -> Vec<u8> {
    let mut out = buffer(b"before");
    deflater.deflate(window, message, &mut out);
    out[6..].to_vec()
}

/// Bytes in which nothing repeats itself.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 7u32;
    let step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(step).take(len).collect()
}

pub(crate) fn windows() -> impl Iterator<Item = WindowBits> {
    (0..=255).filter_map(WindowBits::new)
}

/// Bytes that repeat themselves, near and far, and some that do not.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    let words = proptest::collection::vec((proptest::collection::vec(any::<u8>(), 1..40), 1usize..60), 0..12);
    prop_oneof![
        4 => words.prop_map(|words| words.into_iter().flat_map(|(word, times)| word.repeat(times)).collect()),
        2 => proptest::collection::vec(any::<u8>(), 0..2000),
        1 => (proptest::collection::vec(any::<u8>(), 20_000..40_000), 1usize..4).prop_map(|(part, times)| part.repeat(times)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn others_inflate_what_is_deflated(message in messages()) {
        let mut deflater = Deflater::new();
        for window in windows() {
            // Twice: nothing is taken over.
            for _ in 0..2 {
                let payload = deflated(&mut deflater, window, &message);
                prop_assert_eq!(&inflate_theirs(&mut Decompress::new(false), &payload), &message);
            }
        }
    }

    #[test]
    fn what_others_deflate_is_inflated(messages in proptest::collection::vec(messages(), 1..4), level in 0u32..10) {
        let mut inflater = Inflater::new();
        let mut keeping = Inflater::keeping_context();
        let mut going_on = Compress::new(Compression::new(level), false);
        for message in &messages {
            let alone = deflate_theirs(&mut Compress::new(Compression::new(level), false), message);
            prop_assert_eq!(inflater.inflate(binary(&alone), MAX_BYTES), Ok(Inflated::Binary(message)));
            let next = deflate_theirs(&mut going_on, message);
            prop_assert_eq!(keeping.inflate(binary(&next), MAX_BYTES), Ok(Inflated::Binary(message)));
        }
    }

    /// A body that was deflated once is inflated behind any head, and is left as it is where that is shorter.
    #[test]
    fn a_body_fits_behind_any_head(body in messages(), heads in proptest::collection::vec(messages(), 1..4)) {
        let mut deflater = Deflater::new();
        let shared = DeflatedBody::from(deflater.body(&body).bytes().clone());
        let (mut theirs, mut ours) = (Decompress::new(false), Inflater::new());
        for head in &heads {
            for (mut writer, reader) in [(Writer::server(), client()), (Writer::client(3), server())] {
                let mut out = buffer(b"");
                let gap = writer.begin(&mut out);
                let message = [&head[..], &body].concat();
                out.extend_from_slice(&message);
                shared.close(gap, &mut out, Kind::Binary, body.len());
                let (events, end) = read_whole(reader.accepting_deflated(), &out);
                prop_assert_eq!(end, Ok(()));
                match &events[..] {
                    [Owned::Deflated(Kind::Binary, payload)] => {
                        prop_assert!(payload.len() < message.len());
                        prop_assert_eq!(&inflate_theirs(&mut Decompress::new(false), payload), &message);
                        // Also where the other side goes on with its window.
                        prop_assert_eq!(&inflate_theirs(&mut theirs, payload), &message);
                        prop_assert_eq!(ours.inflate(binary(payload), MAX_BYTES), Ok(Inflated::Binary(&message)));
                    }
                    [Owned::Binary(payload)] => {
                        prop_assert_eq!(payload, &message);
                        prop_assert!(shared.bytes().len() + 5 >= body.len() || head.len() > 0xffff);
                    }
                    _ => prop_assert!(false, "{events:?}"),
                }
            }
        }
    }

    /// A message that stands in the buffer already is compressed as one that is written.
    #[test]
    fn what_stands_in_the_buffer_is_compressed_there(message in messages()) {
        let mut deflater = Deflater::new();
        for window in windows() {
            for (mut writer, mut other) in [(Writer::server(), Writer::server()), (Writer::client(3), Writer::client(3))] {
                let (mut out, mut expected) = (buffer(b"before"), buffer(b"before"));
                let gap = writer.begin(&mut out);
                out.extend_from_slice(&message);
                deflater.close(gap, &mut out, Kind::Binary, window);
                deflater.message(&mut other, &mut expected, Kind::Binary, window, &message);
                prop_assert_eq!(out, expected);
            }
        }
    }

    /// No bytes make it panic, or inflate to more than the limit.
    #[test]
    fn noise_is_survived(payload in proptest::collection::vec(any::<u8>(), 0..200), max in 0usize..5000) {
        for mut inflater in [Inflater::new(), Inflater::keeping_context()] {
            for _ in 0..2 {
                match inflater.inflate(binary(&payload), max) {
                    Ok(Inflated::Binary(bytes)) => prop_assert!(bytes.len() <= max),
                    Ok(Inflated::Text(_)) => prop_assert!(false, "a binary message became a text"),
                    Err(violation) => prop_assert!(matches!(violation, Violation::InvalidDeflate | Violation::MessageTooLong)),
                }
            }
        }
    }

    /// Damage is noticed, or it is another message; and the next message is inflated as ever.
    #[test]
    fn damage_ends_with_its_message(message in messages(), at: prop::sample::Index, bits in 1u8..) {
        let mut payload = deflated(&mut Deflater::new(), WindowBits::MAX, &message);
        let whole = payload.clone();
        let at = at.index(payload.len());
        payload[at] ^= bits;
        let mut inflater = Inflater::new();
        let _ = inflater.inflate(binary(&payload), MAX_BYTES);
        prop_assert_eq!(inflater.inflate(binary(&whole), MAX_BYTES), Ok(Inflated::Binary(&message)));
    }
}

#[test]
fn examples_of_the_standard() {
    // RFC 7692, section 7.2.3: fixed codes, fragments put together, stored, a last block and what follows it, two blocks.
    let mut inflater = Inflater::new();
    for payload in [
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
        &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
    ] {
        assert_eq!(inflater.inflate(text(payload), 5), Ok(Inflated::Text("Hello")), "{payload:x?}");
    }
    // Section 7.2.3.2: the second of two, by a context that is kept.
    let mut keeping = Inflater::keeping_context();
    assert_eq!(
        keeping.inflate(text(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), 5),
        Ok(Inflated::Text("Hello"))
    );
    assert_eq!(keeping.inflate(text(&[0xf2, 0x00, 0x11, 0x00, 0x00]), 5), Ok(Inflated::Text("Hello")));
    assert_eq!(inflater.inflate(text(&[0xf2, 0x00, 0x11, 0x00, 0x00]), 5), Err(Violation::InvalidDeflate));
    assert_eq!(inflater.inflate(text(&[0x00]), 0), Ok(Inflated::Text("")));
}

#[test]
fn whole_messages_both_ways() {
    let (mut deflater, mut inflater) = (Deflater::new(), Inflater::new());
    for message in ["", "a", "abc".repeat(50).as_str(), "Grüße ".repeat(20_000).as_str()] {
        for (mut writer, reader) in [(Writer::server(), client()), (Writer::client(3), server())] {
            let mut out = buffer(b"");
            deflater.message(&mut writer, &mut out, Kind::Text, WindowBits::MAX, message.as_bytes());
            let mut reader = reader.accepting_deflated();
            let mut input = reader.input(&mut out);
            let found = match input.next() {
                Ok(Some(Event::Deflated(found))) => found,
                // Too short for that.
                found => {
                    assert_eq!(found, Ok(Some(Event::Text(message))));
                    assert!(message.len() <= 1);
                    continue;
                }
            };
            assert_eq!(inflater.inflate(found, message.len()), Ok(Inflated::Text(message)));
            if let Some(less) = message.len().checked_sub(1) {
                assert_eq!(inflater.inflate(found, less), Err(Violation::MessageTooLong));
            }
        }
    }
}

#[test]
fn a_bomb_uses_no_more_than_the_limit() {
    let mut compress = Compress::new(Compression::best(), false);
    let bomb = deflate_theirs(&mut compress, &vec![b'0'; 100 << 20]);
    assert!(bomb.len() < 200_000, "{} bytes", bomb.len());
    let mut inflater = Inflater::new();
    for max in [0, 1, 1000, 1 << 20] {
        assert_eq!(inflater.inflate(text(&bomb), max), Err(Violation::MessageTooLong));
        assert!(
            inflater.owned_bytes() <= max.max(64 * 1024) + 1,
            "{} bytes for {max}",
            inflater.owned_bytes()
        );
    }
    // What a large message needed is given back with the next one.
    assert_eq!(inflater.inflate(text(&[0x00]), 1 << 20), Ok(Inflated::Text("")));
    assert!(inflater.owned_bytes() <= 64 * 1024);
}

#[test]
fn what_was_cut_is_noticed() {
    let message: Vec<u8> = noise(3000).iter().map(|byte| b'a' + byte % 16).collect();
    let payload = deflated(&mut Deflater::new(), WindowBits::MAX, &message);
    let mut inflater = Inflater::new();
    for len in 1..payload.len() {
        let found = inflater.inflate(binary(&payload[..len]), MAX_BYTES);
        assert_eq!(found, Err(Violation::InvalidDeflate), "cut to {len} of {} bytes", payload.len());
    }
    assert_eq!(inflater.inflate(binary(&payload), MAX_BYTES), Ok(Inflated::Binary(&message)));
}

#[test]
fn texts_are_checked_once_they_are_inflated() {
    let payload = deflated(&mut Deflater::new(), WindowBits::MAX, b"a\xff");
    let mut inflater = Inflater::new();
    assert_eq!(inflater.inflate(text(&payload), 10), Err(Violation::InvalidUtf8));
    assert_eq!(inflater.inflate(binary(&payload), 10), Ok(Inflated::Binary(b"a\xff")));
}

/// What cannot be compressed is sent as it is, but others may send it longer than it was.
#[test]
fn the_limit_counts_what_is_inflated() {
    let max = 5000;
    let noise = noise(max);
    let (mut writer, mut deflater) = (Writer::client(1), Deflater::new());
    let reader = || Reader::new(Role::Server, max).accepting_deflated();
    let mut out = buffer(b"");
    deflater.message(&mut writer, &mut out, Kind::Binary, WindowBits::MAX, &noise);
    assert_eq!(read_whole(reader(), &out), (vec![Owned::Binary(noise.clone())], Ok(())));

    // As others may store it: in blocks of 100 bytes.
    let store = |block: &[u8]| {
        let len = block.len() as u16;
        [&[0][..], &len.to_le_bytes(), &(!len).to_le_bytes(), block].concat()
    };
    let longer: Vec<u8> = noise.chunks(100).flat_map(store).chain([0]).collect();
    assert!(longer.len() > max);
    out.clear();
    writer.deflated(&mut out, Kind::Binary, &longer);
    assert_eq!(read_whole(reader(), &out), (vec![Owned::Deflated(Kind::Binary, longer.clone())], Ok(())));
    assert_eq!(Inflater::new().inflate(binary(&longer), max), Ok(Inflated::Binary(&noise)));
    // Fragments too, and no longer than that.
    let fragments = |count: usize| {
        let mut out = buffer(b"");
        let head = Head { deflated: true, last: false, ..Head::new(Opcode::Binary, 0) };
        writer.clone().frame(&mut out, head, &[0; 5000]);
        writer.clone().frame(&mut out, Head::new(Opcode::Continuation, 0), &vec![0; count]);
        read_whole(reader(), &out).1
    };
    assert_eq!(fragments(600), Ok(()));
    assert_eq!(fragments(700), Err(Violation::MessageTooLong));
}

#[test]
fn nothing_grows_by_more_than_the_heads_of_its_blocks() {
    let noise = noise(200_000);
    let mut deflater = Deflater::new();
    for len in [0, 1, 2, 10, 100, 5000, 65_535, 65_536, 200_000] {
        let payload = deflated(&mut deflater, WindowBits::MAX, &noise[..len]);
        assert!(payload.len() <= len + len.div_ceil(65_535) * 5 + 1, "{len} became {}", payload.len());
        assert_eq!(Inflater::new().inflate(binary(&payload), len), Ok(Inflated::Binary(&noise[..len])));
        assert_eq!(inflate_theirs(&mut Decompress::new(false), &payload), noise[..len]);
    }
}
