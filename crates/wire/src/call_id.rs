//! The name of a call.

use std::fmt;

use uuid::Uuid;

/// The name of a call on its connection: a UUID that the client makes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(Uuid);

impl CallId {
    /// The length of its text, in bytes.
    pub(crate) const TEXT_BYTES: usize = 36;

    /// A new random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads the hyphenated form, which is the only one on the wire.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() == Self::TEXT_BYTES { Uuid::try_parse(text).ok().map(Self) } else { None }
    }

    /// Another id.
    pub(crate) fn another(self) -> Self {
        Self(Uuid::from_u128(!self.0.as_u128()))
    }

    /// The id as text.
    pub(crate) fn text(self) -> [u8; Self::TEXT_BYTES] {
        let mut text = [0; Self::TEXT_BYTES];
        self.0.hyphenated().encode_lower(&mut text);
        text
    }
}

impl From<Uuid> for CallId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
