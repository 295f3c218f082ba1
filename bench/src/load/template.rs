//! A message that is written again and again with another number in it.

use bytes::BufMut;

/// How many digits a number has.
const DIGITS: usize = 10;
/// How many bytes a protobuf number has that is at least [`FIRST_ID`] and below 2^35.
const VARINT: usize = 5;

/// The number of the first message in a model's `id`: from here on, all have ten digits and five bytes of protobuf.
const FIRST_ID: u64 = 1_000_000_000;
/// What is replaced by the number in the text of a template, and has as many digits.
pub(crate) const SLOT: &str = "##########";

/// The bytes of a message whose number can be changed in place, so that writing one is little more than a copy.
#[derive(Clone)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    slot: Slot,
    at: usize,
    mask: [u8; 4],
}

#[derive(Clone, Copy)]
enum Slot {
    /// No number.
    None,
    /// Ten decimal digits.
    Digits,
    /// Ten decimal digits of the number above [`FIRST_ID`].
    Id,
    /// The same as a protobuf varint.
    Varint,
}

impl Template {
    /// A message whose number stands where [`SLOT`] is in `text`. Without it, the message is always the same.
    pub(crate) fn text(text: &str) -> Self {
        Self::digits(text.as_bytes().to_vec(), SLOT, Slot::Digits)
    }

    /// A message that has [`first_id`] once, as decimal digits.
    pub(crate) fn id(text: &str) -> Self {
        Self::digits(text.as_bytes().to_vec(), &FIRST_ID.to_string(), Slot::Id)
    }

    /// Protobuf bytes that have [`SLOT`] once.
    pub(crate) fn protobuf_text(bytes: Vec<u8>) -> Self {
        Self::digits(bytes, SLOT, Slot::Digits)
    }

    /// Protobuf bytes that have [`first_id`] as the varint behind their first byte.
    pub(crate) fn protobuf_id(bytes: Vec<u8>) -> Self {
        Self { bytes, slot: Slot::Varint, at: 1, mask: [0; 4] }
    }

    fn digits(bytes: Vec<u8>, mark: &str, slot: Slot) -> Self {
        match bytes.windows(DIGITS).position(|window| window == mark.as_bytes()) {
            Some(at) => Self { at, bytes, slot, mask: [0; 4] },
            None => Self { at: 0, bytes, slot: Slot::None, mask: [0; 4] },
        }
    }

    /// The same as a masked WebSocket text frame.
    pub(crate) fn masked(mut self, mask: [u8; 4]) -> Self {
        let mut frame = Vec::with_capacity(self.bytes.len() + 8);
        frame_head(&mut frame, 0x1, self.bytes.len(), Some(mask));
        self.at += frame.len();
        // So that the byte of the mask is found by the place in the frame.
        self.mask = std::array::from_fn(|index| mask[(index + 4 - frame.len() % 4) % 4]);
        frame.extend(self.bytes.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.bytes = frame;
        self
    }

    /// The message with this number.
    pub(crate) fn with(&mut self, number: u64) -> &[u8] {
        let (at, mask) = (self.at, self.mask);
        match self.slot {
            Slot::None => return &self.bytes,
            Slot::Digits => digits(&mut self.bytes[at..at + DIGITS], number),
            Slot::Id => digits(&mut self.bytes[at..at + DIGITS], FIRST_ID + number),
            Slot::Varint => varint(&mut self.bytes[at..at + VARINT], FIRST_ID + number),
        }
        if mask != [0; 4] {
            for (index, byte) in self.bytes[at..at + DIGITS].iter_mut().enumerate() {
                *byte ^= mask[(at + index) % 4];
            }
        }
        &self.bytes
    }

    /// The message with the number that it had last.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// What a model's `id` is in a template.
pub(crate) fn first_id() -> i64 {
    FIRST_ID as i64
}

fn digits(slot: &mut [u8], mut number: u64) {
    for byte in slot.iter_mut().rev() {
        *byte = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn varint(slot: &mut [u8], mut number: u64) {
    let last = slot.len() - 1;
    for (index, byte) in slot.iter_mut().enumerate() {
        *byte = (number & 0x7f) as u8 | if index < last { 0x80 } else { 0 };
        number >>= 7;
    }
}

/// Writes the head of a final WebSocket frame.
pub(crate) fn frame_head(out: &mut Vec<u8>, opcode: u8, length: usize, mask: Option<[u8; 4]>) {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    out.push(0x80 | opcode);
    match length {
        0..126 => out.push(masked | length as u8),
        126..65536 => {
            out.push(masked | 126);
            out.put_u16(length as u16);
        }
        _ => {
            out.push(masked | 127);
            out.put_u64(length as u64);
        }
    }
    out.extend(mask.into_iter().flatten());
}
