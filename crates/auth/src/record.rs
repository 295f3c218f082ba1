//! What is kept of keys, and how it is laid out in the store.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use crate::device::Device;
use crate::store::Store;
use crate::store_error::StoreError;

/// The map of all keys, by id.
const KEYS: &str = "auth.keys";
/// How long a key is kept that has expired. The clocks of servers differ: one that is fast refuses keys, and others take them still.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Keys and devices, as they lie in the store.
///
/// A key has two entries: in the map of all keys, by which a token is looked up, and in a map of its user's devices. **It is good
/// while it has both**, so every key that is good for something is among its user's devices, whatever fails in between:
///
/// - Whoever signs in is among the devices first, and has the key then. If that fails in between, there is a device without a key.
/// - Whoever signs out loses the key first. If that fails in between, there is again a device without a key, and signing out once
///   more finds it.
/// - The entry among the devices may be written anew, for other scopes. Whoever signs out meanwhile is not signed in by that,
///   because a key is written once only.
/// - A user who is signed out everywhere just between the two steps of a sign-in is left with a key without a device.
///
/// Devices without a key are not shown. They count among a user's devices, the oldest of which go.
///
/// Whether a key has expired is said by the clock of who reads it, which may be wrong, so nothing is removed for that at once.
#[derive(Clone)]
pub(crate) struct Records {
    store: Arc<dyn Store>,
}

/// What is kept of a key.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    pub(crate) user: String,
    /// The SHA-256 of the key, in base64.
    sha256: String,
}

/// What is kept of the device that has the key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceRecord {
    pub(crate) device: String,
    pub(crate) scopes: Vec<String>,
    /// Microseconds since 1970.
    signed_in_at: i64,
    /// Microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl Records {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Adds a key and its device; whether the id was free.
    pub(crate) async fn add(
        &self,
        id: i64,
        key: &KeyRecord,
        device: &DeviceRecord,
    ) -> Result<bool, StoreError> {
        let (devices, id) = (devices_of(&key.user), id.to_string());
        if !self.store.put_new(&devices, &id, to_bytes(device)?).await? {
            return Ok(false);
        }
        let is_new = self.store.put_new(KEYS, &id, to_bytes(key)?).await?;
        if !is_new {
            // The key of this id is another user's.
            self.store.remove(&devices, &id).await?;
        }
        Ok(is_new)
    }

    pub(crate) async fn key(&self, id: i64) -> Result<Option<KeyRecord>, StoreError> {
        let id = id.to_string();
        self.store.get(KEYS, &id).await?.map(|bytes| from_bytes(KEYS, &id, &bytes)).transpose()
    }

    pub(crate) async fn device(&self, user: &str, id: i64) -> Result<Option<DeviceRecord>, StoreError> {
        let (devices, id) = (devices_of(user), id.to_string());
        self.store.get(&devices, &id).await?.map(|bytes| from_bytes(&devices, &id, &bytes)).transpose()
    }

    /// The devices of a user, the one signed in last first, also those without a key.
    pub(crate) async fn devices(&self, user: &str) -> Result<Vec<(i64, DeviceRecord)>, StoreError> {
        let devices = devices_of(user);
        let entries = self.store.entries(&devices).await?;
        let read = |(id, bytes): (String, Bytes)| {
            let device = from_bytes(&devices, &id, &bytes)?;
            let unreadable = || StoreError::Unreadable { map: devices.clone(), key: id.clone() };
            Ok((crate::token::parse_id(&id).ok_or_else(unreadable)?, device))
        };
        let mut list = entries.into_iter().map(read).collect::<Result<Vec<(_, DeviceRecord)>, _>>()?;
        list.sort_by_key(|(id, device)| std::cmp::Reverse((device.signed_in_at, *id)));
        Ok(list)
    }

    /// Writes what is kept of a device anew.
    pub(crate) async fn update(&self, user: &str, id: i64, device: &DeviceRecord) -> Result<(), StoreError> {
        self.store.put(&devices_of(user), &id.to_string(), to_bytes(device)?).await
    }

    /// Removes the key of a device of this user, and then the device; whether there was a key.
    pub(crate) async fn remove(&self, user: &str, id: i64) -> Result<bool, StoreError> {
        let had_key = self.remove_key(user, id).await?;
        self.remove_device(user, id).await?;
        Ok(had_key)
    }

    /// Removes all that is given of a user. What fails does not keep it from the others.
    pub(crate) async fn remove_all(
        &self,
        user: &str,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<(), StoreError> {
        let removals = ids.into_iter().map(|id| self.remove(user, id));
        join_all(removals).await.into_iter().try_for_each(|removed| removed.map(drop))
    }

    /// Removes the key of a device of this user; whether there was one. From then on it is good for nothing.
    pub(crate) async fn remove_key(&self, user: &str, id: i64) -> Result<bool, StoreError> {
        // The id may be of somebody else's device.
        if self.key(id).await?.is_none_or(|key| key.user != user) {
            return Ok(false);
        }
        Ok(self.store.remove(KEYS, &id.to_string()).await?.is_some())
    }

    async fn remove_device(&self, user: &str, id: i64) -> Result<(), StoreError> {
        self.store.remove(&devices_of(user), &id.to_string()).await.map(drop)
    }
}

