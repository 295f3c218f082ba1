//! Keys that the server hands out.

use std::fmt;
use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all, try_join_all};
use streampod_server::{AuthenticationInfo, Config, Result, Revocation, Session};

use crate::device::{Device, SignIn};
use crate::from_config::store_from_config;
use crate::issued_key::IssuedKey;
use crate::record::{DeviceRecord, KeyRecord, Records};
use crate::store::Store;
use crate::store_error::StoreError;
use crate::token;

/// What a handler answers, once it has.
pub type HandlerFuture = BoxFuture<'static, Result<Option<AuthenticationInfo>>>;

/// Keys that the server hands out when somebody signs in: a client holds `id:key`, the server a hash of the key.
///
/// Each sign-in is a key of its own, for one device. Cheap to clone; clones are the same.
///
/// ```no_run
/// # use streampod_auth::{Keys, SignIn, StoreError};
/// # use streampod_server::{Config, Result, Server, Session};
/// struct Account {
///     keys: Keys,
/// }
///
/// impl Account {
///     async fn sign_in(&self, session: &Session, name: String) -> Result<String> {
///         // Here an application makes sure that it is them.
///         let key = self.keys.sign_in(session, &name, SignIn::default()).await?;
///         Ok(key.token())
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::from_process()?;
/// let keys = Keys::from_config(server.config())?;
/// let server = server.authentication(keys.handler());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Keys {
    records: Records,
}

impl Keys {
    /// The most devices on which one user is signed in. Whoever signs in on one more is signed out on the oldest.
    pub const DEVICES_MAX: usize = 100;

