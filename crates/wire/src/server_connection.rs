//! The life of a connection and of the calls on it, as a server sees it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use slab::Slab;

use crate::call_id::CallId;
use crate::decode_error::DecodeError;
use crate::encoder::EncodeError;
use crate::frame::{CloseReason, Frame, Open, OpenResult, StreamRef};
use crate::frame_buffer::{FrameBuffer, MethodHead};
use crate::model::{Model, Wrapped};
use crate::repeated::Repeated;
use crate::shared::Object;

/// The server's side of a connection: which calls are open on it, which of their stream parameters still flow, and
/// the frames that wait to be sent.
///
/// It has no socket and no clock. Frames go in through [`receive`](Self::receive), which says what they ask of the
/// server; the server says what its methods do, and frames come out of [`out`](Self::out). A call is opened by
/// [`open`](Self::open), accepted by [`accept`](Self::accept) and ended, once, by [`end`](Self::end) or
/// [`refuse`](Self::refuse); after that its slot is free and a new call may take it.
///
/// See section 3 of the wire contract.
#[derive(Debug)]
pub struct ServerConnection {
    calls: Slab<Call>,
    slots: HashMap<CallId, Slot>,
    calls_max: usize,
    leaving: bool,
    /// What the last elements had around their calls and values; none before the second for a parameter of a method.
    repeated: Option<Box<Repeated>>,
    /// The stream parameter that the last element was for which was read as a whole.
    last: Option<(Slot, usize)>,
    /// The frames that wait to be sent.
    pub out: FrameBuffer,
}

/// The place of a call on its connection; free for another call once this one has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u32);

impl Slot {
    /// The slot as the index of a table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
struct Call {
    id: CallId,
    method: Arc<MethodHead>,
    /// Whether the client was told that the call is open.
    accepted: bool,
    /// One bit for each stream parameter that still flows.
    inputs: u64,
}

/// A frame that was read and has no effect yet.
#[derive(Debug)]
pub struct ReadFrame<'a> {
    text: &'a str,
    frame: Result<Frame<'a>, DecodeError>,
}

impl<'a> ReadFrame<'a> {
    /// Reads a text frame.
    pub fn read(text: &'a str) -> Self {
        Self { text, frame: Frame::parse(text) }
    }

    /// Whether the frame ends a stream or a call. What came before it is to have its effect first.
    pub fn ends_something(&self) -> bool {
        matches!(self.frame, Ok(Frame::Close { .. }))
    }
}

/// What a frame asks of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// Nothing, or nothing that is not done already.
    Nothing,
    /// To open a call; answered by [`ServerConnection::open`] or [`ServerConnection::refuse_open`].
    Open(Open<'a>),
    /// To hand an element to a stream parameter.
    Element {
        /// The call.
        slot: Slot,
        /// The index of the stream parameter.
        input: usize,
        /// The element.
        value: Wrapped<'a>,
    },
    /// To hand an exception to a stream parameter.
    Exception {
        /// The call.
        slot: Slot,
        /// The index of the stream parameter.
        input: usize,
        /// The exception.
        value: Wrapped<'a>,
    },
    /// To end a stream parameter.
    InputEnd {
        /// The call.
        slot: Slot,
        /// The index of the stream parameter.
        input: usize,
        /// How it ended.
        reason: CloseReason,
    },
    /// To end a call, because its caller does not want it any more; answered by [`ServerConnection::end`].
    Cancel {
        /// The call.
        slot: Slot,
        /// What the caller gave as the reason.
        reason: CloseReason,
    },
    /// To close the connection once everything that waits is sent.
    Leave(Leave),
}

/// Why a server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// The client sent something that cannot be read, and was told so.
    Unreadable,
    /// The client could not read what the server sent.
    BadRequest,
}

impl ServerConnection {
    /// The most stream parameters that a method can have.
    pub const INPUTS_MAX: usize = 64;

    /// A connection with no calls, on which at most `calls_max` can be open at once.
    pub fn new(calls_max: usize) -> Self {
        Self {
            calls: Slab::new(),
            slots: HashMap::new(),
            calls_max,
            leaving: false,
            repeated: None,
            last: None,
            out: FrameBuffer::default(),
        }
    }

