//! A key that was just issued.

use std::fmt;

use crate::token;

/// A key that was just issued, for one device. It cannot be had again: the server keeps no more than a hash.
///
/// Its `Debug` output hides the key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedKey {
    /// The key's id, by which the device is signed out: positive, and below 2^53, so that JavaScript can hold it.
    pub id: i64,
    key: String,
}

impl IssuedKey {
    pub(crate) fn new(id: i64, key: String) -> Self {
        Self { id, key }
    }

    /// The secret part alone, for clients that keep the id beside it. Do not log it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What a client sends, wrapped as `Basic` or `Bearer`: `id:key`. Do not log it.
    pub fn token(&self) -> String {
        token::join(self.id, &self.key)
    }
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedKey").field("id", &self.id).field("key", &format_args!("…")).finish()
    }
}
