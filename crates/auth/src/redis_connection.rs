//! The connection to Redis.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, RedisError};
use streampod_server::Redis;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::store_error::StoreError;

/// How long connecting and logging in may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How many commands are handed to a connection before it has written them; further ones wait for their turn.
const COMMANDS: usize = 256;

/// Makes the connection, and again when it was lost.
pub(crate) struct Connector {
    target: Arc<Target>,
    /// The connection, or that it is just being made, which all wait for who need it.
    connecting: Mutex<Option<Connecting>>,
}

type Connecting = Shared<BoxFuture<'static, Result<MultiplexedConnection, AskError>>>;

/// A connection that can be asked.
pub(crate) struct Connection {
    pub(crate) commands: MultiplexedConnection,
    made_by: Connecting,
}

/// What is connected to.
struct Target {
    host: String,
    port: u16,
    address: String,
    login: RedisConnectionInfo,
    tls: Option<(ServerName<'static>, TlsConnector)>,
}

/// Why Redis did not answer as it should. None of the texts has the password in it, nor what was to be kept.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum AskError {
    #[error("it cannot be reached: {0}")]
    Unreachable(Arc<io::Error>),
    #[error("TLS failed: {0}; check `redis.requireSsl` and `redis.host` in config/<run mode>.yaml")]
    Tls(String),
    #[error(
        "it refused the user or the password ({0}); check `redis.user` in config/<run mode>.yaml, and the password `redis` in \
         config/passwords.yaml"
    )]
    Login(String),
    #[error("it took more than {0:?}")]
    TimedOut(Duration),
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// It is there, and another may have taken its place: it is not the primary any more, or not ready yet.
    #[error("it cannot serve: {0}")]
    NotServing(String),
    #[error("it answered: {0}")]
    Refused(String),
}

impl Connector {
    /// What connects as the configuration says, when it is asked to.
    pub(crate) fn new(redis: &Redis) -> Result<Self, AskError> {
        let tls = redis.require_ssl.then(|| tls(&redis.host)).transpose()?;
        let mut login = RedisConnectionInfo::default().set_lib_name("streampod", env!("CARGO_PKG_VERSION"));
        if let Some(user) = &redis.user {
            // A user without a password logs in with any.
            login = login.set_username(user).set_password("");
        }
        if let Some(password) = &redis.password {
            login = login.set_password(password.expose());
        }
        let (host, port) = (redis.host.clone(), redis.port);
        let target = Target { address: format!("{host}:{port}"), host, port, login, tls };
        Ok(Self { target: Arc::new(target), connecting: Mutex::default() })
    }

    pub(crate) fn address(&self) -> &str {
        &self.target.address
    }

    /// The connection, which is made if there is none.
    pub(crate) async fn connection(&self) -> Result<Connection, AskError> {
        let made_by = {
            let mut connecting = self.connecting.lock();
            connecting
                .get_or_insert_with(|| {
                    let target = Arc::clone(&self.target);
                    async move { target.connect().await }.boxed().shared()
                })
                .clone()
        };
        match made_by.clone().await {
            Ok(commands) => Ok(Connection { commands, made_by }),
            Err(error) => {
                self.forget(&made_by);
                Err(error)
            }
        }
    }

    /// Takes note that a connection is lost: whoever comes next makes another.
    pub(crate) fn lost(&self, connection: &Connection) {
        self.forget(&connection.made_by);
    }

    fn forget(&self, made_by: &Connecting) {
        let mut connecting = self.connecting.lock();
        if connecting.as_ref().is_some_and(|current| current.ptr_eq(made_by)) {
            *connecting = None;
        }
    }
}

impl Target {
    async fn connect(&self) -> Result<MultiplexedConnection, AskError> {
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, self.connect_unbounded()).await;
        connected.unwrap_or_else(|_| {
            Err(match &self.tls {
                None => AskError::TimedOut(CONNECT_TIMEOUT),
                // Without TLS on its side, Redis waits for more of what it takes for a command.
                Some(_) => AskError::Tls(format!("it took more than {CONNECT_TIMEOUT:?}")),
            })
        })
    }

    async fn connect_unbounded(&self) -> Result<MultiplexedConnection, AskError> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await;
        let socket = socket.map_err(|error| AskError::Unreachable(Arc::new(error)))?;
        // Commands are written when they are complete; waiting for more only delays them.
        let _ = socket.set_nodelay(true);
        match &self.tls {
            Some((name, connector)) => {
                let encrypted = connector.connect(name.clone(), socket).await;
                self.log_in(encrypted.map_err(|error| AskError::Tls(error.to_string()))?).await
            }
            None => self.log_in(socket).await,
        }
    }

    async fn log_in<S>(&self, socket: S) -> Result<MultiplexedConnection, AskError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        // The timeouts are ours.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(COMMANDS);
        let connected = MultiplexedConnection::new_with_config(&self.login, socket, config).await;
        let (commands, driver) = connected.map_err(AskError::of_login)?;
        // It ends when the connection does, which is when the last handle is dropped, or Redis is gone.
        tokio::spawn(driver);
        Ok(commands)
    }
}

impl AskError {
    /// Why a command failed.
    pub(crate) fn of_command(error: &RedisError) -> Self {
        let text = without_arguments(error);
        match (error.kind(), error.code()) {
            (ErrorKind::Io, _) => Self::Lost(error.to_string()),
            (_, Some("NOAUTH")) => Self::Login(text),
            _ if is_not_serving(error) => Self::NotServing(text),
            _ => Self::Refused(text),
        }
    }

    fn of_login(error: RedisError) -> Self {
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS" | "NOAUTH" | "NOPERM")) => {
                Self::Login(without_arguments(&error))
            }
            (ErrorKind::Io | ErrorKind::Parse, _) => {
                Self::Tls(format!("it does not speak as expected ({error})"))
            }
            _ => Self::Refused(without_arguments(&error)),
        }
    }

    /// Whether the connection is good for nothing any more. One that does not answer is, and so is one to a server that was
    /// demoted: its name may lead to the new primary by now.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::TimedOut(_) | Self::NotServing(_))
    }

    pub(crate) fn at(self, address: &str) -> StoreError {
        StoreError::Redis { address: address.to_owned(), source: Box::new(self) }
    }
}

/// Whether Redis says that it is not who to ask. Of commands that it was to do together, one that it refused is enough.
fn is_not_serving(error: &RedisError) -> bool {
    let errors = error.clone().into_server_errors();
    errors
        .iter()
        .flat_map(|errors| errors.iter())
        .any(|(_, error)| matches!(error.code(), "READONLY" | "MASTERDOWN" | "LOADING" | "CLUSTERDOWN"))
}

/// What Redis says, without the beginning of the command, which it quotes if it does not know it.
fn without_arguments(error: &RedisError) -> String {
    let mut text = error.to_string();
    if let Some(end) = text.find(", with args beginning") {
        text.truncate(end);
    }
    text
}

/// TLS to one host, by rustls, trusting the authorities of the system.
fn tls(host: &str) -> Result<(ServerName<'static>, TlsConnector), AskError> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| AskError::Tls(format!("no certificate can be for `{host}`")))?;
    let mut roots = RootCertStore::empty();
    // Some of a system's certificates may be unreadable; the others do.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    // Named, because a process in which other providers are built in has no default.
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| AskError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((name, TlsConnector::from(Arc::new(config))))
}
