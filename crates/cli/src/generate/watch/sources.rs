//! What clients are made from.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use notify::RecursiveMode;
use serde::Deserialize;

use crate::generate::{Request, SchemaSource};
use crate::project::Project;

/// Folders that hold no sources, wherever they are. So do those whose names begin with a dot.
const NO_SOURCES: [&str; 2] = ["target", "node_modules"];

/// The files that clients are made from: `streampod.yaml`, and either a schema or the server's packages.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Single files.
    files: Vec<PathBuf>,
    /// Whole packages.
    packages: Vec<PathBuf>,
    /// Where clients are written, which may be inside a package.
    outputs: Vec<PathBuf>,
}

impl Sources {
    /// What a request reads. What cannot be found out is left out: generating tells why.
    pub(super) fn of(request: &Request) -> Self {
        let mut sources = Self::default();
        let Ok(path) = Project::path(request.config.as_deref()) else { return sources };
        sources.files.extend(path.canonicalize());
        if let SchemaSource::File(schema) = &request.schema {
            sources.files.extend(schema.canonicalize());
        }
        let Ok(project) = Project::read(&path) else { return sources };
        if let (SchemaSource::Server, Some(server)) = (&request.schema, &project.server) {
            sources.packages = local_packages(server, &project.folder).unwrap_or_default();
        }
        let outputs = project.clients.iter().map(|client| project.folder.join(&client.output));
        sources.outputs = outputs.filter_map(|output| output.canonicalize().ok()).collect();
        sources
    }

    /// The folders to be watched.
    pub(super) fn folders(&self) -> Vec<(PathBuf, RecursiveMode)> {
        let files = self.files.iter().filter_map(|file| file.parent());
        let flat = files.chain(self.packages.iter().map(PathBuf::as_path));
        // Not the package as a whole: `target` may be in it, where very much changes.
        let entries = self.packages.iter().flat_map(fs::read_dir).flatten().flatten().map(|entry| entry.path());
        let deep = entries.filter(|path| path.is_dir() && self.contains(path));
        let flat = flat.map(|folder| (folder.to_owned(), RecursiveMode::NonRecursive));
        flat.chain(deep.map(|folder| (folder, RecursiveMode::Recursive))).collect()
    }

    /// Whether a path is one of a source.
    pub(super) fn contains(&self, path: &Path) -> bool {
        if self.files.iter().any(|file| file == path) {
            return true;
        }
        // Cargo may write it while it is asked.
        if path.file_name().is_some_and(|name| name == "Cargo.lock") || self.outputs.iter().any(|output| path.starts_with(output)) {
            return false;
        }
        self.packages.iter().filter_map(|package| path.strip_prefix(package).ok()).any(|path| {
            path.components().all(|part| {
                let name = part.as_os_str().to_string_lossy();
                !name.starts_with('.') && !NO_SOURCES.contains(&&*name)
            })
        })
    }
}

/// The folders of a package and of all that it depends on and that is no other's, as Cargo knows them.
fn local_packages(package: &str, folder: &Path) -> Option<Vec<PathBuf>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .output()
        .ok()?;
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
    let folders = found.into_iter().filter_map(|id| local.get(id)?.manifest_path.parent()?.canonicalize().ok());
    Some(folders.collect())
}

/// What `cargo metadata` says.
#[derive(Deserialize)]
struct Metadata {
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
