//! Endpoints for users who are signed in. Nobody can sign in yet, so every call is refused.

use streampod::prelude::*;

/// For every user.
pub(crate) struct SignInRequired;

#[endpoint(require_login)]
impl SignInRequired {
    async fn test_method(&self, _session: &Session) -> Result<bool> {
        Ok(true)
    }
}

/// For administrators.
pub(crate) struct AdminScopeRequired;

#[endpoint(scopes("serverpod.admin"))]
impl AdminScopeRequired {
    async fn test_method(&self, _session: &Session) -> Result<bool> {
        Ok(true)
    }
}

/// Streaming methods for administrators.
pub(crate) struct AuthenticatedMethodStreaming;

#[endpoint(scopes("serverpod.admin"))]
impl AuthenticatedMethodStreaming {
    fn simple_stream(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        futures_util::stream::iter((0..10).map(Ok))
    }

    fn int_echo_stream(&self, _session: &Session, stream: Input<i64>) -> impl Stream<Item = Result<i64>> {
        stream
    }
}
