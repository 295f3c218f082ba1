//! The server as its user builds and runs it.

use std::future::Future;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use streampod_events::{Broker, LocalBroker};
use streampod_schema::Schema;
use streampod_wire::{Catalog, Class, Exception};
use tokio::net::TcpListener;

use crate::authentication::{AuthenticationInfo, Handler};
use crate::config::{Arguments, Compression, Config, ConfigError, Redis, Source};
use crate::endpoint::{Endpoint, Registry};
use crate::error::Result;
use crate::internal_session::InternalSession;
use crate::limits::Limits;
use crate::logging;
use crate::running::{Handle, RunningServer};
use crate::session::Session;
use crate::state::{HealthCheck, ServerState};

/// A server: its endpoints and how it runs them.
///
/// ```no_run
/// # use streampod_server::{Server, Config};
/// # async fn main_() -> Result<(), Box<dyn std::error::Error>> {
/// Server::from_process()?.run().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a server does nothing until it is run"]
pub struct Server {
    config: Config,
    limits: Limits,
    pub(crate) registry: Registry,
    broker: Option<MakeBroker>,
    authentication: Option<Handler>,
    health_checks: Vec<HealthCheck>,
    background: Vec<Background>,
    web: Option<Router>,
}

/// A task that runs beside the server.
type Background = Box<dyn FnOnce(InternalSession) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What makes the broker that connects servers, from what the configuration says of Redis, and the models by name. It returns at
/// once and connects in the background, inside a tokio runtime.
pub type MakeBroker = fn(&Redis, Arc<Catalog>) -> Arc<dyn Broker>;

/// Why a server did not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration is wrong.
    #[error("the configuration is wrong:\n{0}")]
    Config(#[from] ConfigError),
    /// Redis is enabled, and the server was not told how to use it.
    #[error(
        "Redis is enabled in the configuration, and this server has nothing that connects to it: \
         make it by `Server::from_config()`, or add `.broker(streampod::redis)`"
    )]
    NoBroker,
    /// The endpoints or models contradict each other.
    #[error("the server's endpoints and models contradict each other: {}", .0.join("; "))]
    Contradiction(Vec<String>),
    /// A port cannot be listened on.
    #[error("cannot listen on port {port}: {reason}; is another server running there?")]
    Listen {
        /// The port.
        port: u16,
        /// Why not.
        reason: std::io::Error,
    },
}

