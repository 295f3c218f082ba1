//! The rust client.
