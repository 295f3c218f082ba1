//! Which calls rest on whose sign-in.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use slab::Slab;
use streampod_events::{Heard, Listening};
use time::UtcDateTime;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::authentication::{AuthenticationInfo, identify};
use crate::checks::{self, Checks};
use crate::driver::Ended;
use crate::refusal::Refusal;
use crate::revocation::{Revocation, Untold};
use crate::session::Session;
use crate::state::ServerState;

/// How long whoever takes rights away waits for the calls that end by it. A connection that is not done by then is busy with
/// something else; the first thing that it does when it is not is to end them.
const ENDING_PATIENCE: Duration = Duration::from_secs(5);
/// How long nobody looks at the clock for a sign-in that expires.
const EXPIRY_LOOK: Duration = Duration::from_secs(30);
/// Of how many users it is remembered that something was revoked.
const DOUBTS: usize = 1024;

/// The open calls that rest on a sign-in, by user: those that end when it is revoked.
///
/// What is revoked on other servers is heard on a channel for each user who has such calls here. What may have been missed,
/// before this server listened or while it could not, is found out by asking the authentication handler again.
#[derive(Default)]
pub(crate) struct Authentications {
    state: Mutex<State>,
    pub(crate) checks: Checks,
    pub(crate) untold: Untold,
}

#[derive(Default)]
struct State {
    users: HashMap<Arc<str>, User>,
    doubts: Doubts,
}

#[derive(Default)]
struct User {
    calls: Slab<Resting>,
    /// Hears what is revoked on other servers, if there can be any.
    _listening: Option<Listening>,
}

/// The users of whom something was revoked lately, or may have been, from the oldest to the newest: what was found out
/// about them before does not count.
#[derive(Default)]
struct Doubts {
    users: VecDeque<Arc<str>>,
    /// How many there were, also those that are forgotten.
    count: u64,
}

/// A moment: what was doubted since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(u64);

/// A call that rests on a sign-in, or a whole connection to the deprecated streaming endpoints.
#[derive(Clone)]
pub(crate) struct Resting {
    pub(crate) call: Arc<dyn EndsWithSignIn>,
    pub(crate) session: Session,
}

/// What ends when the sign-in is revoked that it rests on.
pub(crate) trait EndsWithSignIn: Send + Sync {
    /// Has it end now; `done` is dropped when its last frames are queued.
    fn revoke(self: Arc<Self>, done: TaskTrackerToken);
}

/// A call that rests on a sign-in, until this is dropped.
pub(crate) struct Rests {
    server: Arc<ServerState>,
    user: Arc<str>,
    key: usize,
}

impl Authentications {
    /// This moment, before a caller is authenticated.
    pub(crate) fn now(&self) -> Moment {
        Moment(self.state.lock().doubts.count)
    }

    /// What was found out about a user so far does not count any more.
    pub(crate) fn doubt(&self, user: &Arc<str>) {
        self.state.lock().doubts.add(user);
    }

    /// The calls that rest on a user's sign-ins.
    pub(crate) fn of_user(&self, user: &str) -> Vec<Resting> {
        let state = self.state.lock();
        let calls = state.users.get(user).into_iter().flat_map(|user| &user.calls);
        calls.map(|(_, resting)| resting.clone()).collect()
    }
}

/// Takes note that `call` rests on the sign-in of `session`, which has been authenticated `since`, and asks once more who it is if
/// something was revoked meanwhile.
///
/// # Errors
///
/// Fails if the caller may not call the method any more.
pub(crate) async fn rest(
    call: Arc<dyn EndsWithSignIn>,
    session: &Session,
    mut since: Moment,
) -> Result<(), Ended> {
    let Some(info) = session.authenticated() else { return Ok(()) };
    let user = add(Resting { call, session: session.clone() }, info);
    let authentications = &session.server().authentications;
    // What is revoked from here on ends the call by itself.
    while authentications.state.lock().doubts.concern(&user, since) {
        since = authentications.now();
        may_call(session, identify(session).await.map_err(Ended::Failed)?.as_ref())?;
    }
    Ok(())
}

/// Adds a call until its session closes. The first of a user begins to listen for what is revoked elsewhere.
fn add(resting: Resting, info: &AuthenticationInfo) -> Arc<str> {
    let session = resting.session.clone();
    let server = session.server();
    let mut state = server.authentications.state.lock();
    let known = state.users.get_key_value(info.user_identifier.as_str()).map(|(user, _)| Arc::clone(user));
    let is_new = known.is_none();
    let user = known.unwrap_or_else(|| info.user_identifier.as_str().into());
    let listening = (is_new && server.broker.is_clustered()).then(|| listen(server, &user));
    let is_listening = listening.is_some();
    let entry = state.users.entry(Arc::clone(&user));
    let key =
        entry.or_insert_with(|| User { _listening: listening, ..User::default() }).calls.insert(resting);
    drop(state);
    session.rest(Rests { server: Arc::clone(server), user: Arc::clone(&user), key });
    if is_listening {
        // What was revoked between the handler's answer and now was not heard.
        let (state, user) = (Arc::clone(server), Arc::clone(&user));
        server.spawn_counted(async move {
            state.broker.channels().live(&Revocation::channel(&user)).await;
            checks::check_user(&state, &user).await;
        });
    }
    user
}

