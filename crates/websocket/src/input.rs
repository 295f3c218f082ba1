//! Reading what was received.

use std::ops::Range;

use crate::event::{Event, Kind};
use crate::head::{Head, Opcode};
use crate::mask::{apply_mask, rotated};
use crate::message::Message;
use crate::reader::{Lent, Reader, State, Unfinished};
use crate::violation::Violation;

/// What was received, and the events in it: [`Reader::input`].
///
/// Dropped before its end, it leaves the rest in the reader.
#[derive(Debug)]
#[must_use = "what was received is read by `next`"]
pub struct Input<'a> {
    reader: &'a mut Reader,
    received: &'a mut [u8],
    /// How much of it, or of the reader's rest, is read.
    at: usize,
    /// Whether it goes on with the reader's rest, which then has all of `received` at its end.
    resumes: bool,
}

/// Where an event is.
enum Step {
    /// In a whole frame, with its payload at this place.
    Here { opcode: Opcode, deflated: bool, payload: Range<usize> },
    /// In the reader's message, which is whole.
    Message,
    /// In the reader's control frame, which is whole.
    Control(Opcode),
}

impl<'a> Input<'a> {
    pub(crate) fn new(reader: &'a mut Reader, received: &'a mut [u8]) -> Self {
        let resumes = reader.has_rest();
        if resumes {
            reader.rest.extend_from_slice(received);
        }
        Self { reader, received, at: 0, resumes }
    }

    /// The next event; `None` when nothing is left but, perhaps, an incomplete frame, which the reader keeps.
    ///
    /// # Errors
    ///
    /// Fails at the first byte that the protocol forbids, and from then on always. The connection is then to be closed with the
    /// violation's code.
    #[expect(clippy::should_implement_trait, reason = "what it gives borrows from it")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, Violation> {
        let step = self.step();
        let Reader { state, message, control, rest, .. } = &mut *self.reader;
        let bytes = if self.resumes { &rest[..] } else { &self.received[..] };
        let event = match step {
            Ok(None) => return Ok(None),
            Ok(Some(Step::Here { opcode, deflated, payload })) => {
                Event::read(opcode, deflated, &bytes[payload])
            }
            Ok(Some(Step::Message)) => match message {
                Some(message) => message.event(),
                None => return Ok(None),
            },
            Ok(Some(Step::Control(opcode))) => Event::read(opcode, false, control),
            Err(violation) => Err(violation),
        };
        match event {
            Ok(Event::Close(_)) => *state = State::Closed,
            Ok(_) => {}
            Err(violation) => *state = State::Failed(violation),
        }
        event.map(Some)
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Option<Step>, Violation> {
        self.reader.release();
        match self.reader.state {
            State::Open => {}
            State::Closed => return Ok(None),
            State::Failed(violation) => return Err(violation),
        }
        loop {
            if self.reader.frame.is_some() {
                match self.payload()? {
                    Some(step) => return Ok(Some(step)),
                    None if self.reader.frame.is_some() => return Ok(None),
                    None => {}
                }
            }
            let Some(head) = self.head()? else { return Ok(None) };
            let bytes = if self.resumes { &mut self.reader.rest[..] } else { &mut *self.received };
            let available = bytes.len() - self.at;
            let is_alone = head.opcode.is_control() || (head.last && head.opcode != Opcode::Continuation);
            if is_alone && head.payload_bytes <= available as u64 {
                let payload = self.at..self.at + head.payload_bytes as usize;
                self.at = payload.end;
                if let Some(key) = head.mask {
                    apply_mask(&mut bytes[payload.clone()], key);
                }
                return Ok(Some(Step::Here { opcode: head.opcode, deflated: head.deflated, payload }));
            }
            match head.opcode {
                Opcode::Text => self.reader.message = Some(Message::new(Kind::Text, head.deflated)),
                Opcode::Binary => self.reader.message = Some(Message::new(Kind::Binary, head.deflated)),
                _ => {}
            }
            self.reader.frame = Some(Unfinished { head, missing: head.payload_bytes });
        }
    }

    /// Reads the next head, or keeps what has come of it.
    #[inline(always)]
    fn head(&mut self) -> Result<Option<Head>, Violation> {
        if self.reader.head.is_empty() {
            let bytes = if self.resumes { &self.reader.rest[self.at..] } else { &self.received[self.at..] };
            if let Some((head, size)) = Head::read(bytes, &self.reader.rules())? {
                self.at += size;
                return Ok(Some(head));
            }
        }
        self.head_in_pieces()
    }

    /// Adds what has come of a head to what was kept of it.
    #[cold]
    fn head_in_pieces(&mut self) -> Result<Option<Head>, Violation> {
        let rules = self.reader.rules();
        let Reader { head: kept, rest, .. } = &mut *self.reader;
        let bytes = if self.resumes { &rest[self.at..] } else { &self.received[self.at..] };
        let before = kept.len();
        let added = kept.push(bytes);
        let Some((head, size)) = Head::read(kept, &rules)? else {
            self.at += added;
            return Ok(None);
        };
        self.at += size - before;
        *kept = Default::default();
        Ok(Some(head))
    }

    /// Takes what has come of the payload of an unfinished frame.
    fn payload(&mut self) -> Result<Option<Step>, Violation> {
        let Reader { frame, message, control, rest, lent, .. } = &mut *self.reader;
        let bytes = if self.resumes { &mut rest[self.at..] } else { &mut self.received[self.at..] };
        let Some(Unfinished { head, missing }) = frame else { return Ok(None) };
        let count = usize::try_from(*missing).unwrap_or(usize::MAX).min(bytes.len());
        let piece = &mut bytes[..count];
        if let Some(key) = &mut head.mask {
            apply_mask(piece, *key);
            *key = rotated(*key, count);
        }
        self.at += count;
        *missing -= count as u64;
        let Head { opcode, last, .. } = *head;
        let missing = usize::try_from(*missing).unwrap_or(usize::MAX);
        if opcode.is_control() {
            control.extend_from_slice(piece);
        } else if let Some(message) = message {
            message.push(piece, missing)?;
        }
        if missing > 0 {
            return Ok(None);
        }
        *frame = None;
        if opcode.is_control() {
            *lent = Lent::Control;
            return Ok(Some(Step::Control(opcode)));
        }
        if !last {
            return Ok(None);
        }
        *lent = Lent::Message;
        Ok(Some(Step::Message))
    }
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        let reader = &mut *self.reader;
        reader.release();
        if reader.state != State::Open {
            reader.forget();
        } else if self.resumes {
            if self.at == reader.rest.len() {
                reader.rest = Default::default();
            } else {
                bytes::Buf::advance(&mut reader.rest, self.at);
            }
        } else if self.at < self.received.len() {
            reader.rest.extend_from_slice(&self.received[self.at..]);
        }
    }
}
