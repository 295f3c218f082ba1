//! The default values of fields.

use streampod_schema::{Enum, EnumEncoding, FieldDefault, Type};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::names;

/// Why a text is no default.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It should look like this.
    Expected(String),
    /// The type has no defaults.
    NeverTaken,
}

/// Reads `text` as a value of type `ty`. `definition` is the enum that `ty` names, if it does.
pub(crate) fn read(ty: &Type, definition: Option<&Enum>, text: &str) -> Result<FieldDefault, Refused> {
    let json = |value: Option<String>, expected: &str| {
        value.map(FieldDefault::Json).ok_or_else(|| Refused::Expected(expected.to_owned()))
    };
    match ty {
        Type::Nullable(inner) => read(inner, definition, text),
        Type::Bool => json(matches!(text, "true" | "false").then(|| text.into()), "`true` or `false`"),
        Type::Int => json(text.parse().ok().map(|int: i64| int.to_string()), "a 64-bit integer, like `10`"),
        Type::Double => json(double(text), "a number, like `10.5`"),
        Type::String => json(unquote(text).map(quote), "a text in quotes, like `'ready'`"),
        Type::DateTime if text == "now" => Ok(FieldDefault::Now),
        Type::DateTime => {
            json(date_time(text).map(quote), "`now` or a time in UTC, like `2024-01-15T10:30:00.000Z`")
        }
        Type::Duration => json(duration(text), "a duration, like `1d 2h 10min 30s 100ms`"),
        Type::Uuid if text == "random" => Ok(FieldDefault::RandomUuid),
        Type::Uuid if text == "random_v7" => Ok(FieldDefault::RandomUuidV7),
        Type::Uuid => json(
            unquote(text).and_then(uuid).map(quote),
            "`random`, `random_v7` or a UUID in quotes, like `'550e8400-e29b-41d4-a716-446655440000'`",
        ),
        Type::Uri => json(
            unquote(text).filter(|uri| fluent_uri::UriRef::parse(uri.as_str()).is_ok()).map(quote),
            "a URI in quotes, like `'https://example.com'`",
        ),
        Type::BigInt => json(
            unquote(text).or_else(|| Some(text.to_owned())).and_then(|text| big_int(&text)).map(quote),
            "an integer of any size, like `'12345678901234567890'`",
        ),
        Type::Named(_) => match definition {
            Some(definition) => enum_value(definition, text),
            None => Err(Refused::NeverTaken),
        },
        _ => Err(Refused::NeverTaken),
    }
}

/// A text as JSON.
pub(crate) fn quote(text: impl AsRef<str>) -> String {
    serde_json::Value::from(text.as_ref()).to_string()
}

/// A number as the JSON of a double, with a fraction even if that is zero.
pub(crate) fn double(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| format!("{number:?}"))
}

/// The text in single or double quotes. A backslash escapes as it does in Dart; the quote is also written twice, as in YAML.
pub(crate) fn unquote(text: &str) -> Option<String> {
    let mark = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut rest = text[1..].chars().peekable();
    let mut unquoted = String::new();
    loop {
        match rest.next()? {
            '\\' => unquoted.push(escaped(&mut rest)?),
            c if c == mark => match rest.next() {
                None => return Some(unquoted),
                Some(next) if next == mark => unquoted.push(mark),
                Some(_) => return None,
            },
            c => unquoted.push(c),
        }
    }
}

/// What follows a backslash.
fn escaped(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    let code = |digits: String| u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
    match rest.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        'x' => code(rest.by_ref().take(2).collect()),
        'u' if rest.next_if_eq(&'{').is_some() => code(rest.by_ref().take_while(|c| *c != '}').collect()),
        'u' => code(rest.by_ref().take(4).collect()),
        other => Some(other),
    }
}

/// A time in UTC as it stands on the wire.
fn date_time(text: &str) -> Option<String> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    if !text.ends_with('Z') || time.offset() != UtcOffset::UTC {
        return None;
    }
    let (date, micros) = (text.get(..19)?.replace([' ', 't'], "T"), time.microsecond());
    let fraction = if micros % 1000 == 0 { format!("{:03}", micros / 1000) } else { format!("{micros:06}") };
    Some(format!("{date}.{fraction}Z"))
}

