//! Streampod.

use std::time::Duration;

use anyhow::Context;
use streampod::prelude::*;
use streampod::{Config, Redis, RunMode, ServerAddress, SubscribeOptions};

use super::EACH;

const CHANNEL: &str = "news";
/// By how many messages a subscription may be behind, where it is measured how fast it is: more than are ever in flight.
const WAITING_MAX: usize = 10_000;

/// The model of the benchmark.
#[derive(Debug, Clone, PartialEq, Model)]
struct Sample {
    id: i64,
    at: UtcDateTime,
    x: f64,
    y: f64,
    name: String,
    tags: Vec<String>,
}

struct BenchEndpoint;

#[endpoint]
impl BenchEndpoint {
    /// Sends every String back.
    fn text(&self, _session: &Session, messages: Input<String>) -> impl Stream<Item = Result<String>> {
        messages
    }

    /// Sends every model back.
    fn sample(&self, _session: &Session, messages: Input<Sample>) -> impl Stream<Item = Result<Sample>> {
        messages
    }

    /// Sends one String back, and ends.
    fn once(&self, _session: &Session, text: String) -> impl Stream<Item = Result<String>> {
        stream! {
            yield Ok(text);
        }
    }

    /// Returns a String, over HTTP.
    async fn same(&self, _session: &Session, text: String) -> Result<String> {
        Ok(text)
    }

    /// Whatever is published.
    fn subscribe(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        session.messages().stream::<String>(CHANNEL)
    }

    /// Publishes every message.
    async fn publish(&self, session: &Session, mut messages: Input<String>) -> Result<()> {
        while let Some(message) = messages.next().await {
            session.messages().post(CHANNEL, message?).await?;
        }
        Ok(())
    }

    /// Whatever is published on one of many channels.
    fn listen(&self, session: &Session, channel: i64) -> impl Stream<Item = Result<Shared<String>>> {
        session.messages().stream::<String>(&name(channel))
    }

    /// Publishes every message, on each of many channels in turn.
    async fn spread(&self, session: &Session, channels: i64, mut messages: Input<String>) -> Result<()> {
        let mut names = (0..channels).map(name).collect::<Vec<_>>().into_iter().cycle();
        while let (Some(message), Some(name)) = (messages.next().await, names.next()) {
            session.messages().post(&name, message?).await?;
        }
        Ok(())
    }

    /// Publishes every message on one channel.
    async fn post(&self, session: &Session, channel: i64, mut messages: Input<String>) -> Result<()> {
        let name = name(channel);
        while let Some(message) = messages.next().await {
            session.messages().post(&name, message?).await?;
        }
        Ok(())
    }

    /// Receives what is published on a channel, and passes on one of many messages. Says first that it listens.
    fn receive(&self, session: &Session, channel: i64) -> impl Stream<Item = Result<Shared<String>>> {
        let options = SubscribeOptions { bound: WAITING_MAX, ..SubscribeOptions::default() };
        let mut messages = session.messages().stream_with::<String>(&name(channel), options);
        try_stream! {
            messages.ready().await;
            yield Shared::new("ready".to_owned());
            let mut count = 0;
            while let Some(message) = messages.next().await {
                let message = message?;
                count += 1;
                if count % EACH == 0 {
                    yield message;
                }
            }
        }
    }

    /// Nothing, for ever.
    fn idle(&self, _session: &Session) -> impl Stream<Item = Result<String>> {
        stream! {
            std::future::pending::<()>().await;
            yield Ok(String::new());
        }
    }
}

/// What a channel is called.
pub(crate) fn name(channel: i64) -> String {
    format!("{CHANNEL}-{channel}")
}

/// Serves until the process is ended. It is connected with the Redis on that port, if there is one.
pub(crate) async fn serve(port: u16, redis: Option<u16>) -> anyhow::Result<()> {
    let mut config = Config::for_mode(RunMode::Production);
    config.api_server = ServerAddress::on_port(port);
    config.websocket_ping_interval = Duration::from_secs(30);
    let mut limits = streampod::Limits::default();
    limits.calls_per_connection = 10_000;
    if let Some(port) = redis {
        config.redis = Redis { enabled: true, host: "127.0.0.1".into(), port, ..Redis::default() };
    }
    let mut server = streampod::Server::new(config).endpoint(BenchEndpoint).limits(limits);
    if redis.is_some() {
        server = server.broker(streampod::redis);
    }
    let _server = server.start().await.context("starting Streampod")?;
    std::future::pending().await
}
