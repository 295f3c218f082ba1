//! One section of a file while its settings are read.

use std::collections::BTreeMap;

use super::document::{Document, Entry, Node, Value};
use super::error::{Origin, Problem};
use super::kind::{Kind, Syntax};

/// One section of a file while its settings are read.
///
/// It notes the keys that are asked for: [`Section::finish`] takes them as those that are allowed.
pub(super) struct Section<'a> {
    document: &'a Document,
    shown: Shown,
    /// Its name with a dot, as the keys in it begin; empty for the whole file.
    prefix: String,
    node: Option<&'a Node>,
    asked: Vec<&'static str>,
}

/// What errors show of a wrong value.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    Value,
    /// No more than whether it is text, a list, …: it may be a password.
    Nature,
}

impl<'a> Section<'a> {
    pub(super) fn whole(document: &'a Document, shown: Shown) -> Self {
        let node = document.root.map(|id| document.node(id));
        Self { document, shown, prefix: String::new(), node, asked: Vec::new() }
    }

    /// The section of this name; absent, it is one with nothing in it.
    pub(super) fn section(&mut self, name: &'static str) -> Section<'a> {
        let node = self.ask(name);
        let prefix = format!("{}{name}.", self.prefix);
        Self { document: self.document, shown: self.shown, prefix, node, asked: Vec::new() }
    }

    /// The value of this key, if it is given; a wrong one is reported.
    pub(super) fn value<T>(
        &mut self,
        key: &'static str,
        kind: &Kind<T>,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        let node = self.ask(key)?;
        let text = match &node.value {
            Value::Null => return None,
            Value::Text(text) => Some(text),
            Value::Bare(text) if kind.syntax == Syntax::Any => Some(text),
            Value::Bare(_) | Value::List | Value::Section(_) => None,
        };
        let value = text.and_then(|text| (kind.read)(text));
        if value.is_none() {
            problems.push(self.wrong_value(key, node, kind.expected.into()));
        }
        value
    }

    /// All entries, in the order of their keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        let document = self.document;
        self.map().into_iter().flatten().map(move |(key, entry)| (key.as_str(), document.node(entry.node)))
    }

    /// A problem with the value of a key in this section; of the section itself, if there is no key.
    pub(super) fn wrong_value(&self, key: &str, node: &Node, expected: String) -> Problem {
        let key = if key.is_empty() { self.prefix.trim_end_matches('.').into() } else { self.full(key) };
        let origin = Origin::File { location: node.at.in_file(&self.document.path), key };
        let found = match (self.shown, &node.value) {
            (Shown::Value, Value::Text(text)) => quoted(text),
            (Shown::Value, Value::Bare(text)) => shortened(text),
            (Shown::Nature, Value::Text(_)) => "text".into(),
            (Shown::Nature, Value::Bare(_)) => "a number or Boolean".into(),
            (_, Value::Null) => "empty".into(),
            (_, Value::List) => "a list".into(),
            (_, Value::Section(_)) => "a section".into(),
        };
        Problem::WrongValue { origin, found, expected }
    }

    /// Reports the keys that were not asked for, but for those to be skipped, and a section that is none.
    pub(super) fn finish(self, skipped: &[&'static str], problems: &mut Vec<Problem>) {
        self.finish_shape(problems);
        for (key, entry) in self.map().into_iter().flatten() {
            if self.asked.contains(&key.as_str()) {
                continue;
            }
            if skipped.contains(&key.as_str()) {
                let file = self.document.path.display();
                tracing::debug!(%file, key = self.full(key), "skipped a key that Streampod does not use");
                continue;
            }
            problems.push(Problem::UnknownKey {
                location: entry.key_at.in_file(&self.document.path),
                key: self.full(key),
                allowed: self.asked.clone(),
                suggestion: closest(key, self.asked.iter().chain(skipped)),
            });
        }
    }

    /// Reports a section that is none.
    pub(super) fn finish_shape(&self, problems: &mut Vec<Problem>) {
        let Some(node) = self.node else { return };
        if matches!(node.value, Value::Section(_) | Value::Null) {
            return;
        }
        let expected = match self.asked.as_slice() {
            [] => "a section of names with values".into(),
            keys => format!("a section with any of the keys {}", keys.join(", ")),
        };
        problems.push(self.wrong_value("", node, expected));
    }

    fn full(&self, key: &str) -> String {
        format!("{}{}", self.prefix, shortened(key).escape_debug())
    }

    fn ask(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        Some(self.document.node(self.map()?.get(key)?.node))
    }

    fn map(&self) -> Option<&'a BTreeMap<String, Entry>> {
        match &self.node?.value {
            Value::Section(entries) => Some(entries),
            _ => None,
        }
    }
}

/// Text as an error shows it: in quotes, and not at any length.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// The key that was probably meant.
fn closest<'k>(key: &str, keys: impl Iterator<Item = &'k &'static str>) -> Option<&'static str> {
    let key = key.to_lowercase();
    let max_edits = (key.chars().count() / 3).max(1);
    keys.map(|known| (strsim::osa_distance(&key, &known.to_lowercase()), *known))
        .filter(|(edits, _)| *edits <= max_edits)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}
