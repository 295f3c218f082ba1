//! Asking again who calls, when rights may have been taken away unheard.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::authentication::{AuthenticationInfo, identify};
use crate::authentications::{Resting, may_call};
use crate::error::Error;
use crate::state::ServerState;

/// How many sign-ins are checked at the same time, on the whole server.
const AT_ONCE: usize = 64;
/// How long it may take to find out about a sign-in. Then nobody knows, and the calls that rest on it end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a check rests that has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// The right to check, which only so many have at the same time.
pub(crate) struct Checks(Semaphore);

impl Default for Checks {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// Asks the authentication handler about every call of a user, and ends those that it would refuse now.
pub(crate) async fn check_user(server: &Arc<ServerState>, user: &Arc<str>) {
    // Before the calls are looked at: one that is just being authenticated is asked about again by itself.
    server.authentications.doubt(user);
    let mut alike: HashMap<_, Vec<Resting>> = HashMap::new();
    for resting in server.authentications.of_user(user) {
        // A handler may look at what is called too.
        let method = resting.session.method().map(std::ptr::from_ref);
        let token = resting.session.authorization().map(ToOwned::to_owned);
        alike.entry((token, method.map(|method| method as usize))).or_default().push(resting);
    }
    join_all(alike.into_values().map(|calls| check(server, calls))).await;
}

/// Checks calls that rest on one sign-in.
async fn check(server: &Arc<ServerState>, calls: Vec<Resting>) {
    let found = tokio::time::timeout(PATIENCE, find(server, &calls)).await.unwrap_or_else(|_| {
        tracing::warn!("a sign-in could not be checked within {PATIENCE:?}; what rests on it ends");
        None
    });
    for Resting { call, session } in calls {
        if may_call(&session, found.as_ref()).is_err() {
            call.revoke(TaskTracker::new().token());
        }
    }
}

/// Who makes these calls, once the handler says so.
async fn find(server: &Arc<ServerState>, calls: &[Resting]) -> Option<AuthenticationInfo> {
    loop {
        let session = &calls.iter().find(|resting| !resting.session.is_closed())?.session;
        let found = {
            let _permit = server.authentications.checks.0.acquire().await.ok()?;
            AssertUnwindSafe(identify(session)).catch_unwind().await
        };
        match found.unwrap_or_else(|panic| Err(Error::panicked(&*panic))) {
            Ok(found) => return found,
            Err(error) => tracing::warn!("a sign-in could not be checked: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
