//! Who calls.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use base64::Engine;
use time::UtcDateTime;

use crate::driver::Ended;
use crate::error::Result;
use crate::refusal::Refusal;
use crate::session::Session;

/// How long an authentication handler may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Who a caller is and what it may do: what an authentication handler finds for a token.
///
/// ```
/// # use streampod_server::AuthenticationInfo;
/// let info = AuthenticationInfo {
///     user_identifier: "42".into(),
///     scopes: vec!["admin".into()],
///     ..Default::default()
/// };
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthenticationInfo {
    /// The user.
    pub user_identifier: String,
    /// What the user may do. Default: nothing that needs a scope.
    pub scopes: Vec<String>,
    /// The sign-in that this rests on, by which it is revoked. Default: empty, which is no sign-in in particular.
    pub auth_id: String,
    /// When it ends: streams that rest on it are closed with an error then. Default: never.
    pub expires_at: Option<UtcDateTime>,
}

/// An authentication handler, as the server keeps it.
pub(crate) type Handler = Box<dyn Fn(Session, String) -> HandlerFuture + Send + Sync>;
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Result<Option<AuthenticationInfo>>> + Send>>;

/// Finds out who calls, and whether the caller may call this method.
pub(crate) async fn authenticate(session: &Session) -> Result<(), Ended> {
    // Without a call there is nobody to find out about.
    let Some(method) = session.method() else { return Ok(()) };
    sign_in(session).await?;
    Ok(method.access().admits(session.authenticated())?)
}

/// Finds out who calls, and has the session know it.
pub(crate) async fn sign_in(session: &Session) -> Result<(), Ended> {
    if let Some(value) = session.authorization() {
        unwrap(value)?;
    }
    // If that fails, the caller is not an anonymous user: nobody knows who calls.
    if let Some(info) = identify(session).await.map_err(Ended::Failed)? {
        session.set_authenticated(info);
    }
    Ok(())
}

/// Asks the authentication handler who calls.
pub(crate) async fn identify(session: &Session) -> Result<Option<AuthenticationInfo>> {
    let (Some(handler), Some(value)) = (&session.server().authentication, session.authorization()) else {
        return Ok(None);
    };
    let Ok(token) = unwrap(value) else { return Ok(None) };
    let found = tokio::time::timeout(TIMEOUT, handler(session.clone(), token)).await;
    let found = found.map_err(|_| "the authentication handler took more than 10 s")??;
    Ok(found.filter(|info| info.expires_at.is_none_or(|end| end > UtcDateTime::now())))
}

/// The token in the value of an `Authorization` header: what `Basic` and `Bearer` hold, or the value itself.
fn unwrap(value: &str) -> Result<String, Refusal> {
    let malformed = || Refusal::MalformedAuthorization(value.to_owned());
    if let Some(encoded) = value.strip_prefix("Basic ") {
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| malformed())?;
        return String::from_utf8(bytes).map_err(|_| malformed());
    }
    Ok(value.strip_prefix("Bearer ").unwrap_or(value).to_owned())
}
