//! Which calls rest on whose sign-in.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use slab::Slab;
use streampod_events::{Heard, Listening};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::authentication::{self, AuthenticationInfo};
use crate::call::CallCore;
use crate::revocation::Revocation;
use crate::session::Session;
use crate::state::ServerState;

/// How many sign-ins are checked again at the same time.
const CHECKS_AT_ONCE: usize = 8;
/// How often a check is tried that fails, and how long it rests in between. Then nobody knows, and the call ends.
const CHECK_TRIES: u32 = 4;
const CHECK_PAUSE: Duration = Duration::from_secs(1);
/// How long whoever takes rights away waits for the calls that end by it. A connection that is not done by then is busy with
/// something else; the first thing that it does when it is not is to end them.
const ENDING_PATIENCE: Duration = Duration::from_secs(5);

/// The open calls that rest on a sign-in, by user: those that end when it is revoked.
///
/// What is revoked on other servers is heard on a channel for each user who has such calls here. What may have been missed,
/// before this server listened or while it could not, is found out by asking the authentication handler again.
pub(crate) struct Authentications {
    users: Mutex<HashMap<Arc<str>, User>>,
    /// How many revocations there were, so that a call that was just being authenticated notices one.
    revocations: AtomicU64,
    checks: Semaphore,
}

#[derive(Default)]
struct User {
    calls: Slab<Resting>,
    /// Hears what is revoked on other servers, if there can be any.
    _listening: Option<Listening>,
}

#[derive(Clone)]
struct Resting {
    call: Arc<CallCore>,
    session: Session,
}

/// A call that rests on a sign-in, until this is dropped.
pub(crate) struct Rests {
    server: Arc<ServerState>,
    user: Arc<str>,
    key: usize,
}

impl Default for Authentications {
    fn default() -> Self {
        Self {
            users: Mutex::default(),
            revocations: AtomicU64::new(0),
            checks: Semaphore::new(CHECKS_AT_ONCE),
        }
    }
}

impl Authentications {
    /// How many revocations there were so far. A call asks before it is authenticated.
    pub(crate) fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::SeqCst)
    }
}

/// Takes note that `call`, which has just been authenticated, rests on the sign-in of `session`. `since` is how many revocations
/// there were before.
pub(crate) fn rest(server: &Arc<ServerState>, call: &Arc<CallCore>, session: &Session, since: u64) {
    let Some(info) = session.authenticated() else { return };
    let authentications = &server.authentications;
    let resting = Resting { call: Arc::clone(call), session: session.clone() };
    let mut users = authentications.users.lock();
    let known = users.get_key_value(info.user_identifier.as_str()).map(|(user, _)| Arc::clone(user));
    let is_new = known.is_none();
    let user = known.unwrap_or_else(|| info.user_identifier.as_str().into());
    let listening = (is_new && server.broker.is_clustered()).then(|| listen(server, &user));
    let has_to_settle = listening.is_some();
    let entry =
        users.entry(Arc::clone(&user)).or_insert_with(|| User { _listening: listening, ..User::default() });
    let key = entry.calls.insert(resting.clone());
    drop(users);
    session.rest(Rests { server: Arc::clone(server), user: Arc::clone(&user), key });

    if has_to_settle {
        // What was revoked between the handler's answer and now was not heard.
        let state = Arc::clone(server);
        server.spawn_counted(async move {
            state.broker.channels().live(&Revocation::channel(&user)).await;
            check_user(&state, &user).await;
        });
    } else if authentications.revocations() != since {
        let state = Arc::clone(server);
        server.spawn_counted(async move { check(&state, resting).await });
    }
}

