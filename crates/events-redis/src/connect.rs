//! Making a connection.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, ProtocolVersion, PushInfo, RedisConnectionInfo, RedisError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::settings::RedisSettings;
use crate::sieve::{OnMessages, Sieve};
use crate::tls::Tls;

/// How many commands a connection takes before it has written them.
pub(crate) const COMMANDS: usize = 4096;

/// Makes connections.
pub(crate) struct Connector {
    settings: RedisSettings,
}

/// A connection that can be used while its driver is polled.
pub(crate) struct Connection {
    pub(crate) commands: MultiplexedConnection,
    /// Ends when the connection is lost.
    pub(crate) driver: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// What is called with what Redis sends unasked, while the driver is polled, in its order.
pub(crate) struct Listener {
    pub(crate) on_messages: OnMessages,
    /// What is called with all that is no message.
    pub(crate) on_push: Box<dyn Fn(PushInfo) + Send + Sync>,
}

/// Why there is no connection. None of the texts has the password in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{0}")]
    Unreachable(io::Error),
    #[error("it did not answer within {0:?}")]
    TimedOut(Duration),
    #[error(
        "it refused the user or the password ({0}); check `redis.user` in config/<run mode>.yaml, and the password `redis` in \
         config/passwords.yaml"
    )]
    Login(String),
    #[error("TLS failed: {0}; check `redis.requireSsl` and `redis.host` in config/<run mode>.yaml")]
    Tls(String),
    #[error(
        "it closed the connection without an answer; check `redis.requireSsl` and `redis.port` in config/<run mode>.yaml"
    )]
    NoGreeting,
    #[error(
        "it does not know RESP3, or not the command HELLO; Redis 6 or later is needed, or what is compatible with it"
    )]
    TooOld,
    #[error("it refused the connection: {0}")]
    Refused(String),
}

impl ConnectError {
    /// Whether somebody has to change something.
    pub(crate) fn is_misconfiguration(&self) -> bool {
        !matches!(self, Self::Unreachable(_) | Self::TimedOut(_) | Self::Refused(_))
    }
}

impl Connector {
    /// What connects as the settings say.
    pub(crate) fn new(settings: &RedisSettings) -> Self {
        Self { settings: settings.clone() }
    }

    /// Connects and logs in. Each step may take as long as an answer.
    pub(crate) async fn connect(
        &self,
        name: &str,
        listener: Option<Listener>,
    ) -> Result<Connection, ConnectError> {
        let address = (self.settings.host.as_str(), self.settings.port);
        let socket = self.in_time(TcpStream::connect(address)).await?.map_err(ConnectError::Unreachable)?;
        // Commands are written when they are complete; waiting for more only delays them.
        let _ = socket.set_nodelay(true);
        if !self.settings.tls {
            return self.in_time(self.greet(socket, name, listener)).await?;
        }
        let tls = self.tls().await?;
        // A server that does not speak TLS waits for more of what it takes for a command.
        let encrypted = self.in_time(tls.connect(socket)).await;
        let socket = encrypted.map_err(|error| ConnectError::Tls(error.to_string()))??;
        self.in_time(self.greet(socket, name, listener)).await?
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, ConnectError> {
        let timeout = self.settings.response_timeout;
        tokio::time::timeout(timeout, step).await.map_err(|_| ConnectError::TimedOut(timeout))
    }

    /// The system's authorities are read anew for each connection, as they may have changed.
    async fn tls(&self) -> Result<Tls, ConnectError> {
        let RedisSettings { host, authorities, .. } = self.settings.clone();
        let read = tokio::task::spawn_blocking(move || Tls::to(&host, &authorities)).await;
        read.unwrap_or_else(|error| Err(ConnectError::Tls(error.to_string())))
    }

    async fn greet<S>(
        &self,
        socket: S,
        name: &str,
        listener: Option<Listener>,
    ) -> Result<Connection, ConnectError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut login = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_lib_name("streampod", env!("CARGO_PKG_VERSION"));
        if let Some(user) = &self.settings.user {
            // A user without a password logs in with any.
            login = login.set_username(user).set_password("");
        }
        if let Some(password) = &self.settings.password {
            login = login.set_password(password);
        }
        // The timeouts are ours: whoever waits knows whether something else came meanwhile.
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(COMMANDS);
        let mut on_messages = None;
        if let Some(listener) = listener {
            let Listener { on_messages: messages, on_push } = listener;
            on_messages = Some(messages);
            config = config.set_push_sender(move |push: PushInfo| -> Result<(), ()> {
                on_push(push);
                Ok(())
            });
        }
        let socket = Sieve::new(socket, on_messages);
        let connected = MultiplexedConnection::new_with_config(&login, socket, config).await;
        let (mut commands, driver) = connected.map_err(refused)?;
        let mut driver: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(driver);
        // For whoever looks at CLIENT LIST. A user without the right to it does without.
        let mut naming = redis::cmd("CLIENT");
        naming.arg("SETNAME").arg(name);
        tokio::select! {
            () = &mut driver => return Err(ConnectError::NoGreeting),
            _ = naming.exec_async(&mut commands) => {}
        }
        Ok(Connection { commands, driver })
    }
}

/// What a failed greeting means.
fn refused(error: RedisError) -> ConnectError {
    let said = said(&error);
    // Versions quote in different ways.
    if ["unknown command 'HELLO'", "unknown command `HELLO`"].iter().any(|unknown| said.contains(unknown)) {
        return ConnectError::TooOld;
    }
    match (error.kind(), error.code()) {
        (ErrorKind::RESP3NotSupported, _) | (_, Some("NOPROTO")) => ConnectError::TooOld,
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS" | "NOAUTH" | "NOPERM")) => {
            ConnectError::Login(said)
        }
        (ErrorKind::Io | ErrorKind::Parse, _) => ConnectError::NoGreeting,
        _ => ConnectError::Refused(said),
    }
}

/// What Redis said, in its own words, or what is wrong with the connection: for logs and errors.
///
/// Of a command that Redis does not know it quotes the beginning of the arguments, which may be a password or a message. That is
/// left out.
pub(crate) fn said(error: &RedisError) -> String {
    if error.kind() == ErrorKind::Parse {
        // Its text may have something of what came.
        return "what came is no answer of Redis".to_owned();
    }
    let mut text = match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => error.to_string(),
    };
    if let Some(end) = text.find(", with args beginning") {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(answer: &str) -> RedisError {
        match redis::parse_redis_value(format!("-{answer}\r\n").as_bytes()) {
            Ok(redis::Value::ServerError(error)) => error.into(),
            other => panic!("expected an error, found {other:?}"),
        }
    }

    /// As Redis 7 and Redis 5 quote.
    #[test]
    fn what_redis_quotes_of_a_command_is_left_out() {
        for quote in ['\'', '`'] {
            let text =
                |name| format!("ERR unknown command {quote}{name}{quote}, with args beginning with: 'a' 'b'");
            let publish = error(&text("PUBLISH"));
            assert_eq!(said(&publish), format!("ERR unknown command {quote}PUBLISH{quote}"));
            assert!(matches!(refused(error(&text("HELLO"))), ConnectError::TooOld));
        }
        assert_eq!(said(&error("NOPERM no right")), "NOPERM no right");
    }
}
