//! The defaults of fields in Rust.

use streampod_schema::{Enum, EnumEncoding, Field, FieldDefault, Model, Type};

use super::names;
use super::types::{Place, Types};

/// The option of the field's `#[model(…)]`.
pub(super) fn attribute(
    default: &FieldDefault,
    field: &Field,
    types: &Types<'_>,
    place: &Place<'_>,
) -> Result<String, String> {
    match default {
        FieldDefault::Json(_) => Ok(format!("default = {}", value(default, field, types, place)?)),
        FieldDefault::Now => Ok("default(now)".to_owned()),
        FieldDefault::RandomUuid => Ok("default(random_uuid)".to_owned()),
        FieldDefault::RandomUuidV7 => Ok("default(random_uuid_v7)".to_owned()),
    }
}

/// The value as an expression.
pub(super) fn value(
    default: &FieldDefault,
    field: &Field,
    types: &Types<'_>,
    place: &Place<'_>,
) -> Result<String, String> {
    let (ty, is_nullable) = match &field.ty {
        Type::Nullable(inner) => (&**inner, true),
        ty => (ty, false),
    };
    let value = match default {
        FieldDefault::Now => types.import("::streampod::types::now") + "()",
        FieldDefault::RandomUuid => types.import("::streampod::types::Uuid") + "::new_v4()",
        FieldDefault::RandomUuidV7 => types.import("::streampod::types::Uuid") + "::now_v7()",
        FieldDefault::Json(json) => literal(ty, json, types, place)?,
    };
    Ok(if is_nullable { format!("Some({value})") } else { value })
}

/// The value of type `ty` that `json` encodes, as an expression.
fn literal(ty: &Type, json: &str, types: &Types<'_>, place: &Place<'_>) -> Result<String, String> {
    let invalid = |_| format!("the default {json} is no value of type `{ty}`");
    let text = || serde_json::from_str::<String>(json).map_err(invalid);
    Ok(match ty {
        Type::Bool => serde_json::from_str::<bool>(json).map_err(invalid)?.to_string(),
        Type::Int => grouped(serde_json::from_str(json).map_err(invalid)?),
        Type::Double => {
            let number = format!("{:?}", serde_json::from_str::<f64>(json).map_err(invalid)?);
            if types.render(ty, place) == "f64" {
                number
            } else {
                format!("{}({number})", types.import("::streampod::types::OrderedFloat"))
            }
        }
        Type::String => format!("{:?}.to_owned()", text()?),
        Type::Duration => {
            let millis = grouped(serde_json::from_str(json).map_err(invalid)?);
            format!("{}::milliseconds({millis})", types.import("::streampod::types::SignedDuration"))
        }
        Type::Uuid => {
            let digits = text()?.replace('-', "");
            let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32);
            number.ok_or_else(|| format!("the default {json} is no UUID"))?;
            let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
            format!("{}::from_u128(0x{})", types.import("::streampod::types::Uuid"), groups.join("_"))
        }
        Type::Named(name) => match types.schema.model(name) {
            Some(Model::Enum(definition)) => {
                let variant =
                    variant(definition, json).ok_or_else(|| format!("`{name}` has no value {json}"))?;
                format!("{}::{}", types.render(ty, place), names::variant(variant).ident)
            }
            _ => return Err(format!("a field of type `{ty}` cannot have a default")),
        },
        Type::DateTime | Type::Uri | Type::BigInt => {
            text()?;
            format!("{}({json:?})", types.import("::streampod::wire::from_json"))
        }
        _ => return Err(format!("a field of type `{ty}` cannot have a default")),
    })
}

fn variant<'a>(definition: &'a Enum, json: &str) -> Option<&'a str> {
    let value = match definition.encoding {
        EnumEncoding::ByIndex => definition.values.get(json.parse::<usize>().ok()?)?,
        EnumEncoding::ByName => {
            let name: String = serde_json::from_str(json).ok()?;
            definition.values.iter().find(|value| value.name == name)?
        }
    };
    Some(&value.name)
}

/// An integer, its digits in groups of three if there are many.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    if digits.len() < 6 {
        return number.to_string();
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    if number < 0 { format!("-{grouped}") } else { grouped }
}
