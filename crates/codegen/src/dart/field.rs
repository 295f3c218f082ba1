//! The fields of a class, as its constructors and `copyWith` take them.

use serde_json::Value;
use streampod_schema::{Class, EnumEncoding, Field, FieldDefault, Type};

use super::convert::{from_json, is_json, list, strip};
use super::copy::copy;
use super::library::Library;
use super::package::Package;

/// The parameter by which a class's own constructor takes a field: `required this.name`.
pub(super) fn initializing(library: &Library<'_>, class: &Class, field: &Field) -> String {
    let inherited = is_inherited(library, class, field);
    let receiver = if inherited { "super" } else { "this" };
    match &field.default {
        Some(_) if inherited => format!("super.{}", field.name),
        Some(_) => passing(library, field),
        None if is_required(field) => format!("required {receiver}.{}", field.name),
        None => format!("{receiver}.{}", field.name),
    }
}

/// The parameter by which other constructors take a field: `required String name`.
pub(super) fn passing(library: &Library<'_>, field: &Field) -> String {
    let required = if is_required(field) { "required " } else { "" };
    let optional = field.default.is_some();
    let ty = if optional { optional_type(library, &field.ty) } else { library.ty(&field.ty) };
    format!("{required}{ty} {}", field.name)
}

/// What a field is when a constructor is called without it: `name = name ?? 'Nobody'`.
pub(super) fn initializer(library: &Library<'_>, class: &Class, field: &Field) -> Option<String> {
    let default = field.default.as_ref().filter(|_| !is_inherited(library, class, field))?;
    let value = default_value(library, &field.ty, default);
    Some(format!("{0} = {0} ?? {value}", field.name))
}

/// A parameter of `copyWith` as it is promised: null leaves a field as it is that cannot be null.
pub(super) fn promised(library: &Library<'_>, class: &Class, field: &Field) -> String {
    // The class that it is inherited from may have said `Object?`, and a parameter's type cannot become narrower.
    if field.ty.takes_null() && is_inherited(library, class, field) {
        return format!("Object? {}", field.name);
    }
    format!("{} {}", optional_type(library, &field.ty), field.name)
}

/// A parameter of `copyWith` as it is implemented: one that may be null tells null from nothing.
pub(super) fn implemented(library: &Library<'_>, field: &Field) -> String {
    if field.ty.takes_null() {
        return format!("Object? {} = _Undefined", field.name);
    }
    format!("{} {}", optional_type(library, &field.ty), field.name)
}

/// What `copyWith` makes of a field.
pub(super) fn copied(library: &Library<'_>, field: &Field) -> String {
    let name = &field.name;
    let own = || copy(library, &format!("this.{name}"), &field.ty);
    match &field.ty {
        Type::Dynamic => format!("identical({name}, _Undefined) ? this.{name} : {name}"),
        Type::Nullable(_) => {
            let ty = library.ty(&field.ty);
            format!("{name} is {ty} ? {name} : {}", own())
        }
        _ => format!("{name} ?? {}", own()),
    }
}

/// Whether a constructor that has this default can be `const`.
pub(super) fn is_const(package: &Package<'_>, field: &Field) -> bool {
    let ty = strip(&field.ty).0;
    match &field.default {
        None => true,
        Some(FieldDefault::Json(_)) => {
            is_json(ty) || *ty == Type::Duration || package.enumeration(ty).is_some()
        }
        Some(_) => false,
    }
}

/// The fields, each made by `write`, as named parameters in braces; nothing if there are none.
pub(super) fn parameters(class: &Class, write: impl Fn(&Field) -> String) -> String {
    let parameters: Vec<String> = class.fields.iter().map(write).collect();
    if parameters.is_empty() { String::new() } else { format!("{{{}}}", list(&parameters)) }
}

