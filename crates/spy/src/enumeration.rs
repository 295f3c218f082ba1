//! Enums.

use streampod_schema::{Enum, EnumEncoding, EnumProperty, EnumValue, Type};

use crate::declaration::{Context, Entries};
use crate::names::{self, Purpose};
use crate::reporter::Reporter;
use crate::source::Text;
use crate::tree::{Entry, Node, Value};
use crate::{default, docs};

/// A property, and the JSON that it is in values that do not say; without one, they must.
struct Property {
    property: EnumProperty,
    default: Option<String>,
}

/// Reads an enum.
pub(crate) fn read<'a>(
    name: Text<'_>,
    docs: &str,
    server_only: bool,
    entries: &Entries<'a>,
    context: &mut Context<'a, '_>,
) -> Enum {
    let properties = entries.map("properties", "a map of properties, like `title: String`", context.reporter);
    let properties: Vec<_> =
        properties.iter().filter_map(|entry| property(entry, context.reporter)).collect();
    let values = values(name, entries, &properties, context);
    let default = entries.text("default", "the name of a value", context.reporter);
    let known = default.filter(|default| values.iter().any(|value| value.name == default.text));
    if let (Some(default), None) = (default, known) {
        let values = names::list(values.iter().map(|value| value.name.as_str()));
        let message = format!("`{}` has no value `{}`", name.text, default.text);
        context.reporter.error(default.span, message, format!("expected one of {values}"));
    }
    Enum {
        name: name.text.to_owned(),
        docs: docs.to_owned(),
        deprecated: None,
        file: None,
        server_only,
        encoding: encoding(entries, context),
        default: default.map(|default| default.text.to_owned()),
        properties: properties.into_iter().map(|property| property.property).collect(),
        values,
    }
}

fn encoding(entries: &Entries<'_>, context: &mut Context<'_, '_>) -> EnumEncoding {
    let expected = "`byName` or `byIndex`";
    let Some(text) = entries.text("serialized", expected, context.reporter) else {
        return context.options.enum_encoding;
    };
    match text.text {
        by if by.eq_ignore_ascii_case("byName") => EnumEncoding::ByName,
        by if by.eq_ignore_ascii_case("byIndex") => EnumEncoding::ByIndex,
        other => {
            let message = format!("an enum cannot be serialized `{other}`");
            context.reporter.error(text.span, message, format!("expected {expected}"));
            context.options.enum_encoding
        }
    }
}

fn property(entry: &Entry, reporter: &mut Reporter) -> Option<Property> {
    let name = entry.key.text();
    names::check(name, Purpose::Property, reporter);
    let expected = "expected `int`, `double`, `bool` or `String`, and perhaps a default: `int, default=0`";
    let Value::Scalar(scalar) = &entry.node.value else {
        let message = format!("a property needs a type, and this is {}", entry.node.kind());
        reporter.error(entry.node.span, message, expected);
        return None;
    };
    let (ty, modifier) =
        scalar.text().split_once(',').map_or((scalar.text(), None), |(ty, rest)| (ty, Some(rest)));
    let base = match ty.text.strip_suffix('?').unwrap_or(ty.text) {
        "int" => Type::Int,
        "double" => Type::Double,
        "bool" => Type::Bool,
        "String" => Type::String,
        other => {
            reporter.error(ty.span, format!("a property cannot be of type `{other}`"), expected);
            return None;
        }
    };
    let ty = if ty.text.ends_with('?') { base.nullable() } else { base };
    let default = match modifier.map(|modifier| (modifier, modifier.split_once('='))) {
        None => ty.takes_null().then(|| "null".to_owned()),
        Some((_, Some((key, value)))) if key.text == "default" => {
            let text = default::unquote(value.text).unwrap_or_else(|| value.text.to_owned());
            // A default that is wrong is one nevertheless: values need not say what the property is.
            Some(value_of(&ty, &text, value, reporter).unwrap_or_default())
        }
        Some((modifier, _)) => {
            let message = format!("a property has no keyword `{}`", modifier.text);
            reporter.error(modifier.span, message, "expected `default=…`");
            Some(String::new())
        }
    };
    Some(Property { property: EnumProperty { name: name.text.to_owned(), ty }, default })
}

