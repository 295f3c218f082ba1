//! permessage-deflate, with another implementation of deflate on the client's side.

use flate2::{Compress, Decompress, FlushCompress, FlushDecompress};
use serde_json::{Value, json};
use streampod::prelude::*;
use streampod::{Compression, Limits};
use tokio::net::TcpStream;

use crate::kit::{Call, RawClient, RawFrame, TestServer, config, opcode};

/// What browsers, Node.js and Dart offer.
const OFFER: &str = "permessage-deflate; client_max_window_bits";
const ANSWER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const COMPRESSED_TEXT: u8 = opcode::TEXT | opcode::COMPRESSED;

struct Texts;

#[endpoint]
impl Texts {
    fn echo(&self, _session: &Session, texts: Input<String>) -> impl Stream<Item = Result<String>> {
        texts
    }

    fn watch(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        session.messages().stream::<String>("texts")
    }

    async fn post(&self, session: &Session, text: String) -> Result<()> {
        session.messages().post("texts", text).await
    }
}

/// A server that compresses messages of at least so many bytes.
async fn start(threshold_bytes: usize) -> TestServer {
    start_with(Limits::default(), threshold_bytes).await
}

async fn start_with(limits: Limits, threshold_bytes: usize) -> TestServer {
    let compression = Compression { enabled: true, threshold_bytes };
    let server = Server::new(config()).limits(limits).websocket_compression(compression);
    TestServer::of(server.endpoint(Texts)).await
}

/// A client that offers this, and the head of the answer.
async fn offer(server: &TestServer, path: &str, offers: &[&str]) -> (RawClient, String) {
    let socket = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let headers: String =
        offers.iter().map(|offer| format!("sec-websocket-extensions: {offer}\r\n")).collect();
    RawClient::shake_hands(socket, path, &headers).await
}

/// What the server agrees to in the head of its answer.
fn extensions(head: &str) -> Option<&str> {
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    head.lines().find_map(|line| line.strip_prefix("sec-websocket-extensions: "))
}

async fn compressing(server: &TestServer) -> RawClient {
    let (client, head) = offer(server, "/v1/websocket", &[OFFER]).await;
    assert_eq!(extensions(&head), Some(ANSWER));
    client
}

/// Compresses a message by itself.
fn deflate(message: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(flate2::Compression::default(), false);
    let mut out = Vec::with_capacity(message.len() + 1024);
    compress.compress_vec(message, &mut out, FlushCompress::Sync).unwrap();
    assert_eq!(compress.total_in() as usize, message.len());
    assert_eq!(out.split_off(out.len() - 4), [0, 0, 0xff, 0xff]);
    out
}

