//! Signing in, and endpoints for those who are.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use parking_lot::Mutex;
use streampod::auth::{Keys, SignIn};
use streampod::prelude::*;

use crate::models::{AuthenticationResponse, UserInfo};

/// The only user who can sign in, and the user's password.
const USER: (&str, &str) = ("test@foo.bar", "password");

/// The users, which are kept in memory. Cheap to clone; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Users(Arc<Mutex<BTreeMap<i64, UserInfo>>>);

impl Users {
    /// The user of this address, who is made if there is none.
    fn find_or_add(&self, email: &str, scopes: Vec<String>) -> UserInfo {
        let mut users = self.0.lock();
        if let Some(known) = users.values().find(|user| user.email.as_deref() == Some(email)) {
            return known.clone();
        }
        let id = users.last_key_value().map_or(1, |(id, _)| id + 1);
        let user = UserInfo {
            id: Some(id),
            user_identifier: email.to_owned(),
            user_name: Some("Test".to_owned()),
            full_name: None,
            email: Some(email.to_owned()),
            created: streampod::types::now(),
            image_url: None,
            scope_names: scopes,
            blocked: false,
        };
        users.insert(id, user.clone());
        user
    }
}

/// Signs in and out.
pub(crate) struct Authentication {
    pub(crate) keys: Keys,
    pub(crate) users: Users,
}

#[endpoint]
impl Authentication {
    async fn authenticate(
        &self,
        session: &Session,
        email: String,
        password: String,
        scopes: Option<Vec<String>>,
    ) -> Result<AuthenticationResponse> {
        if (email.as_str(), password.as_str()) != USER {
            return Ok(AuthenticationResponse { success: false, key: None, key_id: None, user_info: None });
        }
        let scopes = scopes.unwrap_or_default();
        let user = self.users.find_or_add(&email, scopes.clone());
        let identifier = user.id.unwrap_or_default().to_string();
        let key = self.keys.sign_in(session, &identifier, SignIn { scopes, ..SignIn::default() }).await?;
        Ok(AuthenticationResponse {
            success: true,
            key: Some(key.key().to_owned()),
            key_id: Some(key.id),
            user_info: Some(user),
        })
    }

    /// Signs the caller out on every device.
    async fn sign_out(&self, session: &Session) -> Result<()> {
        match session.authenticated() {
            Some(caller) => self.keys.sign_out_everywhere(session, &caller.user_identifier).await,
            None => Ok(()),
        }
    }

    async fn remove_all_users(&self, session: &Session) -> Result<()> {
        let users = std::mem::take(&mut *self.users.0.lock());
        let identifiers: Vec<_> = users.keys().map(ToString::to_string).collect();
        try_join_all(identifiers.iter().map(|user| self.keys.sign_out_everywhere(session, user))).await?;
        Ok(())
    }

    async fn count_users(&self, _session: &Session) -> Result<i64> {
        Ok(self.users.0.lock().len() as i64)
    }

    async fn update_scopes(&self, session: &Session, user_id: i64, scopes: Vec<String>) -> Result<()> {
        if let Some(user) = self.users.0.lock().get_mut(&user_id) {
            user.scope_names.clone_from(&scopes);
        }
        self.keys.set_scopes(session, &user_id.to_string(), &scopes).await
    }
}

/// What the module `serverpod_auth` offers to whoever is signed in, or not.
pub(crate) struct Status {
    pub(crate) keys: Keys,
    pub(crate) users: Users,
}

#[endpoint(name = "serverpod_auth.status")]
impl Status {
    async fn is_signed_in(&self, session: &Session) -> Result<bool> {
        Ok(session.authenticated().is_some())
    }

    async fn sign_out(&self, session: &Session) -> Result<()> {
        self.sign_out_all_devices(session).await
    }

    async fn sign_out_device(&self, session: &Session) -> Result<()> {
        self.keys.sign_out(session).await
    }

    async fn sign_out_all_devices(&self, session: &Session) -> Result<()> {
        match session.authenticated() {
            Some(caller) => self.keys.sign_out_everywhere(session, &caller.user_identifier).await,
            None => Ok(()),
        }
    }

    async fn get_user_info(&self, session: &Session) -> Result<Option<UserInfo>> {
        let id = session.authenticated().and_then(|caller| caller.user_identifier.parse::<i64>().ok());
        Ok(id.and_then(|id| self.users.0.lock().get(&id).cloned()))
    }
}

/// For every user.
pub(crate) struct SignInRequired;

#[endpoint(require_login)]
impl SignInRequired {
    async fn test_method(&self, _session: &Session) -> Result<bool> {
        Ok(true)
    }
}

/// For administrators.
pub(crate) struct AdminScopeRequired;

#[endpoint(scopes("serverpod.admin"))]
impl AdminScopeRequired {
    async fn test_method(&self, _session: &Session) -> Result<bool> {
        Ok(true)
    }
}

/// Streaming methods for administrators.
pub(crate) struct AuthenticatedMethodStreaming;

#[endpoint(scopes("serverpod.admin"))]
impl AuthenticatedMethodStreaming {
    fn simple_stream(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        futures_util::stream::iter((0..10).map(Ok))
    }

    fn int_echo_stream(&self, _session: &Session, stream: Input<i64>) -> impl Stream<Item = Result<i64>> {
        stream
    }
}

/// What tools for tests call.
pub(crate) struct AuthenticatedTestTools;

#[endpoint(scopes("user"))]
impl AuthenticatedTestTools {
    async fn returns_string(&self, _session: &Session, string: String) -> Result<String> {
        Ok(string)
    }

    fn returns_stream(&self, _session: &Session, n: i64) -> impl Stream<Item = Result<i64>> {
        futures_util::stream::iter((0..n).map(Ok))
    }

    async fn returns_list_from_input_stream(
        &self,
        _session: &Session,
        numbers: Input<i64>,
    ) -> Result<Vec<i64>> {
        numbers.try_collect().await
    }

    fn int_echo_stream(&self, _session: &Session, stream: Input<i64>) -> impl Stream<Item = Result<i64>> {
        stream
    }
}
