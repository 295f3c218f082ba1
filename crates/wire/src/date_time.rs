//! Date-times as text.

use bytes::{BufMut, BytesMut};
use time::format_description::well_known::Iso8601;
use time::{PrimitiveDateTime, UtcDateTime};

/// Appends a date-time as Dart writes it: three digits after the second, or six if there are microseconds; the year with
/// four digits, or with a sign and six if four do not do.
pub(crate) fn write(out: &mut BytesMut, value: UtcDateTime) {
    let year = value.year();
    match year {
        0..=9999 => digits(out, year.unsigned_abs(), 4),
        -9999..0 => {
            out.put_u8(b'-');
            digits(out, year.unsigned_abs(), 4);
        }
        _ => {
            out.put_u8(if year < 0 { b'-' } else { b'+' });
            digits(out, year.unsigned_abs(), 6);
        }
    }
    for (separator, value) in [
        (b'-', u8::from(value.month())),
        (b'-', value.day()),
        (b'T', value.hour()),
        (b':', value.minute()),
        (b':', value.second()),
    ] {
        out.put_u8(separator);
        digits(out, value.into(), 2);
    }
    out.put_u8(b'.');
    match value.microsecond() {
        micros if micros % 1000 == 0 => digits(out, micros / 1000, 3),
        micros => digits(out, micros, 6),
    }
    out.put_u8(b'Z');
}

fn digits(out: &mut BytesMut, value: u32, count: u32) {
    for position in (0..count).rev() {
        let digit = value / 10_u32.pow(position) % 10;
        out.put_u8(b'0' + u8::try_from(digit).unwrap_or_default());
    }
}

/// Reads a date-time in a form of ISO 8601. One without an offset is in UTC, which is what every sender uses.
pub(crate) fn parse(text: &str) -> Option<UtcDateTime> {
    // Dart gives years before 0 four digits, where the standard wants six.
    let longer = match text.strip_prefix('-') {
        Some(rest) if rest.find('-') == Some(4) => Some(format!("-00{rest}")),
        _ => None,
    };
    let text = longer.as_deref().unwrap_or(text);
    let utc = UtcDateTime::parse(text, &Iso8601::PARSING);
    utc.or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(PrimitiveDateTime::as_utc)).ok()
}
