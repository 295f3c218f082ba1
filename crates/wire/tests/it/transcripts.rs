//! What was recorded between a real client and a real server can be read, and is written with the same bytes.

use std::path::PathBuf;

use serde_json::Value as Json;
use streampod_wire::{Arguments, Frame, FrameBuffer, StreamRef, Value};

use crate::kit::{catalog, drain, method};

/// One recorded event.
pub(crate) struct Line {
    pub(crate) conn: u64,
    pub(crate) from_client: bool,
    pub(crate) kind: String,
    /// The text of a frame, or the body of a request or an answer.
    pub(crate) text: String,
}

/// The kind of what went to and from the deprecated streaming endpoints.
pub(crate) const STREAMING: &str = "streaming";

/// All recordings: their names and lines.
pub(crate) fn recordings() -> Vec<(String, Vec<Line>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/transcripts"));
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    assert!(files.len() >= 28, "{} recordings in {}", files.len(), folder.display());
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            (name, text.lines().map(line).collect())
        })
        .collect()
}

fn line(text: &str) -> Line {
    let json: Json = serde_json::from_str(text).unwrap();
    let text = json["text"].as_str().or(json["body"].as_str()).unwrap_or_default();
    let is_streaming = json["path"].as_str().is_some_and(|path| path.starts_with("/websocket"));
    Line {
        conn: json["conn"].as_u64().unwrap(),
        from_client: json["dir"] == "c2s",
        kind: if is_streaming { STREAMING } else { json["kind"].as_str().unwrap() }.to_owned(),
        text: text.to_owned(),
    }
}

fn frames(lines: &[Line], from_client: bool) -> impl Iterator<Item = &Line> {
    lines.iter().filter(move |line| line.kind == "ws_text" && line.from_client == from_client)
}

/// A server reads what the client sent, unless the recorded server could not either.
#[test]
fn what_the_client_sent_is_read() {
    let mut count = 0;
    for (name, lines) in recordings() {
        for line in frames(&lines, true) {
            let refused = frames(&lines, false).any(|answer| {
                answer.conn == line.conn
                    && Frame::parse(&answer.text)
                        == Ok(Frame::BadRequest { request: line.text.as_str().into() })
            });
            let value = match Frame::parse(&line.text) {
                Ok(Frame::Element { value, .. } | Frame::Exception { value, .. }) => {
                    Value::unwrap(&value, &catalog())
                }
                other => other.map(|_| Value::Null),
            };
            assert_eq!(value.is_err(), refused, "{name}: {}: {value:?}", line.text);
            count += 1;
        }
    }
    assert_eq!(count, 424);
}

/// A server would write just what was recorded.
#[test]
fn what_the_server_sent_is_written_with_the_same_bytes() {
    let mut count = 0;
    for (name, lines) in recordings() {
        for line in frames(&lines, false) {
            assert_eq!(written_anew(&line.text), line.text, "{name}");
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}

/// Reads a frame of a server and writes it again.
fn written_anew(text: &str) -> String {
    let mut out = FrameBuffer::default();
    let head = |stream: &StreamRef<'_>| method(&stream.endpoint, &stream.method, &[], "dynamic");
    match Frame::parse(text).unwrap() {
        Frame::Ping => out.ping(),
        Frame::Pong => out.pong(),
        Frame::Opened { call, result } => {
            // A reader has no need of these two; a writer repeats them.
            let json: Json = serde_json::from_str(text).unwrap();
            let (endpoint, method) = (&json["data"]["en"], &json["data"]["m"]);
            out.opened(endpoint.as_str().unwrap(), method.as_str().unwrap(), call, result);
        }
        Frame::Element { stream, value } => {
            let value = Value::unwrap(&value, &catalog()).unwrap();
            out.element(&head(&stream), stream.call, &value).unwrap();
        }
        Frame::Exception { stream, value } => {
            let Value::Object(exception) = Value::unwrap(&value, &catalog()).unwrap() else {
                panic!("{text}")
            };
            out.exception(&head(&stream), stream.call, &exception).unwrap();
        }
        Frame::Close { stream, reason } => {
            out.close(&stream.endpoint, &stream.method, stream.call, stream.parameter.as_deref(), reason);
        }
        Frame::BadRequest { request } => out.bad_request(&request),
        Frame::Open(_) => panic!("a server opens no calls: {text}"),
    }
    drain(&mut out).remove(0)
}

/// The bodies of method calls: a JSON object, unless the recorded server found fault with it too.
#[test]
fn the_arguments_of_method_calls_are_read() {
    let (mut read, mut malformed) = (0, Vec::new());
    for (_, lines) in recordings() {
        // A body that the recording cut short ends in an ellipsis.
        let bodies = lines.iter().filter(|line| line.kind == "http_request" && !line.text.ends_with('…'));
        for line in bodies.filter(|line| !line.text.is_empty()) {
            match Arguments::parse(&line.text) {
                Ok(_) => read += 1,
                Err(_) => malformed.push(line.text.clone()),
            }
        }
    }
    assert!(read > 90, "{read}");
    assert_eq!(malformed, ["not json", "[1]"]);
}

/// The arguments of streaming methods travel as a string; one recorded call has none that can be read.
#[test]
fn the_arguments_of_streaming_methods_are_read() {
    let mut malformed = Vec::new();
    for (_, lines) in recordings() {
        for line in frames(&lines, true) {
            if let Ok(Frame::Open(open)) = Frame::parse(&line.text)
                && Arguments::parse(&open.arguments).is_err()
            {
                malformed.push(open.arguments.into_owned());
            }
        }
    }
    assert_eq!(malformed, ["nojson"]);
}
