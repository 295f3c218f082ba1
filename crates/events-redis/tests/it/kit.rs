//! A Redis server for one test, and what the tests share.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, ToRedisArgs};
use streampod_events::{Broker, PostError, PostErrorKind, SubscribeOptions, Subscription, SubscriptionError};
use streampod_events_redis::{RedisBroker, RedisSettings};
use streampod_redis_fixture as fixture;
use streampod_wire::{Catalog, Model, Shared};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is asked for that nothing tells of.
const PULSE: Duration = Duration::from_millis(5);

/// A Redis server, and those who use it.
pub(crate) struct RedisServer(fixture::RedisServer);

impl RedisServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        Self(fixture::RedisServer::start_with(arguments).await)
    }

    pub(crate) async fn start_with_tls() -> Self {
        Self(fixture::RedisServer::start_with_tls().await)
    }

    pub(crate) fn stopped() -> Self {
        Self(fixture::RedisServer::stopped())
    }

    /// Settings for it, less patient than the usual ones.
    pub(crate) fn settings(&self) -> RedisSettings {
        RedisSettings {
            port: self.port(),
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
        let client = redis::Client::open(format!("redis://{login}127.0.0.1:{}", self.port())).unwrap();
        Client(client.get_multiplexed_async_connection().await.unwrap())
    }
}

impl Deref for RedisServer {
    type Target = fixture::RedisServer;

    fn deref(&self) -> &fixture::RedisServer {
        &self.0
    }
}

impl DerefMut for RedisServer {
    fn deref_mut(&mut self) -> &mut fixture::RedisServer {
        &mut self.0
    }
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
