//! Telling messages from everything else that Redis sends.

use memchr::memchr;

/// How a message of a channel begins, as Redis writes it: with three parts, of which this is the first.
const MESSAGE: &[u8] = b">3\r\n$7\r\nmessage\r\n";

/// Where one thing that Redis sends ends and the next begins.
///
/// A message is found as a whole. Of everything else, only its end is looked for; somebody else reads it.
#[derive(Debug, Default)]
pub(crate) struct Arriving {
    /// What is being passed over, if it is no message.
    other: Option<Other>,
}

/// What comes first of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum First<'a> {
    /// A message.
    Message {
        name: &'a [u8],
        text: &'a [u8],
        /// How many bytes it has with its heads.
        length: usize,
    },
    /// So many bytes of something else.
    Other(usize),
    /// More has to come until it can be said.
    Incomplete,
}

/// What is left of something that is no message.
#[derive(Debug)]
enum Other {
    /// So many values, one in another or behind it, and before them so many bytes.
    Left { bytes: usize, values: usize },
    /// It is nothing that Redis says. Whoever reads it will find that too, so all that follows is left to it.
    Unknown,
}

/// A line that says what follows.
struct Head {
    /// Its length with its end.
    length: usize,
    /// The number in it, where it has one. Less than nothing says that there is no value.
    number: i64,
}

impl Arriving {
    /// What comes first of `bytes`, which go on where the last ones were taken that this found.
    pub(crate) fn first<'a>(&mut self, bytes: &'a [u8]) -> First<'a> {
        let start = &bytes[..bytes.len().min(MESSAGE.len())];
        if self.other.is_none() && MESSAGE.starts_with(start) {
            if start.len() < MESSAGE.len() {
                return First::Incomplete;
            }
            match message(bytes) {
                Ok(first) => return first,
                Err(NoMessage) => self.other = Some(Other::Unknown),
            }
        }
        match self.pass_over(bytes) {
            0 => First::Incomplete,
            length => First::Other(length),
        }
    }

    /// Passes over as much of what is no message as there is.
    fn pass_over(&mut self, bytes: &[u8]) -> usize {
        let mut passed = 0;
        loop {
            match self.other.get_or_insert(Other::Left { bytes: 0, values: 1 }) {
                Other::Unknown => return bytes.len(),
                Other::Left { bytes: 0, values: 0 } => {
                    self.other = None;
                    return passed;
                }
                Other::Left { bytes: 0, values } => {
                    let rest = &bytes[passed..];
                    let Some(end) = line_end(rest) else { return passed };
                    match following(&rest[..end]) {
                        Some((bytes_left, values_left)) => {
                            passed += end;
                            *values = (*values - 1).saturating_add(values_left);
                            let values = *values;
                            self.other = Some(Other::Left { bytes: bytes_left, values });
                        }
                        None => self.other = Some(Other::Unknown),
                    }
                }
                Other::Left { bytes: left, .. } => {
                    let here = (bytes.len() - passed).min(*left);
                    *left -= here;
                    passed += here;
                    if *left > 0 {
                        return passed;
                    }
                }
            }
        }
    }
}

/// It begins like a message, and goes on as none does.
struct NoMessage;

/// The message that these bytes begin with.
fn message(bytes: &[u8]) -> Result<First<'_>, NoMessage> {
    let Some((name, at)) = part(bytes, MESSAGE.len())? else { return Ok(First::Incomplete) };
    let Some((text, length)) = part(bytes, at)? else { return Ok(First::Incomplete) };
    Ok(First::Message { name, text, length })
}

/// The string that begins there, and where it ends; `None` if it is not complete.
fn part(bytes: &[u8], start: usize) -> Result<Option<(&[u8], usize)>, NoMessage> {
    let rest = &bytes[start..];
    let Some(Head { length: head, number }) = head(rest) else {
        // No length has more digits.
        return if rest.len() > 32 { Err(NoMessage) } else { Ok(None) };
    };
    let length = usize::try_from(number).map_err(|_| NoMessage)?;
    if rest[0] != b'$' {
        return Err(NoMessage);
    }
    let end = head.saturating_add(length);
    let Some(line_end) = rest.get(end..).and_then(|rest| rest.get(..2)) else { return Ok(None) };
    if line_end != b"\r\n" {
        return Err(NoMessage);
    }
    Ok(Some((&rest[head..end], start + end + 2)))
}

