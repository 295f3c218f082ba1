//! What a peer can make a reader keep.

use streampod_websocket::{Event, Opcode, Reader, Role, Violation};

use crate::kit::{KEY, fragment, from_client, read_whole, server, violation};

const LIMIT: usize = 1000;

fn limited() -> Reader {
    Reader::new(Role::Server, LIMIT)
}

/// The head of a client's frame with a payload of `len` bytes.
fn head(first: u8, len: u64) -> Vec<u8> {
    [&[first, 0xff][..], &len.to_be_bytes(), &KEY].concat()
}

#[test]
fn a_message_too_long_is_refused_by_its_head() {
    assert!(read_whole(limited(), &from_client(Opcode::Binary, &[0; LIMIT])).1.is_ok());
    let bytes = from_client(Opcode::Binary, &[0; LIMIT + 1]);
    // The length is enough; not even the mask has to come.
    assert_eq!(violation(limited(), &bytes[..4]), Violation::MessageTooLong);
    assert_eq!(violation(limited(), &head(0x82, 1 << 62)[..10]), Violation::MessageTooLong);
}

#[test]
fn fragments_count_together() {
    let first = fragment(Opcode::Text, &[b'a'; 600]);
    let fits = [first.clone(), from_client(Opcode::Continuation, &[b'b'; 400])].concat();
    assert!(read_whole(limited(), &fits).1.is_ok());
    let (events, end) = read_whole(
        limited(),
        &[first, from_client(Opcode::Ping, &[0; 125]), from_client(Opcode::Continuation, &[b'b'; 401])]
            .concat(),
    );
    assert_eq!((events.len(), end), (1, Err(Violation::MessageTooLong)), "a ping does not count");
}

#[test]
fn a_claim_reserves_no_memory() {
    let mut reader = Reader::new(Role::Server, usize::MAX);
    let mut bytes = head(0x82, 1 << 40);
    bytes.extend([0; 100]);
    assert_eq!(reader.input(&mut bytes).next(), Ok(None));
    assert!(reader.owned_bytes() <= 256, "{} bytes are owned for 100", reader.owned_bytes());
    let mut arrived = 100;
    while arrived < 1 << 20 {
        let mut more = vec![0; 1000];
        arrived += more.len();
        assert_eq!(reader.input(&mut more).next(), Ok(None));
        assert!(reader.owned_bytes() <= 2 * arrived + 1000, "{} for {arrived}", reader.owned_bytes());
    }
}

#[test]
fn a_buffer_is_not_larger_than_its_message() {
    for opcode in [Opcode::Text, Opcode::Binary] {
        let bytes = from_client(opcode, &[b'a'; 100_000]);
        let mut reader = server();
        for chunk in bytes[..bytes.len() - 1].chunks(4096) {
            assert_eq!(reader.input(&mut chunk.to_vec()).next(), Ok(None));
            assert!(reader.owned_bytes() <= 100_000);
        }
        let mut last = bytes[bytes.len() - 1..].to_vec();
        assert!(matches!(reader.input(&mut last).next(), Ok(Some(_))));
        assert_eq!(reader.owned_bytes(), 0, "what was lent is given back");
    }
}

#[test]
fn an_idle_reader_owns_nothing() {
    let mut reader = server();
    let stream = [
        fragment(Opcode::Text, b"a"),
        from_client(Opcode::Ping, &[7; 125]),
        from_client(Opcode::Continuation, b"b"),
        from_client(Opcode::Binary, &[1; 5000]),
    ]
    .concat();
    for chunk in stream.chunks(3) {
        let mut chunk = chunk.to_vec();
        let mut input = reader.input(&mut chunk);
        while let Ok(Some(_)) = input.next() {}
    }
    assert_eq!(reader.owned_bytes(), 0);
    assert!(size_of::<Reader>() <= 256, "a reader has {} bytes", size_of::<Reader>());
}

#[test]
fn empty_fragments_cost_nothing() {
    let mut reader = server();
    let mut stream = fragment(Opcode::Binary, b"");
    stream.extend(fragment(Opcode::Continuation, b"").repeat(10_000));
    assert_eq!(reader.input(&mut stream).next(), Ok(None));
    assert_eq!(reader.owned_bytes(), 0);
}

#[test]
fn a_rest_is_kept_and_given_back() {
    let mut reader = server();
    let mut stream = from_client(Opcode::Binary, &[5; 50]).repeat(100);
    let mut input = reader.input(&mut stream);
    assert_eq!(input.next(), Ok(Some(Event::Binary(&[5; 50]))));
    drop(input);
    stream.fill(0xee);
    assert!(reader.has_rest());
    for left in (0..99).rev() {
        assert_eq!(reader.input(&mut []).next(), Ok(Some(Event::Binary(&[5; 50]))));
        assert_eq!(reader.has_rest(), left > 0);
    }
    assert_eq!(reader.owned_bytes(), 0);
}

/// Were the parts of a large message copied anew with each read, this would copy a terabyte.
#[test]
fn a_large_message_in_small_reads_is_not_copied_again_and_again() {
    let len = 16 << 20;
    let mut reader = Reader::new(Role::Server, len);
    let bytes = from_client(Opcode::Text, &vec![b'x'; len]);
    let mut texts = 0;
    for chunk in bytes.chunks(256) {
        let mut chunk = chunk.to_vec();
        let mut input = reader.input(&mut chunk);
        while let Ok(Some(Event::Text(text))) = input.next() {
            assert_eq!(text.len(), len);
            texts += 1;
        }
    }
    assert_eq!(texts, 1);
}
