//! A server that runs.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::internal_session::InternalSession;
use crate::session::Session;
use crate::state::{ServerState, Stats};

/// How long accepting rests after it failed, for example because no file descriptor is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Stops a server, tells what it holds, and gives it what does not come from its ports: connections, and sessions that
/// belong to no call.
#[derive(Clone)]
pub struct Handle {
    state: Arc<ServerState>,
}

impl Handle {
    pub(crate) fn new(state: ServerState) -> Self {
        Self { state: Arc::new(state) }
    }

    /// Serves a connection that was accepted elsewhere, such as over TLS, a Unix socket or in memory, in a task of its own.
    /// A server that stops closes it at once.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn serve(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        if !self.state.stopping.is_cancelled() {
            serve(&self.state, stream, self.router());
        }
    }

    /// A session that belongs to no call.
    #[doc(alias = "createSession")]
    #[must_use = "the session closes when this is dropped"]
    pub fn create_session(&self) -> InternalSession {
        InternalSession::new(Session::internal(Arc::clone(&self.state)))
    }

    /// Runs a task until the server stops.
    pub(crate) fn run_in_background(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.state.stopping.clone();
        self.state.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = stopping.cancelled() => {}
            }
        });
    }

    pub(crate) fn router(&self) -> Router {
        let state = Arc::clone(&self.state);
        Router::new().fallback(move |request: Request| crate::http::handle(Arc::clone(&state), request))
    }

    /// How much of everything the server holds at this moment.
    pub fn stats(&self) -> Stats {
        self.state.stats()
    }

    /// Closes every WebSocket, and refuses new ones. Resolves when every call has ended, or after the shutdown timeout;
    /// calls that go on then are not waited for.
    pub async fn stop(&self) {
        self.state.stop();
        self.state.tasks.close();
        let timeout = self.state.limits.shutdown_timeout;
        if tokio::time::timeout(timeout, self.state.tasks.wait()).await.is_err() {
            let Stats { calls, connections, .. } = self.stats();
            tracing::warn!("{calls} calls and {connections} connections did not end within {timeout:?}");
        }
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("stats", &self.stats()).finish()
    }
}

/// A server that listens on its ports. Dropping it leaves it running.
#[derive(Debug)]
pub struct RunningServer {
    handle: Handle,
    accept: tokio::task::JoinHandle<()>,
    api_address: SocketAddr,
    web_address: Option<SocketAddr>,
}

impl RunningServer {
    /// Accepts connections for these routers.
    pub(crate) fn accept(
        handle: Handle,
        api: (TcpListener, Router),
        web: Option<(TcpListener, Router)>,
    ) -> std::io::Result<Self> {
        let api_address = api.0.local_addr()?;
        let web_address = web.as_ref().map(|(listener, _)| listener.local_addr()).transpose()?;
        let accept = tokio::spawn(accept(handle.clone(), api, web));
        Ok(Self { handle, accept, api_address, web_address })
    }

    /// Where endpoints are called.
    pub fn api_address(&self) -> SocketAddr {
        self.api_address
    }

    /// Where the web page is, if there is one.
    pub fn web_address(&self) -> Option<SocketAddr> {
        self.web_address
    }

    /// Stops the server and tells what it holds.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Ends every call, closes every connection and the ports. Resolves when that is done, or after the shutdown timeout.
    pub async fn shutdown(self) {
        self.handle.stop().await;
        let _ = self.accept.await;
    }
}

/// Accepts connections until the server is to stop.
async fn accept(handle: Handle, api: (TcpListener, Router), web: Option<(TcpListener, Router)>) {
    let state = Arc::clone(&handle.state);
    loop {
        let (accepted, router) = tokio::select! {
            () = state.stopping.cancelled() => break,
            accepted = api.0.accept() => (accepted, &api.1),
            (accepted, router) = async {
                match &web {
                    Some((listener, router)) => (listener.accept().await, router),
                    None => std::future::pending().await,
                }
            } => (accepted, router),
        };
        match accepted {
            Ok((socket, _)) => {
                // Frames are written when they are complete; waiting for more only delays them.
                let _ = socket.set_nodelay(true);
                serve(&state, socket, router.clone());
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves the requests of one connection.
fn serve<S>(state: &Arc<ServerState>, stream: S, router: Router)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(state.limits.handshake_timeout)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let server = Arc::clone(state);
    state.tasks.spawn(async move {
        tokio::pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = server.stopping.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a request was not served to its end");
        }
    });
}
