//! The life of a connection and of the calls on it, as a client sees it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bytes::{Bytes, BytesMut};

use crate::call_id::CallId;
use crate::encoder::{Encode, EncodeError, Encoder};
use crate::frame::{CloseReason, Frame, OpenResult, StreamRef};
use crate::frame_buffer::{FrameBuffer, StreamHead};
use crate::model::{Model, Wrapped};
use crate::server_connection::Leave;
use crate::shared::Object;

/// A ping is not answered while as much as this waits to be sent: whoever pings and takes no answer gets no more.
const PONG_MAX_BYTES: usize = 1024 * 1024;

/// The client's side of a connection: which calls are open on it, which of their stream parameters still flow, and the
/// frames that wait to be sent.
///
/// It has no socket and no clock. Frames go in through [`receive`](Self::receive), which says what they tell the client;
/// the client says what it wants, and frames come out of [`out`](Self::out). A call is begun by [`open`](Self::open) and
/// ends once: by [`ClientEvent::Refused`], [`ClientEvent::Ended`], [`cancel`](Self::cancel) or
/// [`disconnect`](Self::disconnect). What still arrives for it then is ignored.
///
/// See section 3 of the wire contract.
#[derive(Debug, Default)]
pub struct ClientConnection {
    calls: HashMap<CallId, Call>,
    leaving: bool,
    /// The frames that wait to be sent.
    pub out: FrameBuffer,
}

/// A call to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// The endpoint's name.
    pub endpoint: String,
    /// The method's name.
    pub method: String,
    /// The arguments that are no streams, from [`encode_arguments`].
    pub arguments: Bytes,
    /// The stream parameters that the client will feed: their names, and the class names of their elements.
    pub inputs: Vec<(String, String)>,
    /// The value that an `Authorization` header would have.
    pub authorization: Option<String>,
}

#[derive(Debug)]
struct Call {
    endpoint: String,
    method: String,
    inputs: Vec<Input>,
    phase: Phase,
}

#[derive(Debug)]
struct Input {
    name: String,
    head: StreamHead,
    flowing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server has not answered yet.
    Opening,
    Open,
    /// The method threw an exception; the end follows.
    Thrown,
}

/// What a frame tells the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent<'a> {
    /// Nothing, or nothing that is not known already.
    Nothing,
    /// The answer to a ping.
    Pong,
    /// The call is open: its stream parameters may be fed.
    Opened {
        /// The call.
        call: CallId,
    },
    /// The call was refused, which ends it.
    Refused {
        /// The call.
        call: CallId,
        /// Why; never [`OpenResult::Success`].
        result: OpenResult,
    },
    /// An element of what the method returns.
    Element {
        /// The call.
        call: CallId,
        /// The element.
        value: Wrapped<'a>,
    },
    /// The exception with which the method fails; the end follows, and no element before it.
    Exception {
        /// The call.
        call: CallId,
        /// The exception.
        value: Wrapped<'a>,
    },
    /// The method reads a stream parameter no more.
    InputClosed {
        /// The call.
        call: CallId,
        /// The index of the stream parameter.
        input: usize,
    },
    /// The call ended, and with it every stream parameter.
    Ended {
        /// The call.
        call: CallId,
        /// How it ended.
        reason: CloseReason,
    },
    /// To close the connection once everything that waits is sent.
    Leave(Leave),
}

