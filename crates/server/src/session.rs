//! One call, as its method sees it.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use futures_util::FutureExt;
use parking_lot::Mutex;
use streampod_events::Closer;
use tokio_util::sync::CancellationToken;
use tracing::Level;
use uuid::Uuid;

use crate::authentication::AuthenticationInfo;
use crate::authentications::Rests;
use crate::endpoint::Method;
use crate::error::Error;
use crate::messages::Messages;
use crate::session_log;
use crate::state::ServerState;

/// One call: who calls what, and what the method holds on to while it runs.
///
/// Every call has a session of its own. It is cheap to clone; clones are the same session. It closes when the call
/// ends: then will-close listeners run, and what listens to channels on its behalf stops.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    server: Arc<ServerState>,
    origin: Origin,
    authorization: Option<Box<str>>,
    authenticated: OnceLock<AuthenticationInfo>,
    id: OnceLock<Uuid>,
    opened_at: Instant,
    life: Mutex<Life>,
}

/// What a session belongs to.
enum Origin {
    /// A call of this method.
    Call(Arc<Method>),
    /// Nothing that a client did.
    Internal,
    /// A connection to the deprecated streaming endpoints.
    Streaming,
    /// The same as this session, of which it shares the life; it is authenticated anew, and rests on a sign-in of its own.
    Again(Session),
}

#[derive(Default)]
struct Life {
    closed: bool,
    cancelled: bool,
    /// Made when somebody waits for the cancelling.
    cancelling: Option<CancellationToken>,
    listeners: Vec<WillCloseListener>,
    subscriptions: Vec<Closer>,
    /// If the call ends when its caller's sign-in is revoked.
    rests: Option<Rests>,
}

