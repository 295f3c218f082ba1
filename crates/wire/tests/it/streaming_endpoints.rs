//! What was recorded of the deprecated streaming endpoints can be read, and is written with the same bytes.

use serde_json::Value as Json;
use streampod_wire::{FrameBuffer, StreamingFrame};

use crate::kit::{catalog, drain};
use crate::transcripts::{Line, STREAMING, recordings};

fn frames(from_client: bool) -> Vec<Line> {
    let lines = recordings().into_iter().flat_map(|(_, lines)| lines);
    let frames = lines.filter(|line| line.kind == STREAMING && line.from_client == from_client);
    frames.filter(|line| !line.text.is_empty()).collect()
}

/// What a frame says, written again; nothing if it cannot be read.
fn written_anew(text: &str) -> Option<String> {
    let mut out = FrameBuffer::default();
    match StreamingFrame::parse(text).ok()? {
        StreamingFrame::Ping => out.streaming_ping(),
        StreamingFrame::Pong => out.streaming_pong(),
        StreamingFrame::Authenticate { key } => out.streaming_authenticate(key.as_deref()),
        StreamingFrame::OtherCommand => return Some(String::new()),
        StreamingFrame::Message { endpoint, object } => {
            let message = StreamingFrame::message(object, &catalog()).ok()?;
            out.streaming_message(&endpoint, &streampod_wire::Model::into_object(message)).unwrap();
        }
    }
    Some(drain(&mut out).remove(0))
}

#[test]
fn what_the_client_sent_is_read() {
    let frames = frames(true);
    let mut others = Vec::new();
    for frame in &frames {
        let written = written_anew(&frame.text);
        if written.as_ref() != Some(&frame.text) {
            others.push((frame.text.as_str(), written.is_some()));
        }
    }
    let expected = [
        // The recorded server stalls.
        (r#"{"command":"ping"}"#, false),
        (r#"{"command":"nope","args":{}}"#, true),
        ("not json", false),
        // It logs an error.
        (r#"{"endpoint":"streaming","object":{"className":"NoSuchClass","data":{}}}"#, false),
        (r#"{"endpoint":"streaming"}"#, false),
    ];
    assert_eq!(others, expected);
    assert_eq!(frames.len(), 19);
}

#[test]
fn what_the_server_sent_is_written_with_the_same_bytes() {
    let frames = frames(false);
    let unlisted = |text: &str| {
        let json: Json = serde_json::from_str(text).unwrap();
        ["customClassProtocol", "serverOnlyScopedFieldModel"].iter().any(|name| json["endpoint"] == *name)
    };
    let listed: Vec<_> = frames.iter().filter(|frame| !unlisted(&frame.text)).collect();
    for frame in &listed {
        assert_eq!(written_anew(&frame.text).as_ref(), Some(&frame.text));
    }
    assert_eq!(listed.len(), 10);
}
