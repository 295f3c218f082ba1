//! Shapes of streaming methods that the conformance server has none of.

use serde_json::json;
use streampod::prelude::*;

use crate::kit::{Call, TestServer, config};

/// What the caller throws.
#[derive(Debug, Clone, PartialEq, Exception)]
struct Question {
    text: String,
}

/// What the method throws in turn.
#[derive(Debug, Clone, PartialEq, Exception)]
struct Reply {
    text: String,
}

struct Shapes;

#[endpoint]
impl Shapes {
    /// Answers the caller's exception with one of its own.
    fn replies(&self, _session: &Session, numbers: Input<i64>) -> impl Stream<Item = Result<i64>> {
        numbers.map_err(|error| match error.exception_ref::<Question>() {
            Some(question) => Reply { text: format!("re: {}", question.text) }.into(),
            None => error,
        })
    }

    /// Catches the caller's exception and goes on to an end of its own.
    async fn catches(&self, _session: &Session, mut numbers: Input<i64>) -> Result<String> {
        let mut sum = 0;
        while let Some(number) = numbers.next().await {
            match number {
                Ok(number) => sum += number,
                Err(error) => return Ok(format!("{sum}, then {:?}", error.exception_ref::<Question>())),
            }
        }
        Ok(sum.to_string())
    }

    /// How many of its two streams the caller feeds.
    async fn count_fed(
        &self,
        _session: &Session,
        #[arg(default = 10)] start: i64,
        first: Option<Input<i64>>,
        second: Option<Input<String>>,
    ) -> Result<i64> {
        Ok(start + i64::from(first.is_some()) + i64::from(second.is_some()))
    }

    /// A stream that is there only if the method does not fail first.
    async fn perhaps(&self, _session: &Session, fails: bool) -> Result<impl Stream<Item = Result<i64>>> {
        if fails {
            Err(Reply { text: "no".to_owned() })?;
        }
        Ok(futures_util::stream::iter([Ok(1)]))
    }
}

async fn start() -> TestServer {
    let server = Server::new(config()).endpoint(Shapes).exception::<Question>().exception::<Reply>();
    TestServer::of(server).await
}

#[tokio::test]
async fn a_method_answers_an_exception_with_its_own() {
    let server = start().await;
    let mut client = server.connect().await;
    let call = Call::new(1, "shapes", "replies");
    client.send(call.open(json!({}), &["numbers"])).await;
    client.expect(call.opened("success")).await;
    client.send(call.feed("numbers", "int", json!(1))).await;
    client.expect(call.element("int", json!(1))).await;
    client.send(call.throw("numbers", "Question", json!({ "text": "why?" }))).await;
    client.expect(call.close_input("numbers", "done")).await;
    client.expect(call.thrown("Reply", json!({ "text": "re: why?" }))).await;
    client.expect(call.close("error")).await;
    client.close().await;
    server.until_idle().await;
}

#[tokio::test]
async fn a_method_catches_an_exception() {
    let server = start().await;
    let mut client = server.connect().await;
    let call = Call::new(1, "shapes", "catches");
    client
        .send_together([
            call.open(json!({}), &["numbers"]),
            call.feed("numbers", "int", json!(40)),
            call.feed("numbers", "int", json!(2)),
            call.throw("numbers", "Question", json!({ "text": "enough?" })),
            call.close_input("numbers", "error"),
        ])
        .await;
    client.expect(call.opened("success")).await;
    client.expect(call.close_input("numbers", "done")).await;
    client.expect(call.element("String", json!(r#"42, then Some(Question { text: "enough?" })"#))).await;
    client.expect(call.close("done")).await;
}

#[tokio::test]
async fn streams_and_arguments_may_be_left_out() {
    let server = start().await;
    let mut client = server.connect().await;
    let cases: [(_, &[&str], _); 4] = [
        (json!({}), &[], 10),
        (json!({ "start": null }), &["second"], 11),
        (json!({ "start": 0 }), &["first"], 1),
        (json!({ "start": 0, "unknown": 1 }), &["unknown", "second", "first"], 2),
    ];
    for (number, (arguments, inputs, expected)) in (1..).zip(cases) {
        let call = Call::new(number, "shapes", "countFed");
        client.send(call.open(arguments, inputs)).await;
        client.expect(call.opened("success")).await;
        client.expect(call.element("int", json!(expected))).await;
        client.expect(call.close("done")).await;
        for input in ["first", "second"].iter().filter(|input| inputs.contains(input)) {
            client.expect(call.close_input(input, "done")).await;
        }
    }
}

#[tokio::test]
async fn a_method_may_fail_before_it_returns_its_stream() {
    let server = start().await;
    let mut client = server.connect().await;
    let (fails, streams) = (Call::new(1, "shapes", "perhaps"), Call::new(2, "shapes", "perhaps"));
    client.send(fails.open(json!({ "fails": true }), &[])).await;
    client.expect(fails.opened("success")).await;
    client.expect(fails.thrown("Reply", json!({ "text": "no" }))).await;
    client.expect(fails.close("error")).await;
    client.send(streams.open(json!({ "fails": false }), &[])).await;
    client.expect(streams.opened("success")).await;
    client.expect(streams.element("int", json!(1))).await;
    client.expect(streams.close("done")).await;
}
