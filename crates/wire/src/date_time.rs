//! Date-times as text.

use bytes::{BufMut, BytesMut};
use time::format_description::well_known::Iso8601;
use time::{Date, Month, PrimitiveDateTime, Time, UtcDateTime};

/// Appends a date-time as Dart writes it: three digits after the second, or six if there are microseconds; the year with
/// four digits, or with a sign and six if four do not do.
pub(crate) fn write(out: &mut BytesMut, value: UtcDateTime) {
    let (year, month, day) = value.to_calendar_date();
    let (hour, minute, second, micros) = value.as_hms_micro();
    match year {
        0..=9999 => out.extend_from_slice(&digits::<4>(year.unsigned_abs())),
        -9999..0 => {
            out.put_u8(b'-');
            out.extend_from_slice(&digits::<4>(year.unsigned_abs()));
        }
        _ => {
            out.put_u8(if year < 0 { b'-' } else { b'+' });
            out.extend_from_slice(&digits::<6>(year.unsigned_abs()));
        }
    }
    let mut rest = *b"-00-00T00:00:00.";
    for (at, value) in [(1, u8::from(month)), (4, day), (7, hour), (10, minute), (13, second)] {
        rest[at..at + 2].copy_from_slice(&digits::<2>(value.into()));
    }
    out.extend_from_slice(&rest);
    if micros % 1000 == 0 {
        out.extend_from_slice(&digits::<3>(micros / 1000));
    } else {
        out.extend_from_slice(&digits::<6>(micros));
    }
    out.put_u8(b'Z');
}

/// The last `N` decimal digits of a number.
fn digits<const N: usize>(mut value: u32) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
    digits
}

/// Reads a date-time as most are written, which takes a tenth of the time: `2024-01-15T10:30:00.000Z`, also with microseconds.
fn parse_usual(text: &str) -> Option<UtcDateTime> {
    let bytes = text.as_bytes();
    let (head, rest) = bytes.split_at_checked(20)?;
    let marks = [head[4], head[7], head[10], head[13], head[16], head[19]];
    let fraction = rest.strip_suffix(b"Z").filter(|_| marks == *b"--T::.")?;
    let micros = match fraction.len() {
        3 => number(fraction)? * 1000,
        6 => number(fraction)?,
        _ => return None,
    };
    let two = |at: usize| number(&head[at..at + 2]).and_then(|value| u8::try_from(value).ok());
    let year = i32::try_from(number(&head[..4])?).ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(two(5)?).ok()?, two(8)?).ok()?;
    let time = Time::from_hms_micro(two(11)?, two(14)?, two(17)?, micros).ok()?;
    Some(UtcDateTime::new(date, time))
}

/// The number that these decimal digits are.
fn number(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

/// Reads a date-time in a form of ISO 8601. One without an offset is in UTC, which is what every sender uses.
pub(crate) fn parse(text: &str) -> Option<UtcDateTime> {
    parse_usual(text).or_else(|| parse_any(text))
}

/// Reads a date-time in any form that is read.
fn parse_any(text: &str) -> Option<UtcDateTime> {
    // Dart gives years before 0 four digits, where the standard wants six.
    let longer = match text.strip_prefix('-') {
        Some(rest) if rest.find('-') == Some(4) => Some(format!("-00{rest}")),
        _ => None,
    };
    let text = longer.as_deref().unwrap_or(text);
    let utc = UtcDateTime::parse(text, &Iso8601::PARSING);
    utc.or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(PrimitiveDateTime::as_utc)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_usual_form_is_read_as_the_others_are(text in "[0-9]{4}[-0][0-3][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,7})?Z?") {
            if let Some(usual) = parse_usual(&text) {
                prop_assert_eq!(Some(usual), parse_any(&text));
            }
        }

        #[test]
        fn the_usual_form_is_what_is_written(micros in 0..=253_402_300_799_999_999_i128, whole: bool) {
            let micros = if whole { micros / 1000 * 1000 } else { micros };
            let value = UtcDateTime::from_unix_timestamp_nanos(micros * 1000).unwrap();
            let mut out = BytesMut::new();
            write(&mut out, value);
            prop_assert_eq!(parse_usual(std::str::from_utf8(&out).unwrap()), Some(value));
        }
    }
}
