//! The frames of the deprecated streaming endpoints, at `/websocket`. See section 4 of the wire contract.

use std::borrow::Cow;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::encoder::{EncodeError, write_escaped};
use crate::frame::{members_of, need, object, string, wrapped};
use crate::frame_buffer::{FrameBuffer, write_wrapped};
use crate::reader::Reader;
use crate::shared::Object;
use crate::value::Value;

/// One frame of the deprecated streaming endpoints, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamingFrame<'a> {
    /// A client asks for a [`StreamingFrame::Pong`].
    Ping,
    /// The server's answer to it.
    Pong,
    /// A client signs in with another key, or out if there is none.
    Authenticate {
        /// The value that an `Authorization` header would have.
        key: Option<Cow<'a, str>>,
    },
    /// A command that nobody knows; it is to be ignored.
    OtherCommand,
    /// A message to an endpoint, or from one.
    Message {
        /// The endpoint's name.
        endpoint: Cow<'a, str>,
        /// The message as it travels, which is an object and perhaps no message.
        object: &'a str,
    },
}

impl<'a> StreamingFrame<'a> {
    /// Reads a frame. Keys that are not known are ignored.
    ///
    /// # Errors
    ///
    /// Fails if the text is no frame: malformed JSON, or a key missing or of the wrong type.
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        let (mut command, mut args, mut endpoint, mut message) = (None, None, None, None);
        object(text, |key, reader| {
            // A member that is null is one that is not there.
            if reader.null()? {
                return Ok(());
            }
            match key {
                "command" => command = Some(string(reader)?),
                "args" => args = Some(object_text(reader, "args: an object")?),
                "endpoint" => endpoint = Some(string(reader)?),
                "object" => message = Some(object_text(reader, "object: an object")?),
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        let Some(command) = command else {
            return Ok(Self::Message {
                endpoint: need("endpoint", endpoint)?,
                object: need("object", message)?,
            });
        };
        match &*command {
            "pong" => Ok(Self::Pong),
            "ping" => need("args", args).map(|_| Self::Ping),
            "auth" => Ok(Self::Authenticate { key: key_of(need("args", args)?)? }),
            _ => need("args", args).map(|_| Self::OtherCommand),
        }
    }

    /// The message in the `object` of a [`StreamingFrame::Message`].
    ///
    /// # Errors
    ///
    /// Fails if it has no class name or an unknown one, if its data does not fit that, or if it is null.
    pub fn message(object: &str, catalog: &Catalog) -> Result<Value, DecodeError> {
        match Value::unwrap(&wrapped(&mut Reader::new(object))?, catalog)? {
            Value::Null => Err(DecodeError::mismatch("a message", "null")),
            message => Ok(message),
        }
    }
}

/// Passes over an object.
fn object_text<'a>(reader: &mut Reader<'a>, expected: &str) -> Result<&'a str, DecodeError> {
    match reader.peek() {
        Some(b'{') => reader.skip(),
        _ => Err(DecodeError::mismatch(expected, reader.found())),
    }
}

fn key_of(args: &str) -> Result<Option<Cow<'_, str>>, DecodeError> {
    let mut found = None;
    members_of(&mut Reader::new(args), |key, reader| {
        found = match key {
            "key" if reader.null()? => None,
            "key" => Some(string(reader)?),
            _ => {
                reader.skip()?;
                return Ok(());
            }
        };
        Ok(())
    })?;
    Ok(found)
}

