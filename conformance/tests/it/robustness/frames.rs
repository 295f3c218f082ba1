//! Text frames that no one expected.

use serde_json::{Value, json};

use super::{Bystander, expect_end};
use crate::kit::{Call, RawClient, TestServer, opcode};

const CALL: &str = "00000000-0000-4000-8000-000000000001";

fn echo() -> Call {
    Call::streaming(1, "intEchoStream")
}

/// A client with an open echo.
async fn with_echo(server: &TestServer) -> RawClient {
    let mut client = RawClient::connect(server.port()).await;
    client.send(echo().open(json!({}), &["stream"])).await;
    assert_eq!(client.frame().await, echo().opened("success"));
    client
}

/// Sends a frame, which must be answered as unreadable.
async fn assert_unreadable(mut client: RawClient, text: &str) {
    client.write(&RawClient::encode(opcode::TEXT, text.as_bytes())).await.unwrap();
    assert_eq!(client.frame().await, json!({ "type": "brm", "data": { "req": text } }));
    expect_end(&mut client, None, text).await;
}

#[tokio::test]
async fn what_cannot_be_read_closes_the_connection() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let id = |data: Value| json!({ "en": "methodStreaming", "m": "intEchoStream", "cid": data });
    let open = |key: &str, value: Value| {
        let mut frame = echo().open(json!({}), &["stream"]);
        frame["data"][key] = value;
        frame.to_string()
    };
    let without = |frame: Value, key: &str| {
        let mut frame = frame;
        frame["data"].as_object_mut().unwrap().remove(key);
        frame.to_string()
    };
    let whole = echo().open(json!({}), &["stream"]).to_string();
    let mut texts: Vec<String> =
        ["", " ", "null", "1", "\"ping\"", "[]", "{}", "{\"type\":\"ping\"}x", "\u{feff}{}", "nul"]
            .into_iter()
            .map(str::to_owned)
            .collect();
    // Cut off anywhere.
    texts.extend((1..whole.len()).map(|length| whole[..length].to_owned()));
    for frame in [
        json!({ "type": null }),
        json!({ "type": 1 }),
        json!({ "type": "PING" }),
        json!({ "type": "omsc" }),
        json!({ "type": "omsc", "data": null }),
        json!({ "type": "omsc", "data": [] }),
        json!({ "type": "omsc", "data": "{}" }),
        json!({ "type": "cmsc", "data": {} }),
        json!({ "type": "cmsc", "data": id(json!(CALL)) }),
        json!({ "type": "msm", "data": id(json!(CALL)) }),
        json!({ "type": "msse", "data": id(json!(CALL)) }),
        json!({ "type": "brm", "data": {} }),
        json!({ "type": "omsr", "data": { "cid": CALL, "res": "maybe" } }),
        json!({ "type": "omsr", "data": { "cid": "x", "res": "success" } }),
        echo().close("maybe"),
        echo().close_input("stream", ""),
    ] {
        texts.push(frame.to_string());
    }
    for key in ["en", "m", "cid", "args", "is"] {
        texts.push(without(echo().open(json!({}), &["stream"]), key));
        texts.push(open(key, json!(1)));
        texts.push(open(key, Value::Null));
    }
    for id in ["", "x", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-00000000000g"] {
        texts.push(open("cid", json!(id)));
    }
    texts.push(open("is", json!([1])));
    texts.push(open("is", json!("stream")));
    for text in &texts {
        assert_unreadable(RawClient::connect(server.port()).await, text).await;
    }
    bystander.check().await;
    bystander.leave(&server).await;
}