/// A duration, in milliseconds.
fn duration(text: &str) -> Option<String> {
    let mut total: i64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (number, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, after) = unit.split_at(unit.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(unit.len()));
        let millis: i64 = match unit {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "min" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(millis)?)?;
        rest = after.trim_start();
    }
    (!text.is_empty()).then(|| total.to_string())
}

/// A UUID in its usual form, in small letters.
fn uuid(text: String) -> Option<String> {
    let parts: Vec<_> = text.split('-').collect();
    let is_uuid = parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_hexdigit()));
    is_uuid.then(|| text.to_ascii_lowercase())
}

/// An integer of any size, without a plus and leading zeros.
fn big_int(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    })
}

/// The JSON of the value of this name.
fn enum_value(definition: &Enum, name: &str) -> Result<FieldDefault, Refused> {
    let Some(index) = definition.values.iter().position(|value| value.name == name) else {
        let values = names::list(definition.values.iter().map(|value| value.name.as_str()));
        return Err(Refused::Expected(format!("a value of `{}`: {values}", definition.name)));
    };
    Ok(FieldDefault::Json(match definition.encoding {
        EnumEncoding::ByName => quote(name),
        EnumEncoding::ByIndex => index.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what JSON a default becomes; an empty one is refused.
    #[track_caller]
    fn check(ty: &str, text: &str, expected: &str) {
        let found = match read(&ty.parse().unwrap(), None, text) {
            Ok(FieldDefault::Json(json)) => json,
            Ok(other) => format!("{other:?}"),
            Err(_) => String::new(),
        };
        assert_eq!(found, expected, "{ty} = {text}");
    }

    #[test]
    fn numbers() {
        check("int", "-1", "-1");
        check("int", "9223372036854775808", "");
        check("int", "1.5", "");
        check("double", "10", "10.0");
        check("double", "-2.50", "-2.5");
        check("double", "1e999", "");
        check("double", "NaN", "");
        check("bool", "true", "true");
        check("bool", "True", "");
        check("BigInt", "'-0012'", r#""-12""#);
        check("BigInt", "12345678901234567890", r#""12345678901234567890""#);
        check("BigInt", "'1.0'", "");
        check("BigInt", "-", "");
    }

    #[test]
    fn texts() {
        check("String", "'a'", r#""a""#);
        check("String?", r#""it's""#, r#""it's""#);
        check("String", "'it''s'", r#""it's""#);
        check("String", r"'it\'s \\ \n \u{1F600} \x41 \q'", "\"it's \\\\ \\n 😀 A q\"");
        check("String", "'it's'", "");
        check("String", "bare", "");
        check("String", "'", "");
        check("String", r"'\", "");
        check("String", "''", r#""""#);
    }

    #[test]
    fn times() {
        check("DateTime", "now", "Now");
        check("DateTime", "2024-01-15T10:30:00.000Z", r#""2024-01-15T10:30:00.000Z""#);
        check("DateTime", "2024-01-15T10:30:00Z", r#""2024-01-15T10:30:00.000Z""#);
        check("DateTime", "2024-01-15T10:30:00.000001Z", r#""2024-01-15T10:30:00.000001Z""#);
        check("DateTime", "2024-02-30T10:30:00.000Z", "");
        check("DateTime", "2024-01-15T10:30:00.000+01:00", "");
        check("DateTime", "2024-01-15", "");
        check("Duration", "1d 2h 10min 30s 100ms", "94230100");
        check("Duration", "30s", "30000");
        check("Duration", "1d2h", "93600000");
        check("Duration", "5m", "");
        check("Duration", "5", "");
        check("Duration", "", "");
        check("Duration", "9999999999999d", "");
    }

    #[test]
    fn identifiers() {
        check("UuidValue", "random", "RandomUuid");
        check("UuidValue?", "random_v7", "RandomUuidV7");
        let uuid = "'550E8400-e29b-41d4-a716-446655440000'";
        check("UuidValue", uuid, r#""550e8400-e29b-41d4-a716-446655440000""#);
        check("UuidValue", "'550e8400e29b41d4a716446655440000'", "");
        check("UuidValue", "550e8400-e29b-41d4-a716-446655440000", "");
        check("Uri", "'https://example.com/a?b#c'", r#""https://example.com/a?b#c""#);
        check("Uri", "'/a/b'", r#""/a/b""#);
        check("Uri", "'a b'", "");
        check("Uri", "https://example.com", "");
        check("List<int>", "[]", "");
    }
}
