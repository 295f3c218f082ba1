//! A store in a file.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use redb::{Database, ReadableDatabase};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::open_files::{self, OpenFile};
use crate::store::{Store, StoreFuture};
use crate::store_error::StoreError;
use crate::writing::{self, Action, Change, TABLE};

/// A store in a file, by redb: for one server that runs alone. What was put is on the disk when that resolves.
///
/// Only one process can open a file. Within it, a file that is opened again is the same store, and it is closed when the last of
/// them is dropped. Inside a tokio runtime, threads for blocking work read and write it; outside of one, the thread that asks does,
/// and is blocked meanwhile.
#[derive(Clone)]
pub struct FileStore {
    file: Arc<OpenFile>,
}

impl FileStore {
    /// Opens a file. It is made if there is none, and so is its folder.
    ///
    /// # Errors
    ///
    /// Fails if another process has the file, or it cannot be opened, or it is none of redb's.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self { file: open_files::open(path.as_ref())? })
    }

    /// Has `read` run on a thread for blocking work.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let file = Arc::clone(&self.file);
        let reading = move || read(&file.database).map_err(|source| file.failed(Arc::new(source)));
        match Handle::try_current() {
            Ok(runtime) => runtime.spawn_blocking(reading).await.map_err(StoreError::other)?,
            Err(_) => reading(),
        }
    }

    /// Makes a change, and tells what was there before.
    async fn change(&self, map: &str, key: &str, action: Action) -> Result<Option<Bytes>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let change = Change { map: map.to_owned(), key: key.to_owned(), action, answer };
        writing::enqueue(&self.file, change);
        // There is no answer if a runtime was shut down before its thread came to write.
        answered.await.map_err(StoreError::other)?
    }
}

impl Store for FileStore {
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        let (map, key) = (map.to_owned(), key.to_owned());
        Box::pin(self.read(move |database| {
            let table = database.begin_read()?.open_table(TABLE)?;
            Ok(table.get((&*map, &*key))?.map(|value| Bytes::copy_from_slice(value.value())))
        }))
    }

    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.change(map, key, Action::Put(value)).await.map(drop) })
    }

    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.change(map, key, Action::PutNew(value)).await?.is_none()) })
    }

    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(self.change(map, key, Action::Remove))
    }

    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>> {
        let map = map.to_owned();
        Box::pin(self.read(move |database| {
            let table = database.begin_read()?.open_table(TABLE)?;
            let mut entries = Vec::new();
            for entry in table.range((&*map, "")..)? {
                let (place, value) = entry?;
                let (of_map, key) = place.value();
                if of_map != map {
                    break;
                }
                entries.push((key.to_owned(), Bytes::copy_from_slice(value.value())));
            }
            Ok(entries)
        }))
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore").field("path", &self.file.path()).finish()
    }
}
