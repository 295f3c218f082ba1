//! Close frames.

use crate::violation::Violation;

/// The content of a close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close<'a> {
    /// Why, as a number: RFC 6455, section 7.4.
    pub code: u16,
    /// Why, in words; often empty, and never more than 123 bytes.
    pub reason: &'a str,
}

impl<'a> Close<'a> {
    /// Reads the payload of a close frame.
    pub(crate) fn read(payload: &'a [u8]) -> Result<Option<Self>, Violation> {
        let [high, low, reason @ ..] = payload else {
            return if payload.is_empty() { Ok(None) } else { Err(Violation::CloseTruncated) };
        };
        let code = u16::from_be_bytes([*high, *low]);
        if !is_sendable(code) {
            return Err(Violation::CloseCode);
        }
        let reason = simdutf8::basic::from_utf8(reason).map_err(|_| Violation::InvalidUtf8)?;
        Ok(Some(Self { code, reason }))
    }
}

/// Whether a close frame may have this code: one that is registered and not for local use only, or one from 3000 to 4999,
/// which libraries and applications choose.
pub const fn is_sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
