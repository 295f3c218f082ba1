//! Expressions that read values from JSON and write them to it.

use streampod_schema::{EnumEncoding, Type};

use super::library::Library;

/// The value of type `ty` that the JSON in the variable or expression `json` stands for. With `optional`, null stands
/// for null, even if the type does not take it.
pub(super) fn from_json(library: &Library<'_>, json: &str, ty: &Type, optional: bool) -> String {
    let (inner, nullable) = strip(ty);
    let nullable = nullable || optional;
    let mark = if nullable { "?" } else { "" };
    let value = match inner {
        Type::Int | Type::String => return format!("{json} as {}{mark}", library.ty(inner)),
        Type::Bool if library.package.is_2_9() => return format!("{json} as bool{mark}"),
        Type::Double => return format!("({json} as num{mark}){mark}.toDouble()"),
        Type::Record { .. } => {
            let decode = library.protocol("deserialize");
            format!("{decode}<{}>(({json} as Map<String, dynamic>))", library.ty(ty))
        }
        Type::Dynamic => {
            let decode = library.protocol("deserializeByClassName");
            return format!("{json} == null ? null : {decode}(({json} as Map<String, dynamic>))");
        }
        Type::Named(name) if library.package.is_custom(name) => {
            format!("{}.fromJson({json})", library.model(name))
        }
        Type::Named(name) if library.package.enumeration(inner).is_some() => {
            let encoding = library.package.enumeration(inner).map(|definition| definition.encoding);
            let json_type = if encoding == Some(EnumEncoding::ByIndex) { "int" } else { "String" };
            format!("{}.fromJson(({json} as {json_type}))", library.model(name))
        }
        Type::Named(_) | Type::List(_) | Type::Set(_) | Type::Map(..) => {
            let decode = library.protocol("deserialize");
            format!("{decode}<{}>({json})", library.ty(inner))
        }
        basic => format!("{}.fromJson({json})", library.client(&extension(basic))),
    };
    if nullable { format!("{json} == null ? null : {value}") } else { value }
}

/// The JSON of `value`, a variable of type `ty`. A container with records in it must have been found not to be null.
pub(super) fn to_json(library: &Library<'_>, value: &str, ty: &Type) -> String {
    let (inner, nullable) = strip(ty);
    if is_json(inner) {
        return value.to_owned();
    }
    match inner {
        Type::Dynamic => return format!("{}({value})", library.protocol("dynamicFieldToJson")),
        Type::Record { .. } => return format!("{}({value})", library.protocol("mapRecordToJson")),
        container if holds_record(container) => {
            let mark = if nullable { "!" } else { "" };
            return format!("{}({value}{mark})", library.protocol("mapContainerToJson"));
        }
        _ => {}
    }
    let mut arguments = Vec::new();
    let mut convert = |name: &str, variable: &str, item: &Type| {
        if !is_json(item) {
            let item = to_json(library, variable, item);
            arguments.push(format!("{name}: ({variable}) => {item}"));
        }
    };
    match inner {
        Type::List(item) | Type::Set(item) => convert("valueToJson", "v", item),
        Type::Map(key, value) => {
            convert("keyToJson", "k", key);
            convert("valueToJson", "v", value);
        }
        _ => {}
    }
    let access = if nullable { "?." } else { "." };
    format!("{value}{access}toJson({})", list(&arguments))
}

/// The JSON of an argument of a call, which the client encodes; only what it could not encode by itself is converted.
pub(super) fn argument(library: &Library<'_>, name: &str, ty: &Type) -> String {
    let (inner, nullable) = strip(ty);
    match inner {
        Type::Dynamic | Type::Record { .. } => to_json(library, name, ty),
        inner if holds_dynamic(inner) => to_json(library, name, ty),
        inner if holds_record(inner) || holds_keyed_map(inner) => {
            let check = if nullable { format!("{name} == null ? null : ") } else { String::new() };
            format!("{check}{}({name})", library.protocol("mapContainerToJson"))
        }
        _ => name.to_owned(),
    }
}

/// The type without its `?`, and whether it had one.
pub(super) fn strip(ty: &Type) -> (&Type, bool) {
    match ty {
        Type::Nullable(inner) => (inner, true),
        ty => (ty, false),
    }
}

/// Arguments, elements or parameters, separated by commas. Several of them end with one, which keeps each on a line of
/// its own.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [item] => item.clone(),
        items => format!("{},", items.join(", ")),
    }
}

/// Whether a container has a record in it.
pub(super) fn holds_record(container: &Type) -> bool {
    items(container).into_iter().any(|item| matches!(item, Type::Record { .. }) || holds_record(item))
}

/// Whether a type is a map with keys other than strings, or a container of such maps.
pub(super) fn holds_keyed_map(ty: &Type) -> bool {
    matches!(strip(ty).0, Type::Map(key, _) if **key != Type::String)
        || items(ty).into_iter().any(holds_keyed_map)
}

/// Whether a container has values of any type in it.
fn holds_dynamic(container: &Type) -> bool {
    items(container).into_iter().any(|item| *item == Type::Dynamic || holds_dynamic(item))
}

/// The types of what is in a container, without their `?`.
fn items(ty: &Type) -> Vec<&Type> {
    match strip(ty).0 {
        Type::List(item) | Type::Set(item) => vec![strip(item).0],
        Type::Map(key, value) => vec![strip(key).0, strip(value).0],
        _ => Vec::new(),
    }
}

/// Whether a value is its own JSON.
pub(super) fn is_json(ty: &Type) -> bool {
    matches!(strip(ty).0, Type::Bool | Type::Int | Type::Double | Type::String)
}

/// The extension of `serverpod_client` that reads a type: `DateTimeJsonExtension`.
fn extension(ty: &Type) -> String {
    let name = ty.to_string();
    let (first, rest) = name.split_at(1);
    format!("{}{rest}JsonExtension", first.to_uppercase())
}