impl FrameBuffer {
    /// Writes a client's `ping` to the streaming endpoints.
    pub fn streaming_ping(&mut self) {
        self.infallible(|out| out.extend_from_slice(br#"{"command":"ping","args":{}}"#));
    }

    /// Writes the server's answer to it.
    pub fn streaming_pong(&mut self) {
        self.infallible(|out| out.extend_from_slice(br#"{"command":"pong"}"#));
    }

    /// Writes what a client signs in with: the value that an `Authorization` header would have, or none to sign out.
    pub fn streaming_authenticate(&mut self, key: Option<&str>) {
        self.infallible(|out| {
            out.extend_from_slice(br#"{"command":"auth","args":{"key":"#);
            match key {
                Some(key) => {
                    out.extend_from_slice(b"\"");
                    write_escaped(out, key);
                    out.extend_from_slice(b"\"}}");
                }
                None => out.extend_from_slice(b"null}}"),
            }
        });
    }

    /// Writes a message to a streaming endpoint, or from one.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the message cannot be encoded.
    pub fn streaming_message(&mut self, endpoint: &str, message: &Object) -> Result<(), EncodeError> {
        self.frame(|out| {
            out.extend_from_slice(br#"{"endpoint":""#);
            write_escaped(out, endpoint);
            out.extend_from_slice(br#"","object":"#);
            write_wrapped(out, message)?;
            out.extend_from_slice(b"}");
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    #[track_caller]
    fn parses(text: &str, expected: StreamingFrame<'_>) {
        assert_eq!(StreamingFrame::parse(text).unwrap(), expected);
    }

    #[track_caller]
    fn fails(text: &str, expected: &str) {
        assert_eq!(StreamingFrame::parse(text).unwrap_err().to_string(), expected);
    }

    fn written(write: impl FnOnce(&mut FrameBuffer)) -> String {
        let mut out = FrameBuffer::default();
        write(&mut out);
        let frame = String::from_utf8(out.pop().unwrap().to_vec()).unwrap();
        assert!(out.is_empty());
        frame
    }

    #[test]
    fn commands_are_read() {
        parses(r#"{"command":"ping","args":{}}"#, StreamingFrame::Ping);
        parses(r#"{"command":"pong"}"#, StreamingFrame::Pong);
        parses(r#"{"args":{"a":[1]},"command":"nope","more":{}}"#, StreamingFrame::OtherCommand);
        let key = |key: Option<&'static str>| StreamingFrame::Authenticate { key: key.map(Into::into) };
        parses(r#"{"command":"auth","args":{"other":1,"key":"Bearer a\"b"}}"#, key(Some("Bearer a\"b")));
        parses(r#"{"command":"auth","args":{"key":null}}"#, key(None));
        parses(r#"{"command":"auth","args":{}}"#, key(None));
    }

    #[test]
    fn messages_are_read() {
        let message = StreamingFrame::Message { endpoint: "a.b".into(), object: r#"{"className":"int"}"# };
        parses(r#"{"endpoint":"a.b","object":{"className":"int"}}"#, message.clone());
        parses(r#"{"command":null,"object":{"className":"int"},"endpoint":"a.b"}"#, message);
    }

    #[test]
    fn what_is_no_frame_is_told() {
        fails("not JSON", "expected an object, found null");
        fails("[]", "expected an object, found a list");
        fails("{}", "endpoint: missing");
        fails(r#"{"endpoint":"a"}"#, "object: missing");
        fails(r#"{"endpoint":"a","object":null}"#, "object: missing");
        fails(r#"{"endpoint":"a","object":1}"#, "expected object: an object, found a number");
        fails(r#"{"endpoint":1,"object":{}}"#, "expected a string, found a number");
        fails(r#"{"command":"ping"}"#, "args: missing");
        fails(r#"{"command":"ping","args":[]}"#, "expected args: an object, found a list");
        fails(r#"{"command":"auth","args":{"key":1}}"#, "expected a string, found a number");
        fails(r#"{"command":1,"args":{}}"#, "expected a string, found a number");
        fails(r#"{"command":"ping","args":{}} "more""#, "not JSON: expected the end of the text at byte 29");
    }

    #[test]
    fn an_object_that_is_no_message_is_told() {
        let message = |object| StreamingFrame::message(object, &Catalog::new());
        assert_eq!(message(r#"{"className":"int","data":5}"#).unwrap(), Value::Int(5));
        for (object, expected) in [
            ("{}", "className: missing"),
            (r#"{"className":"Unknown","data":{}}"#, "there is no model named `Unknown` here"),
            (r#"{"className":"null","data":null}"#, "expected a message, found null"),
            (r#"{"className":"int","data":"a"}"#, "expected int, found a string"),
        ] {
            assert_eq!(message(object).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn frames_are_written_as_recorded() {
        assert_eq!(written(FrameBuffer::streaming_ping), r#"{"command":"ping","args":{}}"#);
        assert_eq!(written(FrameBuffer::streaming_pong), r#"{"command":"pong"}"#);
        let authenticate =
            |key: Option<&'static str>| written(|out: &mut FrameBuffer| out.streaming_authenticate(key));
        assert_eq!(authenticate(Some("a\"b")), r#"{"command":"auth","args":{"key":"a\"b"}}"#);
        assert_eq!(authenticate(None), r#"{"command":"auth","args":{"key":null}}"#);
        let message = written(|out| out.streaming_message("streaming", &5_i64.into_object()).unwrap());
        assert_eq!(message, r#"{"endpoint":"streaming","object":{"className":"int","data":5}}"#);
    }
}
