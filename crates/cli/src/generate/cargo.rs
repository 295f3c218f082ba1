//! What is asked of Cargo.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

/// Cargo, in a folder.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// The manifest of the workspace, and the folders of a package and of all on this machine that it depends on.
pub(super) fn local_packages(package: &str, folder: &Path) -> Option<(PathBuf, Vec<PathBuf>)> {
    let mut command = command(folder);
    command.args(["metadata", "--format-version", "1"]).stderr(Stdio::null());
    let output = command.output().ok()?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).ok()?;
    let local = metadata.packages.iter().filter(|package| package.source.is_none());
    let local: HashMap<_, _> = local.map(|package| (package.id.as_str(), package)).collect();
    let dependencies: HashMap<_, _> =
        metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), &node.dependencies)).collect();
    let server = local.values().find(|candidate| candidate.name == package)?;
    let (mut found, mut pending) = (HashSet::new(), vec![server.id.as_str()]);
    while let Some(id) = pending.pop() {
        if local.contains_key(id) && found.insert(id) {
            pending.extend(dependencies.get(id).into_iter().copied().flatten().map(String::as_str));
        }
    }
    let folders =
        found.into_iter().filter_map(|id| local.get(id)?.manifest_path.parent()?.canonicalize().ok());
    Some((metadata.workspace_root.join("Cargo.toml"), folders.collect()))
}

/// What `cargo metadata` says.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
    /// `None` if it is on this machine.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}
