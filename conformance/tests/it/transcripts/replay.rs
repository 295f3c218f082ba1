//! Plays a recording to a server.

use std::collections::BTreeMap;

use tokio::net::TcpStream;

use super::logins::Logins;
use super::recording::{Recording, What, call_of, summary, text};
use super::{Exemption, PATIENCE};
use crate::kit::{KeepAlive, RawClient, RawFrame, Response, TestServer, opcode};

/// The method whose stream has no end: how much of it was recorded depends on the moment.
const ENDLESS: &str = r#""m":"neverEndingStreamWithDelay""#;

/// A recording that is being played.
pub(super) struct Replay<'a> {
    recording: &'a Recording,
    exemptions: Vec<&'a Exemption>,
    /// How many of them were met with.
    exempted: usize,
    server: Option<TestServer>,
    port: u16,
    requests: BTreeMap<u64, Requests>,
    sockets: BTreeMap<u64, Socket>,
    logins: Logins,
    shutdown: Option<tokio::task::JoinHandle<()>>,
    /// Whether the server has said something since the client last did.
    answered: bool,
}

/// A connection with requests.
struct Requests {
    connection: KeepAlive,
    answers: Vec<Response>,
    /// How many of them were compared.
    compared: usize,
}

/// A WebSocket.
struct Socket {
    client: RawClient,
    /// What the client says next, all at once.
    unsent: Vec<u8>,
    recorded: Vec<RawFrame>,
    received: Vec<RawFrame>,
    /// Whether nothing more is to be waited for.
    ended: bool,
}

impl<'a> Replay<'a> {
    pub(super) fn new(recording: &'a Recording, exemptions: &'a [Exemption], server: TestServer) -> Self {
        let exemptions = exemptions.iter().filter(|exemption| exemption.file == recording.name).collect();
        Self {
            recording,
            exemptions,
            exempted: 0,
            port: server.port(),
            server: Some(server),
            requests: BTreeMap::new(),
            sockets: BTreeMap::new(),
            logins: Logins::default(),
            shutdown: None,
            answered: false,
        }
    }

    /// Plays it; fails unless the server says what was recorded.
    pub(super) async fn play(mut self) {
        for event in &self.recording.events {
            let connection = event.connection;
            let is_socket = self.recording.is_socket(connection);
            match &event.what {
                What::Request(head, _) if is_socket => {
                    self.catch_up().await;
                    let socket = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
                    let path = head.split(' ').nth(1).unwrap();
                    let client = RawClient::upgrade(socket, &self.logins.translate(path)).await;
                    self.sockets.insert(connection, Socket::new(client));
                }
                What::Response(_) if is_socket => {}
                What::Request(head, body) => {
                    self.catch_up().await;
                    self.request(connection, head, body).await;
                }
                What::Response(response) => self.compare_answer(connection, response),
                What::FromClient(frame) => {
                    if std::mem::take(&mut self.answered) {
                        self.catch_up().await;
                    }
                    let unsent = &mut self.sockets.get_mut(&connection).unwrap().unsent;
                    let said = std::str::from_utf8(&frame.payload).map(|said| self.logins.translate(said));
                    let payload = said.map_or_else(|_| frame.payload.clone(), String::into_bytes);
                    unsent.extend(RawClient::encode(frame.opcode, &payload));
                }
                What::FromServer(frame) => {
                    self.answered = true;
                    self.send().await;
                    if frame.opcode == opcode::CLOSE && self.recording.name == "60_server_shutdown" {
                        self.catch_up().await;
                        let server = self.server.take().unwrap();
                        self.shutdown = Some(tokio::spawn(server.running.shutdown()));
                    }
                    self.sockets.get_mut(&connection).unwrap().recorded.push(frame.clone());
                }
            }
        }
        self.finish().await;
    }

    async fn request(&mut self, connection: u64, head: &str, body: &str) {
        if !self.requests.contains_key(&connection) {
            let requests = Requests {
                connection: KeepAlive::connect(self.port).await,
                answers: Vec::new(),
                compared: 0,
            };
            self.requests.insert(connection, requests);
        }
        let requests = self.requests.get_mut(&connection).unwrap();
        let (head, body) = (self.logins.translate(head), self.logins.translate(body));
        let answer = requests.connection.request(&head, body.as_bytes()).await;
        requests.answers.push(answer);
    }

    fn compare_answer(&mut self, connection: u64, recorded: &Response) {
        let requests = self.requests.get_mut(&connection).unwrap();
        let at = requests.compared;
        let answer = &requests.answers[at];
        requests.compared += 1;
        let place = format!("{}, connection {connection}, request {at}", self.recording.name);
        let (body, recorded_body) = (self.logins.learn(&answer.body, &recorded.body), recorded.body.as_str());
        let (body, recorded_body) = (self.recording.timeless(&body), self.recording.timeless(recorded_body));
        if let Some(exemption) = self.exemptions.iter().find(|exemption| exemption.is_at(connection, at)) {
            let short = |status: u16, body: &str| format!("{status} {body}");
            self.exempted += 1;
            assert_eq!([short(answer.status, &body)], *exemption.instead, "{place}");
            assert_ne!([short(recorded.status, &recorded_body)], *exemption.instead, "{place}: needless");
            return;
        }
        assert_eq!((answer.status, body), (recorded.status, recorded_body), "{place}");
        for (name, value) in &recorded.headers {
            assert_eq!(answer.header(name), Some(value.as_str()), "{place}: {name}");
        }
    }

    /// Sends what the client says, and waits for what was recorded up to now.
    async fn catch_up(&mut self) {
        self.send().await;
        for (&connection, socket) in &mut self.sockets {
            let exempt = |call| self.exemptions.iter().find(|exemption| exemption.is_at(connection, call));
            while !socket.ended && socket.lags(|call| exempt(call).map(|exemption| exemption.instead.len())) {
                socket.read().await;
            }
        }
    }

