//! What the macros accept, and what they say of what they do not.
//!
//! Each `.stderr` is what the compiler shows: at the user's token, what is wrong and what is allowed. After a change,
//! `TRYBUILD=overwrite cargo test -p streampod --test ui` writes them anew; read them before they are committed.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
