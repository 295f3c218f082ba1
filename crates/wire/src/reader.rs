//! Reading JSON in one pass over borrowed text, without a tree.

use std::borrow::Cow;

use memchr::memchr2;

use crate::decode_error::{DecodeError, Syntax};
use crate::number::ShortNumber;

/// Reads one JSON text from front to back.
///
/// Nothing is copied but strings that hold escapes. Nesting is limited to [`Reader::DEPTH_MAX`], so that no text can
/// exhaust the stack.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    position: usize,
    depth: u32,
    /// The depth at the deepest place that was entered so far.
    deepest: u32,
}

impl<'a> Reader<'a> {
    /// How deep arrays and objects may nest.
    pub(crate) const DEPTH_MAX: u32 = 64;

    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, position: 0, depth: 0, deepest: 0 }
    }

    /// A reader of a text that stands so deep in another one.
    pub(crate) fn inside(text: &'a str, depth: u32) -> Self {
        Self { depth, deepest: depth, ..Self::new(text) }
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// How deep what was entered nests.
    pub(crate) fn levels(&self) -> u32 {
        self.deepest
    }

    /// The first byte of the next value; `None` at the end of the text.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.position) {
            // All that JSON has for space comes before what begins a value.
            if *byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.position += 1;
        }
        None
    }

    /// What is not read yet.
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.position..).unwrap_or_default()
    }

    /// Fails unless the text is at its end.
    pub(crate) fn end(&mut self) -> Result<(), DecodeError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.syntax("the end of the text")) }
    }

    pub(crate) fn null(&mut self) -> Result<bool, DecodeError> {
        if self.peek() == Some(b'n') {
            self.literal("null")?;
            return Ok(true);
        }
        Ok(false)
    }

    /// A boolean; `None` if something else comes next.
    pub(crate) fn bool(&mut self) -> Result<Option<bool>, DecodeError> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| Some(true)),
            Some(b'f') => self.literal("false").map(|()| Some(false)),
            _ => Ok(None),
        }
    }

    fn literal(&mut self, literal: &'static str) -> Result<(), DecodeError> {
        if !self.text.as_bytes()[self.position..].starts_with(literal.as_bytes()) {
            return Err(self.syntax("a JSON value"));
        }
        self.position += literal.len();
        Ok(())
    }

    /// The text of a number; `None` if something else comes next.
    pub(crate) fn number(&mut self) -> Result<Option<&'a str>, DecodeError> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => {}
            _ => return Ok(None),
        }
        let start = self.position;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Some(&self.text[start..self.position]))
    }

    fn digits(&mut self) -> Result<(), DecodeError> {
        let rest = &self.text.as_bytes()[self.position..];
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.position += count;
        if count == 0 { Err(self.syntax("a digit")) } else { Ok(()) }
    }

    /// A number without point and exponent, if it is short, in one pass. `None`, and nothing is read, if something else comes
    /// next: perhaps another number.
    pub(crate) fn short_int(&mut self) -> Option<i64> {
        let (number, length) = ShortNumber::read(self.rest())?;
        let int = number.int()?;
        self.position += length;
        Some(int)
    }

    /// A number without exponent, if it is short, in one pass. `None`, and nothing is read, if something else comes next: perhaps
    /// another number.
    pub(crate) fn short_double(&mut self) -> Option<f64> {
        let (number, length) = ShortNumber::read(self.rest())?;
        self.position += length;
        Some(number.double())
    }

    /// A string; `None` if something else comes next.
    pub(crate) fn string(&mut self) -> Result<Option<Cow<'a, str>>, DecodeError> {
        if self.peek() != Some(b'"') {
            return Ok(None);
        }
        let (raw, has_escapes) = self.raw_string()?;
        if has_escapes {
            self.unescape(raw).map(|text| Some(Cow::Owned(text)))
        } else {
            Ok(Some(Cow::Borrowed(raw)))
        }
    }

    /// Passes over a string; what stands between its quotes, and whether that holds escapes.
    fn raw_string(&mut self) -> Result<(&'a str, bool), DecodeError> {
        let start = self.position + 1;
        let bytes = self.text.as_bytes();
        let (mut end, mut has_escapes) = (start, false);
        loop {
            let rest = bytes.get(end..).unwrap_or_default();
            let plain = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            if has_control(&rest[..plain]) {
                self.position = end + rest.iter().position(|byte| *byte < FIRST_PLAIN).unwrap_or_default();
                return Err(self.syntax("an escape in place of a control character"));
            }
            match rest.get(plain) {
                Some(b'"') => {
                    end += plain;
                    break;
                }
                Some(_) => {
                    has_escapes = true;
                    end += plain + 2;
                }
                None => {
                    self.position = bytes.len();
                    return Err(self.syntax("the closing quote of a string"));
                }
            }
        }
        self.position = end + 1;
        Ok((&self.text[start..end], has_escapes))
    }

    fn unescape(&self, raw: &str) -> Result<String, DecodeError> {
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('\\') {
            text.push_str(&rest[..at]);
            let escape = rest.as_bytes().get(at + 1).copied();
            let mut taken = at + 2;
            match escape {
                Some(c @ (b'"' | b'\\' | b'/')) => text.push(char::from(c)),
                Some(b'b') => text.push('\u{8}'),
                Some(b'f') => text.push('\u{c}'),
                Some(b'n') => text.push('\n'),
                Some(b'r') => text.push('\r'),
                Some(b't') => text.push('\t'),
                Some(b'u') => {
                    let (character, length) = unicode_escape(&rest[at..])
                        .ok_or_else(|| self.syntax("a valid \\u escape before this"))?;
                    text.push(character);
                    taken = at + length;
                }
                _ => return Err(self.syntax("a valid escape before this")),
            }
            rest = &rest[taken..];
        }
        text.push_str(rest);
        Ok(text)
    }

    /// Enters an array; false if something else comes next.
    pub(crate) fn enter_array(&mut self) -> Result<bool, DecodeError> {
        self.enter(b'[')
    }

    /// Enters an object; false if something else comes next.
    pub(crate) fn enter_object(&mut self) -> Result<bool, DecodeError> {
        self.enter(b'{')
    }

    fn enter(&mut self, bracket: u8) -> Result<bool, DecodeError> {
        if self.peek() != Some(bracket) {
            return Ok(false);
        }
        self.depth += 1;
        if self.depth > Self::DEPTH_MAX {
            return Err(DecodeError::too_deep(Self::DEPTH_MAX));
        }
        self.deepest = self.deepest.max(self.depth);
        self.position += 1;
        Ok(true)
    }

    /// Whether an element follows in the array that was entered; leaves the array if not.
    pub(crate) fn next_element(&mut self, first: bool) -> Result<bool, DecodeError> {
        self.next(first, b']', "`,` or `]`")
    }

    /// The next key of the object that was entered; leaves the object if there is none.
    pub(crate) fn next_key(&mut self, first: bool) -> Result<Option<Cow<'a, str>>, DecodeError> {
        if !self.next_entry(first)? {
            return Ok(None);
        }
        let key = self.string()?.ok_or_else(|| self.syntax("a key in quotes"))?;
        self.colon()?;
        Ok(Some(key))
    }

    /// Passes over a key of the object that was entered, if it comes next and without a space. It is given with the comma before it,
    /// which the first has not, and its colon: `,"name":`.
    pub(crate) fn take_key(&mut self, key: &str, first: bool) -> bool {
        let key = &key.as_bytes()[usize::from(first)..];
        let found = self.rest().starts_with(key);
        self.position += if found { key.len() } else { 0 };
        found
    }

    /// Whether an entry follows in the object that was entered; leaves the object if not.
    pub(crate) fn next_entry(&mut self, first: bool) -> Result<bool, DecodeError> {
        self.next(first, b'}', "`,` or `}`")
    }

    /// Passes over what stands between a key and its value.
    pub(crate) fn colon(&mut self) -> Result<(), DecodeError> {
        self.peek();
        if self.take(b':') { Ok(()) } else { Err(self.syntax("`:`")) }
    }

    fn next(&mut self, first: bool, end: u8, expected: &'static str) -> Result<bool, DecodeError> {
        match self.peek() {
            Some(byte) if byte == end => {
                self.position += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ if first => Ok(true),
            Some(b',') => {
                self.position += 1;
                match self.peek() {
                    Some(byte) if byte == end => Err(self.syntax("a value after `,`")),
                    _ => Ok(true),
                }
            }
            _ => Err(self.syntax(expected)),
        }
    }

    /// Passes over the next value and gives its text.
    pub(crate) fn skip(&mut self) -> Result<&'a str, DecodeError> {
        let first = self.peek();
        let start = self.position;
        match first {
            Some(b'"') => {
                let (raw, has_escapes) = self.raw_string()?;
                if has_escapes {
                    self.unescape(raw)?;
                }
            }
            Some(b'{') => {
                self.enter_object()?;
                let mut first = true;
                while self.next_key(first)?.is_some() {
                    first = false;
                    self.skip()?;
                }
            }
            Some(b'[') => {
                self.enter_array()?;
                let mut first = true;
                while self.next_element(first)? {
                    first = false;
                    self.skip()?;
                }
            }
            Some(b't' | b'f') => {
                self.bool()?;
            }
            Some(b'n') => {
                self.null()?;
            }
            _ => {
                self.number()?.ok_or_else(|| self.syntax("a JSON value"))?;
            }
        }
        Ok(&self.text[start..self.position])
    }

    /// What comes next, in words, for error messages.
    pub(crate) fn found(&mut self) -> &'static str {
        match self.peek() {
            None => "nothing",
            Some(b'"') => "a string",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            Some(b'-' | b'0'..=b'9') => "a number",
            Some(_) => "something that is not JSON",
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.text.as_bytes().get(self.position) == Some(&byte);
        self.position += usize::from(found);
        found
    }

    fn syntax(&self, expected: &'static str) -> DecodeError {
        DecodeError::syntax(Syntax { expected, position: self.position })
    }
}

