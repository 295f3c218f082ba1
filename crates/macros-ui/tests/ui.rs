//! What the macros say of what they do not accept. What they accept is in the tests of `streampod`.
//!
//! Each `.stderr` is what the compiler shows: at the user's token, what is wrong and what is allowed. After a change,
//! `TRYBUILD=overwrite cargo test -p streampod-macros-ui` writes them anew; read them before they are committed.

use std::process::Command;

/// Cargo's variable with the flags for the compiler, separated by this.
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const SEPARATOR: &str = "\u{1f}";

/// The cases, in a process of their own with flags for the compiler. Without these, `trybuild` gives some of its own, others for
/// the cases than for what they depend on, and Cargo builds that twice.
#[test]
fn ui() {
    let flags = ["-Adead_code", "--diagnostic-width=140"].join(SEPARATOR);
    let program = std::env::current_exe().unwrap();
    let mut cases = Command::new(program);
    cases.args(["--exact", "cases", "--ignored", "--nocapture"]).env(FLAGS, flags);
    assert!(cases.status().unwrap().success());
}

#[test]
#[ignore = "`ui` runs it"]
fn cases() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}