impl ClientConnection {
    /// A connection with no calls.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a text frame and says what it tells the client.
    pub fn receive<'a>(&mut self, text: &'a str) -> ClientEvent<'a> {
        match Frame::parse(text) {
            Ok(frame) => self.handle(frame),
            Err(_) => self.unreadable(text),
        }
    }

    /// Takes in a frame and says what it tells the client.
    pub fn handle<'a>(&mut self, frame: Frame<'a>) -> ClientEvent<'a> {
        if self.leaving {
            return ClientEvent::Nothing;
        }
        match frame {
            Frame::Ping => {
                if self.out.len() < PONG_MAX_BYTES {
                    self.out.pong();
                }
                ClientEvent::Nothing
            }
            Frame::Pong => ClientEvent::Pong,
            Frame::Opened { call, result } => self.opened(call, result),
            Frame::Element { stream, value } => {
                self.returned(&stream, |_, call| ClientEvent::Element { call, value })
            }
            Frame::Exception { stream, value } => self.returned(&stream, |phase, call| {
                *phase = Phase::Thrown;
                ClientEvent::Exception { call, value }
            }),
            Frame::Close { stream, reason } => self.closed(&stream, reason),
            // No server opens calls.
            Frame::Open(_) => ClientEvent::Nothing,
            Frame::BadRequest { .. } => {
                self.leaving = true;
                ClientEvent::Leave(Leave::BadRequest)
            }
        }
    }

    fn opened<'a>(&mut self, call: CallId, result: OpenResult) -> ClientEvent<'a> {
        let Entry::Occupied(mut entry) = self.calls.entry(call) else { return ClientEvent::Nothing };
        if entry.get().phase != Phase::Opening {
            return ClientEvent::Nothing;
        }
        if result == OpenResult::Success {
            entry.get_mut().phase = Phase::Open;
            return ClientEvent::Opened { call };
        }
        entry.remove();
        ClientEvent::Refused { call, result }
    }

    /// What an element or exception tells, if it is for what an open call returns.
    fn returned<'a>(
        &mut self,
        stream: &StreamRef<'_>,
        event: impl FnOnce(&mut Phase, CallId) -> ClientEvent<'a>,
    ) -> ClientEvent<'a> {
        match self.calls.get_mut(&stream.call) {
            Some(call) if stream.parameter.is_none() && call.phase == Phase::Open => {
                event(&mut call.phase, stream.call)
            }
            _ => ClientEvent::Nothing,
        }
    }

    fn closed<'a>(&mut self, stream: &StreamRef<'_>, reason: CloseReason) -> ClientEvent<'a> {
        let call = stream.call;
        let Some(parameter) = &stream.parameter else {
            let known = self.calls.remove(&call).is_some();
            return if known { ClientEvent::Ended { call, reason } } else { ClientEvent::Nothing };
        };
        let inputs = self.calls.get_mut(&call).map(|call| call.inputs.iter_mut()).into_iter().flatten();
        match inputs.enumerate().find(|(_, input)| input.flowing && input.name == *parameter) {
            Some((index, input)) => {
                input.flowing = false;
                ClientEvent::InputClosed { call, input: index }
            }
            None => ClientEvent::Nothing,
        }
    }

    /// Tells the server that `text` cannot be read; the connection is to be closed once everything is sent.
    pub fn unreadable<'a>(&mut self, text: &str) -> ClientEvent<'a> {
        if self.leaving {
            return ClientEvent::Nothing;
        }
        self.out.bad_request(text);
        self.leaving = true;
        ClientEvent::Leave(Leave::Unreadable)
    }

    /// Opens a call by the name `call`, which must be new.
    pub fn open(&mut self, call: CallId, new: NewCall) {
        let NewCall { endpoint, method, arguments, inputs, authorization } = new;
        let names = inputs.iter().map(|(name, _)| name.as_str());
        let json = String::from_utf8_lossy(&arguments);
        self.out.open((&endpoint, &method), call, &json, names, authorization.as_deref());
        let inputs = inputs.into_iter().map(|(name, class_name)| {
            let head = StreamHead::new(&endpoint, &method, call, Some(&name), &class_name);
            Input { name, head, flowing: true }
        });
        let inputs = inputs.collect();
        let replaced = self.calls.insert(call, Call { endpoint, method, inputs, phase: Phase::Opening });
        debug_assert!(replaced.is_none(), "{call} is open already");
    }

    /// Sends a ping.
    pub fn ping(&mut self) {
        self.out.ping();
    }

    /// Whether the stream parameter at the index `input` may be fed: the call is open, and neither side ended it.
    pub fn is_flowing(&self, call: CallId, input: usize) -> bool {
        self.calls.get(&call).is_some_and(|call| call.flowing(input).is_some())
    }

    /// Sends an element of a stream parameter, if that still flows.
    ///
    /// # Errors
    ///
    /// Fails, and sends nothing, if the value cannot be encoded.
    pub fn element<T: Model>(&mut self, call: CallId, input: usize, value: &T) -> Result<(), EncodeError> {
        let Some(input) = self.calls.get(&call).and_then(|call| call.flowing(input)) else { return Ok(()) };
        self.out.stream_element(&input.head, value)
    }

    /// Throws an exception into a stream parameter, if that still flows; [`close_input`](Self::close_input) with an error
    /// follows.
    ///
    /// # Errors
    ///
    /// Fails, and sends nothing, if the exception cannot be encoded.
    pub fn exception(&mut self, call: CallId, input: usize, exception: &Object) -> Result<(), EncodeError> {
        let Some(input) = self.calls.get(&call).and_then(|call| call.flowing(input)) else { return Ok(()) };
        self.out.stream_exception(&input.head, exception)
    }

    /// Ends a stream parameter, if it still flows.
    pub fn close_input(&mut self, call: CallId, input: usize, reason: CloseReason) {
        if !self.is_flowing(call, input) {
            return;
        }
        let Some(known) = self.calls.get_mut(&call) else { return };
        let Some(input) = known.inputs.get_mut(input) else { return };
        input.flowing = false;
        self.out.close(&known.endpoint, &known.method, call, Some(&input.name), reason);
    }

    /// Ends a call from this side, and tells the server.
    pub fn cancel(&mut self, call: CallId) {
        if let Some(known) = self.calls.remove(&call) {
            self.out.close(&known.endpoint, &known.method, call, None, CloseReason::Done);
        }
    }

    /// Ends every call without a frame, because the connection is gone or is to be closed.
    pub fn disconnect(&mut self) {
        self.leaving = true;
        self.calls = HashMap::new();
    }

    /// How many calls are open, or on their way to it.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Whether the connection is to be closed once everything that waits is sent.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }
}

impl Call {
    /// A stream parameter that may be fed.
    fn flowing(&self, input: usize) -> Option<&Input> {
        let input = self.inputs.get(input)?;
        (self.phase != Phase::Opening && input.flowing).then_some(input)
    }
}

/// The JSON of a call's arguments: an object by name. Over HTTP, the method's name is in it too.
///
/// # Errors
///
/// Fails if an argument cannot be encoded.
pub fn encode_arguments(
    arguments: &[(&str, &dyn Encode)],
    method: Option<&str>,
) -> Result<Bytes, EncodeError> {
    let mut out = BytesMut::new();
    let mut encoder = Encoder::new(&mut out);
    encoder.fields(|fields| {
        for (name, value) in arguments {
            // Also null: to leave it out would mean the method's default.
            fields.escaped(name, |encoder| value.encode(encoder));
        }
        if let Some(method) = method {
            fields.with("method", |encoder| encoder.string(method));
        }
    });
    encoder.finish()?;
    Ok(out.freeze())
}
