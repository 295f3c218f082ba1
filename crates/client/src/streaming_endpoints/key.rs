//! Keys, which travel plain in the URL and wrapped in a command.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BASIC: &str = "Basic ";
const BEARER: &str = "Bearer ";

/// The plain key in the value of an `Authorization` header: what `Basic` and `Bearer` hold, or the value itself.
pub(super) fn plain(header: &str) -> Cow<'_, str> {
    if let Some(key) = header.strip_prefix(BEARER) {
        return key.into();
    }
    let encoded = header.strip_prefix(BASIC).and_then(|encoded| STANDARD.decode(encoded).ok());
    let key = encoded.and_then(|bytes| String::from_utf8(bytes).ok());
    key.map_or(header.into(), Into::into)
}

/// The value of an `Authorization` header for a plain key, wrapped as the `other` one is.
pub(super) fn wrapped(key: &str, other: Option<&str>) -> String {
    match other {
        Some(other) if other.starts_with(BASIC) => format!("{BASIC}{}", STANDARD.encode(key)),
        _ => format!("{BEARER}{key}"),
    }
}

/// What follows the server's path in the connection's URL.
pub(super) fn target(header: Option<&str>) -> String {
    let mut target = "websocket".to_owned();
    if let Some(header) = header {
        target += "?auth=";
        for byte in plain(header).bytes() {
            match byte {
                b'-' | b'.' | b'_' | b'~' => target.push(byte.into()),
                _ if byte.is_ascii_alphanumeric() => target.push(byte.into()),
                // Writing to a string does not fail.
                _ => drop(write!(target, "%{byte:02X}")),
            }
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_url_is_plain_and_encoded() {
        for (header, expected) in [
            (None, "websocket"),
            (Some("Bearer 16:yZ-1_a.~"), "websocket?auth=16%3AyZ-1_a.~"),
            (Some("Basic MTY6a2V5"), "websocket?auth=16%3Akey"),
            (Some("Bearer a b+c/d&e=f?ä%"), "websocket?auth=a%20b%2Bc%2Fd%26e%3Df%3F%C3%A4%25"),
            // What is neither goes as it is, and so does what only looks like it.
            (Some("key"), "websocket?auth=key"),
            (Some("Basic !"), "websocket?auth=Basic%20%21"),
            (Some("Basic /w=="), "websocket?auth=Basic%20%2Fw%3D%3D"),
            (Some("Bearer "), "websocket?auth="),
        ] {
            assert_eq!(target(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_key_is_wrapped_as_the_other() {
        assert_eq!(wrapped("16:key", None), "Bearer 16:key");
        assert_eq!(wrapped("16:key", Some("Bearer a")), "Bearer 16:key");
        assert_eq!(wrapped("16:key", Some("key")), "Bearer 16:key");
        assert_eq!(wrapped("16:key", Some("Basic YQ==")), "Basic MTY6a2V5");
    }
}
