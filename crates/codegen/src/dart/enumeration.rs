//! The file of an enum.

use streampod_schema::{Enum, EnumEncoding, EnumValue};

use super::convert::list;
use super::declaration::{deprecated, docs, spaced};
use super::field::literal;
use super::library::{Library, Siblings};
use super::package::Package;
use crate::SourceFile;

/// The file of an enum.
pub(super) fn file(package: &Package<'_>, definition: &Enum) -> SourceFile {
    let library = Library::new(package, &package.path_of(&definition.name), Siblings::Relative);
    let name = package.dart_name(&definition.name);
    let docs = docs(&definition.docs);
    let deprecated = deprecated(definition.deprecated.as_deref());
    let model = library.client("SerializableModel");
    // A value that is called `name` hides the name that Dart gives every value.
    let own_name =
        if definition.values.iter().any(|value| value.name == "name") { "this.name" } else { "name" };
    let (json_type, json, key) = match definition.encoding {
        EnumEncoding::ByName => ("String", own_name, "name"),
        EnumEncoding::ByIndex => ("int", "index", "index"),
    };
    let members = spaced([
        format!("{};", values(definition)),
        constructor(&library, definition, name),
        from_json(definition, name, json_type, key),
        format!("@override\n{json_type} toJson() => {json};"),
        format!("@override\nString toString() => {own_name};"),
    ]);
    library.file("", &format!("{docs}{deprecated}enum {name} implements {model} {{\n{members}\n}}\n"))
}

fn values(definition: &Enum) -> String {
    let value = |value: &EnumValue| {
        let (docs, deprecated) = (docs(&value.docs), deprecated(value.deprecated.as_deref()));
        let properties: Vec<String> = value
            .properties
            .iter()
            .map(|json| literal(&serde_json::from_str(json).unwrap_or_else(|_| json.as_str().into())))
            .collect();
        let arguments =
            if properties.is_empty() { String::new() } else { format!("({})", properties.join(", ")) };
        let text = format!("{docs}{deprecated}{}{arguments}", value.name);
        // What is documented stands apart from the value before it.
        if docs.is_empty() && deprecated.is_empty() { text } else { format!("\n{text}") }
    };
    let values: Vec<String> = definition.values.iter().map(value).collect();
    values.join(",\n").trim_start().to_owned()
}

/// The constructor that takes the properties, and their fields.
fn constructor(library: &Library<'_>, definition: &Enum, name: &str) -> String {
    if definition.properties.is_empty() {
        return String::new();
    }
    let parameters: Vec<String> =
        definition.properties.iter().map(|property| format!("this.{}", property.name)).collect();
    let constructor = format!("const {name}({});", list(&parameters));
    let fields = definition
        .properties
        .iter()
        .map(|property| format!("final {} {};", library.ty(&property.ty), property.name));
    spaced(std::iter::once(constructor).chain(fields))
}

fn from_json(definition: &Enum, name: &str, json_type: &str, key: &str) -> String {
    let cases: String = definition
        .values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let json = match definition.encoding {
                EnumEncoding::ByName => format!("'{}'", value.name),
                EnumEncoding::ByIndex => index.to_string(),
            };
            format!("case {json}:\nreturn {name}.{};\n", value.name)
        })
        .collect();
    let otherwise = match &definition.default {
        Some(value) => format!("return {name}.{value};"),
        None => format!("throw ArgumentError('Value \"${key}\" cannot be converted to \"{name}\"');"),
    };
    format!(
        "static {name} fromJson({json_type} {key}) {{\nswitch ({key}) {{\n{cases}default:\n{otherwise}\n}}\n}}"
    )
}
