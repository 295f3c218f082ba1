//! Method calls over HTTP.

mod bodies;
mod calls;
mod echoes;
mod mounted;
mod schema;

use serde_json::json;

use crate::kit::{KeepAlive, Response, TestServer};

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

fn assert_answer(answer: &Response, status: u16, body: &str, place: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (status, body), "{place}");
    let is_json = status == 200 || body.starts_with('{');
    assert_eq!(answer.header("content-type"), Some(if is_json { JSON } else { TEXT }), "{place}");
    assert_headers(answer, place);
}

/// What is in every answer.
fn assert_headers(answer: &Response, place: &str) {
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{place}: {name}");
    }
}

/// Every health check says that the server is well, and when that was.
#[tokio::test]
async fn health() {
    let server = TestServer::start().await;
    for (verb, body) in [("GET", ""), ("POST", "{}"), ("POST", "not json"), ("PUT", "")] {
        let answer = server.request(&format!("{verb} / HTTP/1.1"), body).await;
        let (status, now) = answer.body.split_at(3);
        assert_eq!((answer.status, status), (200, "OK "), "{verb}: {answer:?}");
        let shape: String = now.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00 00:00:00.000000Z\n");
        assert_eq!(answer.header("content-type"), Some(TEXT));
        assert_headers(&answer, verb);
    }
    let answer = server.request("GET /?name=x HTTP/1.1", "").await;
    assert!(answer.body.starts_with("OK "), "{answer:?}");
}

/// What a browser asks before it calls from another origin.
#[tokio::test]
async fn preflight() {
    let server = TestServer::start().await;
    for path in ["/", "/simple", "/simple/hello", "/noSuchEndpoint", "/v1/websocket"] {
        let head = format!(
            "OPTIONS {path} HTTP/1.1\r\norigin: http://x.example\r\naccess-control-request-method: POST"
        );
        let answer = server.request(&head, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{path}");
        assert_eq!(
            answer.header("access-control-allow-headers"),
            Some("Content-Type, Authorization, Accept, User-Agent, X-Requested-With")
        );
        assert_eq!(answer.header("content-length"), Some("0"));
        assert_headers(&answer, path);
    }
}

/// A browser reads no answer, not even an error, without its headers.
#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let mut config = crate::kit::config();
    config.max_request_size_bytes = 100;
    let server = TestServer::of(conformance::server(config)).await;
    let too_large = format!(r#"{{"name":"{}"}}"#, "x".repeat(100));
    for (path, body, status) in [
        ("/simple/hello", r#"{"name":"x"}"#, 200),
        ("/simple/hello", "{}", 400),
        ("/exceptionTest/throwExceptionWithData", "{}", 400),
        ("/signInRequired/testMethod", "{}", 401),
        ("/noSuchEndpoint/x", "{}", 404),
        ("/simple/hello", &too_large, 413),
        ("/failedCalls/failedCall", "{}", 500),
        ("/v1/websocket", "{}", 400),
        ("/websocket", "{}", 400),
    ] {
        let answer = server.request(&format!("POST {path} HTTP/1.1"), body).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert_headers(&answer, path);
    }
    let upgrade = "GET /v1/websocket HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive, Upgrade\r\n\
                   upgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut connection = KeepAlive::connect(server.port()).await;
    connection.write(upgrade.as_bytes()).await;
    let answer = connection.answer().await;
    assert_eq!(
        (answer.status, answer.header("sec-websocket-accept")),
        (101, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    );
    assert_headers(&answer, "the upgrade");
}

/// Only a proper handshake makes a WebSocket.
#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let server = TestServer::start().await;
    let headers = [
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    for left_out in 0..headers.len() {
        let mut head = "GET /v1/websocket HTTP/1.1".to_owned();
        for (_, header) in headers.iter().enumerate().filter(|(at, _)| *at != left_out) {
            head += &format!("\r\n{header}");
        }
        let answer = KeepAlive::connect(server.port()).await.request(&head, b"").await;
        assert_eq!((answer.status, answer.body.as_str()), (400, ""), "without {}", headers[left_out]);
    }
    assert_eq!(server.stats().connections, 0);
}

/// What fails for a reason of its own is told by a number that is in the log too, and by nothing else.
#[tokio::test]
async fn call_log_ids_grow() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    let mut last = 0;
    for path in ["/failedCalls/failedCall", "/exceptionTest/throwNormalException", "/failedCalls/failedCall"]
    {
        let answer = connection.post(path, "{}").await;
        let id = answer
            .body
            .strip_prefix("Internal server error. Call log id: ")
            .unwrap()
            .strip_suffix('\n')
            .unwrap();
        let id: u64 = id.parse().unwrap();
        assert!(id > last, "{id} after {last}");
        last = id;
        assert_answer(&answer, 500, &format!("Internal server error. Call log id: {id}\n"), path);
        // What succeeds, or is the caller's mistake, says nothing of it.
        assert_eq!(connection.post("/failedCalls/caughtException", "{}").await.body, "null");
        assert_eq!(connection.post("/simple/hello", "{}").await.status, 400);
    }
}

#[tokio::test]
async fn an_exception_is_told_as_data() {
    let server = TestServer::start().await;
    let answer = server.post("/exceptionTest", json!({ "method": "throwExceptionWithData" })).await;
    assert_eq!((answer.status, answer.header("content-type")), (400, Some(JSON)));
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let date = body["data"]["creationDate"].as_str().unwrap();
    assert_eq!(
        answer.body,
        format!(
            r#"{{"className":"ExceptionWithData","data":{{"message":"Throwing an exception","creationDate":"{date}","errorFields":["first line error","second line error"],"someNullableField":1}}}}"#
        )
    );
}

/// Good and bad requests follow each other on one connection, one at a time and many at once.
#[tokio::test]
async fn one_connection_carries_many_requests() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    let requests = [
        ("/simple/hello", r#"{"name":"x"}"#, 200),
        ("/simple/hello", "not json", 400),
        ("/noSuchEndpoint/x", "{}", 404),
        ("/failedCalls/failedCall", "{}", 500),
        ("/signInRequired/testMethod", "{}", 401),
    ];
    for (path, body, status) in requests.iter().cycle().take(500) {
        assert_eq!(connection.post(path, body).await.status, *status, "{path}");
    }
    let mut all = String::new();
    for number in 0..200 {
        let body = format!(r#"{{"value":{number}}}"#);
        all += &format!(
            "POST /basicTypes/testInt HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
    }
    connection.write(all.as_bytes()).await;
    for number in 0..200 {
        assert_answer(&connection.answer().await, 200, &number.to_string(), "pipelined");
    }
    drop(connection);
    server.until_idle().await;
}
