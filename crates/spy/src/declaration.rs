//! One model as its file declares it, before names of other models mean anything.

use streampod_schema::Enum;

use crate::attribute::unexpected;
use crate::class::{self, ClassDeclaration};
use crate::names::{self, Purpose};
use crate::options::Options;
use crate::reporter::Reporter;
use crate::source::{SourceText, Text};
use crate::tree::{Entry, Node, Value};
use crate::{docs, enumeration, keyword};

/// A model as its file declares it.
#[derive(Debug)]
pub(crate) struct Declaration<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) docs: String,
    pub(crate) server_only: bool,
    pub(crate) body: Body<'a>,
}

#[derive(Debug)]
pub(crate) enum Body<'a> {
    Class(ClassDeclaration<'a>),
    /// An enum names no other model: it is complete.
    Enum(Enum),
}

/// What reading a file needs at hand.
pub(crate) struct Context<'a, 'r> {
    pub(crate) source: &'a SourceText,
    pub(crate) options: &'a Options,
    pub(crate) reporter: &'r mut Reporter,
}

/// Reads the model that a file declares. `None` if it declares none, which is reported.
pub(crate) fn read<'a>(tree: &'a Node, context: &mut Context<'a, '_>) -> Option<Declaration<'a>> {
    let Value::Map(entries) = &tree.value else {
        unexpected(tree, "`class`, `exception` or `enum`", context.reporter);
        return None;
    };
    let entry = kind(tree, entries, context.reporter)?;
    let name = name(entry, context.reporter)?;
    let entries = Entries { entries };
    let (keywords, is_enum) = match entry.key.text().text {
        "class" => (&keyword::CLASS, false),
        "exception" => (&keyword::EXCEPTION, false),
        _ => (&keyword::ENUM, true),
    };
    for key in entries.entries.iter().map(|entry| entry.key.text()).filter(|key| !is_kind(key.text)) {
        keywords.check(key, context.reporter);
    }
    let docs = docs::above(&context.source.text, entry.key.text().span.start);
    let server_only = entries.flag("serverOnly", context.reporter);
    let body = if is_enum {
        Body::Enum(enumeration::read(name, &docs, server_only, &entries, context))
    } else {
        let is_exception = entry.key.text().text == "exception";
        Body::Class(class::read(is_exception, &entries, context))
    };
    Some(Declaration { name, docs, server_only, body })
}

fn is_kind(key: &str) -> bool {
    matches!(key, "class" | "exception" | "enum")
}

/// The entry that says what the model is.
fn kind<'a>(tree: &Node, entries: &'a [Entry], reporter: &mut Reporter) -> Option<&'a Entry> {
    let mut kinds = entries.iter().filter(|entry| is_kind(entry.key.text().text));
    let Some(first) = kinds.next() else {
        let keys = entries.iter().map(|entry| entry.key.text());
        let near = keys.filter_map(|key| {
            names::suggestion(key.text, ["class", "exception", "enum"]).map(|name| (key.span, name))
        });
        let message = "the file does not say what it declares";
        let (span, label) = match near.into_iter().next() {
            Some((span, name)) => (span, format!("did you mean `{name}`?")),
            None => (tree.span, "expected `class`, `exception` or `enum` and a name".into()),
        };
        reporter.error(span, message, label);
        return None;
    };
    for other in kinds {
        let key = other.key.text();
        reporter
            .error(key.span, "a file declares one model", "this is a second one")
            .related(first.key.text().span, "this is the first")
            .help("put it into a file of its own");
    }
    Some(first)
}

fn name<'a>(entry: &'a Entry, reporter: &mut Reporter) -> Option<Text<'a>> {
    let Value::Scalar(scalar) = &entry.node.value else {
        let key = entry.key.text();
        let message = format!("the {} has no name", key.text);
        reporter.error(key.span, message, format!("expected a name, like `{}: PixelUpdate`", key.text));
        return None;
    };
    names::check(scalar.text(), Purpose::Model, reporter);
    Some(scalar.text())
}

/// The entries of a map, by key.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'a> {
    entries: &'a [Entry],
}

impl<'a> Entries<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key.text().text == key)
    }

    /// Whether the key is set to true.
    pub(crate) fn flag(&self, key: &str, reporter: &mut Reporter) -> bool {
        let Some(text) = self.text(key, "`true` or `false`", reporter) else { return false };
        match text.text {
            "true" | "True" | "TRUE" => true,
            "false" | "False" | "FALSE" => false,
            other => {
                reporter.error(
                    text.span,
                    format!("`{key}` cannot be `{other}`"),
                    "expected `true` or `false`",
                );
                false
            }
        }
    }

    /// The text of the key; a value of any other kind is reported.
    pub(crate) fn text(&self, key: &str, expected: &str, reporter: &mut Reporter) -> Option<Text<'a>> {
        let entry = self.get(key)?;
        if let Value::Scalar(scalar) = &entry.node.value {
            return Some(scalar.text());
        }
        let message = format!("`{key}` is set to {}", entry.node.kind());
        reporter.error(entry.key.text().span, message, format!("expected {expected}"));
        None
    }

    /// The entries of the map at the key; none if it has no value.
    pub(crate) fn map(&self, key: &str, expected: &str, reporter: &mut Reporter) -> &'a [Entry] {
        match self.get(key).map(|entry| (&entry.node.value, entry)) {
            Some((Value::Map(entries), _)) => entries,
            None | Some((Value::Null, _)) => &[],
            Some((_, entry)) => {
                unexpected(&entry.node, expected, reporter);
                &[]
            }
        }
    }
}
