//! What the tests share.

use std::path::{Path, PathBuf};

use streampod_codegen::SourceFile;
use streampod_schema::Schema;

/// The text of a file of `tests/fixture`.
pub(crate) fn fixture(path: &str) -> String {
    std::fs::read_to_string(folder("fixture").join(path)).unwrap()
}

/// The schema of `tests/fixture`, as a server reports it to clients.
pub(crate) fn schema() -> Schema {
    serde_json::from_str(&fixture("schema.json")).unwrap()
}

/// Checks that `files` are what `tests/golden/<name>` holds, no more and no less. With `UPDATE_GOLDEN=1` that folder is
/// written anew.
pub(crate) fn check_golden(name: &str, files: &[SourceFile]) {
    let golden = folder("golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = std::fs::remove_dir_all(&golden);
        for file in files {
            let path = golden.join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.text).unwrap();
        }
    }
    let expected = files_in(&golden);
    let found: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
    let (mut missing, mut surplus) = (expected.clone(), found.clone());
    missing.retain(|path| !found.contains(path));
    surplus.retain(|path| !expected.contains(path));
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:?}, not expected: {surplus:?}");
    for file in files {
        let expected = std::fs::read_to_string(golden.join(&file.path)).unwrap();
        assert!(
            file.text == expected,
            "{name}/{} differs from the golden file; look at it after UPDATE_GOLDEN=1:\n{}",
            file.path,
            file.text
        );
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The files below a folder, by their path in it.
fn files_in(folder: &Path) -> Vec<String> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files
}
