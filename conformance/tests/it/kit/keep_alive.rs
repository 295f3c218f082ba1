//! An HTTP client that keeps its connection.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Response, within};

/// A connection on which one request follows the other.
#[derive(Debug)]
pub(crate) struct KeepAlive {
    socket: BufReader<TcpStream>,
}

impl KeepAlive {
    pub(crate) async fn connect(port: u16) -> Self {
        Self { socket: BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap()) }
    }

    /// Sends a request of these lines, without the body's length, and gives its answer.
    pub(crate) async fn request(&mut self, head: &str, body: &[u8]) -> Response {
        let length = body.len();
        let head = format!("{head}\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n");
        self.write(&[head.as_bytes(), body].concat()).await;
        self.answer().await
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within("writing", self.socket.write_all(bytes)).await.unwrap();
    }

    /// Calls a method.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Response {
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: application/json; charset=utf-8");
        self.request(&head, body.as_bytes()).await
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> Response {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            let read = within("an answer", self.socket.read_line(&mut text)).await.unwrap();
            assert_ne!(read, 0, "the connection ended after {text:?}");
        }
        let length = Response::parse(&text).header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        within("a body", self.socket.read_exact(&mut body)).await.unwrap();
        Response::parse(&(text + std::str::from_utf8(&body).unwrap()))
    }
}
