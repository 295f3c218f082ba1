//! Values as JavaScript.

use serde_json::Value;
use streampod_schema::{EnumEncoding, Field, FieldDefault, Model, Type};

use super::file::File;
use super::layout::Code;

/// The largest integer up to which every one is a `number`.
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

/// A string, in the quotes that need fewer backslashes.
pub(crate) fn string(text: &str) -> String {
    let json = Value::from(text).to_string();
    if text.matches('"').count() <= text.matches('\'').count() {
        return json;
    }
    format!("'{}'", json[1..json.len() - 1].replace("\\\"", "\"").replace('\'', "\\'"))
}

/// What stands in for a field that is left out: a value, or a function that makes one.
pub(crate) fn default(file: &mut File<'_>, field: &Field) -> Option<Code> {
    let json = match field.default.as_ref()? {
        FieldDefault::Json(json) => json,
        FieldDefault::Now => return Some(format!("() => new {}()", file.global("Date")).into()),
        FieldDefault::RandomUuid => return Some(file.runtime("randomUuid").into()),
        FieldDefault::RandomUuidV7 => return Some(file.runtime("randomUuidV7").into()),
    };
    // The schema's JSON is a server's: what cannot be read is no worse than no default.
    let value = serde_json::from_str(json).ok()?;
    if let Some(text) = scalar(file, &field.ty, &value) {
        let is_int = field.ty == Type::Int || field.ty == Type::Int.nullable();
        // The type of an `int` is `number`, also of one beyond 2^53.
        return Some(match is_int && text.ends_with('n') {
            true if file.is_javascript() => format!("/** @type {{any}} */ ({text})").into(),
            true => format!("{text} as unknown as number").into(),
            false => text.into(),
        });
    }
    let protocol = file.runtime("Protocol");
    let ty = file.descriptor(&field.ty);
    Some(ty.between("() => ", format!(".decode({json}, new {protocol}())")))
}

/// A value that JavaScript has a literal for.
pub(crate) fn scalar(file: &File<'_>, ty: &Type, value: &Value) -> Option<String> {
    Some(match (ty, value) {
        (Type::Nullable(_), Value::Null) => "null".into(),
        (Type::Nullable(inner), _) => scalar(file, inner, value)?,
        (Type::Int, Value::Number(number)) if number.as_i64()?.unsigned_abs() > SAFE_INTEGER_MAX => {
            format!("{number}n")
        }
        (Type::Bool, Value::Bool(_)) | (Type::Int | Type::Double | Type::Duration, Value::Number(_)) => {
            value.to_string()
        }
        (Type::String | Type::Uuid | Type::Uri, Value::String(text)) => string(text),
        (Type::BigInt, Value::String(digits)) => format!("{digits}n"),
        (Type::DateTime, Value::String(text)) => {
            format!("() => new {}({})", file.global("Date"), string(text))
        }
        (Type::Named(name), _) => {
            let Model::Enum(definition) = file.project.schema.model(name)? else { return None };
            match definition.encoding {
                EnumEncoding::ByName => string(value.as_str()?),
                EnumEncoding::ByIndex => {
                    string(&definition.values.get(usize::try_from(value.as_u64()?).ok()?)?.name)
                }
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn strings_have_the_better_quotes() {
        assert_eq!(string("a"), r#""a""#);
        assert_eq!(string("it's"), r#""it's""#);
        assert_eq!(string("\"a\"\n\\"), r#"'"a"\n\\'"#);
        assert_eq!(string("It's \"new\""), r#"'It\'s "new"'"#);
    }
}
