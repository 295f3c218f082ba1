//! Bytes that are no proper WebSocket frames, or are cut off.

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Bystander, expect_end};
use crate::kit::{Call, RawClient, RawFrame, TestServer, opcode};

/// Any byte at all may follow the handshake.
#[tokio::test]
async fn what_is_no_frame_closes_the_connection() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let ping = br#"{"type":"ping"}"#;
    let unmasked = [&[0x81, ping.len() as u8][..], ping].concat();
    let with_first = |first: u8| {
        let mut frame = RawClient::encode(opcode::TEXT, ping);
        frame[0] = first;
        frame
    };
    let cases = [
        ("unmasked", unmasked),
        ("an HTTP request", b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec()),
        ("zeros", vec![0; 64]),
        ("ones", vec![0xff; 64]),
        ("a reserved bit", with_first(0x80 | 0x40 | opcode::TEXT)),
        ("a reserved opcode", with_first(0x80 | 3)),
        ("a reserved control opcode", with_first(0x80 | 11)),
        ("a ping in parts", RawClient::encode_part(opcode::PING, b"x", false)),
        ("a close in parts", RawClient::encode_part(opcode::CLOSE, b"", false)),
        ("a large ping", RawClient::encode(opcode::PING, &[0; 126])),
        ("a continuation of nothing", RawClient::encode(opcode::CONTINUATION, ping)),
        (
            "a message inside another",
            [RawClient::encode_part(opcode::TEXT, b"{", false), RawClient::encode(opcode::TEXT, ping)]
                .concat(),
        ),
        ("a close of one byte", RawClient::encode(opcode::CLOSE, b"x")),
    ];
    for (what, bytes) in cases {
        let mut client = RawClient::connect(server.port()).await;
        client.write(&bytes).await.unwrap();
        expect_end(&mut client, Some(1002), what).await;
        bystander.check().await;
    }
    bystander.leave(&server).await;
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_the_connection() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let parts = |bytes: &[&[u8]]| {
        let last = bytes.len() - 1;
        let frames = bytes.iter().enumerate().map(|(at, part)| {
            RawClient::encode_part(
                if at == 0 { opcode::TEXT } else { opcode::CONTINUATION },
                part,
                at == last,
            )
        });
        frames.collect::<Vec<_>>().concat()
    };
    for bytes in [
        parts(&[b"\xff"]),
        parts(&[b"{\"type\":\"\xed\xa0\x80\"}"]),
        parts(&[b"{\"type\":\"\xc3\"}"]),
        parts(&[b"{\"type\":\"\xc3", b"\x28\"}"]),
        parts(&[b"\xe2\x82"]),
    ] {
        let mut client = RawClient::connect(server.port()).await;
        client.write(&bytes).await.unwrap();
        expect_end(&mut client, Some(1007), "not UTF-8").await;
        bystander.check().await;
    }
    bystander.leave(&server).await;
}