/// Values that no type reads close the connection, whatever else is open on it.
#[tokio::test]
async fn a_value_that_cannot_be_read_closes_the_connection() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let element = |object: Value| {
        let mut frame = echo().feed("stream", "int", json!(1));
        frame["data"]["o"] = object;
        frame.to_string()
    };
    let deep = |depth: usize| {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        echo().feed("stream", "List<int>", json!("nested")).to_string().replace("\"nested\"", &nested)
    };
    for text in [
        element(json!(1)),
        element(Value::Null),
        element(json!({})),
        element(json!({ "className": "int" })),
        element(json!({ "data": 1 })),
        element(json!({ "className": 1, "data": 1 })),
        element(json!({ "className": "NoSuchClass", "data": {} })),
        element(json!({ "className": "List<NoSuchClass>", "data": [1] })),
        element(json!({ "className": "List<int", "data": [] })),
        element(json!({ "className": "int", "data": "1" })),
        element(json!({ "className": "int", "data": 1.5 })),
        element(json!({ "className": "SimpleData", "data": {} })),
        element(json!({ "className": "Set<int>", "data": [1, 1] })),
        echo().throw("stream", "NoSuchClass", json!({})).to_string(),
        echo().throw("stream", "ExceptionWithData", json!({})).to_string(),
        deep(100),
        deep(100_000),
    ] {
        assert_unreadable(with_echo(&server).await, &text).await;
    }
    bystander.check().await;
    bystander.leave(&server).await;
}

/// A value of another type ends the call that it is for, and no other.
#[tokio::test]
async fn a_value_of_another_type_ends_its_call_alone() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let mut client = with_echo(&server).await;
    for (number, (class_name, data)) in [
        ("String", json!("x")),
        ("double", json!(1.5)),
        ("null", Value::Null),
        ("SimpleData", json!({ "num": 1 })),
    ]
    .into_iter()
    .enumerate()
    {
        let call = Call::streaming(10 + number as u32, "intEchoStream");
        client.send(call.open(json!({}), &["stream"])).await;
        assert_eq!(client.frame().await, call.opened("success"));
        client.send(call.feed("stream", class_name, data.clone())).await;
        assert_eq!(client.frame().await, call.close("error"), "{class_name}");
        assert_eq!(client.frame().await, call.close_input("stream", "error"), "{class_name}");
        // Its sibling goes on, and its id is free.
        client.send(echo().feed("stream", "int", json!(number))).await;
        assert_eq!(client.frame().await, echo().element("int", json!(number)));
        client.send(call.open(json!({}), &["stream"])).await;
        assert_eq!(client.frame().await, call.opened("success"));
    }
    bystander.check().await;
    drop(client);
    bystander.leave(&server).await;
}

/// What makes sense in itself but not here is answered, or ignored, and the connection goes on.
#[tokio::test]
async fn frames_out_of_order_are_harmless() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let mut client = with_echo(&server).await;
    let unknown = Call::streaming(2, "intEchoStream");
    let closed_input = |call: &Call, name: &str| vec![call.close_input(name, "error")];
    let cases = [
        // Ignored: it says nothing to a server, or closes what is not open.
        (json!({ "type": "pong" }), vec![]),
        (echo().opened("success"), vec![]),
        (unknown.opened("endpointNotFound"), vec![]),
        (unknown.close("done"), vec![]),
        (unknown.close("error"), vec![]),
        (unknown.close_input("stream", "done"), vec![]),
        (echo().close_input("noSuchStream", "error"), vec![]),
        // For a stream that is not open.
        (unknown.feed("stream", "int", json!(1)), closed_input(&unknown, "stream")),
        (unknown.throw("stream", "ExceptionWithData", json!({})), closed_input(&unknown, "stream")),
        (echo().feed("noSuchStream", "int", json!(1)), closed_input(&echo(), "noSuchStream")),
        // Twice the same id, whatever the method.
        (echo().open(json!({}), &["stream"]), vec![echo().opened("invalidArguments")]),
        (
            Call::streaming(1, "simpleStream").open(json!({}), &[]),
            vec![Call::streaming(1, "simpleStream").opened("invalidArguments")],
        ),
        // Data of a ping, and keys that nobody knows.
        (json!({ "type": "ping", "data": [[1]], "x": { "y": [] } }), vec![json!({ "type": "pong" })]),
    ];
    for (frame, answers) in cases {
        client.send(frame.clone()).await;
        for answer in answers {
            assert_eq!(client.frame().await, answer, "{frame}");
        }
        client.send(echo().feed("stream", "int", json!(7))).await;
        assert_eq!(client.frame().await, echo().element("int", json!(7)), "{frame}");
    }
    // Without a parameter it is for the return stream, which is the server's.
    let mut frame = echo().feed("stream", "int", json!(1));
    frame["data"].as_object_mut().unwrap().remove("p");
    client.send(frame).await;
    let message = "Server does not accept messages targeting the return stream.";
    assert_eq!(client.frame().await, json!({ "type": "brm", "data": { "req": message } }));
    expect_end(&mut client, None, "the return stream").await;
    bystander.check().await;
    bystander.leave(&server).await;
}

