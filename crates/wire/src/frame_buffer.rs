//! Frames as they are written.

use std::collections::VecDeque;
use std::sync::OnceLock;

use bytes::{BufMut, Bytes, BytesMut};
use streampod_schema::Endpoint;

use crate::call_id::CallId;
use crate::encoder::{Audience, EncodeError, Encoder, write_escaped};
use crate::frame::{CloseReason, OpenResult};
use crate::model::{ClassName, Model};
use crate::shared::Object;

/// How deep in its frame an element or exception stands: in the frame, its data, and beside its class name.
pub(crate) const VALUE_DEPTH: u32 = 3;

/// The frames that wait to be sent, one after the other in one buffer, which a transport lends and drains.
///
/// It is taken frame by frame ([`pop`](Self::pop)), or all at once if it knows the transport's own framing
/// ([`take`](Self::take)). It owns no memory while it is empty, so that an idle connection costs none.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    bytes: BytesMut,
    frames: Frames,
}

/// How one frame is told from the next.
#[derive(Debug)]
enum Frames {
    /// By the transport's framing.
    Framed(Framing),
    /// By the length of each.
    Counted(VecDeque<u32>),
}

impl Default for Frames {
    fn default() -> Self {
        Self::Counted(VecDeque::new())
    }
}

/// How a transport frames what it carries, so that its frames are written where they leave from.
#[derive(Debug, Clone, Copy)]
pub struct Framing {
    /// How many bytes stand before each frame while it is written.
    pub room: usize,
    /// Ends the frame that begins with this room and goes to the end of the buffer. It may move it.
    pub close: fn(&mut BytesMut, usize),
    /// From how many bytes on, with the room, a frame is ended by `close_large` instead.
    pub large_bytes: usize,
    /// The same for large frames, whose end may be [`Common`] to many.
    pub close_large: fn(&mut BytesMut, usize, Option<Common<'_>>),
}

/// The end of a frame that others get too, each behind a head of its own.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    /// How many bytes it has.
    pub bytes: usize,
    /// Where a transport keeps what it makes of them, for all who get it.
    pub form: &'a OnceLock<Bytes>,
}

impl FrameBuffer {
    /// A buffer for a transport that frames what it carries like this.
    pub fn framed(framing: Framing) -> Self {
        Self { bytes: BytesMut::new(), frames: Frames::Framed(framing) }
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no frame waits.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Lends it memory to write into, unless it has some.
    pub fn lend(&mut self, spare: impl FnOnce() -> BytesMut) {
        if self.bytes.capacity() == 0 {
            self.bytes = spare();
        }
    }

    /// Takes everything that waits, with its memory.
    pub fn take(&mut self) -> BytesMut {
        if let Frames::Counted(lengths) = &mut self.frames {
            *lengths = VecDeque::new();
        }
        std::mem::take(&mut self.bytes)
    }

    /// Takes the first frame, without a copy. That is for buffers without [`Framing`].
    pub fn pop(&mut self) -> Option<Bytes> {
        let Frames::Counted(lengths) = &mut self.frames else { return None };
        let length = lengths.pop_front()?;
        let frame = self.bytes.split_to(length as usize).freeze();
        if lengths.is_empty() {
            *self = Self::default();
        }
        Some(frame)
    }

    /// Writes one frame, or nothing if `write` fails.
    pub(crate) fn frame<E>(&mut self, write: impl FnOnce(&mut BytesMut) -> Result<(), E>) -> Result<(), E> {
        self.frame_with_common(write, |(), _| None)
    }

    /// The same for a frame whose end may be common to many: `common` is asked if it is large, with what `write` gave and where the
    /// frame ends.
    fn frame_with_common<'a, W, E>(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<W, E>,
        common: impl FnOnce(W, usize) -> Option<Common<'a>>,
    ) -> Result<(), E> {
        let start = self.bytes.len();
        // The guard undoes a frame that was left half written, also by a panic of the user's `Encode`.
        let mut guard = Guard { buffer: self, start, whole: false };
        if let Frames::Framed(framing) = &guard.buffer.frames {
            let room = framing.room;
            guard.buffer.bytes.put_bytes(0, room);
        }
        let written = write(&mut guard.buffer.bytes)?;
        let FrameBuffer { bytes, frames } = &mut *guard.buffer;
        match frames {
            Frames::Framed(framing) if bytes.len() - start < framing.large_bytes => {
                (framing.close)(bytes, start);
            }
            Frames::Framed(framing) => {
                let common = common(written, bytes.len());
                (framing.close_large)(bytes, start, common);
            }
            Frames::Counted(lengths) => {
                lengths.push_back(u32::try_from(bytes.len() - start).unwrap_or(u32::MAX));
            }
        }
        guard.whole = true;
        Ok(())
    }

