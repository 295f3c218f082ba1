//! How long calls, sessions and what they hold live.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use streampod::prelude::*;
use tokio::sync::Notify;

use crate::kit::{Call, Client, TestServer, config, within};

/// What the test and the methods of [`Life`] tell each other.
#[derive(Default)]
struct Signals {
    started: Notify,
    go_on: Notify,
    cancelled: Notify,
    finished: Notify,
    dropped: Notify,
    closed: Notify,
}

struct Life(Arc<Signals>);

#[endpoint]
impl Life {
    /// Waits until it may go on, and then says that it came to its end.
    async fn to_the_end(&self, session: &Session) -> Result<i64> {
        self.say_when_closed(session);
        self.0.started.notify_one();
        self.0.go_on.notified().await;
        self.0.finished.notify_one();
        Ok(1)
    }

    async fn stream_to_the_end(&self, session: &Session, numbers: Input<i64>) -> Result<i64> {
        self.say_when_closed(session);
        self.0.started.notify_one();
        self.0.go_on.notified().await;
        // The caller is gone, so its stream has ended.
        let count = numbers.count().await;
        self.0.finished.notify_one();
        Ok(count as i64)
    }

    async fn until_cancelled(&self, session: &Session, _numbers: Input<i64>) -> Result<i64> {
        self.0.started.notify_one();
        session.cancelled().await;
        self.0.cancelled.notify_one();
        Ok(1)
    }

    fn endless(&self, session: &Session) -> impl Stream<Item = Result<i64>> {
        self.say_when_closed(session);
        let _dropped = OnDrop(Arc::clone(&self.0));
        stream! {
            let _dropped = _dropped;
            yield Ok(1);
            std::future::pending::<()>().await;
        }
    }

    #[method(ignore)]
    fn say_when_closed(&self, session: &Session) {
        let signals = Arc::clone(&self.0);
        session.add_will_close_listener(move |_| async move { signals.closed.notify_one() });
    }
}

struct OnDrop(Arc<Signals>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}

async fn start() -> (TestServer, Arc<Signals>) {
    let signals = Arc::new(Signals::default());
    let server = Server::new(config()).endpoint(Life(Arc::clone(&signals)));
    (TestServer::of(server).await, signals)
}

/// What a caller leaves by.
#[derive(Debug, Clone, Copy)]
enum Leaves {
    Cancelling,
    Closing,
    Vanishing,
}

const LEAVES: [Leaves; 3] = [Leaves::Cancelling, Leaves::Closing, Leaves::Vanishing];

impl Leaves {
    /// Leaves the call; the client, if it is still connected.
    async fn leave(self, mut client: Client, call: &Call) -> Option<Client> {
        match self {
            Self::Cancelling => {
                client.send(call.close("done")).await;
                client.expect(call.close("done")).await;
                Some(client)
            }
            Self::Closing => {
                client.close().await;
                None
            }
            Self::Vanishing => {
                vanish(client);
                None
            }
        }
    }
}

/// Cuts a connection off, without a word of the WebSocket's or of TCP's.
fn vanish(client: Client) {
    let socket = client.socket.into_inner();
    socket.set_zero_linger().unwrap();
}

#[tokio::test]
async fn a_method_that_returns_a_value_runs_to_its_end() {
    for leaves in LEAVES {
        let (server, signals) = start().await;
        let mut client = server.connect().await;
        let call = Call::new(1, "life", "streamToTheEnd");
        client.send(call.open(json!({}), &["numbers"])).await;
        client.expect(call.opened("success")).await;
        within("the start", signals.started.notified()).await;
        let numbers = call.close_input("numbers", "done");
        let rest = leaves.leave(client, &call).await;
        if let Some(mut client) = rest {
            client.expect(numbers).await;
            client.close().await;
        }
        server.until("no connection", |stats| stats.connections == 0).await;
        assert_eq!(
            (server.stats().calls, server.stats().sessions, server.stats().tasks),
            (1, 1, 1),
            "{leaves:?}"
        );
        signals.go_on.notify_one();
        within("the end", signals.finished.notified()).await;
        within("the session's end", signals.closed.notified()).await;
        server.until_idle().await;
    }
}

