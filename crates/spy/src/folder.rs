//! Reading the files of a folder.

use std::fs;
use std::io;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::options::Options;
use crate::read::{Models, read_with};
use crate::source::SourceText;

/// What the names of model files end with.
pub(crate) const SUFFIXES: [&str; 3] = [".spy.yaml", ".spy.yml", ".spy"];
/// How deep folders may nest.
const NESTING_MAX: usize = 32;

/// Reads all files of `folder`, and of the folders in it, that end with `.spy.yaml`, `.spy.yml` or `.spy`. Folders whose names
/// begin with a dot, and links to folders, are passed over.
///
/// # Errors
///
/// As [`read`](crate::read()); also if a file or a folder cannot be read, or is not UTF-8.
pub fn read_folder(folder: impl AsRef<Path>, options: &Options) -> Result<Models, Diagnostics> {
    let folder = folder.as_ref();
    let shown = folder.to_string_lossy().replace('\\', "/");
    let mut files = Files::default();
    if let Err(error) = files.find(folder, "", 0) {
        let message = format!("the folder of models cannot be read: {error}");
        return Err(Diagnostics::new(Vec::new(), vec![Diagnostic::unreadable(shown, message)]));
    }
    match read_with(files.sources, options, files.unreadable) {
        Ok(models) => Ok(Models { notices: models.notices.in_folder(&shown), ..models }),
        Err(diagnostics) => Err(diagnostics.in_folder(&shown)),
    }
}

#[derive(Default)]
struct Files {
    sources: Vec<SourceText>,
    unreadable: Vec<Diagnostic>,
}

impl Files {
    /// Collects the files of `folder`; `prefix` is its path inside the outermost one, with a slash at its end.
    fn find(&mut self, folder: &Path, prefix: &str, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let result = if entry.file_type()?.is_dir() {
                if name.starts_with('.') || depth == NESTING_MAX {
                    continue;
                }
                self.find(&entry.path(), &format!("{path}/"), depth + 1)
            } else if SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) {
                fs::read_to_string(entry.path()).map(|text| {
                    self.sources.push(SourceText { path: path.clone(), text });
                })
            } else {
                Ok(())
            };
            if let Err(error) = result {
                self.unreadable.push(match error.kind() {
                    io::ErrorKind::InvalidData => {
                        let mut diagnostic =
                            Diagnostic::unreadable(path, "the file is not UTF-8 text".into());
                        diagnostic.help("save it with the encoding UTF-8");
                        diagnostic
                    }
                    _ => Diagnostic::unreadable(path, format!("it cannot be read: {error}")),
                });
            }
        }
        Ok(())
    }
}
