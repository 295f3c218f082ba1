//! What a client can make the server hold, and for how long.

use std::time::{Duration, Instant};

use serde_json::json;
use streampod::Limits;
use streampod::prelude::*;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;

use crate::kit::{Call, Received, TestServer, config, within};

/// A ping comes at every interval, and a client that answers is kept.
#[tokio::test]
async fn pings_come_at_the_configured_interval() {
    let mut config = config();
    config.websocket_ping_interval = Duration::from_secs(1);
    let server = TestServer::of(conformance::server(config)).await;
    let mut client = server.connect().await;
    let start = Instant::now();
    for n in 1..=3 {
        let message = within("a ping", client.socket.next()).await.unwrap().unwrap();
        assert!(matches!(message, Message::Ping(_)), "{message:?}");
        let late = start.elapsed().as_secs_f64() - f64::from(n);
        assert!((-0.1..0.5).contains(&late), "ping {n} came {late} s late");
    }
    client.send(json!({ "type": "ping" })).await;
    client.expect(json!({ "type": "pong" })).await;
}

/// A client that does not answer pings is dropped within two intervals.
#[tokio::test]
async fn a_mute_client_is_dropped() {
    let mut config = config();
    config.websocket_ping_interval = Duration::from_secs(1);
    let server = TestServer::of(conformance::server(config)).await;
    let client = server.connect().await;
    server.until("connected", |stats| stats.connections == 1).await;
    let start = Instant::now();
    // Below the WebSocket nobody answers.
    let mut socket = client.socket.into_inner();
    let mut bytes = Vec::new();
    let _ = within("the end", socket.read_to_end(&mut bytes)).await;
    let elapsed = start.elapsed().as_secs_f64();
    assert!((1.5..2.5).contains(&elapsed), "{elapsed} s");
    server.until_idle().await;
}

/// A parameter that its method does not read holds 256 elements; then the socket is paused, and after the stated time
/// that call is closed and its siblings go on.
#[tokio::test]
async fn a_full_parameter_pauses_the_socket_and_then_ends_its_call() {
    let timeout = Duration::from_millis(500);
    let server = TestServer::with_limits(|limits| limits.full_input_timeout = timeout).await;
    let mut client = server.connect().await;
    let (deaf, echo) =
        (Call::streaming(1, "delayedNeverListenedInputStream"), Call::streaming(2, "intEchoStream"));
    client.send(echo.open(json!({}), &["stream"])).await;
    client.expect(echo.opened("success")).await;
    client.send(deaf.open(json!({ "delay": 1000 }), &["stream"])).await;
    client.expect(deaf.opened("success")).await;
    client.send_together((0..255).map(|n| deaf.feed("stream", "int", json!(n)))).await;
    client.send(echo.feed("stream", "int", json!(1))).await;
    client.expect(echo.element("int", json!(1))).await;

    let start = Instant::now();
    client.send_together((0..10).map(|n| deaf.feed("stream", "int", json!(n)))).await;
    client.send(echo.feed("stream", "int", json!(2))).await;
    client.expect(deaf.close("error")).await;
    client.expect(deaf.close_input("stream", "error")).await;
    assert!(start.elapsed() >= timeout);
    // What was sent behind the element that was one too many finds the parameter closed.
    for _ in 0..9 {
        client.expect(deaf.close_input("stream", "error")).await;
    }
    client.expect(echo.element("int", json!(2))).await;
    server.post("/methodStreaming/completeAllDelayedResponses", json!({})).await;
    client.close().await;
    server.until_idle().await;
}

/// A method that never reads its parameter.
struct Deaf;

#[endpoint]
impl Deaf {
    async fn deaf(&self, session: &Session, texts: Input<String>) -> Result<()> {
        let _texts = texts;
        session.cancelled().await;
        Ok(())
    }

    fn echo(&self, _session: &Session, texts: Input<String>) -> impl Stream<Item = Result<String>> {
        texts
    }
}

/// Likewise at 1 MiB: nothing is read behind the element with which a parameter holds that much.
#[tokio::test]
async fn a_parameter_holds_one_mebibyte() {
    let timeout = Duration::from_millis(500);
    let mut limits = Limits::default();
    limits.full_input_timeout = timeout;
    let server = TestServer::of(Server::new(config()).endpoint(Deaf).limits(limits)).await;
    let mut client = server.connect().await;
    let (deaf, echo) = (Call::new(1, "deaf", "deaf"), Call::new(2, "deaf", "echo"));
    for call in [&deaf, &echo] {
        client.send(call.open(json!({}), &["texts"])).await;
        client.expect(call.opened("success")).await;
    }
    let half = json!("y".repeat(512 * 1024));
    client.send(deaf.feed("texts", "String", half.clone())).await;
    client.send(echo.feed("texts", "String", json!("in time"))).await;
    client.expect(echo.element("String", json!("in time"))).await;
    let start = Instant::now();
    client.send(deaf.feed("texts", "String", half)).await;
    client.send(echo.feed("texts", "String", json!("late"))).await;
    client.expect(deaf.close("error")).await;
    client.expect(deaf.close_input("texts", "error")).await;
    client.expect(echo.element("String", json!("late"))).await;
    assert!(start.elapsed() >= timeout);
}