    async fn send(&mut self) {
        for socket in self.sockets.values_mut().filter(|socket| !socket.unsent.is_empty()) {
            let bytes = std::mem::take(&mut socket.unsent);
            // A server that has closed the connection may have ended it too.
            let _ = socket.client.write(&bytes).await;
        }
    }

    async fn finish(mut self) {
        self.catch_up().await;
        for (&connection, socket) in &mut self.sockets {
            let place = format!("{}, connection {connection}", self.recording.name);
            while !socket.ended {
                socket.read().await;
            }
            let last = socket.received.last().map(|frame| frame.opcode);
            assert_eq!(last, Some(opcode::CLOSE), "{place}: received {:?}", socket.received);
            let exemptions = self.exemptions.iter().filter(|exemption| exemption.connection == connection);
            self.exempted += socket.compare(self.recording, &exemptions.copied().collect::<Vec<_>>(), &place);
        }
        assert_eq!(self.exempted, self.exemptions.len(), "{}", self.recording.name);
        if let Some(shutdown) = self.shutdown {
            crate::kit::within("the shutdown", shutdown).await.unwrap();
        }
        if let Some(server) = self.server {
            drop(self.requests);
            server.until_idle().await;
        }
    }
}

impl Socket {
    fn new(client: RawClient) -> Self {
        Self { client, unsent: Vec::new(), recorded: Vec::new(), received: Vec::new(), ended: false }
    }

    /// The calls, in the order of their first recorded frame, behind what belongs to no call.
    fn calls(&self) -> Vec<String> {
        let mut calls = vec![String::new()];
        for frame in &self.recorded {
            let call = call_of(frame);
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }

    /// Whether frames that were recorded up to now have not come. `exempt` tells how many come for a call that goes
    /// otherwise than recorded.
    fn lags(&self, exempt: impl Fn(usize) -> Option<usize>) -> bool {
        let count =
            |frames: &[RawFrame], call: &str| frames.iter().filter(|frame| call_of(frame) == call).count();
        self.calls().iter().enumerate().any(|(at, call)| {
            let recorded = count(&self.recorded, call);
            count(&self.received, call) < exempt(at).map_or(recorded, |most| recorded.min(most))
        })
    }

    async fn read(&mut self) {
        match tokio::time::timeout(PATIENCE, self.client.read()).await {
            Ok(Some(frame)) => self.received.push(frame),
            Ok(None) | Err(_) => self.ended = true,
        }
    }

    /// Fails unless what was received is what was recorded; how many calls are exempt from that.
    fn compare(&self, recording: &Recording, exemptions: &[&Exemption], place: &str) -> usize {
        let mut exempted = 0;
        let of_call = |frames: &[RawFrame], call: &str| {
            let frames = frames.iter().filter(|frame| call_of(frame) == call);
            frames.map(|frame| recording.timeless(&text(frame))).collect::<Vec<_>>()
        };
        let calls = self.calls();
        for frame in &self.received {
            assert!(calls.contains(&call_of(frame)), "{place}: nobody recorded {}", text(frame));
        }
        for (at, call) in calls.iter().enumerate() {
            let place = format!("{place}, call {at} {call}");
            let (mut received, recorded) = (of_call(&self.received, call), of_call(&self.recorded, call));
            if let Some(exemption) = exemptions.iter().find(|exemption| exemption.at == at) {
                let short =
                    |frames: Vec<String>| frames.iter().map(|frame| summary(frame)).collect::<Vec<_>>();
                assert_eq!(short(received), exemption.instead, "{place}");
                assert_ne!(short(recorded), exemption.instead, "{place}: needless");
                exempted += 1;
                continue;
            }
            if recorded.iter().any(|frame| frame.contains(ENDLESS)) {
                let is_element = |frame: &String| frame.starts_with(r#"{"type":"msm""#);
                let mut elements = recorded.iter().filter(|frame| is_element(frame)).count();
                // Those beyond what was recorded are left out.
                received.retain(|frame| {
                    let is_kept = !is_element(frame) || elements > 0;
                    elements -= usize::from(is_element(frame) && is_kept);
                    is_kept
                });
            }
            assert_eq!(received, recorded, "{place}");
        }
        exempted
    }
}

impl Recording {
    /// What a server says, without moments and numbers that no two servers share.
    fn timeless(&self, text: &str) -> String {
        const DATES: [&str; 2] = [r#""creationDate":""#, r#""created":""#];
        const CALL_LOG_ID: &str = "Call log id: ";
        for name in DATES {
            let Some((before, after)) = text.split_once(name) else { continue };
            let (date, after) = after.split_once('"').unwrap();
            // A date that comes from the client has to come back as it was.
            if !self.client_said(date) {
                assert_is_moment(date, "0000-00-00T00:00:00.000000Z");
                return format!("{before}{name}now\"{after}");
            }
        }
        if let Some(now) = text.strip_prefix("OK ") {
            assert_is_moment(now, "0000-00-00 00:00:00.000000Z\n");
            return "OK now\n".to_owned();
        }
        if let Some((before, number)) = text.split_once(CALL_LOG_ID) {
            assert!(number.trim_end().parse::<u64>().is_ok(), "{text}");
            return format!("{before}{CALL_LOG_ID}n\n");
        }
        text.to_owned()
    }
}

/// Fails unless `text` is written as `pattern` is, where 0 is any digit. Whole milliseconds have three digits less.
fn assert_is_moment(text: &str, pattern: &str) {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert!([pattern, &pattern.replace(".000000", ".000")].contains(&shape.as_str()), "{text}");
}