    /// Keys that are kept in this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { records: Records::new(store) }
    }

    /// Keys that are kept where the configuration says: in Redis if it is enabled, else in the file `data/streampod.redb` in the
    /// working folder. See [`store_from_config`].
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be opened. Redis is not waited for.
    pub fn from_config(config: &Config) -> Result<Self, StoreError> {
        Ok(Self::new(store_from_config(config)?))
    }

    /// What finds out who calls, for `Server::authentication`.
    ///
    /// It knows nobody for a token that is not one of its keys, or not any more, so that another handler may be asked. It fails if
    /// the store does: then the call fails, and the caller is not taken for somebody who is not signed in.
    pub fn handler(&self) -> impl Fn(Session, String) -> HandlerFuture + Clone + Send + Sync + 'static {
        let keys = self.clone();
        move |_, token| {
            let keys = keys.clone();
            Box::pin(async move { Ok(keys.find(&token).await?) })
        }
    }

    /// Signs a user in: a new key, for one device. If the user has more than [`DEVICES_MAX`](Self::DEVICES_MAX) by that, the
    /// oldest is signed out, for which the session is needed.
    ///
    /// # Errors
    ///
    /// Fails if the store does.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped, there may be a key that nobody knows, and a device that has it.
    pub async fn sign_in(
        &self,
        session: &Session,
        user_identifier: &str,
        sign_in: SignIn,
    ) -> Result<IssuedKey, StoreError> {
        let (key, device) = (token::new_key()?, DeviceRecord::new(sign_in));
        let record = KeyRecord::new(user_identifier, &key);
        let id = loop {
            let id = token::new_id()?;
            if self.records.add(id, &record, &device).await? {
                break id;
            }
        };
        if let Err(error) = self.make_room(session, user_identifier, id).await {
            // The user is signed in all the same. The next sign-in tries that again.
            tracing::warn!("the oldest devices of a user were not signed out: {error}");
        }
        Ok(IssuedKey::new(id, key))
    }

    /// Signs the caller out on the device that calls, and ends the streams that rest on that. It does nothing for a caller who is
    /// not signed in by a key.
    ///
    /// # Errors
    ///
    /// Fails if the store does, or if other servers could not be told.
    pub async fn sign_out(&self, session: &Session) -> Result<()> {
        let Some(caller) = session.authenticated() else { return Ok(()) };
        let Some(id) = token::parse_id(&caller.auth_id) else { return Ok(()) };
        self.sign_out_device(session, &caller.user_identifier, id).await.map(drop)
    }

    /// Signs a user out on one device, and ends the streams that rest on that; whether the user was signed in there. The session is
    /// that of whoever does it, and needs not be the user's.
    ///
    /// # Errors
    ///
    /// Fails if the store does, or if other servers could not be told; those ask again for every open stream once they are
    /// connected. Calling it again is right in both cases.
    pub async fn sign_out_device(&self, session: &Session, user_identifier: &str, id: i64) -> Result<bool> {
        let was_signed_in = self.records.remove_key(user_identifier, id).await?;
        // The key is gone, so its streams end, also if the rest fails.
        let removed = self.records.remove_device(user_identifier, id).await;
        let revocation = Revocation::AuthId(id.to_string());
        session.messages().authentication_revoked(user_identifier, revocation).await?;
        removed?;
        Ok(was_signed_in)
    }

    /// Signs a user out on all devices, and ends all streams that rest on the user's sign-ins.
    ///
    /// # Errors
    ///
    /// As [`sign_out_device`](Self::sign_out_device). If the store fails on the way, the user may be signed in on some still.
    pub async fn sign_out_everywhere(&self, session: &Session, user_identifier: &str) -> Result<()> {
        let devices = self.records.devices(user_identifier).await?;
        let removed = join_all(devices.iter().map(|(id, _)| self.remove(user_identifier, *id))).await;
        session.messages().authentication_revoked(user_identifier, Revocation::User).await?;
        Ok(removed.into_iter().collect::<Result<_, StoreError>>()?)
    }

    /// The devices on which a user is signed in, the newest first.
    ///
    /// # Errors
    ///
    /// Fails if the store does.
    pub async fn devices(&self, user_identifier: &str) -> Result<Vec<Device>, StoreError> {
        let listed = self.records.devices(user_identifier).await?;
        let devices = listed.into_iter().map(|(id, device)| async move {
            if device.is_expired() {
                self.remove(user_identifier, id).await?;
                return Ok(None);
            }
            let key = self.records.key(id).await?;
            Ok(key.filter(|key| key.user == user_identifier).map(|_| device.into_device(id)))
        });
        Ok(try_join_all(devices).await?.into_iter().flatten().collect())
    }

    /// Gives every key of a user these scopes. Those that one loses are revoked: streams of methods that need them end. What a
    /// user may do by a key of a later sign-in is said there.
    ///
    /// # Errors
    ///
    /// Fails if the store does, or if other servers could not be told.
    pub async fn set_scopes(
        &self,
        session: &Session,
        user_identifier: &str,
        scopes: &[String],
    ) -> Result<()> {
        let devices = self.records.devices(user_identifier).await?;
        let mut lost: Vec<String> = Vec::new();
        let updates = devices.into_iter().map(|(id, mut device)| {
            let old = std::mem::replace(&mut device.scopes, scopes.to_vec());
            lost.extend(old.into_iter().filter(|scope| !scopes.contains(scope)));
            async move { self.records.update(user_identifier, id, &device).await }
        });
        let updated = join_all(updates.collect::<Vec<_>>()).await;
        lost.sort();
        lost.dedup();
        if !lost.is_empty() {
            session.messages().authentication_revoked(user_identifier, Revocation::Scopes(lost)).await?;
        }
        Ok(updated.into_iter().collect::<Result<_, StoreError>>()?)
    }

    /// Who holds this token.
    async fn find(&self, token: &str) -> Result<Option<AuthenticationInfo>, StoreError> {
        let Some((id, key)) = token::split(token) else { return Ok(None) };
        let Some(record) = self.records.key(id).await?.filter(|record| record.is_key(key)) else {
            return Ok(None);
        };
        let device = self.records.device(&record.user, id).await?;
        let Some(device) = device.filter(|device| !device.is_expired()) else {
            if let Err(error) = self.remove(&record.user, id).await {
                tracing::warn!("a key that is good for nothing was not removed: {error}");
            }
            return Ok(None);
        };
        Ok(Some(AuthenticationInfo {
            expires_at: device.expires_at(),
            user_identifier: record.user,
            scopes: device.scopes,
            auth_id: id.to_string(),
        }))
    }

    /// Signs out where a user signed in longest ago, but for the device that was just added.
    async fn make_room(&self, session: &Session, user: &str, added: i64) -> Result<()> {
        let devices = self.records.devices(user).await?;
        for (id, device) in devices.iter().filter(|(id, _)| *id != added).skip(Self::DEVICES_MAX - 1) {
            if device.is_expired() {
                self.remove(user, *id).await?;
            } else {
                self.sign_out_device(session, user, *id).await?;
            }
        }
        Ok(())
    }

    async fn remove(&self, user: &str, id: i64) -> Result<(), StoreError> {
        self.records.remove_key(user, id).await?;
        self.records.remove_device(user, id).await
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}