/// Hears what is revoked on other servers.
fn listen(server: &Arc<ServerState>, user: &Arc<str>) -> Listening {
    let (weak, listened): (Weak<ServerState>, _) = (Arc::downgrade(server), Arc::clone(user));
    server.broker.channels().listen(&Revocation::channel(user), move |heard| {
        let Some(server) = weak.upgrade() else { return };
        if let Heard::Message(message) = heard {
            match message.clone().read::<Revocation>() {
                Ok(revocation) => return drop(end(&server, &listened, &revocation)),
                // Something was revoked, and only the handler knows what.
                Err(error) => tracing::warn!("a revocation was not understood: {error}"),
            }
        }
        let (state, user) = (Arc::clone(&server), Arc::clone(&listened));
        server.spawn_counted(async move { checks::check_user(&state, &user).await });
    })
}

/// Ends the calls on this server that rest on what is revoked. Resolves when the last frames of all of them are queued.
///
/// # Cancel safety
///
/// They end also if this is dropped.
pub(crate) async fn revoke(server: &ServerState, user: &str, revocation: &Revocation) {
    let ending = end(server, user, revocation);
    if tokio::time::timeout(ENDING_PATIENCE, ending.wait()).await.is_err() {
        tracing::warn!("calls of which the sign-in was revoked have not ended after {ENDING_PATIENCE:?}");
    }
}

fn end(server: &ServerState, user: &str, revocation: &Revocation) -> TaskTracker {
    let ending = TaskTracker::new();
    let mut state = server.authentications.state.lock();
    state.doubts.add(&user.into());
    let calls = state.users.get(user).into_iter().flat_map(|user| &user.calls);
    for (_, resting) in calls {
        let info = resting.session.authenticated();
        if info.is_some_and(|info| revocation.concerns(info, scopes(&resting.session))) {
            Arc::clone(&resting.call).revoke(ending.token());
        }
    }
    ending.close();
    ending
}

/// Whether somebody who was found out to call again is the one who opened the call, and may still call the method.
///
/// # Errors
///
/// Fails if not.
pub(crate) fn may_call(session: &Session, found: Option<&AuthenticationInfo>) -> Result<(), Refusal> {
    let Some((found, known)) = found.zip(session.authenticated()) else {
        return Err(Refusal::AuthenticationFailed);
    };
    if (&found.user_identifier, &found.auth_id) != (&known.user_identifier, &known.auth_id) {
        return Err(Refusal::AuthenticationFailed);
    }
    if scopes(session).iter().all(|scope| found.scopes.contains(scope)) {
        Ok(())
    } else {
        Err(Refusal::AuthorizationDeclined)
    }
}

/// After how long the clock is to be looked at for a sign-in that ends at `end`: clocks are set, and machines sleep, so that is now and
/// then.
pub(crate) fn next_look(end: UtcDateTime) -> Duration {
    Duration::try_from(end - UtcDateTime::now()).unwrap_or_default().min(EXPIRY_LOOK)
}

/// The scopes on which a session rests: what its method needs, or, without one, all that it has.
fn scopes(session: &Session) -> &[String] {
    match session.method() {
        Some(method) => &method.access().scopes,
        None => session.authenticated().map_or(&[], |info| &info.scopes),
    }
}

impl Doubts {
    fn add(&mut self, user: &Arc<str>) {
        self.count += 1;
        self.users.push_back(Arc::clone(user));
        if self.users.len() > DOUBTS {
            self.users.pop_front();
        }
    }

    /// Whether the user was doubted since, or may have been.
    fn concern(&self, user: &str, since: Moment) -> bool {
        let newer = (self.count - since.0) as usize;
        newer > self.users.len() || self.users.iter().rev().take(newer).any(|doubted| **doubted == *user)
    }
}

impl Drop for Rests {
    fn drop(&mut self) {
        let mut state = self.server.authentications.state.lock();
        let removed = state.users.get_mut(&self.user).map(|user| {
            let resting = user.calls.try_remove(self.key);
            (resting, user.calls.is_empty())
        });
        let user = if let Some((_, true)) = &removed { state.users.remove(&self.user) } else { None };
        // What is dropped may hold the last handle of a session, whose end comes back here.
        drop(state);
        drop((removed, user));
    }
}

impl fmt::Debug for Rests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rests").finish_non_exhaustive()
    }
}
