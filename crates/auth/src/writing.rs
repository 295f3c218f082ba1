//! How changes come into a file.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use redb::{Database, ReadableTable, TableDefinition};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::open_files::OpenFile;
use crate::store_error::StoreError;

/// The one table: what a map has for a key. Its order is that of map and key, byte by byte, so the entries of a map lie together.
pub(crate) const TABLE: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("maps");

/// The changes of a file that wait to be written.
///
/// Bringing a change to the disk takes milliseconds, however small it is. So one thread writes, and it takes all changes that have come
/// meanwhile with it. Those who read do not wait for that, and threads are left for them.
#[derive(Default)]
pub(crate) struct Writing(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    changes: Vec<Change>,
    has_writer: bool,
}

/// A change that waits to be written. Who waits for it is told what was there before.
pub(crate) struct Change {
    pub(crate) map: String,
    pub(crate) key: String,
    pub(crate) action: Action,
    pub(crate) answer: oneshot::Sender<Result<Option<Bytes>, StoreError>>,
}

/// What a change does.
pub(crate) enum Action {
    Put(Bytes),
    /// Nothing if the key is taken.
    PutNew(Bytes),
    Remove,
}

/// Writes everything that waits when it is dropped. That is what its thread does, or, if a runtime is shut down before that was
/// started, whoever throws its work away: changes of another runtime may wait for this writer by then.
struct Writer(Arc<OpenFile>);

/// Lets another writer come if this one panics, or does not start.
struct Release<'a>(&'a Mutex<Queue>);

/// Makes the table, so that whoever reads finds one.
pub(crate) fn prepare(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(TABLE)?;
    Ok(transaction.commit()?)
}

/// Has a change written, together with others.
pub(crate) fn enqueue(file: &Arc<OpenFile>, change: Change) {
    let mut queue = file.writing.0.lock();
    queue.changes.push(change);
    if !std::mem::replace(&mut queue.has_writer, true) {
        drop(queue);
        let writer = Writer(Arc::clone(file));
        // No thread can be had if the system has none left, and tokio panics then.
        let release = Release(&file.writing.0);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(writer))),
            // Outside of a runtime, whoever asks writes.
            Err(_) => drop(writer),
        }
        std::mem::forget(release);
    }
}

impl Writer {
    fn write_all(&self) {
        let queue = &self.0.writing.0;
        let release = Release(queue);
        loop {
            let changes = {
                let mut queue = queue.lock();
                if queue.changes.is_empty() {
                    queue.has_writer = false;
                    std::mem::forget(release);
                    return;
                }
                std::mem::take(&mut queue.changes)
            };
            match apply(&self.0.database, &changes) {
                Ok(earlier) => {
                    for (change, earlier) in changes.into_iter().zip(earlier) {
                        // Who asked may not wait any more.
                        let _ = change.answer.send(Ok(earlier));
                    }
                }
                Err(error) => {
                    let error = Arc::new(error);
                    for change in changes {
                        let _ = change.answer.send(Err(self.0.failed(Arc::clone(&error))));
                    }
                }
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.write_all();
    }
}

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.lock().has_writer = false;
    }
}

/// Makes all changes or none, and tells what was there before each.
fn apply(database: &Database, changes: &[Change]) -> Result<Vec<Option<Bytes>>, redb::Error> {
    let transaction = database.begin_write()?;
    let earlier = {
        let mut table = transaction.open_table(TABLE)?;
        let mut apply = |change: &Change| -> Result<Option<Bytes>, redb::Error> {
            let place = (&*change.map, &*change.key);
            let earlier = match &change.action {
                Action::Put(value) => table.insert(place, &**value)?,
                Action::PutNew(value) => {
                    if let Some(taken) = table.get(place)? {
                        return Ok(Some(Bytes::copy_from_slice(taken.value())));
                    }
                    table.insert(place, &**value)?
                }
                Action::Remove => table.remove(place)?,
            };
            Ok(earlier.map(|value| Bytes::copy_from_slice(value.value())))
        };
        changes.iter().map(&mut apply).collect::<Result<Vec<_>, _>>()?
    };
    transaction.commit()?;
    Ok(earlier)
}