    pub(crate) fn infallible(&mut self, write: impl FnOnce(&mut BytesMut)) {
        let Ok(()) = self.frame(|out| {
            write(out);
            Ok::<(), std::convert::Infallible>(())
        });
    }

    /// Writes a frame with this text, whatever it says.
    pub fn text(&mut self, text: &str) {
        self.infallible(|out| out.extend_from_slice(text.as_bytes()));
    }

    /// Has whole frames written that have the transport's framing already, into a buffer [with framing](Self::framed).
    pub fn framed_already(&mut self, write: impl FnOnce(&mut BytesMut)) {
        debug_assert!(matches!(self.frames, Frames::Framed(_)));
        write(&mut self.bytes);
    }

    /// Writes a `ping`.
    pub fn ping(&mut self) {
        self.infallible(|out| out.extend_from_slice(br#"{"type":"ping"}"#));
    }

    /// Writes a `pong`.
    pub fn pong(&mut self) {
        self.infallible(|out| out.extend_from_slice(br#"{"type":"pong"}"#));
    }

    /// Writes an `omsr`: the answer to the opening of a call.
    pub fn opened(&mut self, endpoint: &str, method: &str, call: CallId, result: OpenResult) {
        self.infallible(|out| {
            out.extend_from_slice(br#"{"type":"omsr","data":{"cid":""#);
            out.extend_from_slice(&call.text());
            out.extend_from_slice(br#"","res":""#);
            out.extend_from_slice(result.name().as_bytes());
            out.extend_from_slice(br#"","en":""#);
            write_escaped(out, endpoint);
            out.extend_from_slice(br#"","m":""#);
            write_escaped(out, method);
            out.extend_from_slice(br#""}}"#);
        });
    }

    /// Writes an `msm`: an element of what the method returns.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the value cannot be encoded.
    pub fn element<T: Model>(
        &mut self,
        method: &MethodHead,
        call: CallId,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.frame_with_common(
            |out| {
                out.extend_from_slice(br#"{"type":"msm"#);
                method.write(out, call);
                write_element(out, &method.element, value)
            },
            |data_at, end| value.transport_form().map(|form| Common { bytes: end - data_at, form }),
        )
    }

    /// Writes an `msse`: the exception with which the method fails.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the exception cannot be encoded.
    pub fn exception(
        &mut self,
        method: &MethodHead,
        call: CallId,
        exception: &Object,
    ) -> Result<(), EncodeError> {
        self.frame(|out| {
            out.extend_from_slice(br#"{"type":"msse"#);
            method.write(out, call);
            out.extend_from_slice(br#"","ex":"#);
            write_wrapped(out, exception)?;
            out.extend_from_slice(b"}}");
            Ok(())
        })
    }

    /// Writes an `omsc`: a client opens a call. `arguments` are the JSON of an object, `inputs` the names of the stream
    /// parameters that the client will feed.
    pub fn open<'n>(
        &mut self,
        (endpoint, method): (&str, &str),
        call: CallId,
        arguments: &str,
        inputs: impl Iterator<Item = &'n str>,
        authorization: Option<&str>,
    ) {
        self.infallible(|out| {
            out.extend_from_slice(br#"{"type":"omsc"#);
            write_head(out, endpoint, method);
            out.extend_from_slice(&call.text());
            out.extend_from_slice(br#"","args":""#);
            write_escaped(out, arguments);
            out.extend_from_slice(br#"","is":["#);
            for (index, input) in inputs.enumerate() {
                out.extend_from_slice(if index == 0 { b"\"" } else { b",\"" });
                write_escaped(out, input);
                out.put_u8(b'"');
            }
            out.put_u8(b']');
            if let Some(authorization) = authorization {
                out.extend_from_slice(br#","auth":""#);
                write_escaped(out, authorization);
                out.put_u8(b'"');
            }
            out.extend_from_slice(b"}}");
        });
    }

    /// Writes an `msm`: an element of one stream of one call.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the value cannot be encoded.
    pub fn stream_element<T: Model>(&mut self, stream: &StreamHead, value: &T) -> Result<(), EncodeError> {
        self.frame(|out| {
            out.extend_from_slice(br#"{"type":"msm"#);
            out.extend_from_slice(&stream.head);
            write_element(out, &stream.element, value).map(drop)
        })
    }

    /// Writes an `msse`: an exception thrown into one stream of one call.
    ///
    /// # Errors
    ///
    /// Fails, and writes nothing, if the exception cannot be encoded.
    pub fn stream_exception(&mut self, stream: &StreamHead, exception: &Object) -> Result<(), EncodeError> {
        self.frame(|out| {
            out.extend_from_slice(br#"{"type":"msse"#);
            out.extend_from_slice(&stream.head);
            out.extend_from_slice(br#"","ex":"#);
            write_wrapped(out, exception)?;
            out.extend_from_slice(b"}}");
            Ok(())
        })
    }

    /// Writes a `cmsc`: the end of the stream parameter, or of the whole call if there is none.
    pub fn close(
        &mut self,
        endpoint: &str,
        method: &str,
        call: CallId,
        parameter: Option<&str>,
        reason: CloseReason,
    ) {
        self.infallible(|out| {
            out.extend_from_slice(br#"{"type":"cmsc"#);
            write_head(out, endpoint, method);
            out.extend_from_slice(&call.text());
            if let Some(parameter) = parameter {
                out.extend_from_slice(br#"","p":""#);
                write_escaped(out, parameter);
            }
            out.extend_from_slice(br#"","cr":""#);
            out.extend_from_slice(reason.name().as_bytes());
            out.extend_from_slice(br#""}}"#);
        });
    }

    /// Writes a `brm`: `request` could not be read.
    pub fn bad_request(&mut self, request: &str) {
        self.infallible(|out| {
            out.extend_from_slice(br#"{"type":"brm","data":{"req":""#);
            write_escaped(out, request);
            out.extend_from_slice(br#""}}"#);
        });
    }
}

struct Guard<'a> {
    buffer: &'a mut FrameBuffer,
    start: usize,
    whole: bool,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !self.whole {
            self.buffer.bytes.truncate(self.start);
        }
    }
}

/// Writes what follows the head of an element's frame, and says where the data begins. `declared` leads to the data of a value
/// of the declared type.
fn write_element<T: Model>(out: &mut BytesMut, declared: &[u8], value: &T) -> Result<usize, EncodeError> {
    match value.class_name() {
        ClassName::Declared => out.extend_from_slice(declared),
        ClassName::Null => out.extend_from_slice(br#"","o":{"className":"null","data":"#),
        ClassName::Own(name) => {
            out.extend_from_slice(br#"","o":{"className":""#);
            write_escaped(out, &name);
            out.extend_from_slice(br#"","data":"#);
        }
    }
    let data_at = out.len();
    let mut encoder = Encoder::inside(out, VALUE_DEPTH);
    value.encode_data(&mut encoder);
    encoder.finish()?;
    out.extend_from_slice(b"}}}");
    Ok(data_at)
}

/// Writes an exception as it travels: `{"className":…,"data":…}`.
///
/// # Errors
///
/// Fails if it cannot be encoded; what was written is not to be used then.
pub fn write_wrapped(out: &mut BytesMut, object: &Object) -> Result<(), EncodeError> {
    write_wrapped_for(Audience::Clients, out, object)
}

/// Writes a value as it travels where the reader does not know its type.
pub(crate) fn write_wrapped_for(
    audience: Audience,
    out: &mut BytesMut,
    object: &Object,
) -> Result<(), EncodeError> {
    out.extend_from_slice(br#"{"className":""#);
    write_escaped(out, &object.class_name());
    out.extend_from_slice(br#"","data":"#);
    let mut encoder = Encoder::inside(out, VALUE_DEPTH).audience(audience);
    object.encode_data(&mut encoder);
    encoder.finish()?;
    out.put_u8(b'}');
    Ok(())
}

fn write_head(out: &mut BytesMut, endpoint: &str, method: &str) {
    out.extend_from_slice(br#"","data":{"en":""#);
    write_escaped(out, endpoint);
    out.extend_from_slice(br#"","m":""#);
    write_escaped(out, method);
    out.extend_from_slice(br#"","cid":""#);
}

/// What all frames of a method have in common, written once.
#[derive(Debug)]
pub struct MethodHead {
    endpoint: String,
    method: String,
    /// The names of the stream parameters, in the order in which the method declares them.
    inputs: Vec<String>,
    /// From the end of the type to the call's id.
    head: Bytes,
    /// From the end of the call's id to an element of the declared type.
    element: Bytes,
}

impl MethodHead {
    /// The head of the method at `index` of `endpoint`.
    pub fn new(endpoint: &Endpoint, index: usize) -> Self {
        let method = &endpoint.methods[index];
        let (streampod_schema::Returns::Value(returns) | streampod_schema::Returns::Stream(returns)) =
            &method.returns;
        let mut head = BytesMut::new();
        write_head(&mut head, &endpoint.name, &method.name);
        Self {
            endpoint: endpoint.name.clone(),
            method: method.name.clone(),
            inputs: method.streams().map(|stream| stream.name.clone()).collect(),
            head: head.freeze(),
            element: element_of(&returns.class_name()),
        }
    }

    /// The endpoint's name.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The method's name.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The names of the stream parameters.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    fn write(&self, out: &mut BytesMut, call: CallId) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(&call.text());
    }
}

/// What all frames of one stream of one call have in common, written once.
#[derive(Debug)]
pub struct StreamHead {
    /// From the end of the type to the end of the call's id, or of the parameter's name.
    head: Bytes,
    /// From there to an element of the declared type.
    element: Bytes,
}

impl StreamHead {
    /// The head of the stream parameter, or of what the method returns if there is none; `class_name` is that of its
    /// elements.
    pub fn new(
        endpoint: &str,
        method: &str,
        call: CallId,
        parameter: Option<&str>,
        class_name: &str,
    ) -> Self {
        let mut head = BytesMut::new();
        write_head(&mut head, endpoint, method);
        head.extend_from_slice(&call.text());
        if let Some(parameter) = parameter {
            head.extend_from_slice(br#"","p":""#);
            write_escaped(&mut head, parameter);
        }
        Self { head: head.freeze(), element: element_of(class_name) }
    }
}

/// What stands between the head of a frame and the data of an element of this class name.
fn element_of(class_name: &str) -> Bytes {
    let mut element = BytesMut::new();
    element.extend_from_slice(br#"","o":{"className":""#);
    write_escaped(&mut element, class_name);
    element.extend_from_slice(br#"","data":"#);
    element.freeze()
}
