//! Element frames that repeat what stands around their call and their value.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::call_id::CallId;
use crate::frame::{Frame, StreamRef};
use crate::frame_buffer::{MethodHead, VALUE_DEPTH};
use crate::model::Wrapped;
use crate::server_connection::Slot;

/// The longest that is remembered. Names are shorter, and an idle connection keeps it.
const MAX_BYTES: usize = 1024;
/// What JSON takes for space.
const SPACE: [char; 4] = [' ', '\n', '\r', '\t'];

/// What stands around the call and the value of an element's frame. A client repeats it exactly for every element of the same
/// class, for the same stream parameter of all calls of a method, so that comparing it takes the place of reading it.
#[derive(Debug)]
pub(crate) struct Repeated {
    /// Up to the call's id.
    before: Box<str>,
    /// From there to the value.
    between: Box<str>,
    after: Box<str>,
    /// Where the class name stands in `between`.
    class_name: Range<usize>,
    pub(crate) method: Arc<MethodHead>,
    pub(crate) input: usize,
    pub(crate) last: LastCall,
}

/// The call that the last element was for. Many elements for one call follow each other, and then its id need not be read.
#[derive(Debug)]
pub(crate) struct LastCall {
    text: [u8; CallId::TEXT_BYTES],
    found: Option<(CallId, Slot)>,
}

impl LastCall {
    /// The call whose id is this text, and its slot.
    pub(crate) fn of(&mut self, text: &str, slots: &HashMap<CallId, Slot>) -> Option<(CallId, Slot)> {
        if text.as_bytes() != self.text {
            let call = CallId::parse(text)?;
            self.text.copy_from_slice(text.as_bytes());
            self.found = slots.get(&call).map(|slot| (call, *slot));
        }
        self.found
    }
}

impl Repeated {
    /// What the frame `text` has around the call and `value`, which were read in it, for this stream parameter of `method`. None if they
    /// do not stand there as they are, one after the other with the class name between them, or if there is too much around them.
    pub(crate) fn of(
        text: &str,
        stream: &StreamRef<'_>,
        value: &Wrapped<'_>,
        method: &Arc<MethodHead>,
        input: usize,
    ) -> Option<Self> {
        let id = stream.call.to_string();
        let data = place(text, value.data).filter(|data| text.len() - data.len() <= MAX_BYTES)?;
        let start = text[..data.start].find(&id)?;
        let end = start + id.len();
        let class_name = place(&text[end..data.start], &value.class_name)?;
        let repeated = Self {
            before: text[..start].into(),
            between: text[end..data.start].into(),
            after: text[data.end..].into(),
            class_name,
            method: Arc::clone(method),
            input,
            last: LastCall { text: [0; CallId::TEXT_BYTES], found: None },
        };
        repeated.is_of(stream, value).then_some(repeated)
    }

    /// Whether another call's id, in place of the one of `stream`, makes it that call's element, and changes nothing else.
    fn is_of(&self, stream: &StreamRef<'_>, value: &Wrapped<'_>) -> bool {
        let call = stream.call.another();
        // Any value does, and this is a short one.
        let mut value = value.clone();
        value.data = "0";
        let text = [&*self.before, &call.to_string(), &self.between, value.data, &self.after].concat();
        let expected = Frame::Element { stream: StreamRef { call, ..stream.clone() }, value };
        Frame::parse(&text) == Ok(expected)
    }

    /// The call's id and what stands where the value does in the frame `text`, if all but that is the same. If the value cannot be
    /// read as one, the frame means something else.
    pub(crate) fn read<'a>(&self, text: &'a str) -> Option<(&'a str, Wrapped<'a>)> {
        let (call, rest) = text.strip_prefix(&*self.before)?.split_at_checked(CallId::TEXT_BYTES)?;
        let value = rest.strip_prefix(&*self.between)?.strip_suffix(&*self.after)?.trim_matches(SPACE);
        Some((call, Wrapped::inside(&rest[self.class_name.clone()], value, VALUE_DEPTH)))
    }
}

/// Where `part` stands in `text`, if it was borrowed from there.
fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start.checked_add(part.len())?;
    (range.end <= text.len()).then_some(range)
}