/// `text` as JSON of type `ty`.
fn value_of(ty: &Type, text: &str, at: Text<'_>, reporter: &mut Reporter) -> Option<String> {
    let (json, expected) = match ty {
        Type::Nullable(_) if text == "null" => (Some("null".to_owned()), ""),
        Type::Nullable(inner) => return value_of(inner, text, at, reporter),
        Type::Int => (text.parse().ok().map(|int: i64| int.to_string()), "a 64-bit integer"),
        Type::Double => (default::double(text), "a number"),
        Type::Bool => (matches!(text, "true" | "false").then(|| text.to_owned()), "`true` or `false`"),
        _ => (Some(default::quote(text)), ""),
    };
    if json.is_none() {
        reporter.error(at.span, format!("this is no `{ty}`"), format!("expected {expected}"));
    }
    json
}

fn values<'a>(
    name: Text<'_>,
    entries: &Entries<'a>,
    properties: &[Property],
    context: &mut Context<'a, '_>,
) -> Vec<EnumValue> {
    let expected = "a list of values: a line `- name` for each";
    let Some(entry) = entries.get("values") else {
        let message = format!("the enum `{}` has no values", name.text);
        context.reporter.error(name.span, message, format!("expected `values` with {expected}"));
        return Vec::new();
    };
    let Value::List(items) = &entry.node.value else {
        let message = format!("`values` is set to {}", entry.node.kind());
        context.reporter.error(entry.key.text().span, message, format!("expected {expected}"));
        return Vec::new();
    };
    let mut seen = std::collections::HashMap::new();
    let mut values = Vec::new();
    for item in items {
        let Some((name, given)) = value_name(item, context.reporter) else { continue };
        names::check(name, Purpose::Value, context.reporter);
        if let Some(first) = seen.insert(name.text, name.span) {
            let message = format!("`{}` is written twice", name.text);
            context.reporter.error(name.span, message, "the second time").related(first, "the first time");
        }
        values.push(EnumValue {
            name: name.text.to_owned(),
            docs: docs::above(&context.source.text, name.span.start),
            deprecated: None,
            properties: value_properties(name, given, properties, context.reporter),
        });
    }
    values
}

/// The name of a value, and what it says about its properties.
fn value_name<'a>(item: &'a Node, reporter: &mut Reporter) -> Option<(Text<'a>, &'a [Entry])> {
    match &item.value {
        Value::Scalar(scalar) => return Some((scalar.text(), &[])),
        Value::Map(entries) => {
            if let [entry] = entries.as_slice() {
                match &entry.node.value {
                    Value::Map(given) => return Some((entry.key.text(), given)),
                    Value::Null => return Some((entry.key.text(), &[])),
                    Value::Scalar(_) | Value::List(_) => {}
                }
            }
        }
        Value::Null | Value::List(_) => {}
    }
    reporter
        .error(
            item.span,
            "this is no value of an enum",
            "expected a name, or a name with a map of properties",
        )
        .help("a value with properties is `- name:`, with `property: value` on the next lines, further in");
    None
}

/// The JSON of each property, in their order.
fn value_properties(
    name: Text<'_>,
    given: &[Entry],
    properties: &[Property],
    reporter: &mut Reporter,
) -> Vec<String> {
    let known = || properties.iter().map(|property| property.property.name.as_str());
    for key in given.iter().map(|entry| entry.key.text()).filter(|key| known().all(|known| known != key.text))
    {
        let label = match names::suggestion(key.text, known()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("the properties are: {}", names::list(known())),
        };
        reporter.error(key.span, format!("the enum has no property `{}`", key.text), label);
    }
    let json = |property: &Property| {
        let EnumProperty { name: wanted, ty } = &property.property;
        match given.iter().find(|entry| entry.key.text().text == wanted).map(|entry| (&entry.node, entry)) {
            Some((Node { value: Value::Scalar(scalar), .. }, _)) => {
                value_of(ty, scalar.text().text, scalar.text(), reporter)
            }
            Some((Node { value: Value::Null, .. }, _)) if ty.takes_null() => Some("null".to_owned()),
            Some((node, entry)) => {
                let message = format!("`{wanted}` is set to {}", node.kind());
                reporter.error(entry.key.text().span, message, format!("expected a value of type `{ty}`"));
                None
            }
            None => property.default.clone().or_else(|| {
                let message = format!("the value `{}` lacks the property `{wanted}`", name.text);
                reporter.error(name.span, message, format!("expected `{wanted}: …`, of type `{ty}`"));
                None
            }),
        }
    };
    properties.iter().map(json).map(Option::unwrap_or_default).collect()
}
