//! Streampod.

use std::time::Duration;

use anyhow::Context;
use streampod::prelude::*;
use streampod::{Config, RunMode, ServerAddress};

const CHANNEL: &str = "news";

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

    /// Nothing, for ever.
    fn idle(&self, _session: &Session) -> impl Stream<Item = Result<String>> {
        stream! {
            std::future::pending::<()>().await;
            yield Ok(String::new());
        }
    }
}

/// Serves until the process is ended. Nothing subscribes to what it traces.
pub(crate) async fn serve(port: u16) -> anyhow::Result<()> {
    let mut config = Config::for_mode(RunMode::Production);
    config.api_server = ServerAddress::on_port(port);
    config.websocket_ping_interval = Duration::from_secs(30);
    let mut limits = streampod::Limits::default();
    limits.calls_per_connection = 10_000;
    let server = streampod::Server::new(config).endpoint(BenchEndpoint).limits(limits);
    let _server = server.start().await.context("starting Streampod")?;
    std::future::pending().await
}