/// Inflates a message by itself.
fn inflate(payload: &[u8]) -> Vec<u8> {
    let input = [payload, &[0, 0, 0xff, 0xff]].concat();
    let mut decompress = Decompress::new(false);
    let mut out = Vec::with_capacity(1 << 20);
    decompress.decompress_vec(&input, &mut out, FlushDecompress::Sync).unwrap();
    assert_eq!(decompress.total_in() as usize, input.len());
    out
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// A text in which much repeats itself.
fn lyrics(bytes: usize) -> String {
    "row, row, row your boat, gently down the stream. ".chars().cycle().take(bytes).collect()
}

async fn send_compressed(client: &mut RawClient, frame: &Value) {
    let payload = deflate(frame.to_string().as_bytes());
    client.write(&RawClient::encode(COMPRESSED_TEXT, &payload)).await.unwrap();
}

#[tokio::test]
async fn what_is_offered_and_what_is_agreed_on() {
    let server = start(1024).await;
    let small_window = "permessage-deflate; server_max_window_bits=10";
    let with_window = format!("{ANSWER}; server_max_window_bits=10");
    let cases: &[(&[&str], Option<&str>)] = &[
        (&[], None),
        (&[OFFER], Some(ANSWER)),
        (&["permessage-deflate"], Some(ANSWER)),
        (&["permessage-deflate; client_no_context_takeover; server_no_context_takeover"], Some(ANSWER)),
        (&["x-webkit-deflate-frame", OFFER], Some(ANSWER)),
        (&[small_window], Some(&with_window)),
        (&["permessage-deflate; server_max_window_bits=8, permessage-deflate"], Some(ANSWER)),
        (&["permessage-bzip2"], None),
        (&["permessage-deflate; nonsense"], None),
        (&["permessage-deflate; client_max_window_bits=7"], None),
    ];
    for (offers, answer) in cases {
        for path in ["/v1/websocket", "/websocket"] {
            let (_client, head) = offer(&server, path, offers).await;
            assert_eq!(extensions(&head), *answer, "{offers:?}");
        }
    }
    for malformed in [";", "permessage-deflate;", "permessage-deflate; =", "permessage-deflate client"] {
        let (_client, head) = offer(&server, "/v1/websocket", &[malformed]).await;
        assert!(head.starts_with("HTTP/1.1 400 "), "{malformed}: {head}");
    }
}

#[tokio::test]
async fn both_sides_compress() {
    let server = start(1024).await;
    let mut client = compressing(&server).await;
    let echo = Call::new(1, "texts", "echo");
    send_compressed(&mut client, &echo.open(json!({}), &["texts"])).await;
    // Short answers are as they were.
    assert_eq!(client.frame().await, echo.opened("success"));
    for (bytes, is_compressed) in [(10, false), (2000, true), (500, false), (300_000, true)] {
        let text = lyrics(bytes);
        send_compressed(&mut client, &echo.feed("texts", "String", json!(text))).await;
        let RawFrame { opcode, payload } = client.read().await.unwrap();
        let answer = if is_compressed {
            assert_eq!(opcode, COMPRESSED_TEXT);
            assert!(payload.len() < bytes / 5, "{bytes} bytes became {}", payload.len());
            inflate(&payload)
        } else {
            assert_eq!(opcode, opcode::TEXT);
            payload
        };
        assert_eq!(json_of(&answer), echo.element("String", json!(text)));
        // What is not compressed is understood too.
        client.send(echo.feed("texts", "String", json!("plain"))).await;
        assert_eq!(client.frame().await, echo.element("String", json!("plain")));
    }
}

/// The threshold is that of the message, to the byte, and what would become longer is left as it is.
#[tokio::test]
async fn the_threshold() {
    let threshold = 400;
    let server = start(threshold).await;
    let mut client = compressing(&server).await;
    let echo = Call::new(1, "texts", "echo");
    client.send(echo.open(json!({}), &["texts"])).await;
    client.frame().await;
    let around = echo.element("String", json!("")).to_string().len();
    for (bytes, is_compressed) in [(threshold - 1, false), (threshold, true)] {
        let text = lyrics(bytes - around);
        client.send(echo.feed("texts", "String", json!(text))).await;
        let RawFrame { opcode, payload } = client.read().await.unwrap();
        assert_eq!(opcode, if is_compressed { COMPRESSED_TEXT } else { opcode::TEXT });
        let plain = if is_compressed { inflate(&payload) } else { payload };
        assert_eq!((plain.len(), json_of(&plain)), (bytes, echo.element("String", json!(text))));
    }
}

#[tokio::test]
async fn without_an_agreement_nothing_is_compressed() {
    // Which is how it is configured unless somebody wants it otherwise.
    let off = TestServer::of(Server::new(config()).endpoint(Texts)).await;
    let (client, head) = offer(&off, "/v1/websocket", &[OFFER]).await;
    assert_eq!(extensions(&head), None);
    let on = start(1024).await;
    for mut client in [client, RawClient::connect(on.port()).await] {
        let echo = Call::new(1, "texts", "echo");
        client.send(echo.open(json!({}), &["texts"])).await;
        assert_eq!(client.frame().await, echo.opened("success"));
        let text = lyrics(5000);
        client.send(echo.feed("texts", "String", json!(text))).await;
        assert_eq!(client.frame().await, echo.element("String", json!(text)));
        send_compressed(&mut client, &echo.feed("texts", "String", json!(text))).await;
        assert_eq!(client.read().await.unwrap().close_code(), Some(1002));
    }
}

/// A message of a few kilobytes that becomes longer than messages may be is given up before it is.
#[tokio::test]
async fn a_bomb() {
    let mut limits = Limits::default();
    limits.message_max_bytes = 64 * 1024;
    let server = start_with(limits, 1024).await;
    let bomb = deflate(&vec![b' '; 8 * 1024 * 1024]);
    assert!(bomb.len() < 16 * 1024);
    let mut client = compressing(&server).await;
    client.write(&RawClient::encode(COMPRESSED_TEXT, &bomb)).await.unwrap();
    assert_eq!(client.read().await.unwrap().close_code(), Some(1009));
    drop(client);
    // To the byte: this much is read, and then found to be no frame of ours.
    for (bytes, is_read) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let mut client = compressing(&server).await;
        let message = deflate(&vec![b' '; bytes]);
        client.write(&RawClient::encode(COMPRESSED_TEXT, &message)).await.unwrap();
        let RawFrame { opcode, payload } = client.read().await.unwrap();
        if is_read {
            assert_eq!(opcode, COMPRESSED_TEXT);
            assert_eq!(json_of(&inflate(&payload))["type"], "brm");
        } else {
            assert_eq!(RawFrame { opcode, payload }.close_code(), Some(1009));
        }
    }
    server.until("all gone", |stats| stats.connections == 0).await;
}

#[tokio::test]
async fn what_cannot_be_inflated() {
    let server = start(1024).await;
    for payload in [vec![0xff; 3], deflate(b"\xff"), Vec::new()] {
        let mut client = compressing(&server).await;
        client.write(&RawClient::encode(COMPRESSED_TEXT, &payload)).await.unwrap();
        assert_eq!(client.read().await.unwrap().close_code(), Some(1007), "{payload:?}");
    }
}

/// The part that all receivers get alike is compressed once: it stands as it is behind the head of each, which is not compressed.
#[tokio::test]
async fn a_fan_out_is_compressed_once() {
    let server = start(1024).await;
    let mut receivers = Vec::new();
    for number in 0..5 {
        let mut client = compressing(&server).await;
        let watch = Call::new(number, "texts", "watch");
        client.send(watch.open(json!({}), &[])).await;
        assert_eq!(client.frame().await, watch.opened("success"));
        receivers.push((client, watch));
    }
    server.until("subscribed", |stats| stats.subscriptions == 5).await;
    let text = lyrics(20_000);
    assert_eq!(server.post("/texts/post", json!({ "text": text })).await.status, 200);
    let mut bodies = Vec::new();
    for (client, watch) in &mut receivers {
        let RawFrame { opcode, payload } = client.read().await.unwrap();
        assert_eq!(opcode, COMPRESSED_TEXT);
        assert_eq!(json_of(&inflate(&payload)), watch.element("String", json!(text)));
        let expected = watch.element("String", json!("")).to_string();
        let head = u16::from_le_bytes([payload[1], payload[2]]) as usize;
        assert_eq!(payload[0], 0, "a stored block");
        assert!((1..expected.len()).contains(&head));
        assert!(payload[5..5 + head].ends_with(br#""data":"#));
        bodies.push(payload[5 + head..].to_vec());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0] && body.len() < 1000), "{bodies:?}");
}
