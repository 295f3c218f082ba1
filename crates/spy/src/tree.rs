//! A YAML file as a tree whose nodes know their place.
//!
//! Built from the parser's events, because what a model file may not use of YAML (anchors, tags, a second document) is refused
//! where it stands, and because the nodes of a tree that is made for data have no places.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::reporter::Reporter;
use crate::source::{Span, Text};

/// A file is refused if it is larger, in bytes.
const FILE_MAX_BYTES: usize = 256 * 1024;
/// How deep lists and maps may nest; no keyword needs more than five levels.
const NESTING_MAX: usize = 16;

/// A value in a file.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A text, and where it stands: without its quotes, if it has no escapes.
#[derive(Debug)]
pub(crate) struct Scalar {
    text: String,
    span: Span,
    /// Whether it stands there as it is.
    is_verbatim: bool,
}

/// A key of a map and its value. The keys of a map differ.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Scalar,
    pub(crate) node: Node,
}

impl Scalar {
    pub(crate) fn text(&self) -> Text<'_> {
        match self.is_verbatim {
            true => Text::verbatim(&self.text, self.span),
            false => Text::implied(&self.text, self.span),
        }
    }
}

impl Node {
    /// What it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Reads the text of a file. `None` if it is no YAML, or empty; the reporter knows why.
pub(crate) fn parse(source: &str, file: usize, reporter: &mut Reporter) -> Option<Node> {
    let whole = Span { file, start: 0, end: 0 };
    if source.len() > FILE_MAX_BYTES {
        let message = format!("the file is larger than {} KiB", FILE_MAX_BYTES / 1024);
        reporter.error(whole, message, "").help("is it a model file?");
        return None;
    }
    let offsets = Offsets::of(source, file);
    let mut builder = Builder { source, reporter, root: None, open: Vec::new() };
    for event in Parser::new_from_str(source) {
        let stop = match event {
            Ok((event, span)) => builder.event(event, offsets.span(span.start, span.end)).err(),
            Err(error) => Some(Stop {
                at: offsets.span(*error.marker(), *error.marker()),
                message: "the file is not valid YAML".into(),
                label: error.info().into(),
                help: match error.info() {
                    info if info.starts_with("mapping values") => {
                        "a value with `: ` in it is put into double quotes as a whole"
                    }
                    _ => "",
                },
            }),
        };
        if let Some(Stop { at, message, label, help }) = stop {
            let diagnostic = builder.reporter.error(at, message, label);
            if !help.is_empty() {
                diagnostic.help(help);
            }
            return None;
        }
    }
    if builder.root.is_none() {
        let message = "the file is empty";
        builder.reporter.error(whole, message, "expected `class`, `exception` or `enum`");
    }
    builder.root
}

/// Turns the parser's places, which count characters, into bytes.
struct Offsets<'a> {
    source: &'a str,
    file: usize,
    /// The byte of every character; empty if each is one byte.
    bytes: Vec<usize>,
}

impl<'a> Offsets<'a> {
    fn of(source: &'a str, file: usize) -> Self {
        let bytes =
            if source.is_ascii() { Vec::new() } else { source.char_indices().map(|(at, _)| at).collect() };
        Self { source, file, bytes }
    }

    fn byte(&self, marker: Marker) -> usize {
        let byte = if self.bytes.is_empty() {
            marker.index()
        } else {
            self.bytes.get(marker.index()).copied().unwrap_or(self.source.len())
        };
        byte.min(self.source.len())
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        let start = self.byte(start);
        let end = self.byte(end).max(start);
        let end = start + self.source[start..end].trim_end().len();
        Span { file: self.file, start, end }
    }
}

/// Something after which the rest of the file cannot be understood.
struct Stop {
    at: Span,
    message: String,
    label: String,
    help: &'static str,
}

