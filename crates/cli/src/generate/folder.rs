//! An output folder, and what makes it hold what was generated.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use streampod_codegen::SourceFile;

/// The file in an output folder that lists what was generated there, so that only such files are ever removed.
const LIST: &str = ".streampod-files";

const LIST_HEAD: &str = "\
# The files in this folder that `streampod generate` wrote. It removes those that it does not write any more,
# and touches no others. Keep this file where you keep them.
";

/// The differences between an output folder and what was generated for it.
#[derive(Debug)]
pub(crate) struct Changes {
    folder: PathBuf,
    /// Files with the text that they are to have.
    written: Vec<(Change, SourceFile)>,
    removed: Vec<String>,
}

/// In which way a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is not there.
    Missing,
    /// Its text is another one.
    Different,
    /// It was generated, and is not any more.
    Surplus,
}

impl Changes {
    /// The differences between `folder`, which need not exist, and the files that it is to hold.
    pub(crate) fn between(folder: PathBuf, mut files: Vec<SourceFile>) -> anyhow::Result<Self> {
        let ours = listed(&folder)?;
        let (once, ours_now): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.once);
        let paths =
            |files: Vec<&SourceFile>| files.iter().map(|file| file.path.clone()).collect::<BTreeSet<_>>();
        let (once, new) = (paths(once), paths(ours_now));
        files.push(list(&new));
        let mut changes = Self { folder, written: Vec::new(), removed: Vec::new() };
        for file in files {
            let path = changes.folder.join(&file.path);
            let Some(found) = read(&path)? else {
                changes.written.push((Change::Missing, file));
                continue;
            };
            if file.once {
                continue;
            }
            // Git may write the lines of a checkout as Windows does.
            if found.replace("\r\n", "\n") == file.text {
                continue;
            }
            if !ours.contains(&file.path) && file.path != LIST {
                bail!(
                    "{} is in the way: `streampod generate` did not write it; move it, or choose another output folder",
                    path.display()
                );
            }
            changes.written.push((Change::Different, file));
        }
        // What is written once is the user's from then on, whatever an older list says.
        let is_there = |path: &String| changes.folder.join(path).symlink_metadata().is_ok();
        let left = ours.difference(&new).filter(|path| !once.contains(*path) && is_there(path));
        changes.removed = left.cloned().collect();
        Ok(changes)
    }

    /// The differences, with the path of each file in the folder.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Change, &str)> {
        let written = self.written.iter().map(|(change, file)| (*change, file.path.as_str()));
        written.chain(self.removed.iter().map(|path| (Change::Surplus, path.as_str())))
    }

    /// Makes the folder hold what was generated.
    pub(crate) fn apply(&self) -> anyhow::Result<()> {
        for (_, file) in &self.written {
            let path = self.folder.join(&file.path);
            let folder = path.parent().unwrap_or(&self.folder);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, &file.text))
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        for path in &self.removed {
            let path = self.folder.join(path);
            fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
            // A folder that is empty now goes too; one that is not stays.
            let between = path.ancestors().skip(1).take_while(|folder| *folder != self.folder);
            let _ = between.map(fs::remove_dir).take_while(Result::is_ok).count();
        }
        Ok(())
    }
}

/// The list of these files.
fn list(paths: &BTreeSet<String>) -> SourceFile {
    let lines = paths.iter().map(|path| format!("{path}\n"));
    SourceFile::new(LIST, LIST_HEAD.to_owned() + &lines.collect::<String>())
}

/// The paths that the folder's list names.
fn listed(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = read(&folder.join(LIST))?.unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    // Whoever edited the list has no file outside of the folder removed.
    let inside = |line: &&str| Path::new(line).components().all(|part| matches!(part, Component::Normal(_)));
    Ok(lines.filter(inside).map(ToOwned::to_owned).collect())
}

/// The text of a file; `None` if there is none.
fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read(path) {
        // What is not UTF-8 is no text of ours, and differs from any.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
