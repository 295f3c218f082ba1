#![no_main]
//! Any bytes as a stream of frames: `cargo +nightly fuzz run reader`, in `crates/websocket`.

use libfuzzer_sys::fuzz_target;

#[path = "../entry.rs"]
mod entry;

fuzz_target!(|data: &[u8]| entry::run(data));
