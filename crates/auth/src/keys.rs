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
use crate::taking_away::{take_away, within_patience};
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
    /// oldest is signed out, for which the session is needed. Keys of the user that expired a day ago or earlier are removed.
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
    /// As [`sign_out_device`](Self::sign_out_device). A caller who tries again may find that the key is good for nothing already,
    /// and is told 401.
    ///
    /// # Cancel safety
    ///
    /// It goes on if this is dropped.
    pub async fn sign_out(&self, session: &Session) -> Result<()> {
        let Some(caller) = session.authenticated() else { return Ok(()) };
        let Some(id) = token::parse_id(&caller.auth_id) else { return Ok(()) };
        self.sign_out_device(session, &caller.user_identifier, id).await.map(drop)
    }

    /// Signs a user out on one device, and ends the streams that rest on that; whether the user had a key there, also one that has
    /// expired. The session is that of whoever does it, and needs not be the user's.
    ///
    /// # Errors
    ///
    /// Fails if the store does, or takes more than 10 s: then the key may be gone or not. The streams end in either case, but a
    /// client whose key is still good can open new ones. It also fails if other servers could not be told. Calling it again is right
    /// in all cases.
    ///
    /// # Cancel safety
    ///
    /// It goes on if this is dropped.
    pub async fn sign_out_device(&self, session: &Session, user_identifier: &str, id: i64) -> Result<bool> {
        let (records, user) = (self.records.clone(), user_identifier.to_owned());
        let removing = async move { records.remove(&user, id).await };
        take_away(session, user_identifier, removing, Some(Revocation::AuthId(id.to_string()))).await
    }

    /// Signs a user out on all devices, and ends all streams that rest on the user's sign-ins.
    ///
    /// # Errors
    ///
    /// As [`sign_out_device`](Self::sign_out_device). If the store fails, the user may be signed in on some or all still.
    ///
    /// # Cancel safety
    ///
    /// It goes on if this is dropped.
    pub async fn sign_out_everywhere(&self, session: &Session, user_identifier: &str) -> Result<()> {
        let (records, user) = (self.records.clone(), user_identifier.to_owned());
        let removing = async move {
            let devices = records.devices(&user).await?;
            records.remove_all(&user, devices.into_iter().map(|(id, _)| id)).await
        };
        take_away(session, user_identifier, removing, Some(Revocation::User)).await
    }

    /// The devices on which a user is signed in, the newest first. Those whose keys have expired are not among them.
    ///
    /// # Errors
    ///
    /// Fails if the store does.
    pub async fn devices(&self, user_identifier: &str) -> Result<Vec<Device>, StoreError> {
        let listed = self.records.devices(user_identifier).await?;
        let listed = listed.into_iter().filter(|(_, device)| !device.is_expired());
        let devices = listed.map(|(id, device)| async move {
            let key = self.records.key(id).await?;
            let is_good = key.is_some_and(|key| key.user == user_identifier);
            Ok::<_, StoreError>(is_good.then(|| device.into_device(id)))
        });
        Ok(try_join_all(devices).await?.into_iter().flatten().collect())
    }

    /// Gives every key of a user these scopes. Those that one loses are revoked: streams of methods that need them end. What a
    /// user may do by a key of a later sign-in is said there.
    ///
    /// # Errors
    ///
    /// Fails if the store does, or takes more than 10 s: then some keys may have the new scopes, and others the old ones. What one
    /// may have lost is revoked all the same, but for a store that cannot say which keys there are, of which none is changed. It
    /// also fails if other servers could not be told.
    ///
    /// # Cancel safety
    ///
    /// It goes on if this is dropped, once it has begun to change keys.
    pub async fn set_scopes(
        &self,
        session: &Session,
        user_identifier: &str,
        scopes: &[String],
    ) -> Result<()> {
        let mut devices = within_patience(self.records.devices(user_identifier)).await?;
        let mut lost: Vec<String> = Vec::new();
        for (_, device) in &mut devices {
            let old = std::mem::replace(&mut device.scopes, scopes.to_vec());
            lost.extend(old.into_iter().filter(|scope| !scopes.contains(scope)));
        }
        lost.sort();
        lost.dedup();
        let (records, user) = (self.records.clone(), user_identifier.to_owned());
        let updating = async move {
            let updates = devices.iter().map(|(id, device)| records.update(&user, *id, device));
            join_all(updates).await.into_iter().collect()
        };
        let revocation = (!lost.is_empty()).then_some(Revocation::Scopes(lost));
        take_away(session, user_identifier, updating, revocation).await
    }

    /// Who holds this token.
    async fn find(&self, token: &str) -> Result<Option<AuthenticationInfo>, StoreError> {
        let Some((id, key)) = token::split(token) else { return Ok(None) };
        let Some(record) = self.records.key(id).await?.filter(|record| record.is_key(key)) else {
            return Ok(None);
        };
        let Some(device) = self.records.device(&record.user, id).await? else {
            if let Err(error) = self.records.remove_key(&record.user, id).await {
                tracing::warn!("a key that is good for nothing was not removed: {error}");
            }
            return Ok(None);
        };
        if device.is_expired() {
            return Ok(None);
        }
        Ok(Some(AuthenticationInfo {
            expires_at: device.expires_at(),
            user_identifier: record.user,
            scopes: device.scopes,
            auth_id: id.to_string(),
        }))
    }

    /// Removes what has expired long ago, and signs out where a user signed in longest ago, but for the device that was just added.
    async fn make_room(&self, session: &Session, user: &str, added: i64) -> Result<()> {
        let devices = self.records.devices(user).await?;
        let (stale, devices): (Vec<_>, Vec<_>) =
            devices.into_iter().partition(|(_, device)| device.is_stale());
        for (id, _) in devices.iter().filter(|(id, _)| *id != added).skip(Self::DEVICES_MAX - 1) {
            self.sign_out_device(session, user, *id).await?;
        }
        if !stale.is_empty() {
            self.records.remove_all(user, stale.iter().map(|(id, _)| *id)).await?;
            // Somebody whose clock is wrong by days should find out why users are signed out.
            tracing::info!("{} keys of a user were removed, which expired a day ago or earlier", stale.len());
        }
        Ok(())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}
