//! Expressions that copy values, so that a copy of a model shares nothing that can be changed with the model itself.

use streampod_schema::Type;

use super::convert::{list, strip};
use super::library::Library;

/// A copy of the value in `variable`, of type `ty`.
pub(super) fn copy(library: &Library<'_>, variable: &str, ty: &Type) -> String {
    nested(library, variable, ty, 0)
}

/// `depth` tells apart the variables of functions inside each other.
fn nested(library: &Library<'_>, variable: &str, ty: &Type, depth: usize) -> String {
    let (inner, nullable) = strip(ty);
    let access = if nullable { "?." } else { "." };
    match inner {
        Type::ByteData => format!("{variable}{access}clone()"),
        Type::Named(_) if library.package.enumeration(inner).is_some() => variable.to_owned(),
        Type::Named(_) => format!("{variable}{access}copyWith()"),
        Type::List(item) | Type::Set(item) => {
            let element = format!("e{depth}");
            let copied = nested(library, &element, item, depth + 1);
            let collect = if matches!(inner, Type::List(_)) { "toList" } else { "toSet" };
            format!("{variable}{access}map(({element}) => {copied}).{collect}()")
        }
        Type::Map(key, value) => {
            let names = [format!("key{depth}"), format!("value{depth}")];
            let entry =
                [nested(library, &names[0], key, depth + 1), nested(library, &names[1], value, depth + 1)];
            format!("{variable}{access}map(({}) => MapEntry({}))", list(&names), list(&entry))
        }
        Type::Record { positional, named } => {
            // Dart remembers of variables alone that they were checked.
            let mark = if nullable && variable.contains('.') { "!" } else { "" };
            let record = format!("{variable}{mark}");
            let positional = positional
                .iter()
                .enumerate()
                .map(|(index, ty)| nested(library, &format!("{record}.${}", index + 1), ty, depth + 1));
            let named = named.iter().map(|(name, ty)| {
                format!("{name}: {}", nested(library, &format!("{record}.{name}"), ty, depth + 1))
            });
            let fields: Vec<String> = positional.chain(named).collect();
            let copied = format!("({},)", fields.join(", "));
            if nullable { format!("{variable} == null ? null : {copied}") } else { copied }
        }
        _ => variable.to_owned(),
    }
}
