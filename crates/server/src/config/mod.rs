//! Configuration: defaults that need no file, YAML files, environment variables and the command line.
//!
//! Names and precedence are those of section 6 of the wire contract, so files and variables of an existing Serverpod
//! deployment keep working. Later sources win:
//!
//! 1. the defaults, which are [`Config::for_mode`],
//! 2. `config/<mode>.yaml` and `config/passwords.yaml` in the working directory, each if it exists,
//! 3. environment variables that start with `SERVERPOD_`,
//! 4. the command line, [`Arguments`].
//!
//! | file | environment variable | default |
//! | --- | --- | --- |
//! | | `SERVERPOD_RUN_MODE` | `development` |
//! | `serverId` | `SERVERPOD_SERVER_ID` | `default` |
//! | `logging` | `SERVERPOD_LOGGING_MODE` | `normal` |
//! | `apiServer.port`, `webServer.port` | `SERVERPOD_{API,WEB}_SERVER_PORT` | 8080, 8082 |
//! | `….publicHost` | `SERVERPOD_{API,WEB}_SERVER_PUBLIC_HOST` | `localhost` |
//! | `….publicPort` | `SERVERPOD_{API,WEB}_SERVER_PUBLIC_PORT` | the port |
//! | `….publicScheme` | `SERVERPOD_{API,WEB}_SERVER_PUBLIC_SCHEME` | `http` |
//! | `redis.enabled` | `SERVERPOD_REDIS_ENABLED` | whether any other Redis setting is given |
//! | `redis.host` | `SERVERPOD_REDIS_HOST` | `localhost` |
//! | `redis.port` | `SERVERPOD_REDIS_PORT` | 6379 |
//! | `redis.user` | `SERVERPOD_REDIS_USER` | none |
//! | `redis.requireSsl` | `SERVERPOD_REDIS_REQUIRE_SSL` | `false` |
//! | `redis.waitingPosts` | `SERVERPOD_REDIS_WAITING_POSTS` | 0 |
//! | `sessionLogs.consoleEnabled` | `SERVERPOD_SESSION_CONSOLE_LOG_ENABLED` | `true` |
//! | `sessionLogs.consoleLogFormat` | `SERVERPOD_SESSION_CONSOLE_LOG_FORMAT` | `text` in development, else `json` |
//! | `maxRequestSize` (bytes) | `SERVERPOD_MAX_REQUEST_SIZE` | 524288 |
//! | `websocketPingInterval` (seconds) | `SERVERPOD_WEBSOCKET_PING_INTERVAL` | 30 |
//! | `websocketCompression.enabled` | `SERVERPOD_WEBSOCKET_COMPRESSION_ENABLED` | `false` |
//! | `websocketCompression.threshold` (bytes) | `SERVERPOD_WEBSOCKET_COMPRESSION_THRESHOLD` | 1024 |
//! | `exposeSchema` | `SERVERPOD_EXPOSE_SCHEMA` | `true` in development, else `false` |
//! | a name in `passwords.yaml` | `SERVERPOD_PASSWORD_<name>` | none |
//!
//! A key without a value counts as not given. Keys that Serverpod knows and Streampod has no use for are skipped; any
//! other unknown key and every wrong value is an error, and one [`ConfigError`] reports them all.

mod arguments;
mod document;
mod error;
mod kind;
mod load;
mod names;
mod passwords;
mod secret;
mod section;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

pub use self::arguments::Arguments;
pub use self::error::{ConfigError, Location, Origin, Problem};
pub use self::names::{LogFormat, Logging, RunMode, Scheme, UnknownName};
pub use self::secret::Secret;
pub use self::source::Source;

/// What a server is told when it starts.
///
/// [`Config::load`] reads it from files and environment; the default is that of development, with no file read. Its
/// `Debug` output hides the passwords.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What the process is run for. Default: development.
    pub run_mode: RunMode,
    /// The name of this process among the servers of one deployment. Default: `default`.
    pub server_id: String,
    /// How much is logged. Default: normal.
    pub logging: Logging,
    /// Where clients call methods. Default: port 8080.
    pub api_server: ServerAddress,
    /// Where web pages are served. Default: port 8082.
    pub web_server: ServerAddress,
    /// The Redis that connects several servers. Default: disabled.
    pub redis: Redis,
    /// What is logged of sessions. Default: to the console.
    pub session_logs: SessionLogs,
    /// The most bytes that the body of one request may have. Default: 524288.
    pub max_request_size_bytes: usize,
    /// How often a WebSocket is pinged. Default: 30 s.
    pub websocket_ping_interval: Duration,
    /// Compression of what WebSockets carry. Default: off.
    pub websocket_compression: Compression,
    /// Whether `GET /v1/schema` answers with what the server offers, for `streampod inspect`. Default: in development only.
    ///
    /// The schema is no secret, because clients are made from it. But it shows a stranger every method, also those that no
    /// client calls, so elsewhere somebody has to want that.
    pub expose_schema: bool,
    /// Whether the process prints what its server offers and ends, by `--print-schema`. What a server keeps is not opened then:
    /// another process may have it. Default: `false`.
    pub print_schema: bool,
    /// Passwords by name: those of the run mode, over the shared ones, under those of the environment. Default: none.
    pub passwords: BTreeMap<String, Secret>,
}

