//! More of everything than a connection may have.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::Bystander;
use crate::kit::{Call, Client, RawClient, TestServer, opcode, within};

/// How long nothing must be accepted for a connection to count as not being read.
const STILL: Duration = Duration::from_secs(1);
/// The most that the sockets of a connection hold between them, and the server's own buffers.
const HELD_MAX_BYTES: usize = 24 << 20;

/// Writes `bytes` over and over until nothing more is accepted, or the server has dropped the connection because of that; how many
/// bytes were.
async fn flood(client: &mut RawClient, bytes: &[u8]) -> usize {
    let bytes = bytes.repeat(65_536_usize.div_ceil(bytes.len()));
    let mut accepted = 0;
    loop {
        let rest = &bytes[accepted % bytes.len()..];
        match client.socket.try_write(rest) {
            Ok(written) => accepted += written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if timeout(STILL, client.socket.writable()).await.is_err() {
                    return accepted;
                }
            }
            Err(error)
                if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) =>
            {
                return accepted;
            }
            Err(error) => panic!("after {accepted} bytes: {error}"),
        }
        assert!(accepted < HELD_MAX_BYTES, "{accepted} bytes were accepted");
    }
}

/// A client that sends and does not read is not read any more, before what it is owed takes much memory.
async fn assert_bounded(bytes: &[u8]) {
    let server = TestServer::with_limits(|limits| {
        limits.out_max_bytes = 1024;
        limits.write_timeout = Duration::from_secs(3);
    })
    .await;
    let mut bystander = Bystander::new(&server).await;
    let mut client = RawClient::with_small_buffers(server.port()).await;
    flood(&mut client, bytes).await;
    bystander.check().await;
    // In the end it is dropped.
    server.until("dropped", |stats| stats.connections == 1).await;
    drop(client);
    bystander.leave(&server).await;
}

#[tokio::test]
async fn a_flood_of_websocket_pings_is_not_read_for_ever() {
    assert_bounded(&RawClient::encode(opcode::PING, &[b'x'; 125])).await;
}

#[tokio::test]
async fn a_flood_of_ping_messages_is_not_read_for_ever() {
    assert_bounded(&RawClient::encode(opcode::TEXT, br#"{"type":"ping"}"#)).await;
}

#[tokio::test]
async fn a_flood_of_refused_calls_is_not_read_for_ever() {
    let open = Call::new(1, "noSuchEndpoint", "x").open(json!({}), &[]).to_string();
    assert_bounded(&RawClient::encode(opcode::TEXT, open.as_bytes())).await;
}

/// A client that does read gets an answer to each of very many pings.
#[tokio::test]
async fn a_flood_that_is_read_is_answered() {
    const COUNT: usize = 20_000;
    let server = TestServer::with_limits(|limits| limits.out_max_bytes = 1024).await;
    let bystander = Bystander::new(&server).await;
    let mut client = RawClient::connect(server.port()).await;
    let (mut sent, mut received) = (0, 0);
    let bytes = RawClient::encode(opcode::TEXT, br#"{"type":"ping"}"#).repeat(COUNT);
    within("all answers", async {
        while received < COUNT {
            if sent < bytes.len() {
                match client.socket.try_write(&bytes[sent..]) {
                    Ok(written) => sent += written,
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
                }
            }
            assert_eq!(client.frame().await, json!({ "type": "pong" }));
            received += 1;
        }
    })
    .await;
    drop(client);
    bystander.leave(&server).await;
}

/// A connection has at most as many calls as the limit says; those that are open go on.
#[tokio::test]
async fn two_thousand_calls_on_one_connection() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let mut client = server.connect().await;
    let calls: Vec<_> = (0..2000).map(|number| Call::streaming(number, "intEchoStream")).collect();
    client.send_together(calls.iter().map(|call| call.open(json!({}), &["stream"]))).await;
    // Refusals need not wait for the calls that are let in.
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..calls.len() {
        let frame = client.frame().await;
        assert_eq!(frame["type"], "omsr");
        match frame["data"]["res"].as_str().unwrap() {
            "success" => opened += 1,
            "invalidArguments" => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((opened, refused), (1024, 976));
    assert_eq!(server.stats().calls, 1025);
    bystander.check().await;

    for at in [0, 500, 1023] {
        echo(&mut client, &calls[at]).await;
    }
    client.send(calls[1024].feed("stream", "int", json!(1))).await;
    client.expect(calls[1024].close_input("stream", "error")).await;
    // One that ends makes room for another.
    client.send(calls[0].close_input("stream", "done")).await;
    client.expect(calls[0].close("done")).await;
    client.send(calls[1024].open(json!({}), &["stream"])).await;
    client.expect(calls[1024].opened("success")).await;
    echo(&mut client, &calls[1024]).await;
    client.send(calls[1025].open(json!({}), &["stream"])).await;
    client.expect(calls[1025].opened("invalidArguments")).await;
    client.close().await;
    bystander.leave(&server).await;
}

async fn echo(client: &mut Client, call: &Call) {
    let number: Value = json!(7);
    client.send(call.feed("stream", "int", number.clone())).await;
    client.expect(call.element("int", number)).await;
}
