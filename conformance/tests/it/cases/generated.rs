//! The generated client itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use streampod_codegen::rust::{Dependency, Options, generate};

use crate::kit::config;

/// The files of `conformance/client`, as they are generated from the schema that the server reports.
///
/// The class of the user's own is the server's: this is how a client shares types with it.
fn files() -> BTreeMap<PathBuf, String> {
    let path = |path: &str| Dependency::Path(path.to_owned());
    let options = Options {
        custom: BTreeMap::from([("CustomClass".to_owned(), "::conformance::CustomClass".to_owned())]),
        dependencies: BTreeMap::from([("conformance".to_owned(), path(".."))]),
        ..Options::new("conformance-client", path("../../crates/streampod"))
    };
    let files = generate(&conformance::server(config()).schema(), &options).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("client");
    files.into_iter().map(|file| (folder.join(file.path), file.text)).collect()
}

/// `UPDATE_GOLDEN=1` writes it anew.
#[test]
fn the_client_is_current() {
    for (path, text) in files() {
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is not what is generated; UPDATE_GOLDEN=1 writes it anew", path.display());
    }
}
