//! Where Redis is, and how patient its users are.

use std::fmt;
use std::time::Duration;

/// Where Redis is, and how patient its users are.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// The host name or IP address. Default: `localhost`.
    pub host: String,
    /// The port. Default: 6379.
    pub port: u16,
    /// The user to log in as. Default: none, which is Redis's user `default`.
    pub user: Option<String>,
    /// The password. `Debug` and logs do not show it. Default: none.
    pub password: Option<String>,
    /// Whether the connections are encrypted, by TLS 1.2 or 1.3. Default: `false`.
    ///
    /// Trusted are the authorities that the operating system trusts (the variables `SSL_CERT_FILE` and `SSL_CERT_DIR` name
    /// others), or those that Mozilla trusts if it has none.
    pub tls: bool,
    /// Authorities that are trusted beside them: their certificates in DER. Default: none.
    pub authorities: Vec<Vec<u8>>,
    /// How long an answer of Redis may take, and each step of making a connection. Default: 5 s.
    pub response_timeout: Duration,
    /// How often a connection is tried out by a PING. One on which nothing comes for as long and
    /// [`response_timeout`](Self::response_timeout) together counts as lost. Default: 5 s.
    pub ping_interval: Duration,
    /// How many posts wait, in order, for a connection that was lost. Default: 0, they fail at once.
    ///
    /// A process may post before its very first connection is there. Until the first attempt has succeeded or failed, up to
    /// 1024 posts wait for it, whatever this says, but no longer than the [`response_timeout`](Self::response_timeout).
    pub waiting_posts: usize,
    /// How long one of them waits. Default: 10 s.
    pub waiting_timeout: Duration,
    /// How long after the first failed attempt to connect the next one follows. The time doubles with each attempt, and
    /// is shortened by up to half at random, so that many servers do not come at once. It starts anew once a connection has
    /// lasted as long as the [`longest_pause`](Self::longest_pause). Default: 100 ms.
    pub first_pause: Duration,
    /// The longest time between attempts. Default: 5 s.
    pub longest_pause: Duration,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 6379,
            user: None,
            password: None,
            tls: false,
            authorities: Vec::new(),
            response_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(5),
            waiting_posts: 0,
            waiting_timeout: Duration::from_secs(10),
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl RedisSettings {
    /// How logs and errors name the server.
    pub(crate) fn address(&self) -> String {
        // An IPv6 address would be hard to tell from the port.
        if self.host.contains(':') {
            return format!("Redis at [{}]:{}", self.host, self.port);
        }
        format!("Redis at {}:{}", self.host, self.port)
    }
}

impl fmt::Debug for RedisSettings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("tls", &self.tls)
            .field("authorities", &self.authorities.len())
            .field("response_timeout", &self.response_timeout)
            .field("ping_interval", &self.ping_interval)
            .field("waiting_posts", &self.waiting_posts)
            .field("waiting_timeout", &self.waiting_timeout)
            .field("first_pause", &self.first_pause)
            .field("longest_pause", &self.longest_pause)
            .finish()
    }
}