/// Hears what is revoked on other servers.
fn listen(server: &Arc<ServerState>, user: &Arc<str>) -> Listening {
    let (weak, listened): (Weak<ServerState>, _) = (Arc::downgrade(server), Arc::clone(user));
    server.broker.channels().listen(&Revocation::channel(user), move |heard| {
        let Some(server) = weak.upgrade() else { return };
        match heard {
            Heard::Message(message) => match message.clone().read::<Revocation>() {
                Ok(revocation) => drop(end(&server, &listened, &revocation)),
                Err(error) => tracing::warn!("a revocation was not understood: {error}"),
            },
            Heard::Gap => {
                let (state, user) = (Arc::clone(&server), Arc::clone(&listened));
                server.spawn_counted(async move { check_user(&state, &user).await });
            }
        }
    })
}

/// Ends the calls on this server that rest on what is revoked. Resolves when the last frames of all of them are queued.
pub(crate) async fn revoke(server: &ServerState, user: &str, revocation: &Revocation) {
    let ending = end(server, user, revocation);
    if tokio::time::timeout(ENDING_PATIENCE, ending.wait()).await.is_err() {
        tracing::warn!("calls of which the sign-in was revoked have not ended after {ENDING_PATIENCE:?}");
    }
}

fn end(server: &ServerState, user: &str, revocation: &Revocation) -> TaskTracker {
    let authentications = &server.authentications;
    authentications.revocations.fetch_add(1, Ordering::SeqCst);
    let ending = TaskTracker::new();
    let users = authentications.users.lock();
    let calls = users.get(user).into_iter().flat_map(|user| &user.calls);
    for (_, resting) in calls {
        if resting.session.authenticated().is_some_and(|info| resting.rests_on(info, revocation)) {
            resting.call.revoke(ending.token());
        }
    }
    ending.close();
    ending
}

/// Asks the authentication handler again for every call of a user.
async fn check_user(server: &Arc<ServerState>, user: &str) {
    let calls: Vec<_> = {
        let users = server.authentications.users.lock();
        let calls = users.get(user).into_iter().flat_map(|user| &user.calls);
        calls.map(|(_, resting)| resting.clone()).collect()
    };
    for resting in calls {
        check(server, resting).await;
    }
}

/// Asks the authentication handler again, and ends the call if its caller is not who it was, or may not call the method any more.
async fn check(server: &Arc<ServerState>, resting: Resting) {
    for attempt in 1..=CHECK_TRIES {
        if resting.session.is_closed() {
            return;
        }
        let found = {
            let Ok(_permit) = server.authentications.checks.acquire().await else { return };
            authentication::identify(&resting.session).await
        };
        match found {
            Ok(info) if resting.is_still(info.as_ref()) => return,
            Ok(_) => break,
            Err(error) => {
                tracing::warn!(attempt, "a sign-in could not be checked again: {error}");
                tokio::time::sleep(CHECK_PAUSE).await;
            }
        }
    }
    resting.call.revoke(TaskTracker::new().token());
}

impl Resting {
    fn scopes(&self) -> &[String] {
        self.session.method().map_or(&[], |method| &method.access().scopes)
    }

    fn rests_on(&self, info: &AuthenticationInfo, revocation: &Revocation) -> bool {
        revocation.concerns(info, self.scopes())
    }

    /// Whether somebody who was found out to call again is the one who opened the call, and may still call the method.
    fn is_still(&self, found: Option<&AuthenticationInfo>) -> bool {
        let Some((found, known)) = found.zip(self.session.authenticated()) else { return false };
        (&found.user_identifier, &found.auth_id) == (&known.user_identifier, &known.auth_id)
            && self.scopes().iter().all(|scope| found.scopes.contains(scope))
    }
}

impl Drop for Rests {
    fn drop(&mut self) {
        let mut users = self.server.authentications.users.lock();
        let removed = users.get_mut(&self.user).map(|user| {
            let resting = user.calls.try_remove(self.key);
            (resting, user.calls.is_empty())
        });
        let user = if let Some((_, true)) = &removed { users.remove(&self.user) } else { None };
        // What is dropped may hold the last handle of a session, whose end comes back here.
        drop(users);
        drop((removed, user));
    }
}

impl fmt::Debug for Rests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rests").finish_non_exhaustive()
    }
}
