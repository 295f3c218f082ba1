//! The header `Sec-WebSocket-Extensions`.

use std::borrow::Cow;

/// A header `Sec-WebSocket-Extensions` that does not follow its grammar. A server answers it with the status 400, a client
/// gives the connection up: RFC 6455, section 9.1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`Sec-WebSocket-Extensions: {found}` at byte {at}: expected {expected}")]
pub struct MalformedExtensions {
    /// The header's value.
    pub found: String,
    /// Where it goes wrong.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// One extension that is offered or accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Extension<'a> {
    pub(crate) name: &'a str,
    /// Names, which have no case, and values.
    pub(crate) parameters: Vec<(&'a str, Option<Cow<'a, str>>)>,
}

/// Reads one header; there may be several, which count as one list.
pub(crate) fn read(value: &str) -> Result<Vec<Extension<'_>>, MalformedExtensions> {
    let mut scanner = Scanner { text: value, at: 0 };
    let mut extensions = Vec::new();
    loop {
        // Elements of a list may be empty: RFC 9110, section 5.6.1.2.
        while scanner.eat(b',') {}
        if scanner.at_end() {
            return if extensions.is_empty() { Err(scanner.wrong("an extension")) } else { Ok(extensions) };
        }
        let name = scanner.token()?;
        let mut parameters = Vec::new();
        while scanner.eat(b';') {
            let name = scanner.token()?;
            parameters.push((name, if scanner.eat(b'=') { Some(scanner.value()?) } else { None }));
        }
        extensions.push(Extension { name, parameters });
        if !scanner.at_end() && scanner.peek() != Some(b',') {
            return Err(scanner.wrong("`;`, `,` or the end"));
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Takes this byte, with the blanks around it, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.at += 1;
            self.skip_blanks();
        }
        is_next
    }

    fn at_end(&mut self) -> bool {
        self.skip_blanks();
        self.at == self.text.len()
    }

    fn token(&mut self) -> Result<&'a str, MalformedExtensions> {
        let start = self.at;
        while self.peek().is_some_and(is_token_byte) {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong("a name")) } else { Ok(&self.text[start..self.at]) }
    }

    /// A token, which may be quoted.
    fn value(&mut self) -> Result<Cow<'a, str>, MalformedExtensions> {
        if self.peek() != Some(b'"') {
            return self.token().map(Cow::Borrowed);
        }
        self.at += 1;
        let mut value = String::new();
        loop {
            let escaped = self.peek() == Some(b'\\');
            self.at += usize::from(escaped);
            match self.peek() {
                Some(byte) if is_token_byte(byte) => value.push(char::from(byte)),
                Some(b'"') if !escaped && !value.is_empty() => {
                    self.at += 1;
                    return Ok(Cow::Owned(value));
                }
                _ => return Err(self.wrong("a quoted value without blanks and separators")),
            }
            self.at += 1;
        }
    }

    fn wrong(&self, expected: &'static str) -> MalformedExtensions {
        MalformedExtensions { found: self.text.to_owned(), at: self.at, expected }
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