type WillCloseListener = Box<dyn FnOnce(Session) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Session {
    /// The session of a call of `method`.
    pub(crate) fn new(
        server: Arc<ServerState>,
        method: Arc<Method>,
        authorization: Option<Box<str>>,
    ) -> Self {
        Self::open(server, Origin::Call(method), authorization)
    }

    /// A session that belongs to no call, until it is closed.
    pub(crate) fn internal(server: Arc<ServerState>) -> Self {
        Self::open(server, Origin::Internal, None)
    }

    /// The session of a connection to the deprecated streaming endpoints, until it is closed.
    pub(crate) fn streaming(server: Arc<ServerState>, authorization: Option<Box<str>>) -> Self {
        Self::open(server, Origin::Streaming, authorization)
    }

    /// The same session, not authenticated yet, for somebody with another `Authorization` header.
    pub(crate) fn again(&self, authorization: Option<Box<str>>) -> Self {
        let first = self.first().clone();
        Self::open(Arc::clone(&self.0.server), Origin::Again(first), authorization)
    }

    fn open(server: Arc<ServerState>, origin: Origin, authorization: Option<Box<str>>) -> Self {
        if !matches!(origin, Origin::Again(_)) {
            server.counters.sessions.fetch_add(1, Ordering::Relaxed);
        }
        Self(Arc::new(Inner {
            server,
            origin,
            authorization,
            authenticated: OnceLock::new(),
            id: OnceLock::new(),
            opened_at: Instant::now(),
            life: Mutex::default(),
        }))
    }

    /// The session as it began: the one whose life this shares.
    fn first(&self) -> &Self {
        match &self.0.origin {
            Origin::Again(first) => first,
            _ => self,
        }
    }

    fn life(&self) -> &Mutex<Life> {
        &self.first().0.life
    }

    /// A random id that no other session has.
    pub fn id(&self) -> Uuid {
        *self.first().0.id.get_or_init(Uuid::new_v4)
    }

    /// The name of the endpoint that is called; `InternalSession` for a session that belongs to no call.
    pub fn endpoint_name(&self) -> &str {
        match &self.first().0.origin {
            Origin::Call(method) => method.head.endpoint(),
            Origin::Streaming => "StreamingSession",
            _ => "InternalSession",
        }
    }

    /// The name of the method that is called; empty for a session that belongs to no call.
    pub fn method_name(&self) -> &str {
        self.method().map_or("", |method| method.head.method())
    }

    /// Who calls; none for a caller who is not signed in.
    pub fn authenticated(&self) -> Option<&AuthenticationInfo> {
        self.0.authenticated.get()
    }

    /// The server's message channels.
    #[doc(alias = "message_central")]
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// A secret from `config/passwords.yaml`, the environment, or [`Server::secret`](crate::Server::secret).
    pub fn password(&self, name: &str) -> Option<&str> {
        self.0.server.config.password(name)
    }

    /// Logs `message`, with the session's id, endpoint, method and user beside it.
    ///
    /// ```
    /// # use streampod_server::{Level, Session};
    /// # fn method(session: &Session) {
    /// session.log(Level::WARN, "the weather report is old");
    /// # }
    /// ```
    pub fn log(&self, level: Level, message: impl fmt::Display) {
        session_log::message(self, level, &message);
    }

    /// Has `listener` run when this session closes. On a session that is closed already it runs at once.
    #[doc(alias = "addWillCloseListener")]
    pub fn add_will_close_listener<F>(&self, listener: impl FnOnce(Session) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut life = self.life().lock();
        if life.closed {
            drop(life);
            self.0.server.spawn_counted(listener(self.clone()));
        } else {
            life.listeners.push(Box::new(|session| Box::pin(listener(session))));
        }
    }

    /// Resolves when the caller does not want the answer any more: it cancelled, or its connection is gone, or the
    /// session is closed. A method that returns a value goes on all the same; this lets it stop early.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped and called again at any time.
    pub async fn cancelled(&self) {
        let token = {
            let mut life = self.life().lock();
            if life.cancelled || life.closed {
                return;
            }
            life.cancelling.get_or_insert_default().clone()
        };
        token.cancelled().await;
    }

    /// Whether [`cancelled`](Self::cancelled) would resolve at once.
    pub fn is_cancelled(&self) -> bool {
        let life = self.life().lock();
        life.cancelled || life.closed
    }

    /// Whether the call has ended.
    pub fn is_closed(&self) -> bool {
        self.life().lock().closed
    }

    pub(crate) fn server(&self) -> &Arc<ServerState> {
        &self.0.server
    }

    /// The method that is called, if it belongs to a call.
    pub(crate) fn method(&self) -> Option<&Method> {
        match &self.0.origin {
            Origin::Call(method) => Some(method),
            _ => None,
        }
    }

    /// Who calls, for the log.
    pub(crate) fn user(&self) -> Option<&str> {
        self.authenticated().map(|info| info.user_identifier.as_str())
    }

    pub(crate) fn opened_at(&self) -> Instant {
        self.first().0.opened_at
    }

    /// The value of the `Authorization` header that came with the call.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.0.authorization.as_deref()
    }

    pub(crate) fn set_authenticated(&self, info: AuthenticationInfo) {
        // A session is authenticated once, by the first stage of its driver.
        let _ = self.0.authenticated.set(info);
    }

    /// Takes note of whose sign-in it rests on, and so ends with.
    pub(crate) fn rest(&self, rests: Rests) {
        let mut life = self.0.life.lock();
        if !life.closed {
            life.rests = Some(rests);
        }
    }

    /// Does not rest on a sign-in any more.
    pub(crate) fn rest_no_more(&self) {
        let rests = self.0.life.lock().rests.take();
        drop(rests);
    }

    /// Takes note of a subscription that ends with this session; one on a closed session ends at once.
    pub(crate) fn keep(&self, subscription: Closer) {
        let mut life = self.life().lock();
        if life.closed {
            drop(life);
            return subscription.close();
        }
        // The list may hold subscriptions that ended by themselves; it doubles before they are looked for.
        if life.subscriptions.len() == life.subscriptions.capacity() {
            life.subscriptions.retain(|subscription| !subscription.is_closed());
        }
        life.subscriptions.push(subscription);
    }

    /// Tells the method that nobody waits for its answer.
    pub(crate) fn cancel(&self) {
        let mut life = self.life().lock();
        life.cancelled = true;
        let token = life.cancelling.take();
        drop(life);
        if let Some(token) = token {
            token.cancel();
        }
    }

    /// Ends the session.
    pub(crate) fn close(&self) {
        let mut life = self.life().lock();
        if std::mem::replace(&mut life.closed, true) {
            return;
        }
        let Life { listeners, subscriptions, cancelling, rests, .. } = std::mem::take(&mut *life);
        life.closed = true;
        drop(life);
        drop(rests);
        for subscription in subscriptions {
            subscription.close();
        }
        if let Some(token) = cancelling {
            token.cancel();
        }
        if !listeners.is_empty() {
            let session = self.clone();
            self.0.server.spawn_counted(async move {
                for listener in listeners {
                    let listener = AssertUnwindSafe(async { listener(session.clone()).await });
                    if let Err(panic) = listener.catch_unwind().await {
                        let error = Error::panicked(&*panic);
                        session.log(Level::ERROR, format_args!("a will-close listener {error}"));
                    }
                }
            });
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !matches!(self.origin, Origin::Again(_)) {
            self.server.counters.sessions.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("method", &format_args!("{}.{}", self.endpoint_name(), self.method_name()))
            .field("authenticated", &self.authenticated())
            .finish_non_exhaustive()
    }
}
