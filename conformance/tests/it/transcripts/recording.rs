//! The recordings as data.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::Value as Json;

use crate::kit::{RawFrame, Response, opcode};

/// What went over the connections of one scenario, in the order in which the proxy saw it.
pub(super) struct Recording {
    pub(super) name: String,
    pub(super) events: Vec<Event>,
}

pub(super) struct Event {
    pub(super) connection: u64,
    pub(super) what: What,
}

pub(super) enum What {
    /// The first line and the headers, and the body.
    Request(String, String),
    Response(Response),
    FromClient(RawFrame),
    FromServer(RawFrame),
}

/// The folder of the recordings.
pub(super) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/transcripts"))
}

impl Recording {
    pub(super) fn load(name: &str) -> Self {
        let text = std::fs::read_to_string(folder().join(format!("{name}.jsonl"))).unwrap();
        let events = text.lines().map(|line| event(&serde_json::from_str(line).unwrap()));
        let mut closed = HashSet::new();
        let events = events.filter(|event| match &event.what {
            // One recorded connection has another close frame long after its end.
            What::FromServer(frame) if frame.opcode == opcode::CLOSE => closed.insert(event.connection),
            What::FromServer(frame) => !is_unlisted(frame),
            _ => true,
        });
        Self { name: name.to_owned(), events: events.collect() }
    }

    /// Gives each opening of a connection an id of its own. The recorded answers belong to the openings of the same
    /// method in their order, and what follows them to the one that succeeded.
    pub(super) fn with_own_ids(mut self, connection: u64) -> Self {
        let mut openings: HashMap<String, Vec<String>> = HashMap::new();
        let mut opened = HashMap::new();
        let mut count = 0;
        for event in self.events.iter_mut().filter(|event| event.connection == connection) {
            let (What::FromClient(frame) | What::FromServer(frame)) = &mut event.what else { continue };
            let Some(json) = frame_json(frame) else { continue };
            let Some(id) = json["data"]["cid"].as_str() else { continue };
            let method = format!("{}.{}", json["data"]["en"], json["data"]["m"]);
            let own = match json["type"].as_str() {
                Some("omsc") => {
                    let own = format!("{}{count:02}", &id[..id.len() - 2]);
                    count += 1;
                    openings.entry(method).or_default().push(own.clone());
                    own
                }
                Some("omsr") => {
                    let own = openings.get_mut(&method).unwrap().remove(0);
                    if json["data"]["res"] == "success" {
                        opened.insert(method, own.clone());
                    }
                    own
                }
                _ => opened[&method].clone(),
            };
            frame.payload = text(frame).replace(id, &own).into_bytes();
        }
        self
    }

    /// The connections whose request for a WebSocket was granted.
    pub(super) fn is_socket(&self, connection: u64) -> bool {
        self.events.iter().any(|event| {
            event.connection == connection
                && matches!(&event.what, What::Response(response) if response.status == 101)
        })
    }

    /// Whether a client said this on any connection.
    pub(super) fn client_said(&self, words: &str) -> bool {
        self.events.iter().any(|event| match &event.what {
            What::FromClient(frame) => text(frame).contains(words),
            What::Request(_, body) => body.contains(words),
            _ => false,
        })
    }
}

/// Streaming endpoints of the recorded server that send a message to everybody who connects, and that `endpoints.md` does not list.
pub(super) const UNLISTED: [&str; 2] = ["customClassProtocol", "serverOnlyScopedFieldModel"];

fn is_unlisted(frame: &RawFrame) -> bool {
    let json = frame_json(frame).unwrap_or_default();
    UNLISTED.iter().any(|endpoint| json["endpoint"] == *endpoint)
}

fn event(json: &Json) -> Event {
    let from_client = json["dir"] == "c2s";
    let frame = |opcode, payload: &[u8]| {
        let frame = RawFrame { opcode, payload: payload.to_vec() };
        if from_client { What::FromClient(frame) } else { What::FromServer(frame) }
    };
    let what = match json["kind"].as_str().unwrap() {
        "http_request" => request(json),
        "http_response" => What::Response(Response {
            status: json["line"].as_str().unwrap().split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers(json).collect(),
            body: json["body"].as_str().unwrap_or_default().to_owned(),
        }),
        "ws_text" => frame(opcode::TEXT, json["text"].as_str().unwrap().as_bytes()),
        "ws_binary" => frame(opcode::BINARY, &from_hex(json["hex"].as_str().unwrap())),
        "ws_ping" => frame(opcode::PING, b""),
        "ws_pong" => frame(opcode::PONG, b""),
        "ws_close" => {
            let code = json["code"].as_u64().map(|code| (code as u16).to_be_bytes());
            frame(opcode::CLOSE, code.as_ref().map_or(&[], |code| code))
        }
        other => panic!("unknown kind {other}"),
    };
    Event { connection: json["conn"].as_u64().unwrap(), what }
}

fn request(json: &Json) -> What {
    let mut head = json["line"].as_str().unwrap().to_owned();
    for (name, value) in headers(json) {
        head += &format!("\r\n{name}: {value}");
    }
    let mut body = json["body"].as_str().unwrap_or_default().to_owned();
    if let Some(length) = json["body_cut_from"].as_u64() {
        // The end was cut off: the rest of a long string, and of the object that it is in.
        body.truncate(body.find('…').unwrap_or(body.len()));
        let missing = length as usize - 2 - body.len();
        body += &("x".repeat(missing) + "\"}");
    }
    What::Request(head, body)
}

fn headers(json: &Json) -> impl Iterator<Item = (String, String)> {
    let headers = json["headers"].as_array().unwrap().iter();
    headers.map(|header| (header[0].as_str().unwrap().to_owned(), header[1].as_str().unwrap().to_owned()))
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|digits| std::str::from_utf8(digits).unwrap());
    digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
}

/// A frame as text.
pub(super) fn text(frame: &RawFrame) -> String {
    match frame.opcode {
        opcode::TEXT => String::from_utf8(frame.payload.clone()).unwrap(),
        opcode::CLOSE => format!("<close {:?}>", frame.close_code()),
        other => format!("<{other} {:?}>", frame.payload),
    }
}

fn frame_json(frame: &RawFrame) -> Option<Json> {
    serde_json::from_slice(&frame.payload).ok()
}

/// The id of the call that a frame belongs to; empty if it belongs to none.
pub(super) fn call_of(frame: &RawFrame) -> String {
    let json = frame_json(frame).unwrap_or_default();
    json["data"]["cid"].as_str().unwrap_or_default().to_owned()
}

/// A frame in a few words.
pub(super) fn summary(text: &str) -> String {
    let Ok(json) = serde_json::from_str::<Json>(text) else { return text.to_owned() };
    let data = &json["data"];
    let words = [&json["type"], &data["res"], &data["p"], &data["cr"], &data["o"]["data"]];
    let words = words.into_iter().filter(|word| !word.is_null());
    words
        .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
        .collect::<Vec<_>>()
        .join(" ")
}
