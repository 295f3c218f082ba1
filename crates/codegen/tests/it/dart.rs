//! The dart client.
