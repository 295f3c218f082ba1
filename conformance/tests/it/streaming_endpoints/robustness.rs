//! Hostile peers, and those that are slow.

use std::time::Duration;

use serde_json::json;
use streampod::prelude::*;
use streampod::{Limits, Server, StreamingEndpoint, StreamingSession};
use tokio::net::TcpStream;

use super::{Note, note, ping, pong, recorder};
use crate::kit::{Client, RawClient, RawFrame, Received, TestServer, config, opcode, within};

/// The code with which the server closes next.
async fn close_code(client: &mut Client) -> Option<u16> {
    match client.receive().await {
        Some(Received::Close(frame)) => frame.map(|frame| frame.code.into()),
        other => panic!("expected a close frame, found {other:?}"),
    }
}

/// A client whose socket takes little.
async fn small(server: &TestServer) -> RawClient {
    RawClient::with_small_buffers_to(server.port(), "/websocket").await
}

#[tokio::test]
async fn what_is_no_frame_closes_the_connection_at_once() {
    let (server, _, _heard) = recorder::start().await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let bad = [
        "not json",
        "",
        "[]",
        "{}",
        r#"{"command":"ping"}"#,
        r#"{"command":"ping","args":null}"#,
        r#"{"command":"auth","args":{"key":5}}"#,
        r#"{"command":5,"args":{}}"#,
        r#"{"endpoint":"open"}"#,
        r#"{"endpoint":"open","object":5}"#,
        r#"{"endpoint":5,"object":{}}"#,
        r#"{"endpoint":"noSuch","object":{"className":"Note","data":{"text":""}}}"#,
        r#"{"endpoint":"","object":{}}"#,
        &format!(r#"{{"endpoint":"open","object":{{"className":"Note","data":{deep}}}}}"#),
        &format!(r#"{{"command":"ping","args":{{"a":{deep}}}}}"#),
    ];
    for text in bad {
        let mut client = server.stream().await;
        client.send(note("open", "wait")).await;
        client.send_text(text).await;
        assert_eq!(close_code(&mut client).await, Some(1008), "{text:.60}");
    }
    let mut client = server.stream().await;
    client.send_binary(b"{}").await;
    assert_eq!(close_code(&mut client).await, None);
    // The handlers that wait are told, and would wait for ever all the same.
    server.until("all are gone", |stats| stats.connections == 0).await;
}

#[tokio::test]
async fn a_message_beyond_the_limit_closes_the_connection() {
    let (server, _, _heard) = recorder::server();
    let mut limits = Limits::default();
    limits.message_max_bytes = 10_000;
    let server = TestServer::of(server.limits(limits)).await;
    let mut client = server.stream().await;
    client.send(note("open", &"a".repeat(9_000))).await;
    client.send(note("open", "back")).await;
    client.expect(note("open", "back")).await;
    client.send(note("open", &"a".repeat(10_000))).await;
    assert_eq!(close_code(&mut client).await, Some(1009));
    server.until_idle().await;
}

#[tokio::test]
async fn a_client_whose_messages_are_not_handled_is_paused_and_then_let_go() {
    let (server, recorder, mut heard) = recorder::server();
    let mut limits = Limits::default();
    limits.full_input_timeout = Duration::from_secs(1);
    let server = TestServer::of(server.limits(limits)).await;
    for (text, most) in [("a".repeat(10), 257), ("a".repeat(100_000), 12)] {
        let socket = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
        let mut client = RawClient::upgrade(socket, "/websocket").await;
        heard.expect("open opened nobody").await;
        client.send(note("open", "wait")).await;
        heard.expect("open wait nobody").await;
        // Far more than the server takes: it stops reading, and the client cannot write.
        let frame = RawClient::encode(opcode::TEXT, note("open", &text).to_string().as_bytes());
        let (mut sent, patience) = (0, Duration::from_millis(200));
        let frames = frame.repeat(1 + 100_000 / frame.len());
        while let Ok(written) = tokio::time::timeout(patience, client.write(&frames)).await {
            written.unwrap();
            sent += frames.len();
            assert!(sent < 64 * 1024 * 1024, "it is not paused");
        }
        let closed =
            async { while !matches!(client.read().await, Some(RawFrame { opcode: opcode::CLOSE, .. })) {} };
        within("the close frame", closed).await;
        drop(client);
        server.until("it is let go", |stats| stats.connections == 0).await;
        recorder.permits.add_permits(1);
        let mut handled = 0;
        while heard.next().await != "open closed nobody" {
            handled += 1;
        }
        // One that is handled already, and those that wait.
        assert!(handled <= most, "{handled}");
        server.until_idle().await;
    }
}

#[tokio::test]
async fn a_client_that_was_paused_goes_on() {
    let (server, recorder, mut heard) = recorder::start().await;
    let mut client = server.stream().await;
    let notes = std::iter::once("wait").chain(std::iter::repeat_n("a", 1000)).chain(["back"]);
    client.send_together(notes.map(|text| note("open", text))).await;
    while heard.next().await != "open wait nobody" {}
    recorder.permits.add_permits(1);
    client.expect(note("open", "back")).await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_let_go_and_its_handlers_told() {
    let (server, mut told) = floods(usize::MAX).await;
    let mut client = small(&server).await;
    client.send(note("floods", "a")).await;
    let sent: usize = told.next().await.parse().unwrap();
    // 1 KiB each: the bound of the output and what socket buffers hold.
    assert!((64..20_000).contains(&sent), "{sent}");
    drop(client);
    server.until_idle().await;
}

/// Sends numbers until it cannot, or has sent two megabytes in all.
struct Floods {
    recorder: recorder::Recorder,
    most: usize,
}

#[endpoint]
impl Floods {}

impl StreamingEndpoint for Floods {
    async fn handle_stream_message(&self, session: &StreamingSession, _: Value) -> Result<()> {
        let mut sent = 0;
        while sent < self.most {
            let text = format!("{sent} {}", "a".repeat(1024));
            if session.send_stream_message(Note { text, secret: None }).await.is_err() {
                break;
            }
            sent += 1;
        }
        self.recorder.tell(sent.to_string());
        Ok(())
    }
}

/// A server that sends so many notes.
async fn floods(most: usize) -> (TestServer, recorder::Heard) {
    let (recorder, told) = recorder::Recorder::new();
    let mut limits = Limits::default();
    limits.write_timeout = Duration::from_millis(300);
    let server = Server::new(config()).model::<Note>().limits(limits);
    (TestServer::of(server.streaming_endpoint(Floods { recorder, most })).await, told)
}

#[tokio::test]
async fn a_slow_client_gets_everything_in_order() {
    let (server, mut told) = floods(2_000).await;
    let mut client = small(&server).await;
    client.send(note("floods", "a")).await;
    for number in 0..2_000 {
        let frame = client.frame().await;
        let text = frame["object"]["data"]["text"].as_str().unwrap();
        assert_eq!(text.split(' ').next().unwrap(), number.to_string());
    }
    told.expect("2000").await;
    drop(client);
    server.until_idle().await;
}

#[tokio::test]
async fn many_pings_and_commands_cost_nothing() {
    let (server, _, _heard) = recorder::start().await;
    let mut client = server.stream().await;
    for _ in 0..50 {
        client.send_together((0..100).map(|_| json!({ "command": "nope", "args": {} }))).await;
        client.send_together((0..100).map(|_| ping())).await;
        for _ in 0..100 {
            client.expect(pong()).await;
        }
    }
    drop(client);
    server.until_idle().await;
}

#[tokio::test]
async fn connections_are_refused_while_too_much_outlives_others() {
    let (server, recorder, mut heard) = recorder::server();
    let mut limits = Limits::default();
    limits.outliving_calls = 2;
    let server = TestServer::of(server.endpoint(super::lifecycle::Silent).limits(limits)).await;
    for _ in 0..2 {
        let mut client = server.stream().await;
        client.send(note("open", "wait")).await;
        while heard.next().await != "open wait nobody" {}
        client.close().await;
    }
    server.until("both are gone", |stats| stats.connections == 0).await;
    let head = "GET /websocket HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    assert_eq!(server.request(head, "").await.status, 503);
    // Ordinary calls have a bound of their own.
    assert_eq!(server.request("POST /silent/answer HTTP/1.1", "{}").await.status, 200);
    recorder.permits.add_permits(2);
    server.until_idle().await;
    let mut client = server.stream().await;
    client.send(ping()).await;
    client.expect(pong()).await;
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_refused() {
    let (server, _, _heard) = recorder::start().await;
    assert_eq!(server.request("GET /websocket HTTP/1.1", "").await.status, 400);
    assert_eq!(server.request("POST /websocket HTTP/1.1", "{}").await.status, 400);
}

#[tokio::test]
async fn clients_that_come_and_go_leave_nothing() {
    let (server, _, mut heard) = recorder::start().await;
    let drained = tokio::spawn(async move { while heard.next().await != "open end nobody" {} });
    let mut clients = Vec::new();
    for round in 0_u32..200 {
        let mut client = RawClient::upgrade(
            TcpStream::connect(("127.0.0.1", server.port())).await.unwrap(),
            if round % 3 == 0 { "/websocket?auth=ada:admin" } else { "/websocket" },
        )
        .await;
        client.send(note("open", if round % 5 == 0 { "cancelled" } else { "back" })).await;
        match round % 4 {
            0 => client.reset(),
            1 => drop(client),
            2 => client.write(&RawClient::encode(opcode::CLOSE, b"")).await.unwrap(),
            _ => clients.push(client),
        }
    }
    for mut client in clients {
        client.send(note("private", "back")).await;
    }
    server.until_idle().await;
    let mut last = server.stream().await;
    last.send(note("open", "end")).await;
    within("the last message", drained).await.unwrap();
}