impl Config {
    /// The defaults of a run mode, with neither file nor environment read.
    pub fn for_mode(run_mode: RunMode) -> Self {
        Self {
            run_mode,
            server_id: "default".into(),
            logging: Logging::default(),
            api_server: ServerAddress::on_port(8080),
            web_server: ServerAddress::on_port(8082),
            redis: Redis::default(),
            session_logs: SessionLogs::for_mode(run_mode),
            max_request_size_bytes: 524_288,
            websocket_ping_interval: Duration::from_secs(30),
            websocket_compression: Compression::default(),
            expose_schema: run_mode == RunMode::Development,
            print_schema: false,
            passwords: BTreeMap::new(),
        }
    }

    /// The password of this name, for the run mode.
    pub fn password(&self, name: &str) -> Option<&str> {
        self.passwords.get(name).map(Secret::expose)
    }
}

impl Default for Config {
    /// The defaults of development.
    fn default() -> Self {
        Self::for_mode(RunMode::default())
    }
}

/// Compression of what WebSockets carry: permessage-deflate of RFC 7692, agreed on with clients that offer it, as browsers and Dart do.
///
/// Each message is compressed by itself, so that a connection holds no memory for it. Where large messages are sent it saves much of
/// their bytes. Clients that agreed to it compress whatever they send, however small it is, and that takes the server time to read.
/// `docs/compression.md` has figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compression {
    /// Whether the server agrees to it. Default: `false`.
    pub enabled: bool,
    /// From how many bytes on the server compresses a message that it sends. Default: 1,024.
    pub threshold_bytes: usize,
}

impl Default for Compression {
    fn default() -> Self {
        Self { enabled: false, threshold_bytes: 1024 }
    }
}

/// Where a server listens, and where clients reach it.
///
/// The two differ behind a proxy. Start from [`ServerAddress::on_port`]; there is no default port for all servers.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerAddress {
    /// The port to listen on; 0 is any free port.
    pub port: u16,
    /// The host name that clients use. Default: `localhost`.
    pub public_host: String,
    /// The port that clients use. Default: the port listened on.
    pub public_port: u16,
    /// The scheme that clients use. Default: `http`.
    pub public_scheme: Scheme,
}

impl ServerAddress {
    /// A server on this port of `localhost`, reached without a proxy.
    pub fn on_port(port: u16) -> Self {
        Self { port, public_host: "localhost".into(), public_port: port, public_scheme: Scheme::Http }
    }
}

/// The Redis that connects several servers.
#[derive(Debug, Clone, PartialEq)]
pub struct Redis {
    /// Whether Redis is used. Default: `false`.
    ///
    /// As in Serverpod, a file or environment that says anything else of Redis enables it, unless it says otherwise.
    pub enabled: bool,
    /// The host name. Default: `localhost`.
    pub host: String,
    /// The port. Default: 6379.
    pub port: u16,
    /// The user to log in as. Default: none.
    pub user: Option<String>,
    /// Whether the connection must be encrypted. Default: `false`.
    pub require_ssl: bool,
    /// How many posts wait, in order and for 10 s at most, for a connection that was lost. Default: 0, they fail at once.
    pub waiting_posts: usize,
    /// The password of the name `redis`. Default: none.
    pub password: Option<Secret>,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            enabled: false,
            host: "localhost".into(),
            port: 6379,
            user: None,
            require_ssl: false,
            waiting_posts: 0,
            password: None,
        }
    }
}

/// What is logged of sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionLogs {
    /// Whether sessions are logged to the console. Default: `true`.
    pub console_enabled: bool,
    /// How a line on the console is written. Default: text in development, else JSON.
    pub console_log_format: LogFormat,
}

impl SessionLogs {
    /// The defaults of a run mode.
    pub fn for_mode(run_mode: RunMode) -> Self {
        let console_log_format = match run_mode {
            RunMode::Development => LogFormat::Text,
            RunMode::Staging | RunMode::Production | RunMode::Test => LogFormat::Json,
        };
        Self { console_enabled: true, console_log_format }
    }
}

impl Default for SessionLogs {
    /// The defaults of development.
    fn default() -> Self {
        Self::for_mode(RunMode::default())
    }
}
