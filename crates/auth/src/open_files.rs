//! The files that this process has open as stores.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};

use parking_lot::{Condvar, Mutex};
use redb::{Database, DatabaseError};

use crate::store_error::StoreError;
use crate::writing::{self, Writing};

/// How much of a file is kept in memory, in bytes.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// The files by path. One that is being closed is there until it is.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<OpenFile>>>> = LazyLock::new(Mutex::default);
static CLOSED: Condvar = Condvar::new();

/// A file that is open, until this is dropped.
pub(crate) struct OpenFile {
    // Dropped in this order: the path is free when the file is closed.
    pub(crate) database: Database,
    pub(crate) writing: Writing,
    place: Place,
}

/// A path that is taken, until this is dropped.
struct Place(PathBuf);

/// Opens a file, or gives it if it is open.
pub(crate) fn open(path: &Path) -> Result<Arc<OpenFile>, StoreError> {
    let failed = |source| StoreError::Open { path: path.to_owned(), source };
    let path = real_path(path).map_err(|error| failed(error.into()))?;
    let mut open = OPEN.lock();
    while let Some(file) = open.get(&path) {
        if let Some(file) = file.upgrade() {
            return Ok(file);
        }
        // Another thread is just closing it.
        CLOSED.wait(&mut open);
    }
    make(&path).map_err(|error| failed(error.into()))?;
    let database = match Database::builder().set_cache_size(CACHE_BYTES).create(&path) {
        Ok(database) => database,
        Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) => {
            return Err(StoreError::InUse { path });
        }
        Err(error) => return Err(failed(error.into())),
    };
    writing::prepare(&database).map_err(|error| failed(error.into()))?;
    let file = OpenFile { database, writing: Writing::default(), place: Place(path.clone()) };
    let file = Arc::new(file);
    open.insert(path, Arc::downgrade(&file));
    Ok(file)
}

/// Makes a file, if there is none, that its owner alone can read: hashes of passwords may be in it.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The one path of a file that has several. Its folder is made if there is none.
fn real_path(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match path.canonicalize() {
        Ok(path) => Ok(path),
        // There is no file yet.
        Err(_) => match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => Ok(folder.canonicalize()?.join(name)),
            _ => Ok(path),
        },
    }
}

impl OpenFile {
    pub(crate) fn path(&self) -> &Path {
        &self.place.0
    }

    pub(crate) fn failed(&self, source: Arc<redb::Error>) -> StoreError {
        StoreError::File { path: self.path().to_owned(), source: Box::new(source) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.lock().remove(&self.0);
        CLOSED.notify_all();
    }
}
