//! Classes and exceptions, as their files declare them.

use crate::attribute::{Attribute, Setting};
use crate::declaration::{Context, Entries};
use crate::names::{self, Purpose};
use crate::relation::Relation;
use crate::reporter::Reporter;
use crate::source::{Span, Text};
use crate::tree::{Entry, Value};
use crate::{docs, keyword};

/// A class or an exception as its file declares it.
#[derive(Debug)]
pub(crate) struct ClassDeclaration<'a> {
    pub(crate) is_exception: bool,
    pub(crate) extends: Option<Text<'a>>,
    pub(crate) sealed: bool,
    pub(crate) immutable: bool,
    /// Whether its values are rows of a table, and so have an id.
    pub(crate) has_table: bool,
    pub(crate) fields: Vec<FieldDeclaration<'a>>,
}

/// A field as its file declares it.
#[derive(Debug)]
pub(crate) struct FieldDeclaration<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) docs: String,
    pub(crate) ty: Text<'a>,
    /// Where it says `required`.
    pub(crate) required: Option<Span>,
    /// The default of the field in code: the text behind `defaultModel`, or else behind `default`.
    pub(crate) default: Option<Text<'a>>,
    pub(crate) scope: Scope,
    /// Where it says its scope.
    pub(crate) scope_at: Option<Span>,
    pub(crate) key: Option<Text<'a>>,
    pub(crate) relation: Option<Relation<'a>>,
}

/// Who sees a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everybody.
    All,
    /// Servers.
    ServerOnly,
    /// The database alone.
    None,
}

/// Reads a class or an exception.
pub(crate) fn read<'a>(
    is_exception: bool,
    entries: &Entries<'a>,
    context: &mut Context<'a, '_>,
) -> ClassDeclaration<'a> {
    let sealed = entries.flag("sealed", context.reporter);
    if let Some(table) = entries.get("table").filter(|_| sealed && !is_exception) {
        let span = table.key.text().span;
        context.reporter.error(span, "a sealed class has no table", "it has no values of its own");
    }
    let fields = entries.map("fields", "a map of fields, like `name: String`", context.reporter);
    ClassDeclaration {
        is_exception,
        extends: entries.text("extends", "the name of a class", context.reporter),
        sealed,
        immutable: entries.flag("immutable", context.reporter),
        has_table: entries.get("table").is_some() && !is_exception,
        fields: fields.iter().filter_map(|entry| field(entry, context)).collect(),
    }
}

fn field<'a>(entry: &'a Entry, context: &mut Context<'a, '_>) -> Option<FieldDeclaration<'a>> {
    let name = entry.key.text();
    names::check(name, Purpose::Field, context.reporter);
    let attributes = Attributes::read(Attribute::of_field(&entry.node, context.reporter), context.reporter);
    let reporter = &mut *context.reporter;
    let Some(ty) = attributes.text("type", "type: String", reporter) else {
        if attributes.get("type").is_none() && !matches!(entry.node.value, Value::List(_)) {
            let example = match entry.node.value {
                Value::Map(_) => "type: String".to_owned(),
                _ => format!("{}: String", name.text),
            };
            let message = format!("the field `{}` has no type", name.text);
            reporter.error(name.span, message, format!("expected `{example}`, for example"));
        }
        return None;
    };
    let (scope, scope_at) = match attributes.text("scope", "scope=serverOnly", reporter) {
        Some(text) => (scope(text, reporter), Some(text.span)),
        None => (Scope::All, None),
    };
    let default = attributes.text("default", "default=…", reporter);
    let default_model = attributes.text("defaultModel", "defaultModel=…", reporter);
    let required = attributes.get("required").filter(|required| required.is_on(reporter));
    let key = attributes.text("jsonKey", "jsonKey=name_on_the_wire", reporter);
    if let Some(key) =
        key.filter(|key| key.text.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')))
    {
        let message = format!("`{}` cannot be a key", key.text);
        reporter.error(key.span, message, "expected a text without control characters, `\"` and `\\`");
    }
    Some(FieldDeclaration {
        name,
        docs: docs::above(&context.source.text, name.span.start),
        ty,
        required: required.map(|required| required.key.span),
        default: default_model.or(default),
        scope,
        scope_at,
        key,
        relation: attributes.get("relation").map(|relation| Relation::of(relation, reporter)),
    })
}

fn scope(text: Text<'_>, reporter: &mut Reporter) -> Scope {
    let scopes = [("all", Scope::All), ("serverOnly", Scope::ServerOnly), ("none", Scope::None)];
    if let Some((_, scope)) = scopes.iter().find(|(name, _)| text.text.eq_ignore_ascii_case(name)) {
        return *scope;
    }
    let message = format!("there is no scope `{}`", text.text);
    reporter.error(text.span, message, "expected `all`, `serverOnly` or `none`");
    Scope::All
}

/// The attributes of a field whose keywords are known.
struct Attributes<'a> {
    attributes: Vec<(&'static str, Attribute<'a>)>,
}

impl<'a> Attributes<'a> {
    fn read(attributes: Vec<Attribute<'a>>, reporter: &mut Reporter) -> Self {
        let mut known = Self { attributes: Vec::new() };
        for attribute in attributes {
            let key = attribute.key;
            let Some(word) = keyword::FIELD.check(key, reporter) else { continue };
            if let Some(first) = known.get(word) {
                let first = first.key.span;
                let message = format!("`{word}` is written twice");
                reporter.error(key.span, message, "the second time").related(first, "the first time");
                continue;
            }
            if matches!(attribute.setting, Setting::Off) && !matches!(word, "persist" | "required") {
                reporter.error(key.span, format!("`{word}` cannot be negated"), "remove the `!`");
                continue;
            }
            known.attributes.push((word, attribute));
        }
        known
    }

    fn get(&self, keyword: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|(word, _)| *word == keyword).map(|(_, attribute)| attribute)
    }

    fn text(&self, keyword: &str, example: &str, reporter: &mut Reporter) -> Option<Text<'a>> {
        self.get(keyword)?.text(example, reporter)
    }
}
