//! Streaming endpoints, as their authors write them.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use streampod_wire::Value;

use crate::endpoint::{Access, Endpoint};
use crate::error::Result;
use crate::server::Server;

use super::session::StreamingSession;

/// An endpoint that exchanges messages with its clients, over the one streaming connection that a client opens for all of them.
///
/// Its name and who may talk to it come from `#[endpoint]`, which may have methods too. Messages of one client are handled one
/// after the other, in the order in which they were sent; what takes long is better spawned. What fails is logged, and the
/// connection goes on.
///
/// ```
/// # #![allow(deprecated)]
/// # use streampod_server::*;
/// # use streampod_wire::Value;
/// # struct Echo;
/// # impl Endpoint for Echo { fn describe(self: std::sync::Arc<Self>, _: &mut EndpointBuilder<'_>) {} }
/// // #[endpoint] impl Echo {}
///
/// impl StreamingEndpoint for Echo {
///     async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
///         session.send_stream_message(message).await
///     }
/// }
///
/// let server = Server::new(Config::default()).streaming_endpoint(Echo);
/// ```
#[deprecated(note = "streaming methods do more, and tell the caller when something fails: \
                     a method that takes or returns a stream, on the same endpoint")]
pub trait StreamingEndpoint: Endpoint {
    /// A client has connected. It is called before any of its messages is handled, unless the client may not access the endpoint.
    #[doc(alias = "streamOpened")]
    fn stream_opened(&self, session: &StreamingSession) -> impl Future<Output = Result<()>> + Send {
        let _ = session;
        async { Ok(()) }
    }

    /// The client's connection is closed, and its last message was handled. It is called if the endpoint was opened or became accessible
    /// when the client signed in anew, with the last session that could access it. The session closes after that.
    #[doc(alias = "streamClosed")]
    fn stream_closed(&self, session: &StreamingSession) -> impl Future<Output = Result<()>> + Send {
        let _ = session;
        async { Ok(()) }
    }

    /// A client has sent a message: of a model that the server knows, because a method names it or by [`Server::model`].
    #[doc(alias = "handleStreamMessage")]
    fn handle_stream_message(
        &self,
        session: &StreamingSession,
        message: Value,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (session, message);
        async { Ok(()) }
    }
}

impl Server {
    /// Adds an endpoint that exchanges messages with its clients, with its methods if it has any.
    #[deprecated(note = "streaming methods do more: see `StreamingEndpoint`")]
    pub fn streaming_endpoint(mut self, endpoint: impl StreamingEndpoint) -> Self {
        let endpoint = Arc::new(endpoint);
        let schema = self.registry.add(Arc::clone(&endpoint));
        schema.streaming = true;
        let (name, access): (Arc<str>, _) = (schema.name.as_str().into(), Access::of_endpoint(schema));
        let entry = Entry { name: Arc::clone(&name), access, handler: endpoint };
        self.registry.streaming.0.insert(name, Arc::new(entry));
        self
    }
}

/// The streaming endpoints of a server, by name.
#[derive(Debug, Default)]
pub(crate) struct StreamingEndpoints(BTreeMap<Arc<str>, Arc<Entry>>);

impl StreamingEndpoints {
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Entry>> {
        self.0.get(name)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.0.values()
    }
}

/// One streaming endpoint.
pub(super) struct Entry {
    pub(super) name: Arc<str>,
    pub(super) access: Access,
    pub(super) handler: Arc<dyn Handler>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Something that an endpoint does.
pub(super) type Handling<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A [`StreamingEndpoint`] whose type is hidden.
pub(super) trait Handler: Send + Sync {
    fn opened<'a>(&'a self, session: &'a StreamingSession) -> Handling<'a>;
    fn closed<'a>(&'a self, session: &'a StreamingSession) -> Handling<'a>;
    fn message<'a>(&'a self, session: &'a StreamingSession, message: Value) -> Handling<'a>;
}

impl<E: StreamingEndpoint> Handler for E {
    fn opened<'a>(&'a self, session: &'a StreamingSession) -> Handling<'a> {
        Box::pin(self.stream_opened(session))
    }

    fn closed<'a>(&'a self, session: &'a StreamingSession) -> Handling<'a> {
        Box::pin(self.stream_closed(session))
    }

    fn message<'a>(&'a self, session: &'a StreamingSession, message: Value) -> Handling<'a> {
        Box::pin(self.handle_stream_message(session, message))
    }
}
