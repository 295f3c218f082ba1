//! What a server logs of its sessions, and what it does not.

use serde_json::{Value as Json, json};

use crate::kit::{Call, Process, request};

/// The lines of the session log that say `message`.
fn lines(log: &str, message: &str) -> Vec<Json> {
    let lines = log.lines().filter_map(|line| serde_json::from_str(line).ok());
    lines.filter(|line: &Json| line["target"] == "streampod::session" && line["message"] == message).collect()
}

/// Calls a method, with these lines in the head of the request.
async fn http(port: u16, path: &str, header: &str, body: &str) {
    request(port, &format!("POST {path} HTTP/1.1{header}"), body).await;
}

#[tokio::test]
async fn a_call_is_logged_when_it_opens_and_when_it_ends() {
    let mut server = Process::start(&[("SERVERPOD_SESSION_CONSOLE_LOG_FORMAT", "json")]).await;
    let mut client = server.connect().await;
    let (echo, endless) =
        (Call::streaming(1, "intEchoStream"), Call::streaming(2, "neverEndingStreamWithDelay"));
    client.send(echo.open(json!({}), &["stream"])).await;
    client.expect(echo.opened("success")).await;
    for number in 0..3 {
        client.send(echo.feed("stream", "int", json!(number))).await;
        client.expect(echo.element("int", json!(number))).await;
    }
    client.send(echo.close_input("stream", "done")).await;
    client.expect(echo.close("done")).await;
    client.send(endless.open(json!({ "millisecondsDelay": 100_000 }), &[])).await;
    client.expect(endless.opened("success")).await;
    client.send(Call::new(3, "signInRequired", "testMethod").open(json!({}), &[])).await;
    client.frame().await;
    client.close().await;
    http(server.port(), "/simple/hello?name=Ada", "", "").await;
    http(server.port(), "/exceptionTest/throwNormalException", "", "").await;
    http(server.port(), "/signInRequired/testMethod", "", "").await;

    server.logged("five ends", |log| lines(log, "call ended").len() == 5).await;
    let log = server.log();
    let of = |line: &Json| {
        let field = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        (
            field("endpoint"),
            field("method"),
            field("reason"),
            line["elements_in"].clone(),
            line["elements_out"].clone(),
        )
    };
    let expected = |endpoint: &str, method: &str, reason: &str, received: Json, sent: Json| {
        (endpoint.to_owned(), method.to_owned(), reason.to_owned(), received, sent)
    };
    let ended = lines(&log, "call ended");
    assert_eq!(
        ended.iter().map(of).collect::<Vec<_>>(),
        [
            expected("methodStreaming", "intEchoStream", "done", json!(3), json!(3)),
            expected("methodStreaming", "neverEndingStreamWithDelay", "disconnected", json!(0), json!(0)),
            expected("simple", "hello", "done", Json::Null, Json::Null),
            expected("exceptionTest", "throwNormalException", "failed", Json::Null, Json::Null),
            expected("signInRequired", "testMethod", "refused: not signed in", Json::Null, Json::Null),
        ]
    );
    // One line when it opens, with the same session; none for a call that was refused.
    let opened = lines(&log, "call opened");
    let session = |line: &Json| line["session"].as_str().unwrap().to_owned();
    assert_eq!(
        opened.iter().map(session).collect::<Vec<_>>(),
        ended[..4].iter().map(session).collect::<Vec<_>>()
    );
    assert!(ended.iter().all(|line| line["duration_ms"].as_f64().unwrap() < 20_000.0));
    assert!(ended[0]["user"].is_null() && ended[0]["level"] == "INFO");
}