impl std::fmt::Debug for StartError {
    /// As it is displayed, because this is what a `main` shows that returns it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Server {
    /// A server with the configuration that the command line, the environment and the files in `config/` give; all of
    /// them may be missing. With `--help`, or a mistake on the command line, it says so and ends the process.
    ///
    /// # Errors
    ///
    /// Fails if the configuration is wrong.
    pub fn from_process() -> Result<Self, StartError> {
        let arguments = Arguments::parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit());
        Ok(Self::new(Config::load_from(&Source::of_process(arguments))?))
    }

    /// A server with this configuration.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            limits: Limits::default(),
            registry: Registry::default(),
            broker: None,
            authentication: None,
            health_checks: Vec::new(),
            background: Vec::new(),
            web: None,
        }
    }

    /// Adds a secret to what [`Session::password`] knows: `name`, from an environment variable with a name of its own. Secrets
    /// of any name can also stand in `config/passwords.yaml` and in `SERVERPOD_PASSWORD_<name>`; the variable wins over both,
    /// if it is there.
    #[doc(alias = "loadCustomPasswords")]
    pub fn secret(mut self, name: &str, variable: &str) -> Self {
        if let Ok(value) = std::env::var(variable) {
            self.config.passwords.insert(name.to_owned(), value.into());
        }
        self
    }

    /// How servers are connected if the configuration enables Redis. Without Redis, messages stay inside this server.
    pub fn broker(mut self, broker: MakeBroker) -> Self {
        self.broker = Some(broker);
        self
    }

    /// Adds an endpoint.
    pub fn endpoint(mut self, endpoint: impl Endpoint) -> Self {
        self.registry.add(Arc::new(endpoint));
        self
    }

    /// Adds a model that no method names, so that it can travel in dynamic streams and clients know it.
    pub fn model<T: Class>(mut self) -> Self {
        T::describe(self.registry.catalog());
        self
    }

    /// Adds an exception, so that clients can throw it into streams and know it when it is thrown.
    pub fn exception<T: Exception>(self) -> Self {
        self.model::<T>()
    }

    /// Adds models that no method names, all at once: `models::all`, where `models` is what was generated from model files.
    pub fn models(mut self, all: impl FnOnce(&mut Catalog)) -> Self {
        all(self.registry.catalog());
        self
    }

    /// Finds out who calls: `handler` gets the token that came with a call, without `Basic` or `Bearer`.
    ///
    /// There can be several handlers. They are asked in the order in which they were added, until one knows the caller. One
    /// that fails fails the call, and so do handlers that take more than 10 s together.
    pub fn authentication<F>(mut self, handler: impl Fn(Session, String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<AuthenticationInfo>>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        self.authentication = Some(match self.authentication {
            None => Box::new(move |session, token| Box::pin(handler(session, token))),
            Some(earlier) => Box::new(move |session, token| {
                let known = earlier(session.clone(), token.clone());
                let handler = Arc::clone(&handler);
                Box::pin(async move {
                    match known.await? {
                        None => handler(session, token).await,
                        known => Ok(known),
                    }
                })
            }),
        });
        self
    }

    /// Adds a check to what `GET /` answers: 200 if all checks are true, 503 if one is false or takes more than 5 s.
    pub fn health_check<F>(mut self, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.health_checks.push(Box::new(move || Box::pin(check())));
        self
    }

    /// Runs `task` beside the server, from its start until it stops, with a session of its own that belongs to no call. It is
    /// dropped where it waits when the server stops.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use streampod_server::{Config, Server};
    /// # let server = Server::new(Config::default());
    /// server.background(|session| async move {
    ///     let mut minute = tokio::time::interval(Duration::from_secs(60));
    ///     loop {
    ///         minute.tick().await;
    ///         let _ = session.messages().post("minutes", 1).await;
    ///     }
    /// })
    /// # ;
    /// ```
    pub fn background<F>(mut self, task: impl FnOnce(InternalSession) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.background.push(Box::new(|session| Box::pin(task(session))));
        self
    }

    /// Sets what clients can make the server hold.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the compression of what WebSockets carry, whatever is configured.
    pub fn websocket_compression(mut self, compression: Compression) -> Self {
        self.config.websocket_compression = compression;
        self
    }

    /// Serves `router` on the web server's port.
    pub fn web(mut self, router: Router) -> Self {
        self.web = Some(router);
        self
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the server offers; clients are generated from it.
    pub fn schema(&self) -> Schema {
        self.registry.schema()
    }

    /// The server as a router, to be mounted in an axum application; what is returned beside it stops it.
    ///
    /// # Errors
    ///
    /// Fails if the endpoints or models contradict each other, or Redis is enabled and nothing connects to it.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime if Redis is enabled, or something runs in the background.
    pub fn into_router(self) -> Result<(Router, Handle), StartError> {
        let problems = self.registry.problems();
        if !problems.is_empty() {
            return Err(StartError::Contradiction(problems));
        }
        let Self { config, limits, registry, broker, authentication, health_checks, background, .. } = self;
        let broker: Arc<dyn Broker> = if config.redis.enabled {
            let connect = broker.ok_or(StartError::NoBroker)?;
            connect(&config.redis, Arc::clone(&registry.catalog))
        } else {
            Arc::new(LocalBroker::default())
        };
        let state = ServerState::new(config, limits, registry, broker, authentication, health_checks);
        let handle = Handle::new(state);
        for task in background {
            handle.run_in_background(task(handle.create_session()));
        }
        Ok((handle.router(), handle))
    }

    /// Listens on the configured ports, and serves until what is returned is shut down.
    ///
    /// # Errors
    ///
    /// Fails if a port cannot be listened on, or the endpoints contradict each other.
    pub async fn start(mut self) -> Result<RunningServer, StartError> {
        if cfg!(panic = "abort") {
            tracing::warn!("built with panic = \"abort\": a panic in one method ends the whole server");
        }
        let (api_port, web_port) = (self.config.api_server.port, self.config.web_server.port);
        let api = listen(api_port).await?;
        let web = match self.web.take() {
            Some(router) => Some((listen(web_port).await?, router)),
            None => None,
        };
        let (router, handle) = self.into_router()?;
        RunningServer::accept(handle, (api, router), web)
            .map_err(|reason| StartError::Listen { port: api_port, reason })
    }

    /// Runs the server until Ctrl-C or SIGTERM, then ends every call and closes every connection.
    ///
    /// It logs to the console as configured, unless a subscriber is set already. With `--print-schema` it prints the
    /// schema and returns.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot start.
    pub async fn run(self) -> Result<(), StartError> {
        if self.config.print_schema {
            let schema = serde_json::to_string_pretty(&self.schema()).unwrap_or_default();
            // Whoever does not read it to its end does not want the rest.
            let _ = writeln!(std::io::stdout(), "{schema}");
            return Ok(());
        }
        logging::init(&self.config);
        let run_mode = self.config.run_mode;
        let stop = stop_signal();
        let server = self.start().await?;
        tracing::info!("{run_mode} server on http://localhost:{}", server.api_address().port());
        if let Some(web) = server.web_address() {
            tracing::info!("web page on http://localhost:{}", web.port());
        }
        stop.await;
        tracing::info!("stopping; again to stop at once");
        let again = stop_signal();
        tokio::select! {
            () = server.shutdown() => {}
            () = again => tracing::warn!("stopped before every call had ended"),
        }
        Ok(())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Listens on a port of every address, IPv6 and IPv4.
async fn listen(port: u16) -> Result<TcpListener, StartError> {
    let every = [IpAddr::from(Ipv6Addr::UNSPECIFIED), IpAddr::from(Ipv4Addr::UNSPECIFIED)];
    // On Windows a socket for IPv6 takes no connections over IPv4; elsewhere it does. Some machines have no IPv6.
    let [first, second] = if cfg!(windows) { [every[1], every[0]] } else { every };
    match TcpListener::bind((first, port)).await {
        Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
            TcpListener::bind((second, port)).await
        }
        bound => bound,
    }
    .map_err(|reason| StartError::Listen { port, reason })
}

/// What resolves on Ctrl-C and on SIGTERM. They are caught from the moment this returns.
#[cfg(unix)]
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn received(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "a signal cannot be caught");
                std::future::pending().await
            }
        }
    }
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

/// What resolves on Ctrl-C.
#[cfg(not(unix))]
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
