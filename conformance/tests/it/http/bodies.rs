//! Bodies of every size and kind.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{assert_answer, assert_headers};
use crate::kit::{KeepAlive, TestServer, within};

const LIMIT: usize = 524_288;
const TOO_LARGE: &str = "Request size exceeds the maximum allowed size of 524288 bytes.";

/// A body of `hello` that is `length` bytes long, and what it is answered with.
fn body(length: usize) -> (Vec<u8>, String) {
    let name = "x".repeat(length - r#"{"name":""}"#.len());
    (format!(r#"{{"name":"{name}"}}"#).into_bytes(), format!(r#""Hello {name}""#))
}

/// A body in chunks of these sizes, over and over.
fn chunked(body: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
        out.extend(format!("{:x}\r\n", chunk.len()).bytes());
        out.extend(chunk);
        out.extend(b"\r\n");
        rest = after;
    }
    out.extend(b"0\r\n\r\n");
    out
}

const CHUNKED: &str = "POST /simple/hello HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    let (body, answer) = body(LIMIT);
    assert_eq!(body.len(), LIMIT);
    let response = connection.request("POST /simple/hello HTTP/1.1", &body).await;
    assert_answer(&response, 200, &answer, "at the limit");
    connection.write(CHUNKED.as_bytes()).await;
    connection.write(&chunked(&body, &[1, 4096, 65_536])).await;
    assert_answer(&connection.answer().await, 200, &answer, "at the limit, in chunks");
}

/// A client that first writes all and then reads learns what is wrong, and can go on.
#[tokio::test]
async fn a_larger_body_is_refused_once_it_was_written() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    for length in [LIMIT + 1, LIMIT * 20] {
        let (body, _) = body(length);
        let response = connection.request("POST /simple/hello HTTP/1.1", &body).await;
        assert_answer(&response, 413, TOO_LARGE, "over the limit");
        connection.write(CHUNKED.as_bytes()).await;
        connection.write(&chunked(&body, &[1, 4096, 65_536])).await;
        assert_answer(&connection.answer().await, 413, TOO_LARGE, "over the limit, in chunks");
    }
    let response = connection.post("/simple/hello", r#"{"name":"x"}"#).await;
    assert_answer(&response, 200, r#""Hello x""#, "afterwards");
}

/// The limit is the configured one, and holds for requests that call nothing, too.
#[tokio::test]
async fn the_limit_is_configured() {
    let mut config = crate::kit::config();
    config.max_request_size_bytes = 100;
    let server = TestServer::of(conformance::server(config)).await;
    let mut connection = KeepAlive::connect(server.port()).await;
    let message = "Request size exceeds the maximum allowed size of 100 bytes.";
    for (path, length, status) in
        [("/simple/hello", 100, 200), ("/simple/hello", 101, 413), ("/noSuchEndpoint/x", 101, 413)]
    {
        let (body, _) = body(length);
        let response = connection.request(&format!("POST {path} HTTP/1.1"), &body).await;
        assert_eq!(response.status, status, "{path} {length}");
        assert_eq!(response.body == message, status == 413, "{response:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_utf8_is_refused() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    for bytes in [
        &b"{\"name\":\"\xff\"}"[..],
        b"\xff",
        b"{\"name\":\"\xed\xa0\x80\"}",
        b"\xef\xbb\xbf{\"name\":\"x\"}",
    ] {
        let response = connection.request("POST /simple/hello HTTP/1.1", bytes).await;
        assert_eq!(response.status, 400, "{bytes:?}: {response:?}");
        assert!(response.body.starts_with("Invalid JSON in body: "), "{response:?}");
    }
}

/// However deep a body nests, neither the stack nor time is exhausted by it.
#[tokio::test]
async fn deep_nesting_is_refused() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [100, 10_000, 80_000] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for (path, name) in [
                ("/simple/hello", "ignored"),
                ("/listParameters/returnIntListList", "list"),
                ("/mapParameters/returnNestedIntMap", "map"),
            ] {
                let body = format!(r#"{{"name":"x","{name}":{nested}}}"#);
                let response = connection.request(&format!("POST {path} HTTP/1.1"), body.as_bytes()).await;
                let status = if body.len() > LIMIT { 413 } else { 400 };
                assert_eq!(response.status, status, "{path} {depth}");
                assert_headers(&response, path);
            }
            let unclosed = open.repeat(depth);
            let response = connection.post("/simple/hello", &unclosed).await;
            assert_eq!(response.status, if unclosed.len() > LIMIT { 413 } else { 400 });
        }
    }
}

/// A body that ends before its length, or is no chunk, ends that connection alone.
#[tokio::test]
async fn broken_bodies_end_their_connection_alone() {
    let server = TestServer::start().await;
    let mut other = KeepAlive::connect(server.port()).await;
    let requests = [
        "POST /simple/hello HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{\"name\":",
        "POST /simple/hello HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "POST /simple/hello HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        "POST /simple/hello\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "POST /simple/hel",
    ];
    for request in requests {
        let mut socket = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // Whether the end is a reset does not matter.
        let _ = within("the end", socket.read_to_end(&mut answer)).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer}");
        assert_eq!(other.post("/simple/hello", r#"{"name":"x"}"#).await.body, r#""Hello x""#);
    }
    drop(other);
    server.until_idle().await;
}