#[tokio::test]
async fn session_logs_can_be_text_or_turned_off() {
    let mut server = Process::start(&[("SERVERPOD_SESSION_CONSOLE_LOG_FORMAT", "text")]).await;
    http(server.port(), "/simple/hello?name=Ada", "", "").await;
    server.logged("a line", |log| log.contains("call ended")).await;
    let log = server.log();
    let line = log.lines().find(|line| line.contains("call ended")).unwrap();
    assert!(
        line.contains(r#"endpoint="simple" method="hello""#) && line.contains(r#"reason="done""#),
        "{line}"
    );

    let mut server = Process::start(&[("SERVERPOD_SESSION_CONSOLE_LOG_ENABLED", "false")]).await;
    http(server.port(), "/simple/hello?name=Ada", "", "").await;
    server.signal("TERM");
    assert_eq!(server.ended().await, Some(0));
    let log = server.log();
    assert!(log.contains("server on http://") && !log.contains("call ended"), "{log}");
}

/// Whatever is sent, and however much is logged: tokens and what users tell each other are not in the log.
#[tokio::test]
async fn neither_tokens_nor_contents_are_logged() {
    const SECRET: &str = "xyzzyplugh";
    let variables = [
        ("SERVERPOD_SESSION_CONSOLE_LOG_FORMAT", "json"),
        ("RUST_LOG", "trace"),
        ("SERVERPOD_PASSWORD_stripe", SECRET),
    ];
    let mut server = Process::start(&variables).await;
    let port = server.port();
    let bearer = format!("\r\nauthorization: Bearer {SECRET}");
    let data =
        json!({ "message": SECRET, "creationDate": "2024-01-15T10:30:00.000Z", "errorFields": [SECRET] });
    let mut calls = 0;
    for (path, header, body) in [
        (format!("/simple/hello?name={SECRET}"), &*bearer, String::new()),
        (format!("/simple/hello?auth={SECRET}"), "", json!({ "name": SECRET }).to_string()),
        (
            "/simple/hello".to_owned(),
            "\r\nauthorization: Basic xyzzyplugh!",
            json!({ "name": 1 }).to_string(),
        ),
        ("/basicTypes/testDateTime".to_owned(), "", json!({ "dateTime": SECRET }).to_string()),
        ("/basicTypes/testInt".to_owned(), "", format!("{{\"value\": \"{SECRET}\"}}")),
        ("/exceptionTest/throwExceptionWithData".to_owned(), &*bearer, String::new()),
        ("/signInRequired/testMethod".to_owned(), &*bearer, String::new()),
    ] {
        http(port, &path, header, &body).await;
        calls += 1;
    }
    http(port, "/simple/hello", "", &format!("{{\"{SECRET}")).await;
    http(port, &format!("/{SECRET}/{SECRET}"), &bearer, "").await;

    let mut client = server.connect().await;
    let echo = Call::streaming(1, "dynamicEchoStream");
    client.send(echo.open_as(SECRET, json!({}), &["stream"])).await;
    client.expect(echo.opened("success")).await;
    client.send(echo.feed("stream", "String", json!(SECRET))).await;
    client.expect(echo.element("String", json!(SECRET))).await;
    client.send(echo.throw("stream", "ExceptionWithData", data)).await;
    while client.frame().await != echo.close("error") {}
    let ints = Call::streaming(2, "intEchoStream");
    client.send(ints.open(json!({}), &["stream"])).await;
    client.expect(ints.opened("success")).await;
    client.send(ints.feed("stream", "String", json!(SECRET))).await;
    while client.frame().await != ints.close_input("stream", "error") {}
    let malformed = Call::new(3, "signInRequired", "testMethod").open(json!({ "x": SECRET }), &[]);
    client.send(malformed).await;
    client.frame().await;
    client.send(echo.feed("stream", "DateTime", json!(SECRET))).await;
    client.frame().await;
    client.send_text(&format!("{{\"type\":\"{SECRET}\"}}")).await;
    client.frame().await;
    drop(client);
    server.logged("the ends", |log| lines(log, "call ended").len() == calls + 2).await;
    server.signal("TERM");
    server.ended().await;
    let log = server.log();
    let found: Vec<_> = log.lines().filter(|line| line.contains(SECRET)).collect();
    assert!(found.is_empty(), "{found:#?}");
    assert!(log.contains("call opened"));
}