    /// The element that a text frame is, if it looks like earlier ones, of the same parameter of the same method. The value is not
    /// looked at: if it [cannot be read](crate::WrappedError::Unreadable), the frame may mean something else. Then, and if there is
    /// none, the frame is to be read as a whole and [applied](Self::apply).
    pub fn receive_repeated<'a>(&mut self, text: &'a str) -> Option<Incoming<'a>> {
        let repeated = self.repeated.as_mut().filter(|_| !self.leaving)?;
        let (id, value) = repeated.read(text)?;
        let (call, slot) = repeated.last.of(id, &self.slots)?;
        let open = self.calls.get(slot.index())?;
        // The slot may belong to another call by now.
        let is_known = open.id == call && Arc::ptr_eq(&open.method, &repeated.method);
        let input = repeated.input;
        (is_known && open.inputs & (1 << input) != 0).then_some(Incoming::Element { slot, input, value })
    }

    /// Takes in a text frame and says what it asks of the server.
    pub fn receive<'a>(&mut self, text: &'a str) -> Incoming<'a> {
        self.apply(ReadFrame::read(text))
    }

    /// Takes in a frame that was read before and says what it asks of the server.
    pub fn apply<'a>(&mut self, read: ReadFrame<'a>) -> Incoming<'a> {
        if self.leaving {
            return Incoming::Nothing;
        }
        let frame = match read.frame {
            Ok(frame) => frame,
            Err(_) => return self.unreadable(read.text),
        };
        match frame {
            Frame::Ping => {
                self.out.pong();
                Incoming::Nothing
            }
            Frame::Pong | Frame::Opened { .. } => Incoming::Nothing,
            Frame::Open(open) => Incoming::Open(open),
            Frame::Element { stream, value } => {
                if let Some(parameter) = &stream.parameter
                    && let Some((slot, input)) = self.input(stream.call, parameter)
                {
                    self.remember(read.text, &stream, &value, slot, input);
                    return Incoming::Element { slot, input, value };
                }
                self.flowing(&stream, |slot, input| Incoming::Element { slot, input, value })
            }
            Frame::Exception { stream, value } => {
                self.flowing(&stream, |slot, input| Incoming::Exception { slot, input, value })
            }
            Frame::Close { stream, reason } => self.closed(&stream, reason),
            Frame::BadRequest { .. } => {
                self.leaving = true;
                Incoming::Leave(Leave::BadRequest)
            }
        }
    }

    /// Remembers what an element's frame has around its call and value, from the second on: many streams have one.
    fn remember(
        &mut self,
        text: &str,
        stream: &StreamRef<'_>,
        value: &Wrapped<'_>,
        slot: Slot,
        input: usize,
    ) {
        let method = |slot: Slot| self.calls.get(slot.index()).map(|call| &call.method);
        let Some(known) = method(slot) else { return };
        let is_second = self.last.is_some_and(|(last, last_input)| {
            last_input == input && method(last).is_some_and(|last| Arc::ptr_eq(last, known))
        });
        if is_second {
            self.repeated = Repeated::of(text, stream, value, known, input).map(Box::new);
        }
        self.last = Some((slot, input));
    }

    /// The stream parameter that an element or exception is for, if it still flows; otherwise tells the client that
    /// it does not.
    fn flowing<'a>(
        &mut self,
        stream: &StreamRef<'a>,
        incoming: impl FnOnce(Slot, usize) -> Incoming<'a>,
    ) -> Incoming<'a> {
        let Some(parameter) = &stream.parameter else {
            self.out.bad_request("Server does not accept messages targeting the return stream.");
            self.leaving = true;
            return Incoming::Leave(Leave::Unreadable);
        };
        if let Some((slot, input)) = self.input(stream.call, parameter) {
            return incoming(slot, input);
        }
        self.out.close(&stream.endpoint, &stream.method, stream.call, Some(parameter), CloseReason::Error);
        Incoming::Nothing
    }

    fn closed<'a>(&mut self, stream: &StreamRef<'_>, reason: CloseReason) -> Incoming<'a> {
        match &stream.parameter {
            None => match self.slots.get(&stream.call) {
                Some(slot) => Incoming::Cancel { slot: *slot, reason },
                None => Incoming::Nothing,
            },
            Some(parameter) => match self.input(stream.call, parameter) {
                Some((slot, input)) => {
                    self.calls[slot.index()].inputs &= !(1 << input);
                    Incoming::InputEnd { slot, input, reason }
                }
                None => Incoming::Nothing,
            },
        }
    }

    /// The stream parameter `name` of a call, if it still flows.
    fn input(&self, call: CallId, name: &str) -> Option<(Slot, usize)> {
        let slot = *self.slots.get(&call)?;
        let call = self.calls.get(slot.index())?;
        let input = call.method.inputs().iter().position(|input| input == name)?;
        (call.inputs & (1 << input) != 0).then_some((slot, input))
    }

    /// Tells the client that `text` cannot be read; the connection is to be closed once everything is sent.
    pub fn unreadable<'a>(&mut self, text: &str) -> Incoming<'a> {
        if self.leaving {
            return Incoming::Nothing;
        }
        self.out.bad_request(text);
        self.leaving = true;
        Incoming::Leave(Leave::Unreadable)
    }

    /// Opens a call, which the server accepts or refuses later. It is refused here, and has no slot, if its id is
    /// taken or too many calls are open.
    pub fn open(&mut self, open: &Open<'_>, method: &Arc<MethodHead>) -> Option<Slot> {
        let full = self.calls.len() >= self.calls_max;
        match self.slots.entry(open.call) {
            Entry::Vacant(vacant) if !full => {
                let inputs = method.inputs().iter().enumerate().filter(|(_, name)| open.feeds(name));
                let inputs = inputs.fold(0, |mask, (index, _)| mask | 1 << index);
                let call = Call { id: open.call, method: Arc::clone(method), accepted: false, inputs };
                let slot = Slot(u32::try_from(self.calls.insert(call)).ok()?);
                vacant.insert(slot);
                Some(slot)
            }
            _ => {
                self.refuse_open(open, OpenResult::InvalidArguments);
                None
            }
        }
    }

    /// Refuses a call that was not opened.
    pub fn refuse_open(&mut self, open: &Open<'_>, result: OpenResult) {
        self.out.opened(&open.endpoint, &open.method, open.call, result);
    }

    /// Refuses a call that was opened and not accepted, which ends it.
    pub fn refuse(&mut self, slot: Slot, result: OpenResult) {
        if let Some(call) = self.remove(slot) {
            debug_assert!(!call.accepted);
            self.out.opened(call.method.endpoint(), call.method.method(), call.id, result);
        }
    }

    /// Accepts a call that was opened.
    pub fn accept(&mut self, slot: Slot) {
        if let Some(call) = self.calls.get_mut(slot.index()) {
            debug_assert!(!call.accepted);
            call.accepted = true;
            self.out.opened(call.method.endpoint(), call.method.method(), call.id, OpenResult::Success);
        }
    }

    /// Whether the client was told that the call is open.
    pub fn is_accepted(&self, slot: Slot) -> bool {
        self.calls.get(slot.index()).is_some_and(|call| call.accepted)
    }

    /// Whether the stream parameter at the index `input` still flows.
    pub fn is_flowing(&self, slot: Slot, input: usize) -> bool {
        self.calls.get(slot.index()).is_some_and(|call| call.inputs & (1 << input) != 0)
    }

    /// Sends an element of what the method returns.
    ///
    /// # Errors
    ///
    /// Fails, and sends nothing, if the value cannot be encoded.
    pub fn element<T: Model>(&mut self, slot: Slot, value: &T) -> Result<(), EncodeError> {
        let Some(call) = self.calls.get(slot.index()) else { return Ok(()) };
        debug_assert!(call.accepted);
        self.out.element(&call.method, call.id, value)
    }

    /// Sends the exception with which the method fails; [`end`](Self::end) with an error follows. As there, a call that
    /// was not accepted yet is accepted first.
    ///
    /// # Errors
    ///
    /// Fails, and sends nothing, if the exception cannot be encoded.
    pub fn exception(&mut self, slot: Slot, exception: &Object) -> Result<(), EncodeError> {
        if self.calls.get(slot.index()).is_some_and(|call| !call.accepted) {
            self.accept(slot);
        }
        let Some(call) = self.calls.get(slot.index()) else { return Ok(()) };
        self.out.exception(&call.method, call.id, exception)
    }

    /// Tells the client that the method reads a stream parameter no more, if that still flows.
    pub fn close_input(&mut self, slot: Slot, input: usize) {
        if !self.is_flowing(slot, input) {
            return;
        }
        let call = &mut self.calls[slot.index()];
        call.inputs &= !(1 << input);
        let (method, name) = (&call.method, call.method.inputs().get(input));
        self.out.close(
            method.endpoint(),
            method.method(),
            call.id,
            name.map(String::as_str),
            CloseReason::Done,
        );
    }

    /// Ends a call: its return stream, and every stream parameter that still flows.
    ///
    /// A call that was not accepted yet is accepted first, so that the client learns both.
    pub fn end(&mut self, slot: Slot, reason: CloseReason) {
        let Some(call) = self.remove(slot) else { return };
        let (endpoint, method) = (call.method.endpoint(), call.method.method());
        if !call.accepted {
            self.out.opened(endpoint, method, call.id, OpenResult::Success);
        }
        self.out.close(endpoint, method, call.id, None, reason);
        for (index, name) in call.method.inputs().iter().enumerate() {
            if call.inputs & (1 << index) != 0 {
                self.out.close(endpoint, method, call.id, Some(name), reason);
            }
        }
    }

    /// Ends every call without a frame, because the connection is gone or is to be closed.
    pub fn disconnect(&mut self) {
        self.leaving = true;
        self.repeated = None;
        self.calls = Slab::new();
        self.slots = HashMap::new();
    }

    /// How many calls are open.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Whether the connection is to be closed once everything that waits is sent.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    fn remove(&mut self, slot: Slot) -> Option<Call> {
        let call = self.calls.try_remove(slot.index())?;
        self.slots.remove(&call.id);
        Some(call)
    }
}
