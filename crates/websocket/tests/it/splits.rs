//! However a stream is split into reads, and wherever its reader pauses, it reads the same.

use proptest::prelude::*;
use streampod_websocket::{Opcode, Reader, Role};

use crate::kit::{
    MAX_BYTES, Outcome, any_stream, fragment, from_client, read, read_whole, server, valid_stream,
};

/// Every kind of frame, small enough to be split in every way.
fn specimens() -> Vec<Vec<u8>> {
    let long = "ä".repeat(70);
    vec![
        [from_client(Opcode::Text, "aß你🎉".as_bytes()), from_client(Opcode::Ping, b"p")].concat(),
        [
            fragment(Opcode::Text, &"ß🎉".as_bytes()[..3]),
            from_client(Opcode::Ping, b"between"),
            fragment(Opcode::Continuation, b""),
            from_client(Opcode::Continuation, &"ß🎉".as_bytes()[3..]),
            from_client(Opcode::Close, b"\x03\xe8bye"),
            from_client(Opcode::Text, b"after"),
        ]
        .concat(),
        [from_client(Opcode::Text, long.as_bytes()), from_client(Opcode::Binary, b"\xff\x00")].concat(),
        // Each of these is wrong somewhere.
        [fragment(Opcode::Text, b"a"), from_client(Opcode::Text, b"b")].concat(),
        [from_client(Opcode::Text, b"a\xed\xa0\x80b"), from_client(Opcode::Pong, b"")].concat(),
        [from_client(Opcode::Binary, b""), from_client(Opcode::Continuation, b"x")].concat(),
        [from_client(Opcode::Pong, b""), from_client(Opcode::Close, b"\x03\xed")].concat(),
        [fragment(Opcode::Text, "ä".as_bytes().split_at(1).0), from_client(Opcode::Continuation, b"")]
            .concat(),
    ]
}

#[test]
fn every_split_in_three_reads_the_same() {
    for stream in specimens() {
        let whole = read_whole(server(), &stream);
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let pieces = [&stream[..first], &stream[first..second], &stream[second..]];
                assert_eq!(read(server(), pieces), whole, "{stream:x?} split at {first} and {second}");
            }
        }
        assert_eq!(read(server(), stream.chunks(1)), whole, "{stream:x?} byte by byte");
    }
}

/// Reads a stream in these pieces, and lets go of each input after some events, as `pauses` say, to go on later.
fn read_with_pauses(mut reader: Reader, pieces: &[&[u8]], pauses: &[usize]) -> Outcome {
    let mut pauses = pauses.iter().copied().cycle();
    let mut events = Vec::new();
    for piece in pieces {
        let mut piece = piece.to_vec();
        let mut received = &mut piece[..];
        loop {
            let mut input = reader.input(received);
            for _ in 0..pauses.next().unwrap_or(usize::MAX) {
                match input.next() {
                    Ok(Some(event)) => events.push(event.into()),
                    Ok(None) => break,
                    Err(violation) => return (events, Err(violation)),
                }
            }
            drop(input);
            received = &mut [];
            if !reader.has_rest() {
                break;
            }
        }
    }
    (events, Ok(()))
}

fn split<'a>(stream: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(stream.len());
    let mut start = 0;
    cuts.into_iter().map(|end| &stream[std::mem::replace(&mut start, end)..end]).collect()
}

fn reader(deflated: bool, max: usize) -> Reader {
    let reader = Reader::new(Role::Server, max);
    if deflated { reader.accepting_deflated() } else { reader }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_split_reads_the_same(
        stream in any_stream(Role::Client),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        deflated: bool,
        max in prop_oneof![Just(MAX_BYTES), 0usize..400],
    ) {
        let whole = read_whole(reader(deflated, max), &stream);
        prop_assert_eq!(read(reader(deflated, max), split(&stream, &cuts)), whole.clone());
        prop_assert_eq!(read(reader(deflated, max), stream.chunks(1)), whole);
    }

    #[test]
    fn any_pause_loses_nothing(
        stream in any_stream(Role::Client),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        pauses in proptest::collection::vec(1usize..4, 1..4),
    ) {
        let whole = read_whole(server(), &stream);
        prop_assert_eq!(read_with_pauses(server(), &split(&stream, &cuts), &pauses), whole);
    }

    #[test]
    fn what_may_be_sent_is_read(stream in valid_stream(Role::Client)) {
        prop_assert_eq!(read_whole(server(), &stream).1, Ok(()));
    }

    /// Somebody who receives more before the rest is read gets all of it, in order.
    #[test]
    fn more_may_come_behind_a_rest(stream in any_stream(Role::Client), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let whole = read_whole(server(), &stream);
        let mut reader = server();
        let mut events = Vec::new();
        let mut end = Ok(());
        for piece in split(&stream, &cuts).into_iter().chain([&[][..]; 100]) {
            // One event of each piece, at most.
            match reader.input(&mut piece.to_vec()).next() {
                Ok(event) => events.extend(event.map(Into::into)),
                Err(violation) => end = Err(violation),
            }
        }
        prop_assert_eq!((events, end), whole);
    }
}
