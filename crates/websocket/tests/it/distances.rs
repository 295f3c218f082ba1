//! That what is compressed keeps to the window that was agreed on, found by reading its codes: RFC 1951.

use bytes::BytesMut;
use streampod_websocket::{Deflater, WindowBits};

use crate::deflate::{noise, windows};

/// The bits of a compressed message.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn one(&mut self) -> usize {
        let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
        self.at += 1;
        usize::from(bit)
    }

    fn number(&mut self, count: usize) -> usize {
        (0..count).map(|place| self.one() << place).sum()
    }

    /// The next symbol of a code, which is given by the length of each symbol: section 3.2.2.
    fn symbol(&mut self, lengths: &[usize]) -> usize {
        let (mut code, mut first) = (0, 0);
        for length in 1..=15 {
            code = code << 1 | self.one();
            let symbols: Vec<usize> =
                (0..lengths.len()).filter(|symbol| lengths[*symbol] == length).collect();
            if code < first + symbols.len() {
                return symbols[code - first];
            }
            first = (first + symbols.len()) << 1;
        }
        panic!("no symbol has this code");
    }
}

const LENGTH_BASE: [usize; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258,
];
const LENGTH_BITS: [usize; 29] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const CODE_LENGTH_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Inflates a message, and says how far back it reaches.
fn inflate(payload: &[u8]) -> (Vec<u8>, usize) {
    let whole = [payload, &[0, 0, 0xff, 0xff]].concat();
    let mut bits = Bits { bytes: &whole, at: 0 };
    let (mut out, mut farthest) = (Vec::new(), 0);
    while bits.at < (whole.len() - 1) * 8 {
        assert_eq!(bits.one(), 0, "no block is the last");
        let (literals, distances) = match bits.number(2) {
            0 => {
                let start = bits.at.div_ceil(8) + 4;
                let len = usize::from(u16::from_le_bytes([whole[start - 4], whole[start - 3]]));
                out.extend_from_slice(&whole[start..start + len]);
                bits.at = (start + len) * 8;
                continue;
            }
            1 => {
                let length = |symbol| match symbol {
                    144..256 => 9,
                    256..280 => 7,
                    _ => 8,
                };
                ((0..288).map(length).collect(), vec![5; 30])
            }
            _ => dynamic(&mut bits),
        };
        loop {
            match bits.symbol(&literals) {
                256 => break,
                byte @ 0..=255 => out.push(byte as u8),
                symbol => {
                    let length = LENGTH_BASE[symbol - 257] + bits.number(LENGTH_BITS[symbol - 257]);
                    let symbol = bits.symbol(&distances);
                    let more = (symbol / 2).saturating_sub(1);
                    let base = if symbol < 4 { symbol + 1 } else { ((2 + symbol % 2) << more) + 1 };
                    let distance = base + bits.number(more);
                    farthest = farthest.max(distance);
                    for _ in 0..length {
                        out.push(out[out.len() - distance]);
                    }
                }
            }
        }
    }
    (out, farthest)
}

/// The codes of a block that brings its own: section 3.2.7.
fn dynamic(bits: &mut Bits<'_>) -> (Vec<usize>, Vec<usize>) {
    let (literals, distances, count) = (bits.number(5) + 257, bits.number(5) + 1, bits.number(4) + 4);
    let mut code = [0; 19];
    for symbol in &CODE_LENGTH_ORDER[..count] {
        code[*symbol] = bits.number(3);
    }
    let mut lengths = Vec::new();
    while lengths.len() < literals + distances {
        let (length, times) = match bits.symbol(&code) {
            16 => (lengths[lengths.len() - 1], bits.number(2) + 3),
            17 => (0, bits.number(3) + 3),
            18 => (0, bits.number(7) + 11),
            length => (length, 1),
        };
        lengths.extend(vec![length; times]);
    }
    let distances = lengths.split_off(literals);
    (lengths, distances)
}

#[test]
fn distances_keep_to_the_window() {
    let mut deflater = Deflater::new();
    for window in windows() {
        let width = 1 << window.bits();
        // Words that come again after a third of a window, and after more than one.
        let words = noise(width / 3);
        let message = [&words[..], &words, &noise(width + 100)[width / 3..], &words].concat();
        let mut out = BytesMut::new();
        deflater.deflate(window, &message, &mut out);
        let (inflated, farthest) = inflate(&out);
        assert!(inflated == message, "{} bits", window.bits());
        assert!(farthest <= width, "{} bits, and back {farthest} bytes", window.bits());
        assert!(farthest > width / 4, "{} bits are not used: back only {farthest}", window.bits());
    }
    assert_eq!(windows().count(), 7);
    assert_eq!((WindowBits::new(8), WindowBits::new(16)), (None, None));
}