#[tokio::test]
async fn a_call_over_http_runs_to_its_end_without_its_caller() {
    use tokio::io::AsyncWriteExt;
    let (server, signals) = start().await;
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    socket
        .write_all(b"POST /life/toTheEnd HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
        .await
        .unwrap();
    within("the start", signals.started.notified()).await;
    socket.set_zero_linger().unwrap();
    drop(socket);
    server.until("handed over", |stats| stats.tasks == 1).await;
    signals.go_on.notify_one();
    within("the end", signals.finished.notified()).await;
    within("the session's end", signals.closed.notified()).await;
    server.until_idle().await;
}

#[tokio::test]
async fn a_session_tells_its_method_that_the_caller_is_gone() {
    for leaves in LEAVES {
        let (server, signals) = start().await;
        let mut client = server.connect().await;
        let call = Call::new(1, "life", "untilCancelled");
        client.send(call.open(json!({}), &["numbers"])).await;
        client.expect(call.opened("success")).await;
        within("the start", signals.started.notified()).await;
        let _client = leaves.leave(client, &call).await;
        within("the cancelling", signals.cancelled.notified()).await;
        server.until("ended", |stats| stats.sessions == 0).await;
    }
}

#[tokio::test]
async fn a_returned_stream_is_dropped_at_once() {
    for leaves in LEAVES {
        let (server, signals) = start().await;
        let mut client = server.connect().await;
        let call = Call::new(1, "life", "endless");
        client.send(call.open(json!({}), &[])).await;
        client.expect(call.opened("success")).await;
        client.expect(call.element("int", json!(1))).await;
        let client = leaves.leave(client, &call).await;
        within("the drop", signals.dropped.notified()).await;
        within("the session's end", signals.closed.notified()).await;
        drop(client);
        server.until_idle().await;
    }
}

/// Methods that outlive their callers count among the calls of their connection, and of the server.
#[tokio::test]
async fn outliving_methods_are_bounded() {
    for (calls_per_connection, outliving_calls) in [(3, 100), (100, 3)] {
        let server = TestServer::with_limits(|limits| {
            limits.calls_per_connection = calls_per_connection;
            limits.outliving_calls = outliving_calls;
        })
        .await;
        let mut client = server.connect().await;
        for number in 1..=3 {
            let call = Call::streaming(number, "delayedNeverListenedInputStream");
            client.send(call.open(json!({ "delay": 1000 }), &["stream"])).await;
            client.expect(call.opened("success")).await;
            client.send(call.close("done")).await;
            client.expect(call.close("done")).await;
            client.expect(call.close_input("stream", "done")).await;
        }
        let call = Call::streaming(4, "intEchoStream");
        client.send(call.open(json!({}), &["stream"])).await;
        client.expect(call.opened("invalidArguments")).await;
        client.close().await;
        let status = server.post("/simple/hello", json!({ "name": "x" })).await.status;
        assert_eq!(status, if outliving_calls == 3 { 503 } else { 200 });
        server.until("outliving", |stats| stats.calls == 3).await;
    }
}

/// Authentication that takes until the test lets it go on.
#[tokio::test]
async fn frames_wait_for_their_calls_authentication_and_other_calls_do_not() {
    static ASKED: Notify = Notify::const_new();
    static ANSWER: Notify = Notify::const_new();
    let server = conformance::server(config()).authentication(|_, token| async move {
        assert_eq!(token, "key");
        ASKED.notify_one();
        ANSWER.notified().await;
        Ok(None)
    });
    let server = TestServer::of(server).await;
    let mut client = server.connect().await;
    let (slow, cancelled, quick) = (
        Call::streaming(1, "intEchoStream"),
        Call::streaming(2, "neverEndingStreamWithDelay"),
        Call::streaming(3, "intEchoStream"),
    );
    let with_key = |mut open: serde_json::Value| {
        open["data"]["auth"] = json!("Bearer key");
        open
    };
    client
        .send_together([
            with_key(slow.open(json!({}), &["stream"])),
            slow.feed("stream", "int", json!(1)),
            slow.close_input("stream", "done"),
        ])
        .await;
    within("the question", ASKED.notified()).await;
    client.send(with_key(cancelled.open(json!({ "millisecondsDelay": 100_000 }), &[]))).await;
    within("the question", ASKED.notified()).await;
    client.send(cancelled.close("done")).await;
    client.send_together([quick.open(json!({}), &["stream"]), quick.feed("stream", "int", json!(3))]).await;
    client.expect(quick.opened("success")).await;
    client.expect(quick.element("int", json!(3))).await;
    ANSWER.notify_waiters();
    client.expect(slow.opened("success")).await;
    client.expect(slow.element("int", json!(1))).await;
    client.expect(slow.close("done")).await;
    client.expect(cancelled.opened("success")).await;
    client.expect(cancelled.close("done")).await;
    client.close().await;
    server.until_idle().await;
}

/// 1,000 connections with 10 calls each come and go in every way; nothing of them is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_a_thousand_connections() {
    const CONNECTIONS: usize = 1000;
    const AT_ONCE: usize = 50;
    let server = Arc::new(TestServer::start().await);
    let next = Arc::new(AtomicUsize::new(0));
    let workers = (0..AT_ONCE).map(|_| {
        let (server, next) = (Arc::clone(&server), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= CONNECTIONS {
                    break;
                }
                ten_calls(&server, number).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    // Methods that return a value go on until they are told to end.
    while server.stats().calls > 0 {
        server.post("/methodStreaming/completeAllDelayedResponses", json!({})).await;
    }
    server.until_idle().await;
}

/// Ten calls of every shape, of which some end by themselves and the others with their connection.
async fn ten_calls(server: &TestServer, number: usize) {
    let mut client = server.connect().await;
    let calls = [
        ("methodStreaming", "intEchoStream", json!({}), &["stream"] as &[&str]),
        ("methodStreaming", "simpleStream", json!({}), &[]),
        ("methodStreaming", "neverEndingStreamWithDelay", json!({ "millisecondsDelay": 1 }), &[]),
        ("methodStreaming", "getBroadcastStream", json!({}), &[]),
        ("testTools", "listenForNumbersOnSharedStream", json!({}), &[]),
        ("methodStreaming", "intReturnFromStream", json!({}), &["stream"]),
        ("methodStreaming", "voidReturnAfterStream", json!({}), &["stream"]),
        ("methodStreaming", "delayedNeverListenedInputStream", json!({ "delay": 1000 }), &["stream"]),
        ("methodStreaming", "directVoidReturnWithStreamInput", json!({}), &["stream"]),
        ("methodStreaming", "throwsSerializableException", json!({}), &["stream"]),
    ];
    let calls = calls.into_iter().zip(1_u32..);
    let calls: Vec<_> = calls
        .map(|((endpoint, method, args, inputs), n)| (Call::new(n, endpoint, method), args, inputs))
        .collect();
    let opens: Vec<_> = calls.iter().map(|(call, args, inputs)| call.open(args.clone(), inputs)).collect();
    client.send_together(opens).await;
    client.send(calls[0].0.feed("stream", "int", json!(1))).await;
    // The echo shows that the server has opened all of them.
    let echo = calls[0].0.element("int", json!(1));
    while client.frame().await != echo {}
    match number % 4 {
        0 => vanish(client),
        1 => client.close().await,
        2 => {
            let closes: Vec<_> = calls.iter().map(|(call, ..)| call.close("done")).collect();
            client.send_together(closes).await;
            client.close().await;
        }
        _ => {
            client.send(calls[5].0.feed("stream", "int", json!(5))).await;
            client.send(calls[6].0.close_input("stream", "done")).await;
            client.send_text("not a frame").await;
            while client.receive().await.is_some() {}
        }
    }
}
