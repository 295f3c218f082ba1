//! Texts, and places in them.

use std::ops::Range;

/// One model file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The path inside the folder of models, with `/` between its parts. Clients get a file of the same path.
    pub path: String,
    /// What the file holds.
    pub text: String,
}

/// A piece of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The place of the file among all that are read.
    pub(crate) file: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A text that stands in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
    /// Whether the span holds exactly this text, so that pieces of the text have spans of their own. It does not where YAML
    /// undid escapes or joined lines.
    verbatim: bool,
}

impl<'a> Text<'a> {
    /// A text that stands as it is at `span`.
    pub(crate) fn verbatim(text: &'a str, span: Span) -> Self {
        Self { text, span, verbatim: true }
    }

    /// A text that `span` stands for as a whole.
    pub(crate) fn implied(text: &'a str, span: Span) -> Self {
        Self { text, span, verbatim: false }
    }

    /// The piece of it at these bytes.
    pub(crate) fn slice(self, range: Range<usize>) -> Self {
        let Span { file, start, .. } = self.span;
        let span = match self.verbatim {
            true => Span { file, start: start + range.start, end: start + range.end },
            false => self.span,
        };
        Self { text: &self.text[range], span, ..self }
    }

    /// Without the spaces around it.
    pub(crate) fn trim(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len().max(start);
        self.slice(start..end)
    }

    /// What stands on either side of the first `separator`.
    pub(crate) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        let after = at + separator.len_utf8();
        Some((self.slice(0..at).trim(), self.slice(after..self.text.len()).trim()))
    }
}