/// The character of the `\u` escape, or pair of escapes, at the start of `text`, and its length in bytes.
///
/// Half of a pair becomes U+FFFD: strings of Dart and JavaScript can hold one, those of Rust cannot, and a text cut in the
/// middle of an emoji is no reason to close a connection.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 4)?;
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let first = unit(2)?;
    if (0xd800..0xdc00).contains(&first)
        && text.get(6..8) == Some("\\u")
        && let Some(second @ 0xdc00..0xe000) = unit(8)
    {
        return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).map(|c| (c, 12));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}

/// The first character that is no control character. Those stand in strings as escapes only.
const FIRST_PLAIN: u8 = 0x20;

fn has_control(bytes: &[u8]) -> bool {
    // Without a branch in it, this loop is vectorized.
    bytes.iter().fold(u8::MAX, |least, byte| least.min(*byte)) < FIRST_PLAIN
}

/// Whether a byte does not stand for itself in a string.
pub(crate) fn is_special(byte: u8) -> bool {
    byte < FIRST_PLAIN || byte == b'"' || byte == b'\\'
}

/// Whether all bytes stand for themselves in a string.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    !has_control(bytes) && memchr2(b'"', b'\\', bytes).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn skips(text: &str) -> bool {
        let mut reader = Reader::new(text);
        reader.skip().is_ok() && reader.end().is_ok()
    }

    #[test]
    fn what_is_special_in_a_string_is_found_anywhere() {
        for length in 0..80 {
            for at in 0..length {
                for special in (0..=0x1f).chain(*b"\"\\") {
                    let mut text = vec![b'"'];
                    text.extend((0..length).map(|n| b" !#[]\x7f"[n % 6]));
                    text.push(b'"');
                    assert!(is_plain(&text[1..=length]));
                    text[1 + at] = special;
                    assert!(!is_plain(&text[1..=length]));
                    let text = String::from_utf8(text).unwrap();
                    let mut reader = Reader::new(&text);
                    match special {
                        b'"' => assert_eq!(reader.string().unwrap().unwrap(), text[1..=at]),
                        b'\\' => assert_eq!(
                            reader.string().is_ok(),
                            at + 1 < length && text.as_bytes()[at + 2] == b'"'
                        ),
                        _ => {
                            assert!(reader.string().is_err());
                            assert_eq!(reader.position(), 1 + at);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn strings_are_borrowed_unless_escaped() {
        let mut reader = Reader::new(r#"["wörld", "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"]"#);
        assert!(reader.enter_array().unwrap());
        assert!(reader.next_element(true).unwrap());
        assert!(matches!(reader.string().unwrap(), Some(Cow::Borrowed("wörld"))));
        assert!(reader.next_element(false).unwrap());
        assert_eq!(reader.string().unwrap().unwrap(), "a\"\\/\u{8}\u{c}\n\r\té😀");
        assert!(!reader.next_element(false).unwrap());
        reader.end().unwrap();
    }

    #[test]
    fn half_of_a_surrogate_pair_is_replaced() {
        let read = |json| Reader::new(json).string().unwrap().unwrap().into_owned();
        assert_eq!(read(r#""a\ud83d""#), "a\u{fffd}");
        assert_eq!(read(r#""\ude00b""#), "\u{fffd}b");
        assert_eq!(read(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(read(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
    }

    #[test]
    fn nesting_is_limited() {
        let depth = Reader::DEPTH_MAX as usize;
        assert!(skips(&("[".repeat(depth) + &"]".repeat(depth))));
        assert!(!skips(&("[".repeat(depth + 1) + &"]".repeat(depth + 1))));
        assert!(!skips(&"[".repeat(1_000_000)));
        assert!(!skips(&"{\"a\":".repeat(1_000_000)));
    }

    /// A parser that nobody wrote here says what is JSON; only what it has no word for differs.
    fn agrees_with_serde_json(text: &str) {
        let theirs = serde_json::from_str::<serde_json::Value>(text);
        let more_lenient = theirs.as_ref().is_err_and(|error| {
            let error = error.to_string();
            ["out of range", "surrogate", "hex escape"].iter().any(|word| error.contains(word))
        });
        if !more_lenient {
            assert_eq!(skips(text), theirs.is_ok(), "{text:?}: {theirs:?}");
        }
    }

    #[test]
    fn what_is_json_and_what_is_not() {
        for text in [
            "",
            " ",
            "null",
            "nul",
            "nulll",
            "true",
            "tru",
            "-",
            "-0",
            "01",
            "1.",
            "1.5e",
            "1.5e+3",
            "1e5",
            ".5",
            "+1",
            "\"",
            "\"\\",
            "\"\\\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\x\"",
            "\"\u{1}\"",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[]",
            "{",
            "{}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1}",
            "{\"a\":1 \"b\":2}",
            "[1]]",
            "1 2",
            "\"é\\u00e9\"",
            "\"\\u+123\"",
        ] {
            agrees_with_serde_json(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_as_serde_json_does(text in "[\\[\\]{}:,\"\\\\a-bu0-9.eE+\\- truefalsn]{0,24}") {
            agrees_with_serde_json(&text);
        }

        #[test]
        fn any_string_is_read_back(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let mut reader = Reader::new(&json);
            prop_assert_eq!(reader.string().unwrap().unwrap(), text);
            reader.end().unwrap();
        }
    }
}
