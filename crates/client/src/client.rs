//! A client.

use std::fmt;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use streampod_wire::{Answer, Encode, encode_arguments};
use tokio::sync::watch;

use crate::call::Call;
use crate::call_builder::CallBuilder;
use crate::connection::{self, Connection};
use crate::error::{CallError, SetupError};
use crate::http::Http;
use crate::link::{Link, Order};
use crate::options::ClientOptions;
use crate::socket::Socket;
use crate::streaming_endpoints::StreamingEndpoints;
use crate::transport::{Tcp, Transport};
use crate::url::ServerUrl;

/// A client of one server: ordinary calls over HTTP, streaming calls over one WebSocket that manages itself.
///
/// It is cheap to clone, and all clones share the WebSocket. Calls go on when the client is dropped.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    /// The connection to the deprecated streaming endpoints.
    pub(crate) streaming: Arc<StreamingEndpoints>,
}

/// The state of a client's WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No streaming call needs it.
    Idle,
    /// It is being opened.
    Connecting,
    /// It is open.
    Open,
    /// The client was closed by [`Client::close`].
    Closed,
}

/// What all clones of a client share with the connection's task.
pub(crate) struct Shared {
    pub(crate) options: ClientOptions,
    url: ServerUrl,
    transport: Arc<dyn Transport>,
    http: Http,
    status: watch::Sender<Status>,
    /// The connection that takes new calls.
    current: Mutex<Option<Arc<Link>>>,
}

impl Client {
    /// A client of the server at `url`, such as `http://localhost:8080/`. Nothing is sent before the first call.
    ///
    /// # Errors
    ///
    /// Fails if the URL is neither one of `http://` nor, with the feature `tls`, of `https://`, or if models of the catalog
    /// share a name.
    pub fn new(url: &str, options: ClientOptions) -> Result<Self, SetupError> {
        let parsed = ServerUrl::parse(url)?;
        match parsed.scheme.as_str() {
            "http" => Self::with_transport(url, options, Tcp::to(&parsed)),
            #[cfg(feature = "tls")]
            "https" => Self::with_transport(url, options, crate::tls::Tls::to_server(&parsed)?),
            _ => Err(SetupError::UnsupportedScheme { scheme: parsed.scheme }),
        }
    }

    /// A client that reaches its server by `transport`; `url` gives the `Host` header and the path only.
    ///
    /// # Errors
    ///
    /// Fails if the URL cannot be read, or models of the catalog share a name.
    pub fn with_transport(
        url: &str,
        options: ClientOptions,
        transport: impl Transport,
    ) -> Result<Self, SetupError> {
        let url = ServerUrl::parse(url)?;
        if let Some(name) = options.catalog.conflicts().first() {
            return Err(SetupError::NameConflict { name });
        }
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let http = Http::new(&url, Arc::clone(&transport), options.message_max_bytes);
        let (status, _) = watch::channel(Status::Idle);
        let shared = Shared { options, url, transport, http, status, current: Mutex::default() };
        let shared = Arc::new(shared);
        let streaming = Arc::new(StreamingEndpoints::new(Arc::clone(&shared)));
        Ok(Self { shared, streaming })
    }

    /// Calls an ordinary method, over HTTP, once the call is awaited.
    ///
    /// It fails with what the method throws, with [`CallError::Http`] for other statuses than 200, and if the connection
    /// fails.
    pub fn call<T: Answer>(
        &self,
        endpoint: &str,
        method: &str,
        arguments: &[(&str, &dyn Encode)],
    ) -> Call<T> {
        // Encoded here, so that the call holds no arguments.
        let body = encode_arguments(arguments, Some(method));
        let shared = Arc::clone(&self.shared);
        let (endpoint, method) = (endpoint.to_owned(), method.to_owned());
        Call::new(async move { shared.call(&endpoint, &method, body?).await })
    }

    /// Makes a streaming call: give it the streams that feed it, then open it by
    /// [`CallBuilder::stream`] or [`CallBuilder::value`].
    pub fn open<T: Answer>(
        &self,
        endpoint: &str,
        method: &str,
        arguments: &[(&str, &dyn Encode)],
    ) -> CallBuilder<T> {
        CallBuilder::new(self.clone(), endpoint, method, encode_arguments(arguments, None))
    }

    /// The state of the WebSocket, now and as it changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.shared.status.subscribe()
    }

    /// Ends every streaming call with [`CallError::ClientClosed`], and refuses new calls.
    pub fn close(&self) {
        let mut current = self.shared.current.lock();
        self.shared.status.send_replace(Status::Closed);
        self.shared.http.forget_idle();
        if let Some(link) = current.take() {
            link.stop();
        }
        drop(current);
        self.streaming.shut();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { url, status, .. } = &*self.shared;
        f.debug_struct("Client")
            .field("server", &url.authority)
            .field("status", &*status.borrow())
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn is_closed(&self) -> bool {
        *self.status.borrow() == Status::Closed
    }

    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// Hands a call to the connection that takes new ones; to a new connection if none does. The connection that took it.
    pub(crate) fn open(self: &Arc<Self>, order: Order) -> Option<Arc<Link>> {
        let mut order = Box::new(order);
        let mut current = self.current.lock();
        if self.is_closed() {
            drop(current);
            order.sink.end(Err(CallError::ClientClosed));
            return None;
        }
        if let Some(link) = &*current {
            match link.open(order) {
                Ok(()) => return Some(Arc::clone(link)),
                Err(back) => order = back,
            }
        }
        let link = Arc::new(Link::with(order));
        let connection = Connection::new(Arc::clone(self), Arc::clone(&link));
        *current = Some(Arc::clone(&link));
        self.status.send_replace(Status::Connecting);
        drop(current);
        tokio::spawn(connection::run(connection));
        Some(link)
    }

    /// Opens a WebSocket; `target` follows the path of the server's URL.
    pub(crate) async fn socket(&self, target: &str) -> io::Result<Socket> {
        let url = format!("ws://{}{}{target}", self.url.authority, self.url.path);
        let stream = self.transport.connect().await?;
        Socket::handshake(url, stream, self.options.message_max_bytes).await
    }

    /// Takes note of the state of the connection `link`, if that is the one that takes new calls.
    pub(crate) fn set_status(&self, link: &Arc<Link>, status: Status) {
        let mut current = self.current.lock();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, link)) {
            if status == Status::Idle {
                *current = None;
            }
            self.status.send_replace(status);
        }
    }
}
