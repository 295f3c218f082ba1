//! The session of a streaming connection, as one endpoint sees it.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use streampod_wire::Model;

use crate::error::Result;
use crate::session::Session;

use super::line::Line;

/// The session of a streaming connection, as one endpoint sees it.
///
/// A client has one session for as long as it is connected; every endpoint talks to it on its own behalf. It is cheap to clone, for
/// example into a message listener. Who calls ([`Session::authenticated`]) is who was signed in when the endpoint was called: a client
/// can sign in anew while it is connected. What was set up for somebody stays then, such as a listener; and so does the right on which
/// it rests: if that is revoked or expires, the connection is closed.
#[deprecated(note = "streaming methods do more: see `StreamingEndpoint`")]
#[derive(Clone)]
pub struct StreamingSession {
    pub(super) session: Session,
    pub(super) endpoint: Arc<str>,
    pub(super) line: Arc<Line>,
}

impl StreamingSession {
    /// The name of the endpoint that sees the session so.
    pub fn endpoint_name(&self) -> &str {
        &self.endpoint
    }

    /// Sends a message to the client, on behalf of this endpoint. While the client takes nothing this waits, until the client is let
    /// go.
    ///
    /// # Errors
    ///
    /// Fails with [`StreamingConnectionClosed`](super::StreamingConnectionClosed) if the client is not connected any more, or if the
    /// message cannot be encoded.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, the message is not sent.
    #[doc(alias = "sendStreamMessage")]
    pub async fn send_stream_message<T: Model>(&self, message: T) -> Result<()> {
        self.line.send(&self.endpoint, &message.into_object()).await
    }

    /// Has the endpoint know `object` of this session, in place of what it knew. It is dropped with the session.
    #[doc(alias = "setUserObject")]
    pub fn set_user_object<T: Any + Send + Sync>(&self, object: T) {
        self.line.set_user_object(&self.endpoint, Arc::new(object));
    }

    /// What the endpoint knows of this session, if that is a `T`. Other endpoints have objects of their own.
    #[doc(alias = "getUserObject")]
    pub fn user_object<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.line.user_object(&self.endpoint)?.downcast().ok()
    }
}

impl Deref for StreamingSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl fmt::Debug for StreamingSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingSession")
            .field("endpoint", &self.endpoint)
            .field("authenticated", &self.session.authenticated())
            .finish_non_exhaustive()
    }
}