/// The fields, each given what `write` makes of it, as named arguments.
pub(super) fn arguments(class: &Class, write: impl Fn(&Field) -> String) -> String {
    let arguments: Vec<String> =
        class.fields.iter().map(|field| format!("{}: {}", field.name, write(field))).collect();
    list(&arguments)
}

fn is_required(field: &Field) -> bool {
    field.default.is_none() && (field.required || !matches!(field.ty, Type::Nullable(_)))
}

fn is_inherited(library: &Library<'_>, class: &Class, field: &Field) -> bool {
    let own = library.package.schema.own_fields(class);
    !own.iter().any(|own| own.name == field.name)
}

fn optional_type(library: &Library<'_>, ty: &Type) -> String {
    let mark = if ty.takes_null() { "" } else { "?" };
    format!("{}{mark}", library.ty(ty))
}

fn default_value(library: &Library<'_>, ty: &Type, default: &FieldDefault) -> String {
    let json = match default {
        FieldDefault::Now => return "DateTime.now()".to_owned(),
        FieldDefault::RandomUuid => return format!("const {}().v4obj()", library.client("Uuid")),
        FieldDefault::RandomUuidV7 => return format!("const {}().v7obj()", library.client("Uuid")),
        // A schema holds JSON here; what is none is written as the string that it is.
        FieldDefault::Json(json) => serde_json::from_str(json).unwrap_or_else(|_| Value::from(json.as_str())),
    };
    let ty = strip(ty).0;
    match (ty, &json) {
        (Type::Bool | Type::Int | Type::String, _) => literal(&json),
        (Type::Double, Value::Number(number)) => format!("{:?}", number.as_f64().unwrap_or_default()),
        (Type::DateTime, _) => format!("DateTime.parse({})", literal(&json)),
        (Type::Uri, _) => format!("Uri.parse({})", literal(&json)),
        (Type::BigInt, _) => format!("BigInt.parse({})", literal(&json)),
        (Type::Uuid, _) => format!("{}.fromString({})", library.client("UuidValue"), literal(&json)),
        (Type::Duration, _) => duration(json.as_i64().unwrap_or_default()),
        (Type::Named(name), _) => match enum_value(library, ty, &json) {
            Some(value) => format!("{}.{value}", library.model(name)),
            None => from_json(library, &literal(&json), ty, false),
        },
        _ => from_json(library, &literal(&json), ty, false),
    }
}

fn enum_value(library: &Library<'_>, ty: &Type, json: &Value) -> Option<String> {
    let definition = library.package.enumeration(ty)?;
    let value = match definition.encoding {
        EnumEncoding::ByName => {
            definition.values.iter().find(|value| Some(value.name.as_str()) == json.as_str())
        }
        EnumEncoding::ByIndex => definition.values.get(usize::try_from(json.as_u64()?).ok()?),
    };
    value.map(|value| value.name.clone())
}

/// A `Duration` in its largest units.
fn duration(milliseconds: i64) -> String {
    let units = [("days", 24), ("hours", 60), ("minutes", 60), ("seconds", 1000)];
    let mut unit: i64 = 24 * 60 * 60 * 1000;
    let mut rest = milliseconds;
    let mut parts = Vec::new();
    for (name, smaller) in units {
        if rest / unit != 0 {
            parts.push(format!("{name}: {}", rest / unit));
        }
        rest %= unit;
        unit /= smaller;
    }
    if rest != 0 {
        parts.push(format!("milliseconds: {rest}"));
    }
    format!("const Duration({})", list(&parts))
}

/// JSON as a literal of Dart.
pub(super) fn literal(json: &Value) -> String {
    match json {
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", list(&items.iter().map(literal).collect::<Vec<_>>())),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{}: {}", string(key), literal(value))).collect();
            format!("{{{}}}", list(&fields))
        }
        other => other.to_string(),
    }
}

/// A string as a literal of Dart.
pub(super) fn string(text: &str) -> String {
    let mut literal = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' | '$' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c.is_control() => literal.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}
