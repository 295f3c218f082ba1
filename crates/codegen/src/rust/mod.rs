//! The client in Rust, over `streampod-client`.
