//! Enums in Rust.

use streampod_schema::{Enum, EnumEncoding, Type};

use super::names::Names;
use super::types::Types;
use super::{attribute, derive, docs, names};
use crate::source::Source;

/// An enum of plain values.
pub(super) fn render(source: &mut Source, definition: &Enum, types: &Types<'_>, problems: &mut Vec<String>) {
    docs(source, &definition.docs, definition.deprecated.as_ref());
    let mut traits = "Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord".to_owned();
    if definition.default.is_some() {
        traits += ", Default";
    }
    if types.options.serde {
        traits += &format!(", {}", types.serde());
    }
    derive(source, &format!("{traits}, {}", types.import("::streampod::Model")));
    let mut idents = Names::default();
    for property in &definition.properties {
        let what = format!("the property `{}.{}`", definition.name, property.name);
        idents.add(&names::field(&property.name).ident, &what);
    }
    let mut variants = Names::default();
    for value in &definition.values {
        variants.add(
            &names::variant(&value.name).ident,
            &format!("the value `{}.{}`", definition.name, value.name),
        );
    }
    problems.extend(idents.problems.into_iter().chain(variants.problems));
    let mut options = Vec::new();
    if names::base(&definition.name) != definition.name {
        options.push(format!("name = {:?}", definition.name));
    }
    if let Some(file) = &definition.file {
        options.push(format!("file = {file:?}"));
    }
    if definition.encoding == EnumEncoding::ByIndex {
        options.push("by_index".to_owned());
    }
    if definition.server_only {
        options.push("server_only".to_owned());
    }
    if !definition.properties.is_empty() {
        let properties = definition.properties.iter();
        let properties = properties.map(|property| {
            format!("{}: {}", names::field(&property.name).ident, property_type(&property.ty))
        });
        options.push(format!("properties({})", properties.collect::<Vec<_>>().join(", ")));
    }
    attribute(source, &options);
    source.block(format!("pub enum {} {{", names::base(&definition.name)), "}", |source| {
        for value in &definition.values {
            docs(source, &value.docs, value.deprecated.as_ref());
            let name = names::variant(&value.name);
            let mut options = Vec::new();
            if !name.is_plain {
                options.push(format!("name = {:?}", value.name));
            }
            if definition.default.as_ref() == Some(&value.name) {
                source.line("#[default]");
                options.push("default".to_owned());
            }
            let mut properties = Vec::new();
            for (property, json) in definition.properties.iter().zip(&value.properties) {
                match property_value(&property.ty, json) {
                    Some(value) => {
                        properties.push(format!("{} = {value}", names::field(&property.name).ident))
                    }
                    None => problems.push(format!(
                        "{}.{}: `{}` is no value of the property `{}`, of type `{}`",
                        definition.name, value.name, json, property.name, property.ty
                    )),
                }
            }
            if !properties.is_empty() {
                options.push(format!("properties({})", properties.join(", ")));
            }
            attribute(source, &options);
            source.line(format!("{},", name.ident));
        }
    });
}

fn property_type(ty: &Type) -> String {
    match ty {
        Type::Nullable(inner) => format!("Option<{}>", property_type(inner)),
        Type::Bool => "bool".to_owned(),
        Type::Int => "i64".to_owned(),
        Type::Double => "f64".to_owned(),
        _ => "&'static str".to_owned(),
    }
}

fn property_value(ty: &Type, json: &str) -> Option<String> {
    Some(match ty {
        Type::Nullable(_) if json == "null" => "None".to_owned(),
        Type::Nullable(inner) => format!("Some({})", property_value(inner, json)?),
        Type::Bool => serde_json::from_str::<bool>(json).ok()?.to_string(),
        Type::Int => serde_json::from_str::<i64>(json).ok()?.to_string(),
        Type::Double => format!("{:?}", serde_json::from_str::<f64>(json).ok()?),
        Type::String => format!("{:?}", serde_json::from_str::<String>(json).ok()?),
        _ => return None,
    })
}
