//! A Redis server for one test, and what the tests share.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, ToRedisArgs};
use streampod_events::{Broker, PostError, PostErrorKind, SubscribeOptions, Subscription, SubscriptionError};
use streampod_events_redis::{RedisBroker, RedisSettings};
use streampod_wire::{Catalog, Model, Shared};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is asked for that nothing tells of.
const PULSE: Duration = Duration::from_millis(5);

/// A Redis server, which ends when this is dropped.
pub(crate) struct RedisServer {
    process: Option<Child>,
    pub(crate) port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

impl RedisServer {
    /// A server without a password.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut server =
            Self { process: None, port: free_port(), arguments, folder: tempfile::tempdir().unwrap() };
        while !server.try_start("--port").await {
            // Somebody else took the port meanwhile.
            server.port = free_port();
        }
        server
    }

    /// A server that takes connections over TLS alone, with the certificate in `tls/`.
    pub(crate) async fn start_with_tls() -> Self {
        let file = |name: &str| format!("{}/tests/it/tls/{name}", env!("CARGO_MANIFEST_DIR"));
        let (certificate, key) = (file("certificate.pem"), file("key.pem"));
        let arguments = ["--port", "0", "--tls-cert-file", &certificate, "--tls-key-file", &key];
        let arguments = arguments.into_iter().chain(["--tls-auth-clients", "no"]);
        let arguments = arguments.map(str::to_owned).collect();
        let mut server =
            Self { process: None, port: free_port(), arguments, folder: tempfile::tempdir().unwrap() };
        while !server.try_start("--tls-port").await {
            server.port = free_port();
        }
        server
    }

    /// A server that does not run yet.
    pub(crate) fn stopped() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { process: None, port: free_port(), arguments: Vec::new(), folder }
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it again, on the same port.
    pub(crate) async fn restart(&mut self) {
        assert!(self.try_start("--port").await, "port {} is taken", self.port);
    }

    /// Stops it as a debugger does: its connections stay, and nothing comes.
    pub(crate) fn suspend(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Whether it runs; false if the port is taken.
    async fn try_start(&mut self, port: &str) -> bool {
        let process = Command::new("redis-server")
            .args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "::1", "--loglevel", "warning"])
            .args(["--dir", self.folder.path().to_str().unwrap(), port, &self.port.to_string()])
            .args(&self.arguments)
            .stdout(Stdio::null())
            .spawn();
        let process = process.unwrap_or_else(|error| {
            panic!(
                "these tests need the program `redis-server` ({error}); `cargo xtask test rust` installs it"
            )
        });
        let process = self.process.insert(process);
        let is_tls = port == "--tls-port";
        within(async {
            loop {
                if process.try_wait().unwrap().is_some() {
                    break false;
                }
                if answers(self.port, is_tls).await {
                    break true;
                }
                tokio::time::sleep(PULSE).await;
            }
        })
        .await
    }

    /// Settings for it, less patient than the usual ones.
    pub(crate) fn settings(&self) -> RedisSettings {
        RedisSettings {
            port: self.port,
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_millis(200),
            ..RedisSettings::default()
        }
    }

    /// A connected broker.
    pub(crate) async fn broker(&self) -> Arc<RedisBroker> {
        connected(self.settings()).await
    }

    /// A connection of somebody else.
    pub(crate) async fn client(&self) -> Client {
        self.client_as("").await
    }

    /// Likewise, with `<user>:<password>@`.
    pub(crate) async fn client_as(&self, login: &str) -> Client {
        let client = redis::Client::open(format!("redis://{login}127.0.0.1:{}", self.port)).unwrap();
        Client(client.get_multiplexed_async_connection().await.unwrap())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether something on this port answers; of TLS it is enough that it listens.
async fn answers(port: u16, is_tls: bool) -> bool {
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)).await else { return false };
    if is_tls {
        return true;
    }
    let mut line = String::new();
    socket.write_all(b"PING\r\n").await.is_ok()
        && BufReader::new(socket).read_line(&mut line).await.is_ok_and(|bytes| bytes > 0)
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Somebody else who uses the server.
pub(crate) struct Client(MultiplexedConnection);

