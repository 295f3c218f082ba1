//! Everything that is tested.

use anyhow::Context;
use xshell::{Shell, cmd};

use crate::server::Server;
use crate::tidy;
use crate::{autobahn, counts, dart, install};

/// The suites by name, in the order in which they run.
pub(crate) const SUITES: [&str; 9] =
    ["check", "rust", "autobahn", "typescript", "dart", "pixorama", "chat", "bench", "counts"];

/// What is off unless somebody asks for it, and tested all the same.
const FEATURES: &str =
    "streampod/serde,streampod/jwt,streampod-client/tls,streampod-server/echo,streampod-websocket/deflate";
/// What says which clients of the conformance server are committed. A test of the command line checks those of the examples.
const CONFORMANCE_CLIENTS: &str = "conformance/streampod.yaml";

const TYPESCRIPT: &str = "clients/typescript";
const PIXORAMA: &str = "examples/pixorama/web";
const CHAT: &str = "examples/chat/web";

/// Runs suites; all of them if none is named.
pub(crate) fn run(shell: &Shell, suites: &[&str]) -> anyhow::Result<()> {
    for suite in SUITES.into_iter().filter(|suite| suites.is_empty() || suites.contains(suite)) {
        eprintln!("\n=== {suite} ===");
        match suite {
            "check" => check(shell),
            "rust" => rust(shell),
            "autobahn" => autobahn::test(shell),
            "typescript" => typescript(shell),
            "dart" => dart::test(shell),
            "bench" => bench(shell),
            "counts" => counts::check(shell, &[], false),
            "pixorama" => page(shell, PIXORAMA, "pixorama", "PIXORAMA_BIN"),
            _ => chat(shell),
        }
        .with_context(|| format!("the suite `{suite}` failed; it alone: cargo xtask test {suite}"))?;
    }
    eprintln!("\nAll is well.");
    Ok(())
}

/// Formatting, lints and layers.
pub(crate) fn check(shell: &Shell) -> anyhow::Result<()> {
    cmd!(shell, "cargo fmt --all --check").run()?;
    tidy::check(shell)?;
    cmd!(shell, "cargo clippy --workspace --all-targets --features {FEATURES} --quiet -- -D warnings")
        .run()?;
    cmd!(shell, "cargo doc --workspace --no-deps --features {FEATURES} --quiet")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(())
}

/// Unit, property, transcript and integration tests, the examples in the documentation, and that generated clients are current.
fn rust(shell: &Shell) -> anyhow::Result<()> {
    install::redis(shell)?;
    if install::has(shell, "cargo-nextest") {
        cmd!(shell, "cargo nextest run --workspace --features {FEATURES} --no-fail-fast").run()?;
        cmd!(shell, "cargo test --workspace --features {FEATURES} --doc --quiet").run()?;
    } else {
        cmd!(shell, "cargo test --workspace --features {FEATURES} --no-fail-fast --quiet").run()?;
    }
    let streampod = program(shell, "streampod")?;
    cmd!(shell, "{streampod} generate --check --config {CONFORMANCE_CLIENTS}").run()?;
    Ok(())
}

/// The TypeScript client, alone and on the conformance server.
fn typescript(shell: &Shell) -> anyhow::Result<()> {
    install::node(shell)?;
    install::npm_packages(shell, TYPESCRIPT)?;
    // A test of the bundle's size bundles Pixorama's client.
    install::npm_packages(shell, PIXORAMA)?;
    let server = Server::start(&program(shell, "conformance")?)?;
    let _folder = shell.push_dir(TYPESCRIPT);
    cmd!(shell, "npm test").env("STREAMPOD_CONFORMANCE_URL", server.url()).run()?;
    Ok(())
}

/// That the benchmark's load finds wrong and missing answers, and gets none of either from its servers. It measures nothing.
fn bench(shell: &Shell) -> anyhow::Result<()> {
    crate::bench::prepare(shell)?;
    let _folder = shell.push_dir("bench");
    cmd!(shell, "cargo fmt --check").run()?;
    cmd!(shell, "cargo clippy --all-targets --quiet -- -D warnings").run()?;
    cmd!(shell, "cargo test --quiet").run()?;
    Ok(())
}

/// The page of an example: that it is built, its own tests, and browsers on its server, which `variable` tells them of.
fn page(shell: &Shell, folder: &str, package: &str, variable: &str) -> anyhow::Result<()> {
    install::node(shell)?;
    install::chromium(shell)?;
    install::npm_packages(shell, TYPESCRIPT)?;
    install::npm_packages(shell, folder)?;
    let program = program(shell, package)?;
    let _folder = shell.push_dir(folder);
    cmd!(shell, "npm run check").run()?;
    cmd!(shell, "npm test").run()?;
    cmd!(shell, "npm run e2e").env(variable, program).run()?;
    Ok(())
}

/// The chat: browsers on one server, on two with Redis, and on two behind nginx.
fn chat(shell: &Shell) -> anyhow::Result<()> {
    install::redis(shell)?;
    install::nginx(shell)?;
    page(shell, CHAT, "chat", "CHAT_BIN")
}

/// Builds the pages of the examples.
pub(crate) fn build_web(shell: &Shell) -> anyhow::Result<()> {
    install::node(shell)?;
    install::npm_packages(shell, TYPESCRIPT)?;
    for folder in [PIXORAMA, CHAT] {
        install::npm_packages(shell, folder)?;
        let _folder = shell.push_dir(folder);
        cmd!(shell, "npm run build").run()?;
    }
    Ok(())
}

/// Builds a program of the workspace, and says where it is.
///
/// All packages with all features are asked for, and the examples, which need what tests need: so it is made of the very
/// dependencies that the suite `rust` builds, instead of some with fewer features.
fn program(shell: &Shell, name: &str) -> anyhow::Result<std::path::PathBuf> {
    cmd!(shell, "cargo build --quiet --workspace --features {FEATURES} --bin {name} --examples").run()?;
    Ok(tidy::metadata(shell)?.target_directory().join("debug").join(name))
}
