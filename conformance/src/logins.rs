//! Signing in, and endpoints for those who are.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use parking_lot::Mutex;
use streampod::auth::{Keys, SignIn};
use streampod::prelude::*;

use crate::models::{AuthenticationResponse, UserInfo};

/// The only user who can sign in, and the user's password.
const USER: (&str, &str) = ("test@foo.bar", "password");

/// Signs in and out. Its users are kept in memory, its keys where [`Keys`] has them.
pub(crate) struct Authentication {
    keys: Keys,
    users: Mutex<BTreeMap<i64, UserInfo>>,
}

impl Authentication {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, users: Mutex::default() }
    }

    /// The user of this address, who is made if there is none.
    fn user(&self, email: &str, scopes: Vec<String>) -> UserInfo {
        let mut users = self.users.lock();
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
        let user = self.user(&email, scopes.clone());
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
        let users = std::mem::take(&mut *self.users.lock());
        let identifiers: Vec<_> = users.keys().map(ToString::to_string).collect();
        try_join_all(identifiers.iter().map(|user| self.keys.sign_out_everywhere(session, user))).await?;
        Ok(())
    }

    async fn count_users(&self, _session: &Session) -> Result<i64> {
        Ok(self.users.lock().len() as i64)
    }

    async fn update_scopes(&self, session: &Session, user_id: i64, scopes: Vec<String>) -> Result<()> {
        if let Some(user) = self.users.lock().get_mut(&user_id) {
            user.scope_names.clone_from(&scopes);
        }
        self.keys.set_scopes(session, &user_id.to_string(), &scopes).await
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
