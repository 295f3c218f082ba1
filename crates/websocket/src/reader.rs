//! The state of reading.

use bytes::BytesMut;

use crate::head::{Head, HeadBytes, Rules, with_overhead};
use crate::input::Input;
use crate::message::Message;
use crate::violation::Violation;

/// Which side of a connection one is on. Clients mask what they send, servers must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The side that connects.
    Client,
    /// The side that accepts.
    Server,
}

/// The state of one connection's reading: what has come of a frame or a message that is not whole.
///
/// It owns no memory while nothing is incomplete.
#[derive(Debug)]
pub struct Reader {
    role: Role,
    deflated: bool,
    message_max_bytes: usize,
    pub(crate) state: State,
    /// The first bytes of a head.
    pub(crate) head: HeadBytes,
    /// The frame of whose payload bytes are missing.
    pub(crate) frame: Option<Unfinished>,
    /// The message that is under way, or the last one, until what borrows from it is gone.
    pub(crate) message: Option<Message>,
    /// The payload of the control frame that is under way, or of the last one. It stands apart because a control frame may come
    /// between the fragments of a message.
    pub(crate) control: Vec<u8>,
    /// Whether the last event borrows from `message` or `control`.
    pub(crate) lent: Lent,
    /// What a caller left unread of its input.
    pub(crate) rest: BytesMut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// A close frame was read.
    Closed,
    Failed(Violation),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lent {
    Nothing,
    Message,
    Control,
}

/// A frame of whose payload bytes are missing.
#[derive(Debug)]
pub(crate) struct Unfinished {
    /// Its mask is for the next byte.
    pub(crate) head: Head,
    pub(crate) missing: u64,
}

impl Reader {
    /// Reads what the other side sends to `role`. A message longer than `message_max_bytes` is a
    /// [`Violation::MessageTooLong`], found by its head, before any of it is kept.
    pub fn new(role: Role, message_max_bytes: usize) -> Self {
        Self {
            role,
            deflated: false,
            message_max_bytes,
            state: State::Open,
            head: HeadBytes::default(),
            frame: None,
            message: None,
            control: Vec::new(),
            lent: Lent::Nothing,
            rest: BytesMut::new(),
        }
    }

    /// Accepts compressed messages too, because permessage-deflate was agreed on. They come as
    /// [`Event::Deflated`](crate::Event::Deflated).
    pub fn accepting_deflated(mut self) -> Self {
        self.deflated = true;
        self
    }

    /// The length of the longest message that is read; an `Inflater` is to keep to it too.
    pub fn message_max_bytes(&self) -> usize {
        self.message_max_bytes
    }

    /// Takes what was received. `bytes` are changed: their payloads are unmasked in place.
    ///
    /// An [`Input`] that is dropped before it has given all of its events leaves the rest in the reader, in a buffer of the
    /// reader's own: the next `input` goes on with it. Until [`has_rest`](Self::has_rest) is false, call it with no bytes, and
    /// do not receive more, or the rest grows.
    pub fn input<'a>(&'a mut self, bytes: &'a mut [u8]) -> Input<'a> {
        Input::new(self, bytes)
    }

    /// Whether there is something left of an earlier [`input`](Self::input) that was dropped before its end.
    pub fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Whether the other side's close frame was read.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// How many bytes of memory it owns beside itself; none while nothing is incomplete.
    pub fn owned_bytes(&self) -> usize {
        self.rest.capacity() + self.control.capacity() + self.message.as_ref().map_or(0, Message::capacity)
    }

    #[inline]
    pub(crate) fn rules(&self) -> Rules {
        let mut room = self.message_max_bytes as u64;
        if let Some(message) = &self.message {
            if message.is_deflated() {
                room = with_overhead(room);
            }
            room -= message.len() as u64;
        }
        Rules {
            masked: self.role == Role::Server,
            deflated: self.deflated,
            continuing: self.message.is_some(),
            room,
        }
    }

    /// Gives back what the last event borrowed.
    #[inline]
    pub(crate) fn release(&mut self) {
        match self.lent {
            Lent::Nothing => return,
            Lent::Message => self.message = None,
            Lent::Control => self.control = Vec::new(),
        }
        self.lent = Lent::Nothing;
    }

    /// Gives back everything, as nothing more will be read.
    pub(crate) fn forget(&mut self) {
        self.frame = None;
        self.message = None;
        self.control = Vec::new();
        self.lent = Lent::Nothing;
        self.rest = BytesMut::new();
    }
}
