//! A server on a real port, and clients that send and receive frames by hand.

use serde_json::{Value, json};
use streampod::{Config, RunningServer, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Starts a server on any free port.
pub(crate) async fn start(build: impl FnOnce(Server) -> Server) -> RunningServer {
    let mut config = Config::default();
    config.api_server.port = 0;
    config.web_server.port = 0;
    build(Server::new(config)).start().await.expect("the server can start")
}

/// Calls a method over HTTP, with this token if it is not empty: status and body of the answer.
pub(crate) async fn post(server: &RunningServer, path: &str, token: &str) -> (u16, String) {
    let authorization =
        if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{authorization}content-length: 2\r\n\r\n{{}}"
    );
    let mut stream =
        TcpStream::connect(("127.0.0.1", server.api_address().port())).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("the request can be sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the answer can be read");
    let (head, body) = answer.split_once("\r\n\r\n").expect("the answer has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
    (status, body.to_owned())
}

/// A WebSocket for streaming methods.
pub(crate) struct Socket {
    stream: TcpStream,
    calls: u32,
}

impl Socket {
    pub(crate) async fn connect(server: &RunningServer) -> Self {
        let address = ("127.0.0.1", server.api_address().port());
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = "GET /v1/websocket HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                       sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("the request can be sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the answer has a head"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        Self { stream, calls: 0 }
    }

    /// Asks to open a call, with this token if it is not empty.
    pub(crate) async fn open(&mut self, endpoint: &'static str, method: &'static str, token: &str) -> Call {
        self.calls += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.calls);
        let call = Call { endpoint, method, id };
        let mut data = json!({ "args": "{}", "is": [] });
        if !token.is_empty() {
            data["auth"] = format!("Bearer {token}").into();
        }
        self.send(call.frame("omsc", data)).await;
        call
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        let text = frame.to_string();
        // A text frame, with a mask of zeros, which leaves the text as it is.
        let mut bytes = vec![0x81];
        match u8::try_from(text.len()) {
            Ok(length @ 0..126) => bytes.push(0x80 | length),
            _ => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(text.len()).expect("the frame is short").to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.extend(text.as_bytes());
        self.stream.write_all(&bytes).await.expect("the frame can be sent");
    }

    /// The next frame, which must be text.
    pub(crate) async fn receive(&mut self) -> Value {
        let opcode = self.stream.read_u8().await.expect("a frame comes");
        assert_eq!(opcode, 0x81, "a text frame");
        let length = match self.stream.read_u8().await.expect("it has a length") {
            126 => usize::from(self.stream.read_u16().await.expect("it has a length")),
            short => usize::from(short),
        };
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).await.expect("it has a text");
        serde_json::from_slice(&text).expect("it is JSON")
    }

    /// The next frame, which must be this one.
    pub(crate) async fn expect(&mut self, frame: Value) {
        assert_eq!(self.receive().await, frame);
    }
}

/// A call, by which frames are made.
#[derive(Clone)]
pub(crate) struct Call {
    endpoint: &'static str,
    method: &'static str,
    id: String,
}

impl Call {
    fn frame(&self, kind: &str, mut data: Value) -> Value {
        data["en"] = self.endpoint.into();
        data["m"] = self.method.into();
        data["cid"] = self.id.as_str().into();
        json!({ "type": kind, "data": data })
    }

    pub(crate) fn opened(&self, result: &str) -> Value {
        self.frame("omsr", json!({ "res": result }))
    }

    pub(crate) fn element(&self, text: &str) -> Value {
        self.frame("msm", json!({ "o": { "className": "String", "data": text } }))
    }

    pub(crate) fn closed(&self, reason: &str) -> Value {
        self.frame("cmsc", json!({ "cr": reason }))
    }
}
