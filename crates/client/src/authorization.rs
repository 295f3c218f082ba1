//! Where the `Authorization` header of calls comes from.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::Shared;
use parking_lot::Mutex;

/// Gives the `Authorization` header of every call, and a new one when the server refuses it.
///
/// ```
/// use streampod_client::{Authorization, AuthorizationProvider, ClientOptions};
///
/// struct Session { /* where the tokens are kept */ }
///
/// impl AuthorizationProvider for Session {
///     async fn header(&self) -> Option<String> {
///         Some(format!("Bearer {}", self.token().await))
///     }
///
///     async fn refresh(&self) -> bool {
///         self.fetch_another_token().await.is_ok()
///     }
/// }
/// # impl Session {
/// #     async fn token(&self) -> &'static str { "" }
/// #     async fn fetch_another_token(&self) -> std::io::Result<()> { Ok(()) }
/// # }
///
/// let mut options = ClientOptions::default();
/// options.authorization = Authorization::new(Session {});
/// ```
///
/// A function that returns the header, as an `Option<String>`, is a provider too: one that never has another.
pub trait AuthorizationProvider: Send + Sync + 'static {
    /// What the header of the next call is to be, such as `Bearer <token>`; `None` is no header. It is asked by every call.
    fn header(&self) -> impl Future<Output = Option<String>> + Send;

    /// Gets another token, because the server refused a call as unauthorized; whether there is one now.
    /// That call is then made once more.
    ///
    /// Calls that are refused meanwhile share one refresh, which goes on when they are given up. A call that the refresh
    /// makes itself brings about none.
    fn refresh(&self) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
}

impl<F: Fn() -> Option<String> + Send + Sync + 'static> AuthorizationProvider for F {
    async fn header(&self) -> Option<String> {
        self()
    }
}

/// What the `Authorization` header of each call is to be. By default there is none.
#[derive(Clone, Default)]
pub struct Authorization(Option<Arc<Refreshed<dyn Provider>>>);

/// A provider, and how often it was asked for another token.
struct Refreshed<P: ?Sized> {
    refreshes: Mutex<Refreshes>,
    provider: P,
}

#[derive(Default)]
struct Refreshes {
    /// How many are over.
    count: u64,
    /// Whether the last one brought a token.
    succeeded: bool,
    running: Option<Shared<Pending<bool>>>,
}

/// A header, and how many refreshes came before it.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) value: Option<String>,
    refreshes: u64,
}

impl Header {
    /// What a call has that asks no provider.
    pub(crate) const NONE: Self = Self { value: None, refreshes: 0 };
}

pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

tokio::task_local! {
    /// Set while a refresh runs: what it calls must not wait for it.
    static IN_REFRESH: ();
}

/// Whether this runs inside of a refresh.
pub(crate) fn is_refreshing() -> bool {
    IN_REFRESH.try_with(|()| ()).is_ok()
}

impl Authorization {
    /// What `provider` says.
    pub fn new(provider: impl AuthorizationProvider) -> Self {
        Self(Some(Arc::new(Refreshed { refreshes: Mutex::default(), provider })))
    }

    /// The header of the next call; `None` if none needs to be waited for, because there never is one.
    pub(crate) fn header(&self) -> Option<Pending<Header>> {
        let this = Arc::clone(self.0.as_ref()?);
        Some(Box::pin(async move {
            let refreshes = this.refreshes.lock().count;
            Header { value: this.provider.header().await, refreshes }
        }))
    }

    /// The header of a call whose `refused` header the server did not take, after a refresh; `None` if there is no other.
    pub(crate) fn refreshed(&self, refused: &Header) -> Pending<Option<Header>> {
        let fresh = match &self.0 {
            Some(this) if !is_refreshing() => this.refresh_since(refused.refreshes),
            _ => return Box::pin(std::future::ready(None)),
        };
        let header = self.header();
        Box::pin(async move { if fresh.await { Some(header?.await) } else { None } })
    }
}

impl Refreshed<dyn Provider> {
    /// Whether there is a token that is newer than the one of so many refreshes.
    fn refresh_since(self: &Arc<Self>, count: u64) -> Shared<Pending<bool>> {
        let mut refreshes = self.refreshes.lock();
        if refreshes.count != count {
            let succeeded: Pending<bool> = Box::pin(std::future::ready(refreshes.succeeded));
            return succeeded.shared();
        }
        let running = refreshes.running.get_or_insert_with(|| {
            let mut outcome = Outcome { of: Arc::clone(self), succeeded: false };
            let refresh = IN_REFRESH.scope((), async move {
                outcome.succeeded = outcome.of.provider.refresh().await;
                outcome.succeeded
            });
            // A task of its own: the caller may give up, and a token that is fetched half is lost. It is spawned when this is
            // polled, for a runtime that shuts down drops it at once, and its outcome needs the lock that is held here.
            let task: Pending<bool> = Box::pin(async move { tokio::spawn(refresh).await.unwrap_or(false) });
            task.shared()
        });
        running.clone()
    }
}

/// Takes note of how a refresh ended, also by a panic or with its runtime.
struct Outcome {
    of: Arc<Refreshed<dyn Provider>>,
    succeeded: bool,
}

impl Drop for Outcome {
    fn drop(&mut self) {
        let mut refreshes = self.of.refreshes.lock();
        refreshes.count += 1;
        refreshes.succeeded = self.succeeded;
        refreshes.running = None;
    }
}

/// An [`AuthorizationProvider`] whatever its type.
trait Provider: Send + Sync {
    fn header(&self) -> Boxed<'_, Option<String>>;
    fn refresh(&self) -> Boxed<'_, bool>;
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<P: AuthorizationProvider> Provider for P {
    fn header(&self) -> Boxed<'_, Option<String>> {
        Box::pin(AuthorizationProvider::header(self))
    }

    fn refresh(&self) -> Boxed<'_, bool> {
        Box::pin(AuthorizationProvider::refresh(self))
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Authorization(..)" } else { "Authorization(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Expired;

    impl AuthorizationProvider for Expired {
        async fn header(&self) -> Option<String> {
            Some("Bearer old".to_owned())
        }

        async fn refresh(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_refresh_in_a_runtime_that_is_gone_fails() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _entered = handle.enter();
        let refused = Header { value: Some("Bearer old".to_owned()), refreshes: 0 };
        let refreshed = Authorization::new(Expired).refreshed(&refused);
        assert!(refreshed.now_or_never().expect("no task that is never run").is_none());
    }
}