/// An exception ends the stream that it is thrown into, and the call that throws it on.
#[tokio::test]
async fn an_exception_ends_its_call_alone() {
    let server = TestServer::start().await;
    let bystander = Bystander::new(&server).await;
    let mut client = with_echo(&server).await;
    let call = Call::streaming(2, "intEchoStream");
    let exception =
        json!({ "message": "m", "creationDate": "2020-01-01T00:00:00.000Z", "errorFields": ["x"] });
    client.send(call.open(json!({}), &["stream"])).await;
    assert_eq!(client.frame().await, call.opened("success"));
    client.send(call.throw("stream", "ExceptionWithData", exception.clone())).await;
    assert_eq!(client.frame().await, call.close_input("stream", "done"));
    assert_eq!(client.frame().await, call.thrown("ExceptionWithData", exception));
    assert_eq!(client.frame().await, call.close("error"));
    client.send(echo().feed("stream", "int", json!(7))).await;
    assert_eq!(client.frame().await, echo().element("int", json!(7)));
    drop(client);
    bystander.leave(&server).await;
}

/// What the client cannot read of ours, or a binary frame, closes the connection without an answer.
#[tokio::test]
async fn a_bad_request_is_not_answered() {
    let server = TestServer::start().await;
    let bystander = Bystander::new(&server).await;
    let mut client = with_echo(&server).await;
    client.send(json!({ "type": "brm", "data": { "req": "x" } })).await;
    expect_end(&mut client, None, "brm").await;
    for payload in [&b""[..], b"\x01\x02\x03", b"{\"type\":\"ping\"}"] {
        let mut client = server.connect().await;
        client.send(echo().open(json!({}), &["stream"])).await;
        client.expect(echo().opened("success")).await;
        client.send_binary(payload).await;
        client.expect_close().await;
    }
    bystander.leave(&server).await;
}

/// Arguments that cannot be read refuse the call, however deep they nest.
#[tokio::test]
async fn bad_arguments_refuse_the_call_alone() {
    let server = TestServer::start().await;
    let bystander = Bystander::new(&server).await;
    let mut client = with_echo(&server).await;
    let call = Call::streaming(2, "simpleStreamWithParameter");
    let deep = format!("{{\"value\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_elsewhere = format!("{{\"value\":1,\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for arguments in [
        "",
        "x",
        "[]",
        "null",
        "{\"value\":1",
        "{\"value\":\"x\"}",
        "{\"value\":null}",
        &deep,
        &deep_elsewhere,
    ] {
        let mut frame = call.open(json!({}), &[]);
        frame["data"]["args"] = json!(arguments);
        client.send(frame).await;
        let shown = &arguments[..arguments.len().min(40)];
        assert_eq!(client.frame().await, call.opened("invalidArguments"), "{shown}");
        client.send(echo().feed("stream", "int", json!(7))).await;
        assert_eq!(client.frame().await, echo().element("int", json!(7)), "{shown}");
    }
    drop(client);
    bystander.leave(&server).await;
}
