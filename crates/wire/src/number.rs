//! Numbers as text, most of which are short.

use bytes::{BufMut, BytesMut};

/// So few digits are exact as a double, and no two decimals with so few have the same double next to them. What is read counts the sign
/// and the point among them, which costs nothing to tell.
const DIGITS_MAX: usize = 15;
/// How many digits after the point a double has that is written as a short one.
const FRACTION: usize = 8;
/// A short double is so many times an integer.
const SCALE: u64 = 10_u64.pow(FRACTION as u32);
/// Below, doubles are written with an exponent.
const SHORT_MIN: f64 = 1e-6;
/// From here on, there would be more than [`DIGITS_MAX`] digits.
const SHORT_MAX: f64 = 1e7;

/// A number without exponent: `digits`, of which so many come after the point, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortNumber {
    is_negative: bool,
    digits: u64,
    fraction: Option<usize>,
}

impl ShortNumber {
    /// The number at the beginning of `text`, and its length in bytes. `None` if it is longer or has an exponent, and if there is none.
    pub(crate) fn read(text: &[u8]) -> Option<(Self, usize)> {
        let first = usize::from(text.first() == Some(&b'-'));
        let (mut at, mut digits, mut point) = (first, 0_u64, None);
        loop {
            match text.get(at).copied().unwrap_or_default() {
                digit @ b'0'..=b'9' if at < DIGITS_MAX => digits = digits * 10 + u64::from(digit - b'0'),
                b'.' if point.is_none() => point = Some(at),
                b'0'..=b'9' | b'.' | b'e' | b'E' => return None,
                _ => break,
            }
            at += 1;
        }
        let whole = point.unwrap_or(at) - first;
        let fraction = point.map(|point| at - point - 1);
        if whole == 0 || fraction == Some(0) || (whole > 1 && text[first] == b'0') {
            return None;
        }
        Some((Self { is_negative: first == 1, digits, fraction }, at))
    }

    /// The number, if it has no point.
    pub(crate) fn int(self) -> Option<i64> {
        let digits = i64::try_from(self.digits).ok().filter(|_| self.fraction.is_none())?;
        Some(if self.is_negative { -digits } else { digits })
    }

    /// The number, rounded as it should be: where two doubles are exact, their quotient is rounded once.
    #[allow(clippy::cast_precision_loss, reason = "15 digits need 50 bits")]
    pub(crate) fn double(self) -> f64 {
        const POWERS: [f64; DIGITS_MAX] =
            [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];
        let value = self.digits as f64 / POWERS[self.fraction.unwrap_or_default()];
        if self.is_negative { -value } else { value }
    }
}

/// Appends a finite double as Dart writes it: an integral one with `.0`.
pub(crate) fn write_double(out: &mut BytesMut, value: f64) {
    if let Some(digits) = short_digits(value.abs()) {
        return write_short(out, value.is_sign_negative(), digits);
    }
    if value == 0.0 {
        return out.extend_from_slice(if value.is_sign_negative() { b"-0.0" } else { b"0.0" });
    }
    let mut buffer = ryu_js::Buffer::new();
    let text = buffer.format_finite(value);
    out.extend_from_slice(text.as_bytes());
    if !text.bytes().any(|byte| matches!(byte, b'.' | b'e')) {
        out.extend_from_slice(b".0");
    }
}

/// Of a double that is short, how many times 1 / [`SCALE`] it is. That is the only decimal with so few digits that it is next to,
/// and so, without the zeros at its end, the shortest.
#[allow(clippy::cast_precision_loss, reason = "15 digits need 50 bits")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
fn short_digits(magnitude: f64) -> Option<u64> {
    if !(SHORT_MIN..SHORT_MAX).contains(&magnitude) {
        return None;
    }
    let digits = (magnitude * SCALE as f64 + 0.5) as u64;
    (digits as f64 / SCALE as f64 == magnitude).then_some(digits)
}

