//! Signing in and out.

use streampod::auth::{Keys, SignIn};
use streampod::prelude::*;

use crate::accounts::Accounts;
use crate::models::{Device, SignedIn};

const DEVICE_MAX_CHARS: usize = 60;

/// Signing in.
pub(crate) struct AccountEndpoint {
    accounts: Accounts,
    keys: Keys,
}

impl AccountEndpoint {
    pub(crate) fn new(accounts: Accounts, keys: Keys) -> Self {
        Self { accounts, keys }
    }
}

/// Signing in.
#[endpoint]
impl AccountEndpoint {
    /// Signs in on a device. A name that is free becomes that of a new account.
    async fn sign_in(
        &self,
        session: &Session,
        name: String,
        password: String,
        device: String,
    ) -> Result<SignedIn> {
        let (user, is_new) = self.accounts.enter(&name, password).await?;
        let device = device.chars().filter(|c| !c.is_control()).take(DEVICE_MAX_CHARS).collect();
        let key = self.keys.sign_in(session, &user.id, SignIn { device, ..Default::default() }).await?;
        Ok(SignedIn { token: key.token(), user, is_new })
    }
}

/// The devices on which a user is signed in.
pub(crate) struct DevicesEndpoint {
    keys: Keys,
}

impl DevicesEndpoint {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys }
    }
}

/// The devices on which a user is signed in. On those that are signed out, every stream ends.
#[endpoint(require_login)]
impl DevicesEndpoint {
    /// All of them, the newest first.
    async fn list(&self, session: &Session) -> Result<Vec<Device>> {
        let caller = caller(session)?;
        let devices = self.keys.devices(&caller.user_identifier).await?;
        let device = |device: streampod::auth::Device| Device {
            id: device.id,
            name: device.device,
            signed_in_at: device.signed_in_at,
            is_this: device.id.to_string() == caller.auth_id,
        };
        Ok(devices.into_iter().map(device).collect())
    }

    /// Signs out on the device that calls.
    async fn sign_out(&self, session: &Session) -> Result<()> {
        self.keys.sign_out(session).await
    }

    /// Signs out on one device; whether the user was signed in there.
    async fn sign_out_on(&self, session: &Session, id: i64) -> Result<bool> {
        self.keys.sign_out_device(session, &caller(session)?.user_identifier, id).await
    }

    /// Signs out on all devices, also the one that calls.
    async fn sign_out_everywhere(&self, session: &Session) -> Result<()> {
        self.keys.sign_out_everywhere(session, &caller(session)?.user_identifier).await
    }
}

/// Who calls. Methods for which one has to be signed in have somebody who calls.
pub(crate) fn caller(session: &Session) -> Result<&streampod::AuthenticationInfo> {
    Ok(session.authenticated().ok_or("nobody is signed in")?)
}
