//! What a client sends: `id:key`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::store_error::StoreError;

/// Ids are below this, so that a JavaScript number holds them.
const IDS_END: u64 = 1 << 53;
/// A token that is longer was not issued here: 16 digits, a colon and 32 bytes in base64 are 60.
const MAX_BYTES: usize = 64;

/// A new key: 256 random bits, as URL-safe base64.
pub(crate) fn new_key() -> Result<String, StoreError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// A new id, which may be taken.
pub(crate) fn new_id() -> Result<i64, StoreError> {
    loop {
        let id = u64::from_ne_bytes(random()?) % IDS_END;
        if id > 0 {
            return Ok(id.cast_signed());
        }
    }
}

/// The token of an id and a key.
pub(crate) fn join(id: i64, key: &str) -> String {
    format!("{id}:{key}")
}

/// The id and the key of a token; none if nobody can have issued it.
pub(crate) fn split(token: &str) -> Option<(i64, &str)> {
    let (id, key) = token.split_once(':').filter(|_| token.len() <= MAX_BYTES)?;
    Some((parse_id(id)?, key))
}

/// The id that is written here, in the one way in which ids are written.
pub(crate) fn parse_id(text: &str) -> Option<i64> {
    let is_written_so = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let id: i64 = text.parse().ok().filter(|_| is_written_so)?;
    (id.cast_unsigned() < IDS_END).then_some(id)
}

/// What is kept of a key.
///
/// One fast hash is right here. Slow and salted hashes make it dear to try the few passwords that people think of; a key is 256
/// random bits, of which nobody can try a part that matters, whatever a try costs.
pub(crate) fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// Whether a key is the one of which this is the hash. It takes as long wherever they differ.
pub(crate) fn is_key(key: &str, hashed: &[u8]) -> bool {
    hash(key).as_slice().ct_eq(hashed).into()
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| StoreError::NoRandomness { source: source.into() })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_of_javascript() {
        for _ in 0..1000 {
            let id = new_id().unwrap();
            assert!(id > 0 && id < 1 << 53, "{id}");
            assert_eq!(parse_id(&id.to_string()), Some(id));
        }
    }

    #[test]
    fn keys_differ_and_are_safe_in_urls() {
        let (one, other) = (new_key().unwrap(), new_key().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{one}");
    }

    #[test]
    fn a_token_is_taken_apart_in_one_way_only() {
        assert_eq!(split("5:secret"), Some((5, "secret")));
        assert_eq!(split("9007199254740991:x"), Some(((1 << 53) - 1, "x")));
        assert_eq!(split("5:a:b"), Some((5, "a:b")));
        let long = format!("5:{}", "k".repeat(MAX_BYTES));
        for wrong in
            ["", ":", "5", ":x", "0:x", "05:x", "+5:x", "-5:x", " 5:x", "5 :x", "five:x", "٥:x", &long]
        {
            assert_eq!(split(wrong), None, "{wrong}");
        }
        for too_large in ["9007199254740992:x", "9223372036854775807:x", "18446744073709551617:x"] {
            assert_eq!(split(too_large), None, "{too_large}");
        }
    }

    #[test]
    fn a_key_is_known_by_its_hash() {
        let hashed = hash("secret");
        assert!(is_key("secret", &hashed));
        assert!(!is_key("secrets", &hashed) && !is_key("", &hashed) && !is_key("secret", &hashed[..31]));
    }
}
