//! The typescript client.
