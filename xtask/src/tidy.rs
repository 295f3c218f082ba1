//! The layers: what each crate may depend on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

/// Every crate with the crates of ours that it may use. What the tests of a crate use is its own matter, but for
/// `streampod`, which stands above all of them.
const LAYERS: [(&str, &[&str]); 25] = [
    ("streampod-schema", &[]),
    ("streampod-wire", &["streampod-schema"]),
    // The schema only for the models that the tests of its feature `contract` post.
    ("streampod-events", &["streampod-wire", "streampod-schema"]),
    ("streampod-events-redis", &["streampod-events", "streampod-wire"]),
    // A Redis server for one test.
    ("streampod-redis-fixture", &[]),
    ("streampod-client", &["streampod-wire"]),
    ("streampod-server", &["streampod-wire", "streampod-websocket", "streampod-schema", "streampod-events"]),
    ("streampod-auth", &["streampod-server"]),
    ("streampod-macros", &[]),
    // What the compiler says of what the macros do not accept, which takes all that they write for.
    ("streampod-macros-ui", &[]),
    (
        "streampod",
        &[
            "streampod-wire",
            "streampod-schema",
            "streampod-events",
            "streampod-events-redis",
            "streampod-server",
            "streampod-auth",
            "streampod-client",
            "streampod-macros",
        ],
    ),
    ("streampod-spy", &["streampod-schema"]),
    ("streampod-codegen", &["streampod-schema", "streampod-spy"]),
    // Its calls come from the real client, over bytes in memory.
    ("streampod-testing", &["streampod-server", "streampod-client"]),
    ("conformance", &["streampod", "streampod-codegen"]),
    // Generated: the client of the conformance server, and those of the generators' fixture.
    ("conformance-client", &["streampod", "conformance"]),
    ("shop-client", &["streampod"]),
    ("shop-client-shared", &["streampod", "shop-client"]),
    ("chat", &["streampod", "streampod-codegen"]),
    ("pixorama", &["streampod", "streampod-codegen"]),
    ("xtask", &[]),
    // A WebSocket codec, which knows nothing of what it carries.
    ("streampod-websocket", &[]),
    ("streampod-cli", &["streampod-schema", "streampod-codegen", "streampod-spy", "streampod-client"]),
    // The hot paths, to be counted: through all layers, and through the wire alone.
    ("counts", &["streampod", "streampod-wire", "streampod-websocket"]),
    // In a workspace of its own.
    ("bench", &["streampod"]),
];

/// Crates of others that a layer never uses, also not by way of another crate.
const NEVER: [(&str, &[&str]); 4] = [
    ("streampod-wire", &["tokio", "hyper", "axum", "serde_json"]),
    ("streampod-schema", &["tokio", "hyper", "axum"]),
    ("streampod-websocket", &["tokio", "hyper", "axum", "tungstenite"]),
    ("streampod-events", &["tokio", "hyper", "axum"]),
];

/// Only these may use `streampod`, also for their tests.
const ABOVE: [&str; 9] = [
    "streampod",
    "streampod-macros-ui",
    "conformance",
    "counts",
    "chat",
    "pixorama",
    "conformance-client",
    "shop-client",
    "shop-client-shared",
];

/// Checks that every crate depends only on the layers below it.
pub(crate) fn check(shell: &Shell) -> anyhow::Result<()> {
    let metadata = metadata(shell)?;
    let mut problems = Vec::new();
    for (name, dependencies) in metadata.members()? {
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
            problems.push(format!("{name} has no place among the layers; give it one in xtask/src/tidy.rs"));
            continue;
        };
        for dependency in dependencies {
            let is_ours = LAYERS.iter().any(|(layer, _)| *layer == dependency.name);
            let from_below = allowed.contains(&dependency.name.as_str());
            if is_ours && !dependency.for_tests && !from_below {
                problems.push(format!("{name} must not use {}", dependency.name));
            }
            if dependency.name == "streampod" && !ABOVE.contains(&name.as_str()) {
                problems.push(format!("{name} must not use streampod, also not for its tests"));
            }
        }
    }
    for (layer, never) in NEVER {
        let tree = cmd!(shell, "cargo tree --quiet --edges normal --prefix none --package {layer}");
        let tree = tree.quiet().read()?;
        let used = tree.lines().filter_map(|line| line.split(' ').next());
        for dependency in used.filter(|used| never.contains(used)).collect::<std::collections::BTreeSet<_>>()
        {
            problems.push(format!("{layer} must not use {dependency}, also not by way of another crate"));
        }
    }
    if !problems.is_empty() {
        bail!("the layers of ARCHITECTURE.md do not hold:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

/// What Cargo knows of the workspace.
pub(crate) struct Metadata(Value);

struct Dependency {
    name: String,
    for_tests: bool,
}

/// Asks Cargo for what it knows of the workspace.
pub(crate) fn metadata(shell: &Shell) -> anyhow::Result<Metadata> {
    let json = cmd!(shell, "cargo metadata --format-version 1 --no-deps").quiet().read()?;
    Ok(Metadata(serde_json::from_str(&json)?))
}

impl Metadata {
    /// Where Cargo builds.
    pub(crate) fn target_directory(&self) -> PathBuf {
        self.0["target_directory"].as_str().unwrap_or("target").into()
    }

    fn members(&self) -> anyhow::Result<BTreeMap<String, Vec<Dependency>>> {
        let packages = self.0["packages"].as_array().context("cargo metadata lists no packages")?;
        let member = |package: &Value| {
            let dependencies = package["dependencies"].as_array()?.iter().filter_map(|dependency| {
                let name = dependency["name"].as_str()?.to_owned();
                Some(Dependency { name, for_tests: dependency["kind"] == "dev" })
            });
            Some((package["name"].as_str()?.to_owned(), dependencies.collect()))
        };
        packages.iter().map(|package| member(package).context("a package of cargo metadata")).collect()
    }
}