impl KeyRecord {
    pub(crate) fn new(user: &str, key: &str) -> Self {
        Self { user: user.to_owned(), sha256: STANDARD_NO_PAD.encode(crate::token::hash(key)) }
    }

    pub(crate) fn is_key(&self, key: &str) -> bool {
        STANDARD_NO_PAD.decode(&self.sha256).is_ok_and(|hashed| crate::token::is_key(key, &hashed))
    }
}

impl DeviceRecord {
    pub(crate) fn new(sign_in: crate::device::SignIn) -> Self {
        let now = micros(UtcDateTime::now());
        let lifetime =
            sign_in.lifetime.map(|lifetime| i64::try_from(lifetime.as_micros()).unwrap_or(i64::MAX));
        // A time that no calendar has is never.
        let expires_at =
            lifetime.and_then(|lifetime| now.checked_add(lifetime)).filter(|end| date(*end).is_some());
        Self { device: sign_in.device, scopes: sign_in.scopes, signed_in_at: now, expires_at }
    }

    pub(crate) fn expires_at(&self) -> Option<UtcDateTime> {
        self.expires_at.and_then(date)
    }

    /// Whether it is over by the clock of this machine.
    pub(crate) fn is_expired(&self) -> bool {
        self.is_over_since(Duration::ZERO)
    }

    /// Whether it is over for so long that it need not be kept.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_over_since(KEPT)
    }

    fn is_over_since(&self, time: Duration) -> bool {
        let then = UtcDateTime::now() - time;
        self.expires_at.is_some_and(|end| end <= micros(then))
    }

    pub(crate) fn into_device(self, id: i64) -> Device {
        Device {
            id,
            signed_in_at: date(self.signed_in_at).unwrap_or(UtcDateTime::UNIX_EPOCH),
            expires_at: self.expires_at(),
            device: self.device,
            scopes: self.scopes,
        }
    }
}

/// The map of a user's devices, by id.
fn devices_of(user: &str) -> String {
    format!("auth.devices.{user}")
}

fn to_bytes(record: &impl Serialize) -> Result<Bytes, StoreError> {
    serde_json::to_vec(record).map(Bytes::from).map_err(StoreError::other)
}

fn from_bytes<T: DeserializeOwned>(map: &str, key: &str, bytes: &[u8]) -> Result<T, StoreError> {
    // Why is left out: it would show parts of the entry.
    serde_json::from_slice(bytes)
        .map_err(|_| StoreError::Unreadable { map: map.to_owned(), key: key.to_owned() })
}

fn micros(date: UtcDateTime) -> i64 {
    // Dates of this calendar do not come near the limits.
    i64::try_from(date.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

fn date(micros: i64) -> Option<UtcDateTime> {
    UtcDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()
}
