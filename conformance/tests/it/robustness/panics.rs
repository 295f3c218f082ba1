//! Methods that panic.

use futures_util::stream::once;
use serde_json::json;
use streampod::Server as StreampodServer;
use streampod::prelude::*;

use super::Bystander;
use crate::kit::{Call, TestServer, config};

/// What panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

/// Methods that panic in every place where user code runs.
struct Panicking;

#[endpoint]
impl Panicking {
    async fn value(&self, _session: &Session) -> Result<i64> {
        panic!("in a method");
    }

    async fn value_later(&self, _session: &Session) -> Result<i64> {
        tokio::task::yield_now().await;
        panic!("{} method", "in a");
    }

    async fn value_with_bomb(&self, _session: &Session) -> Result<i64> {
        let _bomb = Bomb;
        tokio::task::yield_now().await;
        Ok(1)
    }

    async fn with_input(&self, _session: &Session, stream: Input<i64>) -> Result<i64> {
        let mut stream = stream;
        stream.next().await;
        panic!("in a method that reads a stream");
    }

    fn at_once(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        let at_once = true;
        assert!(!at_once, "before there is a stream");
        once(async { Ok(1) })
    }

    fn at_the_second_element(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        stream! {
            yield Ok(1);
            panic!("in a stream");
        }
    }

    /// Panics when it is dropped.
    fn endless(&self, _session: &Session, stream: Input<i64>) -> impl Stream<Item = Result<i64>> {
        let bomb = Bomb;
        stream.inspect(move |_| {
            let _ = &bomb;
        })
    }

    /// Panics in a listener, after it has returned.
    async fn listener(&self, session: &Session) -> Result<i64> {
        session.add_will_close_listener(|_| async { panic!("in a listener") });
        Ok(1)
    }
}

async fn server() -> TestServer {
    TestServer::of(conformance::endpoints(StreampodServer::new(config())).endpoint(Panicking)).await
}

#[tokio::test]
async fn a_panic_over_http_is_an_internal_error() {
    let server = server().await;
    let bystander = Bystander::new(&server).await;
    for (number, method) in ["value", "valueLater", "valueWithBomb"].into_iter().enumerate() {
        let answer = server.post(&format!("/panicking/{method}"), json!({})).await;
        let message = format!("Internal server error. Call log id: {}\n", number + 1);
        assert_eq!((answer.status, answer.body), (500, message), "{method}");
    }
    assert_eq!(server.post("/panicking/listener", json!({})).await.body, "1");
    assert_eq!(server.post("/simple/hello", json!({ "name": "x" })).await.body, r#""Hello x""#);
    bystander.leave(&server).await;
}

#[tokio::test]
async fn a_panic_ends_its_call_alone() {
    let server = server().await;
    let bystander = Bystander::new(&server).await;
    let mut client = server.connect().await;
    let sibling = Call::streaming(1, "intEchoStream");
    client.send(sibling.open(json!({}), &["stream"])).await;
    client.expect(sibling.opened("success")).await;
    for (method, inputs, elements) in
        [("atOnce", &[][..], 0), ("atTheSecondElement", &[], 1), ("withInput", &["stream"], 0)]
    {
        let call = Call::new(2, "panicking", method);
        client.send(call.open(json!({}), inputs)).await;
        client.expect(call.opened("success")).await;
        for number in 1..=elements {
            client.expect(call.element("int", json!(number))).await;
        }
        if !inputs.is_empty() {
            client.send(call.feed("stream", "int", json!(1))).await;
            client.expect(call.close_input("stream", "done")).await;
        }
        client.expect(call.close("error")).await;
        client.send(sibling.feed("stream", "int", json!(1))).await;
        client.expect(sibling.element("int", json!(1))).await;
    }
    client.close().await;
    bystander.leave(&server).await;
}

/// A stream that panics while it is dropped does so when it ends, when its caller cancels it, and when the caller is
/// gone.
#[tokio::test]
async fn a_panic_of_a_destructor_harms_nobody() {
    let server = server().await;
    let bystander = Bystander::new(&server).await;
    let mut client = server.connect().await;
    let calls = [1, 2, 3].map(|number| Call::new(number, "panicking", "endless"));
    for call in &calls {
        client.send(call.open(json!({}), &["stream"])).await;
        client.expect(call.opened("success")).await;
        client.send(call.feed("stream", "int", json!(1))).await;
        client.expect(call.element("int", json!(1))).await;
    }
    let [ended, cancelled, left] = calls;
    client.send(ended.close_input("stream", "done")).await;
    let end = client.frame().await;
    assert!([ended.close("done"), ended.close("error")].contains(&end), "{end}");
    client.send(cancelled.close("done")).await;
    client.expect(cancelled.close("done")).await;
    client.expect(cancelled.close_input("stream", "done")).await;
    client.send(left.feed("stream", "int", json!(2))).await;
    client.expect(left.element("int", json!(2))).await;
    client.close().await;
    bystander.leave(&server).await;
}