fn write_short(out: &mut BytesMut, is_negative: bool, digits: u64) {
    if is_negative {
        out.put_u8(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(digits / SCALE).as_bytes());
    let mut text = [b'.'; 1 + FRACTION];
    let mut fraction = digits % SCALE;
    for digit in text[1..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(fraction % 10).unwrap_or_default();
        fraction /= 10;
    }
    // One digit stays after the point.
    let end = text[2..].iter().rposition(|digit| *digit != b'0').map_or(2, |last| last + 3);
    out.extend_from_slice(&text[..end]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: f64) -> String {
        let mut out = BytesMut::new();
        write_double(&mut out, value);
        String::from_utf8(out.to_vec()).unwrap()
    }

    /// A double as JavaScript writes it, but for integral ones.
    fn expected(value: f64) -> String {
        let text = ryu_js::Buffer::new().format_finite(value).to_owned();
        if text.contains(['.', 'e']) { text } else { text + ".0" }
    }

    #[test]
    fn doubles_at_the_bounds() {
        for text in [
            "0.000001",
            "0.00000099",
            "9999999.0",
            "10000000.0",
            "9999999.99999999",
            "0.1",
            "0.30000000000000004",
            "123456.12345678",
            "123456.123456789",
            "1.0",
            "1.00000001",
            "0.99999999",
        ] {
            let value: f64 = text.parse().unwrap();
            assert_eq!(written(value), expected(value), "{text}");
            assert_eq!(written(-value), expected(-value), "-{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn short_doubles_are_written_as_all_are(digits in any::<i64>(), size in 0_u32..19, fraction in 0_usize..12) {
            let digits = digits % 10_i64.pow(size);
            let value: f64 = format!("{digits}e-{fraction}").parse().unwrap();
            if value == 0.0 {
                return Ok(());
            }
            prop_assert_eq!(written(value), expected(value));
        }

        #[test]
        fn any_double_is_written_as_all_are(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
            prop_assert_eq!(written(value), expected(value));
        }

        #[test]
        fn doubles_next_to_short_ones_are_not_taken_for_them(digits in 0_u32..2_000_000_000, steps in -3_i64..=3) {
            let value = f64::from(digits) / 1e5;
            let value = f64::from_bits(value.to_bits().saturating_add_signed(steps));
            if value == 0.0 || !value.is_finite() {
                return Ok(());
            }
            prop_assert_eq!(written(value), expected(value));
        }

        #[test]
        fn short_numbers_are_read_as_all_are(text in "-?[0-9]{0,9}\\.?[0-9]{0,9}[e,} ]?") {
            let Some((number, length)) = ShortNumber::read(text.as_bytes()) else { return Ok(()) };
            let (number_text, rest) = text.split_at(length);
            prop_assert!(serde_json::from_str::<serde_json::Value>(number_text).is_ok_and(|value| value.is_number()));
            prop_assert!(!rest.starts_with(|next: char| next.is_ascii_digit() || ".eE".contains(next)));
            prop_assert_eq!(number.int(), number_text.parse().ok());
            prop_assert_eq!(number.double().to_bits(), number_text.parse::<f64>().unwrap().to_bits());
        }
    }

    #[test]
    fn what_is_short_is_known_as_such() {
        for (text, int, double) in [
            ("0", Some(0), 0.0),
            ("-7,", Some(-7), -7.0),
            ("123456789012345", Some(123_456_789_012_345), 123_456_789_012_345.0),
            ("1.5}", None, 1.5),
        ] {
            let (number, _) = ShortNumber::read(text.as_bytes()).unwrap();
            assert_eq!((number.int(), number.double()), (int, double), "{text}");
        }
        for text in ["", "-", "01", "1.", ".5", "1e3", "1E3", "1.5e3", "1.2.3", "1234567890123456", "x"] {
            assert_eq!(ShortNumber::read(text.as_bytes()), None, "{text}");
        }
    }
}
