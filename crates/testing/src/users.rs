//! Who is signed in.

use parking_lot::Mutex;
use streampod_server::AuthenticationInfo;

/// What the tokens of test users begin with, so that no real one is taken for theirs.
const TOKEN: &str = "streampod-testing-";

/// The users whom a test has signed in. The token of a sign-in is its `auth_id`.
#[derive(Default)]
pub(crate) struct Users(Mutex<Vec<AuthenticationInfo>>);

impl Users {
    pub(crate) fn sign_in(&self, identifier: &str, scopes: Vec<String>) -> AuthenticationInfo {
        let mut users = self.0.lock();
        let auth_id = format!("{TOKEN}{}", users.len() + 1);
        let user =
            AuthenticationInfo { user_identifier: identifier.to_owned(), scopes, auth_id, expires_at: None };
        users.push(user.clone());
        user
    }

    pub(crate) fn find_by_token(&self, token: &str) -> Option<AuthenticationInfo> {
        self.0.lock().iter().find(|user| user.auth_id == token).cloned()
    }
}
