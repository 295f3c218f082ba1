//! Element frames that repeat what stands around their value.

use std::ops::Range;

use crate::call_id::CallId;
use crate::model::Wrapped;
use crate::server_connection::Slot;

/// How deep the value of an element stands in its frame: in the frame, its data, and beside its class name.
const VALUE_DEPTH: u32 = 3;

/// What stands around the value of an element's frame. A client repeats it exactly for every element of the same stream and
/// class, so that comparing it takes the place of reading it.
#[derive(Debug)]
pub(crate) struct Repeated {
    before: Box<str>,
    after: Box<str>,
    /// Where the class name stands in `before`.
    class_name: Range<usize>,
    pub(crate) call: CallId,
    pub(crate) slot: Slot,
    pub(crate) input: usize,
}

impl Repeated {
    /// What the frame `text` has around `value`, which was read in it for this stream parameter. None if the class name does not stand
    /// before the value, as it is.
    pub(crate) fn of(
        text: &str,
        value: &Wrapped<'_>,
        call: CallId,
        slot: Slot,
        input: usize,
    ) -> Option<Self> {
        let (class_name, data) = (place(text, &value.class_name)?, place(text, value.data)?);
        let (before, after) = (text[..data.start].into(), text[data.end..].into());
        (class_name.end <= data.start).then_some(Self { before, after, class_name, call, slot, input })
    }

    /// What stands where the value does in the frame `text`, if all but that is the same. If it cannot be read as one value,
    /// the frame means something else.
    pub(crate) fn read<'a>(&self, text: &'a str) -> Option<Wrapped<'a>> {
        let value = text.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        Some(Wrapped::inside(&text[self.class_name.clone()], value, VALUE_DEPTH))
    }
}

/// Where `part` stands in `text`, if it was borrowed from there.
fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start.checked_add(part.len())?;
    (range.end <= text.len()).then_some(range)
}