/// A message may come in any number of parts, with pings between them, and its bytes at any pace.
#[tokio::test]
async fn messages_in_parts_are_whole() {
    let server = TestServer::start().await;
    let bystander = Bystander::new(&server).await;
    let mut client = RawClient::connect(server.port()).await;
    let call = Call::streaming(1, "dynamicEchoStream");
    client.send(call.open(json!({}), &["stream"])).await;
    assert_eq!(client.frame().await, call.opened("success"));
    let text = call.feed("stream", "String", json!("wörld 😀")).to_string();
    let bytes = text.as_bytes();
    for size in [1, 2, 3, 7, 50, 1000] {
        let mut pings = 0;
        let chunks: Vec<_> = bytes.chunks(size).collect();
        for (at, part) in chunks.iter().enumerate() {
            let kind = if at == 0 { opcode::TEXT } else { opcode::CONTINUATION };
            client.write(&RawClient::encode_part(kind, part, at == chunks.len() - 1)).await.unwrap();
            if at % 20 == 10 {
                client.write(&RawClient::encode(opcode::PING, b"x")).await.unwrap();
                let pong = client.read().await.unwrap();
                assert_eq!((pong.opcode, &pong.payload[..]), (opcode::PONG, &b"x"[..]));
                pings += 1;
            }
        }
        assert_eq!(client.frame().await, call.element("String", json!("wörld 😀")), "{size}, {pings} pings");
    }
    // Byte by byte.
    for byte in RawClient::encode(opcode::TEXT, bytes) {
        client.write(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(client.frame().await, call.element("String", json!("wörld 😀")));
    drop(client);
    bystander.leave(&server).await;
}

/// A message that is far too large is refused before it is read.
#[tokio::test]
async fn ten_mebibytes_are_refused() {
    const SIZE: usize = 10 << 20;
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let whole = RawClient::encode(opcode::TEXT, &vec![b' '; SIZE]);
    let mut parts = RawClient::encode_part(opcode::TEXT, &vec![b' '; SIZE / 10], false);
    for part in 1..10 {
        parts.extend(RawClient::encode_part(opcode::CONTINUATION, &vec![b' '; SIZE / 10], part == 9));
    }
    let mut claimed = RawClient::head(opcode::TEXT, usize::MAX >> 1, true);
    claimed.extend([b' '; 1000]);
    for bytes in [whole, parts, claimed] {
        let mut client = RawClient::connect(server.port()).await;
        // The server may end the connection while this is being written.
        let _ = client.write(&bytes).await;
        let frame = client.read().await.expect("a close frame");
        assert_eq!(frame.close_code(), Some(1009));
        bystander.check().await;
    }
    bystander.leave(&server).await;
}

/// A client may close with a code and a reason, in the middle of a message, and without waiting for anything.
#[tokio::test]
async fn closing_works_at_any_moment() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let call = Call::streaming(1, "simpleStreamWithParameter");
    let open = call.open(json!({ "value": 1000 }), &[]).to_string();
    let closes = [
        (&b""[..], None),
        (b"\x03\xe8", Some(1000)),
        (b"\x03\xe9going away", Some(1001)),
        (b"\x0f\xa0mine", Some(4000)),
    ];
    for (payload, code) in closes {
        for before in [vec![], RawClient::encode_part(opcode::TEXT, b"{\"type\":", false)] {
            let mut client = RawClient::connect(server.port()).await;
            let mut bytes = RawClient::encode(opcode::TEXT, open.as_bytes());
            bytes.extend(&before);
            bytes.extend(RawClient::encode(opcode::CLOSE, payload));
            client.write(&bytes).await.unwrap();
            let mut last = None;
            while let Some(frame) = client.read().await {
                last = Some(frame);
            }
            assert_eq!(last.unwrap().close_code(), code, "{payload:?}");
        }
        bystander.check().await;
    }
    bystander.leave(&server).await;
}

/// Connections that end anywhere: in the handshake, after it, in a frame, with and without a reset.
#[tokio::test]
async fn connections_may_end_anywhere() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let call = Call::streaming(1, "neverEndingStreamWithDelay");
    let open = RawClient::encode(
        opcode::TEXT,
        call.open(json!({ "millisecondsDelay": 0 }), &[]).to_string().as_bytes(),
    );
    for length in (0..=open.len()).step_by(7).chain([open.len()]) {
        for reset in [false, true] {
            let mut client = RawClient::connect(server.port()).await;
            client.write(&open[..length]).await.unwrap();
            if length == open.len() {
                assert_eq!(client.frame().await, call.opened("success"));
            }
            if reset {
                client.reset();
            }
        }
        // The client's half ends, the server's does not.
        let mut client = RawClient::connect(server.port()).await;
        client.write(&open[..length]).await.unwrap();
        client.socket.shutdown().await.unwrap();
        while client.read().await.is_some() {}
        bystander.check().await;
    }
    let request = "GET /v1/websocket HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for length in (0..request.len()).step_by(20).chain([request.len()]) {
        let mut socket = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
        socket.write_all(&request.as_bytes()[..length]).await.unwrap();
        if length % 40 == 0 {
            socket.set_zero_linger().unwrap();
        }
    }
    bystander.check().await;
    bystander.leave(&server).await;
}

#[tokio::test]
async fn what_breaks_the_rules_while_the_connection_is_closed_ends_it() {
    let server = TestServer::start().await;
    let bystander = Bystander::new(&server).await;
    let mut client = RawClient::connect(server.port()).await;
    client.write(&RawClient::encode(opcode::TEXT, b"nonsense")).await.unwrap();
    assert_eq!(client.frame().await["type"], "brm");
    let close = client.read().await.expect("a close frame");
    assert_eq!(close.opcode, opcode::CLOSE);
    // No close frame answers it, but one of a kind that there is not.
    client.write(&RawClient::encode(0x0f, b"?")).await.unwrap();
    client.socket.shutdown().await.unwrap();
    assert_eq!(client.read().await, None::<RawFrame>);
    bystander.leave(&server).await;
}
