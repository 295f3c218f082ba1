//! Writing source text.

use std::fmt::Display;

/// Source text that is being written, line by line, at the right indentation.
#[derive(Debug)]
pub(crate) struct Source {
    text: String,
    level: usize,
    /// What one level of indentation is.
    unit: &'static str,
}

impl Source {
    /// An empty text, whose levels are indented by `unit` each.
    pub(crate) fn new(unit: &'static str) -> Self {
        Self { text: String::new(), level: 0, unit }
    }

    /// Writes a line. The lines of a text of several are indented alike; an empty one stays empty.
    pub(crate) fn line(&mut self, text: impl Display) {
        let text = text.to_string();
        if text.is_empty() {
            self.text.push('\n');
        }
        for line in text.lines() {
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n(self.unit, self.level));
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    /// Writes an empty line.
    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Writes `open`, then what `write` writes one level deeper, then `close`.
    pub(crate) fn block(&mut self, open: impl Display, close: impl Display, write: impl FnOnce(&mut Self)) {
        self.line(open);
        self.indented(write);
        self.line(close);
    }

    /// Writes what `write` writes one level deeper.
    pub(crate) fn indented(&mut self, write: impl FnOnce(&mut Self)) {
        self.level += 1;
        write(self);
        self.level -= 1;
    }

    /// Whether `line` ends before the hundredth column.
    pub(crate) fn fits(&self, line: &str) -> bool {
        self.level * self.unit.len() + line.chars().count() <= 100
    }

    /// Writes documentation: every line of it after `prefix`.
    pub(crate) fn docs(&mut self, prefix: &str, docs: &str) {
        for line in docs.lines() {
            self.line(format!("{prefix} {line}").trim_end());
        }
    }

    /// An empty text at the same level, to be appended later.
    pub(crate) fn empty(&self) -> Self {
        Self { text: String::new(), ..*self }
    }

    /// Appends what was written apart.
    pub(crate) fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
    }

    /// The text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}
