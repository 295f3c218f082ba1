//! Where small things are kept.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use crate::store_error::StoreError;

/// What a [`Store`] answers, once it has.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A small store: maps of bytes, each with a name. A map is there when something is in it.
///
/// What was put is there for every later call, also of another server that shares the store, and after a restart. A
/// map may have millions of entries if they are only looked up by key; [`entries`](Self::entries) is for some thousands.
///
/// All methods fail with a [`StoreError`] if the store could not be asked, or did not answer. A change that failed may have
/// happened.
///
/// # Cancel safety
///
/// A future that is dropped may or may not have changed something.
pub trait Store: Send + Sync + 'static {
    /// What `map` has for `key`.
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>>;

    /// Puts a value, in the place of an earlier one.
    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()>;

    /// Puts a value unless the key is taken; whether it did. Of many that try at once, one does.
    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool>;

    /// Removes a value, and tells what it was.
    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>>;

    /// All entries of a map, in the order of their keys, compared byte by byte.
    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>>;
}
