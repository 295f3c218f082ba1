//! What clients are made from.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use notify::RecursiveMode;

use crate::generate::{Request, SchemaSource, cargo};
use crate::project::Project;

/// Folders that hold no sources, wherever they are. Nor do those whose names begin with a dot.
const NO_SOURCES: [&str; 2] = ["target", "node_modules"];

/// The files that clients are made from: `streampod.yaml`, and either a schema or the server's packages.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Single files.
    files: BTreeSet<PathBuf>,
    /// Whole packages.
    packages: Vec<PathBuf>,
    /// Where clients are written, which may be inside a package.
    outputs: Vec<PathBuf>,
}

impl Sources {
    /// Finds out what a request reads. What cannot be found out now, because of a mistake in one of these files, stays as it
    /// was, so that the end of the mistake is seen.
    pub(super) fn update(&mut self, request: &Request) {
        let Ok(path) = Project::path(request.config.as_deref()) else { return };
        let mut files = vec![path.canonicalize()];
        if let SchemaSource::File(schema) = &request.schema {
            files.push(schema.canonicalize());
        }
        self.files.extend(files.into_iter().flatten());
        let Ok(project) = Project::read(&path) else { return };
        let outputs = project.clients.iter().map(|client| project.folder.join(&client.output));
        self.outputs = outputs.filter_map(|output| output.canonicalize().ok()).collect();
        let (SchemaSource::Server, Some(server)) = (&request.schema, &project.server) else { return };
        if let Some((manifest, packages)) = cargo::local_packages(server, &project.folder) {
            self.files.extend(manifest.canonicalize());
            self.packages = packages;
        } else if self.packages.is_empty() {
            self.packages.extend(project.folder.canonicalize());
        }
    }

    /// The folders to be watched.
    pub(super) fn folders(&self) -> Vec<(PathBuf, RecursiveMode)> {
        let files = self.files.iter().filter_map(|file| file.parent());
        let flat = files.chain(self.packages.iter().map(PathBuf::as_path));
        // Not the package as a whole: `target` may be in it, where very much changes.
        let entries =
            self.packages.iter().flat_map(fs::read_dir).flatten().flatten().map(|entry| entry.path());
        let deep = entries.filter(|path| path.is_dir() && self.contains(path));
        let flat = flat.map(|folder| (folder.to_owned(), RecursiveMode::NonRecursive));
        flat.chain(deep.map(|folder| (folder, RecursiveMode::Recursive))).collect()
    }

    /// Whether a path is one of a source.
    pub(super) fn contains(&self, path: &Path) -> bool {
        if self.files.contains(path) {
            return true;
        }
        // Cargo may write it while it is asked.
        if path.file_name().is_some_and(|name| name == "Cargo.lock")
            || self.outputs.iter().any(|output| path.starts_with(output))
        {
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
