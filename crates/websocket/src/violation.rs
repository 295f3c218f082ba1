//! What a peer must not send.

/// What the other side sent against the protocol. The connection is to be closed with its [`code`](Self::code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.description())]
#[non_exhaustive]
pub enum Violation {
    /// A reserved bit is set that no extension gave a meaning.
    ReservedBits,
    /// An opcode that is not defined.
    UnknownOpcode,
    /// A control frame with more than 125 bytes.
    ControlTooLong,
    /// A control frame in fragments.
    ControlFragmented,
    /// A client's frame without a mask.
    Unmasked,
    /// A server's frame with a mask.
    Masked,
    /// A length written with more bytes than it needs.
    LengthNotMinimal,
    /// A length of 2^63 bytes or more.
    LengthOutOfRange,
    /// A continuation while no message is under way.
    UnexpectedContinuation,
    /// A new message before the last fragment of the one under way.
    MissingContinuation,
    /// A close frame with a payload of one byte.
    CloseTruncated,
    /// A close code that must not be sent.
    CloseCode,
    /// A text or the reason of a close frame that is not UTF-8.
    InvalidUtf8,
    /// A message longer than the limit, also once inflated.
    MessageTooLong,
    /// A compressed message that cannot be inflated.
    InvalidDeflate,
}

impl Violation {
    /// The code of the close frame that answers it: 1002, 1007 or 1009.
    pub const fn code(self) -> u16 {
        match self {
            Self::InvalidUtf8 | Self::InvalidDeflate => 1007,
            Self::MessageTooLong => 1009,
            _ => 1002,
        }
    }

    /// What is wrong, in words that the other side may see. It fits into a close frame.
    pub const fn description(self) -> &'static str {
        match self {
            Self::ReservedBits => "a reserved bit is set, but no extension that uses it was agreed on",
            Self::UnknownOpcode => "unknown opcode; there are 0, 1, 2, 8, 9 and 10",
            Self::ControlTooLong => "a control frame has more than 125 bytes of payload",
            Self::ControlFragmented => "a control frame is fragmented; it must be a single frame",
            Self::Unmasked => "a frame of a client is not masked",
            Self::Masked => "a frame of a server is masked",
            Self::LengthNotMinimal => "a payload length is not written in its shortest form",
            Self::LengthOutOfRange => "a payload length has its highest bit set",
            Self::UnexpectedContinuation => "a continuation frame without a message to continue",
            Self::MissingContinuation => "a new message begins before the last one has its final fragment",
            Self::CloseTruncated => "a close frame has one byte of payload, which is half a close code",
            Self::CloseCode => "a close frame has a code that must not be sent",
            Self::InvalidUtf8 => "a text is not valid UTF-8",
            Self::MessageTooLong => "a message is longer than is accepted here",
            Self::InvalidDeflate => "a compressed message cannot be inflated",
        }
    }
}