struct Builder<'a> {
    source: &'a str,
    reporter: &'a mut Reporter,
    root: Option<Node>,
    /// What is open at this point of the file, outermost first.
    open: Vec<Open>,
}

/// A list or a map whose end is not yet read.
struct Open {
    span: Span,
    collection: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// The places of the keys that were read.
        keys: HashMap<String, Span>,
        /// The key whose value comes next.
        key: Option<Scalar>,
    },
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(stop(
                span,
                "a file holds one model",
                "a second YAML document begins here",
                "put it into a file of its own",
            )),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(anchor, tag.is_some(), span)?;
                let is_null =
                    style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = match is_null {
                    true => Value::Null,
                    false => Value::Scalar(self.scalar(text.into_owned(), span)),
                };
                self.place(Node { span, value })
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), span)?;
                self.begin(span, Collection::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), span)?;
                self.begin(span, Collection::Map { entries: Vec::new(), keys: HashMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) => Err(stop(span, "aliases have no use here", "", "write the value out")),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn refuse(&self, anchor: usize, has_tag: bool, span: Span) -> Result<(), Stop> {
        if anchor != 0 {
            return Err(stop(
                span,
                "anchors have no use here",
                "this value has one",
                "remove the `&…` before it",
            ));
        }
        if has_tag {
            return Err(stop(
                span,
                "tags have no use here",
                "this value has one",
                "remove the `!…` before it",
            ));
        }
        Ok(())
    }

    /// A scalar that the parser found at `span`, with its quotes.
    fn scalar(&self, text: String, span: Span) -> Scalar {
        let inner = Span { start: span.start + 1, end: span.end.saturating_sub(1), ..span };
        let is_at = |span: &Span| self.source.get(span.start..span.end) == Some(text.as_str());
        match [span, inner].into_iter().find(is_at) {
            Some(span) => Scalar { text, span, is_verbatim: true },
            None => Scalar { text, span, is_verbatim: false },
        }
    }

    fn begin(&mut self, span: Span, collection: Collection) -> Result<(), Stop> {
        if self.open.len() == NESTING_MAX {
            return Err(stop(span, "lists and maps nest too deep", "the seventeenth level begins here", ""));
        }
        self.open.push(Open { span: self.line(span), collection });
        Ok(())
    }

    /// From the start of `span` to the end of its line: what is underlined of a list or a map.
    fn line(&self, span: Span) -> Span {
        let rest = &self.source[span.start..];
        let line = rest.lines().next().unwrap_or_default().trim_end();
        Span { end: span.start + line.len(), ..span }
    }

    fn end(&mut self) -> Result<(), Stop> {
        let Some(Open { span, collection }) = self.open.pop() else { return Ok(()) };
        let value = match collection {
            Collection::List(items) => Value::List(items),
            Collection::Map { entries, .. } => Value::Map(entries),
        };
        self.place(Node { span, value })
    }

    /// Puts a complete node where it belongs.
    fn place(&mut self, node: Node) -> Result<(), Stop> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let (entries, keys, key) = match &mut open.collection {
            Collection::List(items) => {
                items.push(node);
                return Ok(());
            }
            Collection::Map { entries, keys, key } => (entries, keys, key),
        };
        let Some(name) = key.take() else {
            let Value::Scalar(scalar) = node.value else {
                let label = format!("this is {}", node.kind());
                return Err(Stop { at: node.span, message: "a key must be a word".into(), label, help: "" });
            };
            *key = Some(scalar);
            return Ok(());
        };
        if let Some(first) = keys.get(&name.text) {
            let message = format!("`{}` is written twice", name.text);
            self.reporter.error(name.span, message, "the second time").related(*first, "the first time");
            return Ok(());
        }
        keys.insert(name.text.clone(), name.span);
        entries.push(Entry { key: name, node });
        Ok(())
    }
}

fn stop(at: Span, message: &str, label: &str, help: &'static str) -> Stop {
    Stop { at, message: message.into(), label: label.into(), help }
}
