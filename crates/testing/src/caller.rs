//! Who calls.

use std::fmt;

use streampod_client::{Authorization, Client, ClientOptions};
use streampod_server::{AuthenticationInfo, InternalSession};

use crate::app::TestApp;
use crate::in_memory::InMemory;

/// What clients in memory take for the server's address.
const URL: &str = "http://in-memory/";

/// Somebody who calls a [`TestApp`]: a user who is signed in, or anybody.
#[derive(Clone)]
pub struct Caller {
    app: TestApp,
    user: Option<AuthenticationInfo>,
}

impl Caller {
    pub(crate) fn new(app: TestApp, user: Option<AuthenticationInfo>) -> Self {
        Self { app, user }
    }

    /// A session of this caller, with which a test calls the methods of endpoints directly.
    ///
    /// All sessions of a [`TestApp`] share its channels. A session closes when it is dropped, or by
    /// [`InternalSession::close`]: then its will-close listeners run, and what listens to channels on its behalf ends.
    /// [`InternalSession::cancel`] makes it that of a caller who does not wait any more.
    ///
    /// Nobody asks whether the caller may call the method, and nothing is encoded: for that, call by a
    /// [`client`](Self::client). The calls of clients have a session each, but methods that a test gives the same one share
    /// its life and its id; make another where that matters.
    #[must_use = "the session closes when this is dropped"]
    pub fn session(&self) -> InternalSession {
        let session = self.app.handle().create_session();
        match &self.user {
            Some(user) => session.signed_in(user.clone()),
            None => session,
        }
    }

    /// A client of this caller. For a user who is signed in, the authorization among the options is replaced by theirs.
    ///
    /// Methods see a call just as one that comes over a network, and the client sees what it would see there. It needs the
    /// exceptions that it is to tell apart, and the models of dynamic values, in [`ClientOptions::catalog`].
    ///
    /// A generated client goes over this one: `my_client::Client::over(alice.client(my_client::Client::known(options)))`.
    ///
    /// # Panics
    ///
    /// Panics if models of the options' catalog share a name.
    pub fn client(&self, mut options: ClientOptions) -> Client {
        if let Some(user) = &self.user {
            let header = format!("Bearer {}", user.auth_id);
            options.authorization = Authorization::new(move || Some(header.clone()));
        }
        match Client::with_transport(URL, options, InMemory::to(self.app.handle().clone())) {
            Ok(client) => client,
            Err(error) => panic!("{error}"),
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("user", &self.user).finish_non_exhaustive()
    }
}