/// How many bytes and then values follow this line, before what it began is complete. `None` if Redis says no such thing.
fn following(line: &[u8]) -> Option<(usize, usize)> {
    let number = || {
        let Head { number, .. } = head(line)?;
        // What is less than nothing is no value at all.
        Some(usize::try_from(number).unwrap_or(0))
    };
    match line.first()? {
        b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(' => Some((0, 0)),
        b'$' | b'!' | b'=' if line.get(1) == Some(&b'-') => Some((0, 0)),
        b'$' | b'!' | b'=' => Some((number()?.checked_add(2)?, 0)),
        b'*' | b'~' | b'>' => Some((0, number()?)),
        b'%' => Some((0, number()?.checked_mul(2)?)),
        // What it describes comes behind it.
        b'|' => Some((0, number()?.checked_mul(2)?.checked_add(1)?)),
        _ => None,
    }
}

/// The line that these bytes begin with, whose type a number follows. `None` if it is not complete, or has none.
fn head(bytes: &[u8]) -> Option<Head> {
    let digits = bytes.get(1..)?;
    let (sign, digits) = match digits.first()? {
        b'-' => (-1, &digits[1..]),
        _ => (1, digits),
    };
    let mut number: i64 = 0;
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?,
            b'\r' if index > 0 && digits.get(index + 1) == Some(&b'\n') => {
                let length = bytes.len() - digits.len() + index + 2;
                return Some(Head { length, number: sign * number });
            }
            _ => return None,
        }
    }
    None
}

/// Where the first line ends.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'\r', &bytes[from..])?;
        if *bytes.get(at + 1)? == b'\n' {
            return Some(at + 2);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWS: &str = ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhe\r\no\r\n";
    /// What Redis says beside messages.
    const OTHERS: &[&str] = &[
        "+OK\r\n",
        "-ERR no\ralone\r\n",
        ":-17\r\n",
        "_\r\n",
        ",1.5\r\n",
        "#t\r\n",
        "(12345678901234567890\r\n",
        "$0\r\n\r\n",
        "$-1\r\n",
        "$9\r\n>3\r\n$7\r\nm\r\n",
        "!3\r\nERR\r\n",
        "=7\r\ntxt:abc\r\n",
        "*0\r\n",
        "*-1\r\n",
        "*2\r\n*1\r\n+a\r\n$1\r\nb\r\n",
        "~1\r\n:1\r\n",
        "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
        "|1\r\n+ttl\r\n:1\r\n*1\r\n+x\r\n",
        ">3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n",
        ">3\r\n$7\r\nmessagE\r\n$4\r\nnews\r\n$1\r\na\r\n",
        ">4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$4\r\nnews\r\n$1\r\na\r\n",
    ];

    /// The name of the channel and the text.
    type Message = (Vec<u8>, Vec<u8>);

    /// What is found when the text arrives in pieces of so many bytes: the messages, and the rest.
    fn found(text: &[u8], piece: usize) -> (Vec<Message>, Vec<u8>) {
        let (mut arriving, mut bytes) = (Arriving::default(), Vec::new());
        let (mut messages, mut others) = (Vec::new(), Vec::new());
        for piece in text.chunks(piece) {
            bytes.extend_from_slice(piece);
            loop {
                let taken = match arriving.first(&bytes) {
                    First::Message { name, text, length } => {
                        messages.push((name.to_vec(), text.to_vec()));
                        length
                    }
                    First::Other(length) => {
                        others.extend_from_slice(&bytes[..length]);
                        length
                    }
                    First::Incomplete => break,
                };
                bytes.drain(..taken);
            }
        }
        assert!(bytes.is_empty(), "left: {:?}", String::from_utf8_lossy(&bytes));
        (messages, others)
    }

    #[test]
    fn messages_are_found_between_everything_else_however_it_is_cut() {
        let text: String = OTHERS.iter().map(|other| format!("{NEWS}{other}{NEWS}")).collect();
        for piece in 1..=text.len() {
            let (messages, others) = found(text.as_bytes(), piece);
            assert_eq!(messages.len(), 2 * OTHERS.len(), "in pieces of {piece}");
            assert!(messages.iter().all(|(name, text)| name == b"news" && text == b"he\r\no"));
            assert_eq!(String::from_utf8_lossy(&others), OTHERS.concat(), "in pieces of {piece}");
        }
    }

    #[test]
    fn each_thing_ends_where_the_next_begins() {
        for other in OTHERS {
            let text = format!("{other}{NEWS}");
            let mut arriving = Arriving::default();
            assert_eq!(arriving.first(text.as_bytes()), First::Other(other.len()), "{other:?}");
        }
    }

    /// It ends the connection, for whoever reads it says so.
    #[test]
    fn what_redis_never_says_is_left_to_another() {
        let head = ">3\r\n$7\r\nmessage\r\n";
        let parts =
            ["$-1\r\n", "$x\r\n", ":4\r\nnews\r\n", "$4\r\nnewsx", "$99999999999999999999999999999999"];
        let messages = parts.map(|part| format!("{head}{part}{NEWS}{NEWS}"));
        let others = ["?\r\n", "\r\n", "$x\r\n", "*9999999999999999999\r\n", "$?\r\n"];
        for text in messages.into_iter().chain(others.map(|other| format!("{other}{NEWS}{NEWS}"))) {
            for piece in [1, 7, text.len()] {
                let (messages, others) = found(text.as_bytes(), piece);
                assert_eq!((messages, others), (Vec::new(), text.clone().into_bytes()), "{text:?}");
            }
        }
    }
}
