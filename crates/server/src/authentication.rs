//! Who calls.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use base64::Engine;

use crate::driver::Ended;
use crate::error::Result;
use crate::refusal::Refusal;
use crate::session::Session;

/// How long an authentication handler may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Who a caller is and what it may do: what an authentication handler finds for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationInfo {
    /// The user.
    pub user_identifier: String,
    /// What the user may do.
    pub scopes: Vec<String>,
    /// The sign-in that this rests on, by which it is revoked.
    pub auth_id: String,
}

/// An authentication handler, as the server keeps it.
pub(crate) type Handler = Box<dyn Fn(Session, String) -> HandlerFuture + Send + Sync>;
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Result<Option<AuthenticationInfo>>> + Send>>;

/// Finds out who calls, and whether the caller may call this method.
pub(crate) async fn authenticate(session: &Session) -> Result<(), Ended> {
    // Without a call there is nobody to find out about.
    let Some(method) = session.method() else { return Ok(()) };
    let access = method.access();
    if let (Some(handler), Some(value)) = (&session.server().authentication, session.authorization()) {
        let token = unwrap(value)?;
        match tokio::time::timeout(TIMEOUT, handler(session.clone(), token)).await {
            Ok(Ok(Some(info))) => session.set_authenticated(info),
            Ok(Ok(None)) => {}
            // Not an anonymous user: nobody knows who calls.
            Ok(Err(error)) => return Err(Ended::Failed(error)),
            Err(_) => return Err(Ended::Failed("the authentication handler took more than 10 s".into())),
        }
    } else if let Some(value) = session.authorization() {
        unwrap(value)?;
    }
    let Some(info) = session.authenticated() else {
        return if access.is_open() { Ok(()) } else { Err(Refusal::AuthenticationFailed.into()) };
    };
    if access.scopes.iter().all(|scope| info.scopes.contains(scope)) {
        Ok(())
    } else {
        Err(Refusal::AuthorizationDeclined.into())
    }
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
