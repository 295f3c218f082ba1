//! Why a method is not run.

use streampod_wire::{DecodeError, OpenResult};

/// Why a method is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The caller must sign in.
    AuthenticationFailed,
    /// The caller lacks a scope.
    AuthorizationDeclined,
    /// The `Authorization` value, which is given here, is malformed.
    MalformedAuthorization(String),
    /// An argument or a stream parameter that must be there is not.
    MissingArgument(&'static str),
    /// An argument is not of its type.
    WrongArgument {
        /// The argument's name.
        name: &'static str,
        /// What is wrong with it.
        error: DecodeError,
    },
}

impl Refusal {
    /// The answer to the opening of a streaming method.
    pub(crate) fn open_result(&self) -> OpenResult {
        match self {
            Self::AuthenticationFailed | Self::MalformedAuthorization(_) => OpenResult::AuthenticationFailed,
            Self::AuthorizationDeclined => OpenResult::AuthorizationDeclined,
            Self::MissingArgument(_) | Self::WrongArgument { .. } => OpenResult::InvalidArguments,
        }
    }
}
