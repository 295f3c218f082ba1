//! Sessions that belong to no call.

use std::fmt;
use std::ops::Deref;

use crate::authentication::AuthenticationInfo;
use crate::session::Session;

/// A session that belongs to no call: for tasks of the server's own, such as one that posts the time every minute, and
/// for tests, which call the methods of endpoints with it.
///
/// [`Handle::create_session`](crate::Handle::create_session) makes it. It closes when this is dropped, as that of a call
/// does when the call ends. If it has will-close listeners, that must be inside a tokio runtime.
pub struct InternalSession(Session);

impl InternalSession {
    pub(crate) fn new(session: Session) -> Self {
        Self(session)
    }

    /// The same session for a user who is signed in. It keeps its first user.
    #[must_use]
    pub fn signed_in(self, info: AuthenticationInfo) -> Self {
        self.0.set_authenticated(info);
        self
    }

    /// Tells methods that run with it that nobody waits for them any more: [`Session::cancelled`] resolves.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Closes the session, also while streams borrow it. Dropping does the same.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Deref for InternalSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl Drop for InternalSession {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for InternalSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
