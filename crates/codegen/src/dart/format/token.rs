//! Dart's tokens.

/// A token, and what stood before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Whether there was no white space before it.
    pub(super) adjacent: bool,
    /// Whether there was an empty line before it.
    pub(super) after_blank: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Literal,
    Symbol,
    /// A comment that has its line or lines for itself.
    Comment,
    End,
}

/// Symbols of more than one character, the longest first. `>>` is none of them: here it only ever closes two lists.
const SYMBOLS: [&str; 10] = ["??=", "=>", "==", "!=", "&&", "||", "??", "?.", "<=", ">="];

/// The tokens of a text; the last is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let space = &rest[..rest.len() - trimmed.len()];
        let (kind, length) = next(trimmed);
        let after_blank = space.matches('\n').count() > 1;
        tokens.push(Token { kind, text: &trimmed[..length], adjacent: space.is_empty(), after_blank });
        if kind == Kind::End {
            return tokens;
        }
        rest = &trimmed[length..];
    }
}

fn next(text: &str) -> (Kind, usize) {
    let Some(first) = text.chars().next() else { return (Kind::End, 0) };
    if text.starts_with("//") {
        return (Kind::Comment, text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return (Kind::Comment, text.find("*/").map_or(text.len(), |end| end + 2));
    }
    if first == '\'' || first == '"' {
        return (Kind::Literal, string_length(text, first));
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    if is_word(first) {
        let is_number = first.is_ascii_digit();
        let length = text.find(|c| !(is_word(c) || (is_number && c == '.'))).unwrap_or(text.len());
        return (if is_number { Kind::Literal } else { Kind::Word }, length);
    }
    let symbol = SYMBOLS.into_iter().find(|symbol| text.starts_with(symbol));
    (Kind::Symbol, symbol.map_or(first.len_utf8(), str::len))
}

fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return index + 1;
        }
    }
    text.len()
}
