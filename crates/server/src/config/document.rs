//! A YAML file as a tree whose nodes know their place.
//!
//! Built from the parser's events rather than by Serde, so that one pass finds every problem with its line and column.
//! Nodes name each other by number: an alias costs the same whatever it stands for, and however deep the tree is,
//! nothing recurses over it.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::error::{Location, Problem};

const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The content of one YAML file.
pub(super) struct Document {
    pub(super) path: PathBuf,
    /// `None` if the file does not exist or is empty.
    pub(super) root: Option<NodeId>,
    nodes: Vec<Node>,
}

/// A node's place in its document's list of nodes.
#[derive(Clone, Copy)]
pub(super) struct NodeId(usize);

pub(super) struct Node {
    pub(super) at: Position,
    pub(super) value: Value,
}

#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

pub(super) enum Value {
    Null,
    /// A number or Boolean, as written.
    Bare(String),
    Text(String),
    /// Its items are not kept: no setting has use for them.
    List,
    Section(BTreeMap<String, Entry>),
}

pub(super) struct Entry {
    pub(super) key_at: Position,
    pub(super) node: NodeId,
}

impl Document {
    /// Reads a file; one that does not exist is an empty document, and so is one with a problem that stops the reading.
    pub(super) fn read(path: PathBuf, problems: &mut Vec<Problem>) -> Self {
        let document = Self::empty(path);
        match read_text(&document.path) {
            Ok(Some(text)) => Builder::new(document, problems).build(&text),
            Ok(None) => document,
            Err(problem) => {
                problems.push(problem);
                document
            }
        }
    }

    /// A document with nothing in it.
    pub(super) fn empty(path: PathBuf) -> Self {
        Self { path, root: None, nodes: Vec::new() }
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

fn read_text(path: &Path) -> Result<Option<String>, Problem> {
    let unreadable =
        |error: io::Error| Problem::UnreadableFile { path: path.into(), reason: error.to_string() };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Problem::LargeFile { path: path.into(), max_bytes: MAX_FILE_BYTES });
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Problem::UnreadableFile { path: path.into(), reason: "it is not UTF-8 text".into() })?;
    Ok(Some(text))
}

struct Builder<'a> {
    document: Document,
    problems: &'a mut Vec<Problem>,
    /// What is open at this point of the file, outermost first.
    open: Vec<Open>,
    /// Complete nodes that an alias can name, by the parser's number.
    anchors: HashMap<usize, NodeId>,
}

/// A list or section whose end is not yet read.
struct Open {
    at: Position,
    anchor: usize,
    collection: Collection,
}

enum Collection {
    List,
    Section { entries: BTreeMap<String, Entry>, key: Option<(String, Position)> },
}

/// A problem after which the rest of the file cannot be understood.
type Stop = (Position, String);

impl<'a> Builder<'a> {
    fn new(document: Document, problems: &'a mut Vec<Problem>) -> Self {
        Self { document, problems, open: Vec::new(), anchors: HashMap::new() }
    }

    fn build(mut self, text: &str) -> Document {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let handled = match event {
                Ok((event, span)) => self.event(event, span.start.into()),
                Err(error) => {
                    Err(((*error.marker()).into(), format!("the file is not valid YAML: {}", error.info())))
                }
            };
            if let Err((at, message)) = handled {
                let location = self.location(at);
                self.problems.push(Problem::InvalidYaml { location, message });
                return Document::empty(self.document.path);
            }
        }
        self.document
    }

    fn event(&mut self, event: Event<'_>, at: Position) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(_) if self.document.root.is_some() => {
                Err((at, "a second YAML document begins here; expected one document".into()))
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text =
                    tag.as_deref().is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let value = match style {
                    ScalarStyle::Plain if !is_text => plain(text.into_owned()),
                    _ => Value::Text(text.into_owned()),
                };
                self.complete(anchor, Node { at, value })
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, at, Collection::List),
            Event::MappingStart(anchor, _) => {
                self.begin(anchor, at, Collection::Section { entries: BTreeMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.place(*node, at),
                None => Err((at, "the alias names a node that contains it; write the value out".into())),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, at: Position, collection: Collection) -> Result<(), Stop> {
        self.open.push(Open { at, anchor, collection });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Stop> {
        let Some(Open { at, anchor, collection }) = self.open.pop() else { return Ok(()) };
        let value = match collection {
            Collection::List => Value::List,
            Collection::Section { entries, .. } => Value::Section(entries),
        };
        self.complete(anchor, Node { at, value })
    }

    fn complete(&mut self, anchor: usize, node: Node) -> Result<(), Stop> {
        let at = node.at;
        let id = NodeId(self.document.nodes.len());
        self.document.nodes.push(node);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.place(id, at)
    }

    /// Puts a complete node, read at this position, where it belongs.
    fn place(&mut self, node: NodeId, at: Position) -> Result<(), Stop> {
        let Some(open) = self.open.last_mut() else {
            self.document.root = Some(node);
            return Ok(());
        };
        let Collection::Section { entries, key } = &mut open.collection else { return Ok(()) };
        let Some((name, key_at)) = key.take() else {
            *key = match &self.document.node(node).value {
                Value::Text(name) | Value::Bare(name) => Some((name.clone(), at)),
                Value::Null | Value::List | Value::Section(_) => {
                    return Err((at, "a key must be a word, such as `port:`".into()));
                }
            };
            return Ok(());
        };
        match entries.get(&name) {
            None => {
                entries.insert(name, Entry { key_at, node });
            }
            Some(first) => {
                let first_line = first.key_at.line;
                let (location, key) = (self.location(key_at), self.path_to(&name));
                self.problems.push(Problem::DuplicateKey { location, key, first_line });
            }
        }
        Ok(())
    }

    /// A key of the innermost section, with the names of the sections around it.
    fn path_to(&self, name: &str) -> String {
        let around = self.open.iter().filter_map(|open| match &open.collection {
            Collection::Section { key: Some((key, _)), .. } => Some(key.as_str()),
            _ => None,
        });
        around.chain([name]).collect::<Vec<_>>().join(".")
    }

    fn location(&self, at: Position) -> Location {
        at.in_file(&self.document.path)
    }
}

impl Position {
    pub(super) fn in_file(self, path: &Path) -> Location {
        Location { path: path.into(), line: self.line, column: self.column }
    }
}

impl From<Marker> for Position {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// What a scalar without quotes is, by YAML's core schema.
fn plain(text: String) -> Value {
    let is_number = || text.contains(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Value::Bare(text),
        _ if is_number() => Value::Bare(text),
        _ => Value::Text(text),
    }
}
