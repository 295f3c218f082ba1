//! Taking away what a user may do: in the store, and from the streams that rest on it.

use std::time::Duration;

use streampod_server::{Result, Revocation, Session};

use crate::store_error::StoreError;

/// How long the store may take. As long as an authentication handler may.
const PATIENCE: Duration = Duration::from_secs(10);

/// Changes the store, and revokes then, also if that failed: nobody knows whether it happened, and whoever is signed out by it is
/// refused when they try again. It is done to its end, whether somebody waits for it or not.
///
/// # Errors
///
/// Fails if the change does, or if other servers could not be told.
///
/// # Cancel safety
///
/// It goes on if this is dropped.
pub(crate) async fn take_away<T: Send + 'static>(
    session: &Session,
    user: &str,
    change: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    revocation: Option<Revocation>,
) -> Result<T> {
    let (session, user) = (session.clone(), user.to_owned());
    let taking = tokio::spawn(async move {
        let changed = within_patience(change).await;
        let revoked = match revocation {
            Some(revocation) => session.messages().authentication_revoked(&user, revocation).await,
            None => Ok(()),
        };
        // If both failed, the log tells of the other one.
        let changed = changed?;
        revoked?;
        Ok(changed)
    });
    // It does not end if the store panics, or the runtime is shut down.
    taking.await?
}

/// What the store answers, unless it takes too long.
pub(crate) async fn within_patience<T>(
    asking: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let timed_out = |_| Err(StoreError::TimedOut { after: PATIENCE });
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(timed_out)
}
