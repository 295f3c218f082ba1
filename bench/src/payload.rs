//! What is sent: a String of 200 bytes, or a model `Sample` of 200 bytes as JSON.

use prost::Message;

use crate::load::{SLOT, Template, first_id};

/// The length of a String, and of a `Sample` as JSON.
const BYTES: usize = 200;
/// The time in every sample: 2026-01-15T10:30:00.123Z.
const SECONDS: i64 = 1_768_473_000;

/// What an echo carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Payload {
    /// A String.
    Text,
    /// A model with six fields.
    Sample,
}

/// A message with a String, for tonic.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct TextMessage {
    #[prost(string, tag = "1")]
    pub(crate) text: String,
}

/// A `Sample`, for tonic.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SampleMessage {
    #[prost(int64, tag = "1")]
    pub(crate) id: i64,
    #[prost(message, optional, tag = "2")]
    pub(crate) at: Option<Timestamp>,
    #[prost(double, tag = "3")]
    pub(crate) x: f64,
    #[prost(double, tag = "4")]
    pub(crate) y: f64,
    #[prost(string, tag = "5")]
    pub(crate) name: String,
    #[prost(string, repeated, tag = "6")]
    pub(crate) tags: Vec<String>,
}

/// `google.protobuf.Timestamp`
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

/// A message of gRPC that a connection sends with a number.
pub(crate) trait Numbered: Message + Clone + Default + PartialEq + 'static {
    /// What the connection sends, with no number yet.
    fn of(connection: usize) -> Self;

    /// The same as the connection's template has it with this number.
    fn with(&self, number: u64) -> Self;
}

impl Numbered for TextMessage {
    fn of(connection: usize) -> Self {
        Self { text: text(connection) }
    }

    fn with(&self, number: u64) -> Self {
        Self { text: format!("{number:010}{}", &self.text[SLOT.len()..]) }
    }
}

impl Numbered for SampleMessage {
    fn of(connection: usize) -> Self {
        sample(connection)
    }

    fn with(&self, number: u64) -> Self {
        Self { id: first_id() + number as i64, ..self.clone() }
    }
}

impl Payload {
    /// The method that sends it back.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Sample => "sample",
        }
    }

    /// Its path in gRPC.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Text => "/bench.Bench/Text",
            Self::Sample => "/bench.Bench/Sample",
        }
    }

    /// Its value as an element's frame has it, wrapped. No two connections send the same.
    pub(crate) fn wrapped(self, connection: usize) -> String {
        let class = match self {
            Self::Text => "String",
            Self::Sample => "Sample",
        };
        format!(r#"{{"className":"{class}","data":{}}}"#, self.json(connection))
    }

    /// The value as JSON.
    pub(crate) fn json(self, connection: usize) -> String {
        match self {
            Self::Text => format!("\"{}\"", text(connection)),
            Self::Sample => sample_json(connection),
        }
    }

    /// The template of a frame with [`Payload::wrapped`] in it.
    pub(crate) fn template(self, frame: &str) -> Template {
        match self {
            Self::Text => Template::text(frame),
            Self::Sample => Template::id(frame),
        }
    }

    /// The same as protobuf.
    pub(crate) fn protobuf(self, connection: usize) -> Template {
        match self {
            Self::Text => Template::protobuf_text(TextMessage { text: text(connection) }.encode_to_vec()),
            Self::Sample => Template::protobuf_id(sample(connection).encode_to_vec()),
        }
    }
}

fn text(connection: usize) -> String {
    format!("{SLOT} of {connection:05} {}", "x".repeat(BYTES - 20))
}

fn sample(connection: usize) -> SampleMessage {
    let empty = sample_json_of("", &tags());
    let name = format!("{connection:05}");
    let name = format!("{name}{}", "n".repeat(BYTES - empty.len() - name.len()));
    let at = Timestamp { seconds: SECONDS, nanos: 123_000_000 };
    SampleMessage { id: first_id(), at: Some(at), x: 48.208_174, y: -16.5, name, tags: tags() }
}

fn tags() -> Vec<String> {
    ["alpha", "beta", "gamma"].map(str::to_owned).to_vec()
}

fn sample_json(connection: usize) -> String {
    let sample = sample(connection);
    sample_json_of(&sample.name, &sample.tags)
}

fn sample_json_of(name: &str, tags: &[String]) -> String {
    format!(
        r#"{{"id":{},"at":"2026-01-15T10:30:00.123Z","x":48.208174,"y":-16.5,"name":"{name}","tags":["{}"]}}"#,
        first_id(),
        tags.join(r#"",""#)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_have_the_promised_size() {
        for connection in [0, 99_999] {
            assert_eq!(text(connection).len(), BYTES);
            assert_eq!(sample_json(connection).len(), BYTES);
        }
    }

    #[test]
    fn a_protobuf_template_decodes_to_its_number() {
        let mut template = Payload::Sample.protobuf(7);
        let decoded = SampleMessage::decode(template.with(123_456)).unwrap();
        assert_eq!(decoded, SampleMessage { id: first_id() + 123_456, ..sample(7) });
        assert_eq!(decoded, SampleMessage::of(7).with(123_456));
        let mut template = Payload::Text.protobuf(7);
        let decoded = TextMessage::decode(template.with(123_456)).unwrap();
        assert!(decoded.text.starts_with("0000123456 of 00007 x"));
        assert_eq!(decoded, TextMessage::of(7).with(123_456));
    }
}
