//! What a client can make the server hold.

use std::time::Duration;

/// What a client can make the server hold, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest WebSocket message, in bytes; a larger one closes the connection with code 1009. Default: 4 MiB.
    pub message_max_bytes: usize,
    /// The most calls that may be open on one connection; one more is refused. A method that returns a value counts until
    /// its end, also when its caller has cancelled. Default: 1,024.
    pub calls_per_connection: usize,
    /// The most methods that may run to their end although their callers are gone, on the whole server; while there are as
    /// many, calls are refused, over HTTP with status 503. As many closed connections to the deprecated streaming endpoints may have
    /// messages left to handle before new ones are refused. Default: 10,000.
    pub outliving_calls: usize,
    /// Returned streams are polled only while fewer bytes than this wait to be sent on their connection, and nothing is
    /// read from a connection with more. Default: 64 KiB.
    pub out_max_bytes: usize,
    /// How many bytes all stream parameters of a connection may hold together before it is not read, in addition to the
    /// bound of each, which is 256 elements or 1 MiB. Default: 8 MiB.
    pub inputs_max_bytes: usize,
    /// How long a stream parameter may stay full, with its connection not being read, before its call is closed; and how long as many
    /// messages may wait as a streaming connection holds, before that is. Default: 30 s.
    pub full_input_timeout: Duration,
    /// How long a client may take for the body of a request. Default: 30 s.
    pub request_timeout: Duration,
    /// How long what was handed to a socket, at most 64 KiB and one message, may take to leave it before its client is
    /// dropped. Default: 30 s.
    pub write_timeout: Duration,
    /// How long a client may take for the headers of a request, and for its closing handshake. Default: 10 s.
    pub handshake_timeout: Duration,
    /// How long calls may go on when the server stops. Default: 10 s.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_max_bytes: 4 * 1024 * 1024,
            calls_per_connection: 1024,
            outliving_calls: 10_000,
            out_max_bytes: 64 * 1024,
            inputs_max_bytes: 8 * 1024 * 1024,
            full_input_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}