impl Client {
    /// Runs a command, whose words are separated by spaces.
    pub(crate) async fn run<T: FromRedisValue>(&mut self, command: &str) -> T {
        self.run_with(&command.split(' ').collect::<Vec<_>>()).await
    }

    pub(crate) async fn run_with<T: FromRedisValue>(&mut self, words: &[impl ToRedisArgs]) -> T {
        let mut command = redis::Cmd::new();
        command.arg(words);
        command.query_async(&mut self.0).await.unwrap()
    }

    pub(crate) async fn pipeline(&mut self, pipeline: &redis::Pipeline) {
        let () = pipeline.query_async(&mut self.0).await.unwrap();
    }

    /// How many subscribe to a channel.
    pub(crate) async fn subscribers(&mut self, channel: &str) -> i64 {
        let (_, count): (String, i64) = self.run_with(&["PUBSUB", "NUMSUB", channel]).await;
        count
    }

    /// The identities of the connections of this name.
    pub(crate) async fn connections(&mut self, name: &str) -> Vec<String> {
        let list: String = self.run("CLIENT LIST").await;
        let name = format!("name={name}");
        let lines = list.lines().filter(|line| line.split(' ').any(|word| word == name));
        lines.map(|line| line.split(' ').next().unwrap().replace("id=", "")).collect()
    }

    /// Ends the connection of this name.
    pub(crate) async fn end_connection(&mut self, name: &str) {
        let connections = self.connections(name).await;
        let [id] = &*connections else { panic!("expected one connection `{name}`, found {connections:?}") };
        let ended: i64 = self.run(&format!("CLIENT KILL ID {id}")).await;
        assert_eq!(ended, 1);
    }
}

pub(crate) async fn connected(settings: RedisSettings) -> Arc<RedisBroker> {
    let broker = connect(settings);
    within(broker.ready()).await;
    broker
}

pub(crate) fn connect(settings: RedisSettings) -> Arc<RedisBroker> {
    RedisBroker::connect(settings, Arc::new(Catalog::new()))
}

/// A subscription that loses nothing, and is live.
pub(crate) async fn subscribe<T: Model>(broker: &RedisBroker, channel: &str) -> Subscription<T> {
    let subscription = listen(broker, channel);
    within(subscription.ready()).await;
    subscription
}

/// Likewise, as it is at once.
pub(crate) fn listen<T: Model>(broker: &RedisBroker, channel: &str) -> Subscription<T> {
    broker.channels().subscribe(channel, SubscribeOptions { bound: 100_000, ..Default::default() })
}

pub(crate) async fn try_post(broker: &RedisBroker, channel: &str, number: i64) -> Result<(), PostErrorKind> {
    within(broker.post(channel, number.into_object())).await.map_err(|PostError { kind, .. }| kind)
}

pub(crate) async fn post(broker: &RedisBroker, channel: &str, number: i64) {
    try_post(broker, channel, number).await.unwrap();
}

/// Posts until it is accepted.
pub(crate) async fn post_in_the_end(broker: &RedisBroker, channel: &str, number: i64) {
    eventually(async || try_post(broker, channel, number).await.is_ok()).await;
}

pub(crate) async fn next<T: Model>(messages: &mut Subscription<T>) -> Result<Shared<T>, SubscriptionError> {
    within(messages.next()).await.expect("the subscription goes on")
}

pub(crate) async fn expect(messages: &mut Subscription<i64>, number: i64) {
    assert_eq!(next(messages).await, Ok(Shared::new(number)));
}

pub(crate) async fn expect_gap(messages: &mut Subscription<i64>) {
    let channel = messages.channel().to_owned();
    assert_eq!(next(messages).await, Err(SubscriptionError::Interrupted { channel }));
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("it took more than {PATIENCE:?}"))
}

/// Waits until a condition holds.
pub(crate) async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    within(async {
        while !condition().await {
            tokio::time::sleep(PULSE).await;
        }
    })
    .await;
}
