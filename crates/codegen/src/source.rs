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

    /// Writes Markdown as Rust's documentation: every line of it after `prefix`. Code in it is not compiled by rustdoc.
    pub(crate) fn docs(&mut self, prefix: &str, docs: &str) {
        let mut in_code = false;
        // Rust lets no carriage return stand alone in a comment.
        for line in docs.lines().flat_map(|line| line.split('\r')) {
            let start = line.trim_start();
            let language = start.strip_prefix("```").or_else(|| start.strip_prefix("~~~"));
            let mark = match language.map(str::trim) {
                Some(_) if in_code => "",
                Some("") => "text",
                Some("rust") => ",ignore",
                _ => "",
            };
            in_code ^= language.is_some();
            self.line(format!("{prefix} {line}{mark}").trim_end());
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
