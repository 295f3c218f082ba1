//! What goes wrong with messages.

use streampod_wire::{DecodeError, EncodeError};

/// What a [`StreamingMessages`](crate::StreamingMessages) yields in place of messages. It goes on after that.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StreamingMessageError {
    /// Messages are missing here: more were waiting than the client's options allow, and the oldest were dropped.
    #[error("{count} messages were lost, because more were waiting than the client keeps")]
    Lost {
        /// How many. If the server sent messages of more than a thousand endpoints that nobody had asked for, there may be
        /// fewer.
        count: u64,
    },
    /// A message cannot be read: its class is not in [`ClientOptions::catalog`](crate::ClientOptions::catalog), or its data
    /// does not fit.
    #[error("a message cannot be read")]
    Unreadable(#[from] DecodeError),
}

/// Why a message was not sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StreamingSendError {
    /// There is no connection.
    #[error("there is no connection to the streaming endpoints: open it first")]
    NotConnected,
    /// The message is null, which no endpoint takes.
    #[error("null is no message")]
    Null,
    /// The message cannot be encoded.
    #[error("the message cannot be sent")]
    Message(#[from] EncodeError),
}
