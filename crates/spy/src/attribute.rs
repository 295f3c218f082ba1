//! What stands behind the type of a field: `int, default=1, !persist, relation(name=rows)`, or the same as a map.

use crate::reporter::Reporter;
use crate::source::{Span, Text};
use crate::tree::{Entry, Node, Value};

/// One part of a field's description.
#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    pub(crate) key: Text<'a>,
    pub(crate) setting: Setting<'a>,
}

/// What an attribute is set to.
#[derive(Debug)]
pub(crate) enum Setting<'a> {
    /// The word alone: `required`.
    On,
    /// `!persist`
    Off,
    /// `scope=all`
    Text(Text<'a>),
    /// `relation(name=rows, optional)`: what is in the parentheses.
    Nested(Vec<Attribute<'a>>),
}

impl<'a> Attribute<'a> {
    /// The attributes of a field: those of a map as they are, those of a text with its first part, the type, as `type`.
    pub(crate) fn of_field(node: &'a Node, reporter: &mut Reporter) -> Vec<Self> {
        match &node.value {
            Value::Scalar(scalar) => of_text(scalar.text(), reporter),
            Value::Map(entries) => entries.iter().filter_map(|entry| of_entry(entry, reporter)).collect(),
            Value::Null => Vec::new(),
            Value::List(_) => {
                unexpected(node, "the type of a field, like `String`", reporter);
                Vec::new()
            }
        }
    }

    /// Whether it is on. Only `true` and `false` may be written out.
    pub(crate) fn is_on(&self, reporter: &mut Reporter) -> bool {
        match &self.setting {
            Setting::On => true,
            Setting::Off => false,
            Setting::Text(text) if text.text.eq_ignore_ascii_case("true") => true,
            Setting::Text(text) if text.text.eq_ignore_ascii_case("false") => false,
            Setting::Text(Text { span, .. }) => {
                let message = format!("`{}` is on or off", self.key.text);
                reporter.error(*span, message, "expected `true` or `false`");
                false
            }
            Setting::Nested(_) => {
                let message = format!("`{}` takes nothing in parentheses", self.key.text);
                reporter.error(self.key.span, message, "expected the word alone");
                false
            }
        }
    }

    /// The text that it is set to; it is an error if it is set to anything else.
    pub(crate) fn text(&self, example: &str, reporter: &mut Reporter) -> Option<Text<'a>> {
        match &self.setting {
            Setting::Text(text) if !text.text.is_empty() => Some(*text),
            _ => {
                let message = format!("`{}` needs a value", self.key.text);
                reporter.error(self.key.span, message, format!("expected `{example}`"));
                None
            }
        }
    }
}

fn of_text<'a>(text: Text<'a>, reporter: &mut Reporter) -> Vec<Attribute<'a>> {
    let mut parts = split(text, reporter).into_iter();
    let key = Text::implied("type", text.slice(0..0).span);
    let ty = parts.next().map(|ty| Attribute { key, setting: Setting::Text(ty) });
    let rest: Vec<_> = parts.filter_map(|part| attribute(part, reporter)).collect();
    ty.into_iter().chain(rest).collect()
}

/// One attribute of a text: `word`, `!word`, `word=value` or `word(…)`.
fn attribute<'a>(text: Text<'a>, reporter: &mut Reporter) -> Option<Attribute<'a>> {
    let (head, value) = text.split_once('=').map_or((text, None), |(head, value)| (head, Some(value)));
    if let Some((key, inside)) = text.split_once('(').filter(|_| value.is_none() || head.text.contains('(')) {
        let Some(inside) = inside.text.strip_suffix(')').map(|rest| inside.slice(0..rest.len())) else {
            reporter.error(inside.span, "a parenthesis is not closed", "expected `)` behind this");
            return None;
        };
        let inside = split(inside, reporter).into_iter().filter(|part| !part.text.is_empty());
        return Some(Attribute { key, setting: Setting::Nested(inside.map(simple).collect()) });
    }
    if text.text.is_empty() {
        reporter.error(text.span, "there is nothing between two commas", "expected a keyword, or no comma");
        return None;
    }
    if head.text.starts_with('!') && value.is_some() {
        let label = "either `!` or a value, not both";
        reporter.error(text.span, format!("`{}` has a value", head.text), label);
        return None;
    }
    Some(simple(text))
}

/// An attribute without parentheses.
fn simple(text: Text<'_>) -> Attribute<'_> {
    match text.split_once('=') {
        Some((key, value)) => Attribute { key, setting: Setting::Text(value) },
        None if text.text.starts_with('!') => {
            Attribute { key: text.slice(1..text.text.len()).trim(), setting: Setting::Off }
        }
        None => Attribute { key: text, setting: Setting::On },
    }
}

fn of_entry<'a>(entry: &'a Entry, reporter: &mut Reporter) -> Option<Attribute<'a>> {
    let setting = match &entry.node.value {
        Value::Null => Setting::On,
        Value::Scalar(scalar) => Setting::Text(scalar.text()),
        Value::Map(entries) => {
            let inside = entries.iter().filter_map(|entry| match &entry.node.value {
                Value::Null => Some(Attribute { key: entry.key.text(), setting: Setting::On }),
                Value::Scalar(scalar) => {
                    Some(Attribute { key: entry.key.text(), setting: Setting::Text(scalar.text()) })
                }
                Value::List(_) | Value::Map(_) => {
                    unexpected(&entry.node, "a text", reporter);
                    None
                }
            });
            Setting::Nested(inside.collect())
        }
        Value::List(_) => {
            unexpected(&entry.node, "a text", reporter);
            return None;
        }
    };
    Some(Attribute { key: entry.key.text(), setting })
}

/// Reports a value of the wrong kind.
pub(crate) fn unexpected(node: &Node, expected: &str, reporter: &mut Reporter) {
    reporter.error(node.span, format!("this is {}", node.kind()), format!("expected {expected}"));
}

/// The parts of a text between its commas, but for commas in quotes or brackets.
fn split<'a>(text: Text<'a>, reporter: &mut Reporter) -> Vec<Text<'a>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let mut quote: Option<(char, usize)> = None;
    let mut is_escaped = false;
    for (at, c) in text.text.char_indices() {
        match (c, quote) {
            _ if is_escaped => is_escaped = false,
            ('\\', Some(_)) => is_escaped = true,
            (c, Some((mark, _))) if c == mark => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some((c, at)),
            ('<' | '(' | '{', None) => depth += 1,
            ('>' | ')' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                parts.push(text.slice(start..at).trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    if let Some((mark, at)) = quote {
        let Span { end, .. } = text.span;
        let rest = text.slice(at..text.text.len());
        reporter
            .error(
                Span { end, ..rest.span },
                "a text in quotes has no end",
                format!("expected a closing {mark}"),
            )
            .help("a quote inside the text is written with a backslash before it");
        return parts;
    }
    parts.push(text.slice(start..text.text.len()).trim());
    // A comma at the end separates nothing.
    if parts.len() > 1 {
        parts.pop_if(|last| last.text.is_empty());
    }
    parts
}
