//! A server in this process, and a client that sends and receives frames by hand.

mod keep_alive;
mod process;
mod raw;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use streampod::{Config, Handle, Limits, RunningServer, Server, Stats};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message};

pub(crate) use keep_alive::KeepAlive;
pub(crate) use process::Process;
pub(crate) use raw::{RawClient, RawFrame, opcode};

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that must happen.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// The configuration of development, on any free port.
pub(crate) fn config() -> Config {
    let mut config = Config::default();
    config.api_server.port = 0;
    config.web_server.port = 0;
    config
}

/// A server that runs for one test.
pub(crate) struct TestServer {
    pub(crate) running: RunningServer,
}

impl TestServer {
    /// The conformance server.
    pub(crate) async fn start() -> Self {
        Self::of(conformance::server(config())).await
    }

    pub(crate) async fn with_limits(limits: impl FnOnce(&mut Limits)) -> Self {
        let mut all = Limits::default();
        limits(&mut all);
        Self::of(conformance::server(config()).limits(all)).await
    }

    pub(crate) async fn of(server: Server) -> Self {
        Self { running: server.start().await.unwrap() }
    }

    pub(crate) fn port(&self) -> u16 {
        self.running.api_address().port()
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.running.handle()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.handle().stats()
    }

    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.port()).await
    }

    /// Waits until the server's figures are as wanted.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&Stats) -> bool) {
        let poll = async {
            while !wanted(&self.stats()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, poll).await.is_err() {
            panic!("{what}: not within {PATIENCE:?}, but {:?}", self.stats());
        }
    }

    /// Waits until the server holds nothing that a client brought about.
    pub(crate) async fn until_idle(&self) {
        self.until("idle", |stats| {
            (stats.connections, stats.calls, stats.sessions, stats.subscriptions, stats.channels, stats.tasks)
                == (0, 0, 0, 0, 0, 0)
        })
        .await;
    }

    /// Sends a request as it stands and gives status and body of the answer.
    pub(crate) async fn request(&self, head: &str, body: &str) -> Response {
        request(self.port(), head, body).await
    }

    /// Calls a method over HTTP.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.request(&format!("POST {path} HTTP/1.1\r\ncontent-type: application/json"), &body.to_string())
            .await
    }
}

/// Sends a request as it stands and gives status and body of the answer.
pub(crate) async fn request(port: u16, head: &str, body: &str) -> Response {
    let length = body.len();
    let request =
        format!("{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("an answer", socket.read_to_end(&mut answer)).await.unwrap();
    Response::parse(&String::from_utf8(answer).unwrap())
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Self { status, headers, body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// A WebSocket client that sends and receives frames by hand.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(port: u16) -> Self {
        Self::connect_to(port, "/v1/websocket").await
    }

    pub(crate) async fn connect_to(port: u16, path: &str) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let url = format!("ws://localhost:{port}{path}");
        let (socket, _) = tokio_tungstenite::client_async(url, socket).await.unwrap();
        Self { socket }
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Sends frames so that the server reads them at once.
    pub(crate) async fn send_together(&mut self, frames: impl IntoIterator<Item = Value>) {
        for frame in frames {
            self.socket.feed(Message::text(frame.to_string())).await.unwrap();
        }
        self.socket.flush().await.unwrap();
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub(crate) async fn send_binary(&mut self, bytes: &'static [u8]) {
        self.socket.send(Message::Binary(Bytes::from_static(bytes))).await.unwrap();
    }

    /// What comes next, but for pings and pongs of the WebSocket; `None` at the end.
    pub(crate) async fn receive(&mut self) -> Option<Received> {
        loop {
            match within("a frame", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return Some(Received::Text(text.to_string())),
                Some(Ok(Message::Close(frame))) => return Some(Received::Close(frame)),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(other)) => panic!("unexpected {other:?}"),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next frame, which must be text.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.receive().await {
            Some(Received::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected a frame, found {other:?}"),
        }
    }

    /// The next frame, which must be this one.
    pub(crate) async fn expect(&mut self, frame: Value) {
        assert_eq!(self.frame().await, frame);
    }

    /// Fails unless the server closes the connection next, without a code.
    pub(crate) async fn expect_close(&mut self) {
        assert_eq!(self.receive().await, Some(Received::Close(None)));
    }

    pub(crate) async fn close(mut self) {
        self.socket.close(None).await.unwrap();
        while self.receive().await.is_some() {}
    }
}

/// What a client received.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Received {
    Text(String),
    Close(Option<CloseFrame>),
}

/// A call on a connection, by which frames are made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    endpoint: &'static str,
    method: &'static str,
    id: String,
}

impl Call {
    pub(crate) fn new(number: u32, endpoint: &'static str, method: &'static str) -> Self {
        Self { endpoint, method, id: format!("00000000-0000-4000-8000-{number:012}") }
    }

    /// A method of `methodStreaming`.
    pub(crate) fn streaming(number: u32, method: &'static str) -> Self {
        Self::new(number, "methodStreaming", method)
    }

    fn frame(&self, kind: &str, more: Value) -> Value {
        let mut data = json!({ "en": self.endpoint, "m": self.method, "cid": self.id });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "type": kind, "data": data })
    }

    pub(crate) fn open(&self, arguments: Value, inputs: &[&str]) -> Value {
        self.frame("omsc", json!({ "args": arguments.to_string(), "is": inputs }))
    }

    /// Likewise, by a caller who holds this token.
    pub(crate) fn open_as(&self, token: &str, arguments: Value, inputs: &[&str]) -> Value {
        let mut open = self.open(arguments, inputs);
        open["data"]["auth"] = format!("Bearer {token}").into();
        open
    }

    pub(crate) fn opened(&self, result: &str) -> Value {
        self.frame("omsr", json!({ "res": result }))
    }

    /// An element of a stream parameter.
    pub(crate) fn feed(&self, parameter: &str, class_name: &str, data: Value) -> Value {
        self.frame("msm", json!({ "p": parameter, "o": { "className": class_name, "data": data } }))
    }

    /// An element of what the method returns.
    pub(crate) fn element(&self, class_name: &str, data: Value) -> Value {
        self.frame("msm", json!({ "o": { "className": class_name, "data": data } }))
    }

    pub(crate) fn throw(&self, parameter: &str, class_name: &str, data: Value) -> Value {
        self.frame("msse", json!({ "p": parameter, "ex": { "className": class_name, "data": data } }))
    }

    pub(crate) fn thrown(&self, class_name: &str, data: Value) -> Value {
        self.frame("msse", json!({ "ex": { "className": class_name, "data": data } }))
    }

    pub(crate) fn close(&self, reason: &str) -> Value {
        self.frame("cmsc", json!({ "cr": reason }))
    }

    pub(crate) fn close_input(&self, parameter: &str, reason: &str) -> Value {
        self.frame("cmsc", json!({ "p": parameter, "cr": reason }))
    }
}
