//! The status of the connection to the streaming endpoints.

/// The status of the connection to the streaming endpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamingConnectionStatus {
    /// There is none.
    #[default]
    Disconnected,
    /// It is being opened, or is open and nothing was received yet.
    Connecting,
    /// It is open.
    Connected,
}