/// The call that is closed is the one whose parameter is full, also if another holds more bytes.
#[tokio::test]
async fn a_full_parameter_ends_no_other_call() {
    let mut limits = Limits::default();
    limits.full_input_timeout = Duration::from_millis(300);
    let server = TestServer::of(Server::new(config()).endpoint(Deaf).limits(limits)).await;
    let mut client = server.connect().await;
    let (larger, full) = (Call::new(1, "deaf", "deaf"), Call::new(2, "deaf", "deaf"));
    for call in [&larger, &full] {
        client.send(call.open(json!({}), &["texts"])).await;
        client.expect(call.opened("success")).await;
    }
    client.send(larger.feed("texts", "String", json!("y".repeat(10_000)))).await;
    client.send_together((0..256).map(|_| full.feed("texts", "String", json!("x")))).await;
    client.expect(full.close("error")).await;
    client.expect(full.close_input("texts", "error")).await;
    client.send(larger.close("done")).await;
    client.expect(larger.close("done")).await;
}

/// So it is when the parameters of many calls together hold what they may.
#[tokio::test]
async fn the_parameters_of_a_connection_hold_so_much_together() {
    let mut limits = Limits::default();
    limits.inputs_max_bytes = 100_000;
    limits.full_input_timeout = Duration::from_millis(500);
    let server = TestServer::of(Server::new(config()).endpoint(Deaf).limits(limits)).await;
    let mut client = server.connect().await;
    let deaf: Vec<_> = (1..=3).map(|number| Call::new(number, "deaf", "deaf")).collect();
    let echo = Call::new(4, "deaf", "echo");
    for call in deaf.iter().chain([&echo]) {
        client.send(call.open(json!({}), &["texts"])).await;
        client.expect(call.opened("success")).await;
    }
    let start = Instant::now();
    for call in &deaf {
        client.send(call.feed("texts", "String", json!("y".repeat(40_000)))).await;
    }
    client.send(echo.feed("texts", "String", json!("late"))).await;
    // The one with which there was too much is closed, and what it held is free again.
    client.expect(deaf[2].close("error")).await;
    client.expect(deaf[2].close_input("texts", "error")).await;
    client.expect(echo.element("String", json!("late"))).await;
    assert!(start.elapsed() >= Duration::from_millis(500));
    client.close().await;
    server.until_idle().await;
}

/// A method that reads again takes what had to wait, and nothing is lost.
#[tokio::test]
async fn a_paused_socket_goes_on_when_the_method_reads() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let call = Call::new(1, "testTools", "returnsListFromInputStream");
    client.send(call.open(json!({}), &["numbers"])).await;
    client.expect(call.opened("success")).await;
    let numbers: Vec<i64> = (0..5000).collect();
    client.send_together(numbers.iter().map(|n| call.feed("numbers", "int", json!(n)))).await;
    client.send(call.close_input("numbers", "done")).await;
    client.expect(call.element("List<int>", json!(numbers))).await;
    client.expect(call.close("done")).await;
}

/// A client that takes nothing is dropped after the stated time; until then the stream that it asked for stands still.
#[tokio::test]
async fn a_client_that_takes_nothing_is_dropped() {
    let server = TestServer::with_limits(|limits| limits.write_timeout = Duration::from_millis(500)).await;
    let mut client = server.connect().await;
    let call = Call::streaming(1, "intStreamFromValue");
    client.send(call.open(json!({ "value": 1_000_000_000 }), &[])).await;
    client.expect(call.opened("success")).await;
    // Nothing is read from here on; the socket's buffers fill up.
    server.until("dropped", |stats| stats.connections == 0).await;
    server.until_idle().await;
    drop(client);
}

/// A slow client's stream is polled only as it is taken, and arrives whole and in order.
#[tokio::test]
async fn a_slow_client_gets_everything_in_order() {
    let server = TestServer::with_limits(|limits| limits.out_max_bytes = 4096).await;
    let mut client = server.connect().await;
    let call = Call::streaming(1, "intStreamFromValue");
    client.send(call.open(json!({ "value": 20_000 }), &[])).await;
    client.expect(call.opened("success")).await;
    for n in 0..20_000 {
        client.expect(call.element("int", json!(n))).await;
    }
    client.expect(call.close("done")).await;
}

#[tokio::test]
async fn a_message_beyond_the_limit_closes_the_connection() {
    let server = TestServer::with_limits(|limits| limits.message_max_bytes = 10_000).await;
    let mut client = server.connect().await;
    client.send_text(&"x".repeat(10_001)).await;
    match client.receive().await {
        Some(Received::Close(Some(frame))) => assert_eq!(u16::from(frame.code), 1009),
        other => panic!("expected a close frame, found {other:?}"),
    }
}

/// One call that always has more to send does not keep the others from sending.
#[tokio::test]
async fn a_busy_call_does_not_starve_its_siblings() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let (busy, echo) = (Call::streaming(1, "intStreamFromValue"), Call::streaming(2, "intEchoStream"));
    client
        .send_together([busy.open(json!({ "value": 1_000_000 }), &[]), echo.open(json!({}), &["stream"])])
        .await;
    client.send(echo.feed("stream", "int", json!(7))).await;
    let wanted = echo.element("int", json!(7));
    let mut before = 0;
    while client.frame().await != wanted {
        before += 1;
    }
    assert!(before < 200_000, "{before} frames came first");
}
