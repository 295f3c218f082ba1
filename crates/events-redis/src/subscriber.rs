//! The connection on which messages arrive.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, PushKind, Value};
use streampod_events::Channels;
use streampod_wire::{Catalog, Received};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connect::{Connection, Connector, Listener, said};
use crate::link::{Heard, Pauses};
use crate::outage::{Lost, Outage, Side};
use crate::settings::RedisSettings;
use crate::sieve::OnMessages;
use crate::wishes::Wishes;

/// What Redis answers while it cannot do what it will do again soon. Another connection may lead to one that can.
const PASSING: [&str; 6] = ["BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY", "TRYAGAIN"];

/// How many channels one command names.
const NAMES: usize = 500;

/// Keeps the connection on which messages arrive, and has Redis send what somebody listens to.
pub(crate) struct Subscriber {
    pub(crate) settings: RedisSettings,
    pub(crate) outage: Arc<Outage>,
    pub(crate) channels: Arc<Channels>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) wishes: Arc<Wishes>,
    /// Whether Redis sends everything that somebody listened to when the connection was made.
    pub(crate) settled: watch::Sender<bool>,
}

impl Subscriber {
    /// Connects, again and again.
    pub(crate) async fn run(self) {
        let connector = Connector::new(&self.settings);
        let mut pauses = Pauses::new(&self.settings);
        loop {
            let heard = Heard::default();
            let connected = connector.connect("streampod-subscriptions", Some(self.listener(&heard))).await;
            match connected {
                Ok(connection) => {
                    let since = Instant::now();
                    let reason = self.serve(connection, &heard).await;
                    self.settled.send_replace(false);
                    self.channels.interrupt();
                    self.outage.lost(Side::Subscriptions, &reason);
                    pauses.lost_after(since.elapsed());
                }
                Err(error) => self.outage.failed(Side::Subscriptions, &error),
            }
            pauses.pause().await;
        }
    }

    /// Uses a connection until it is lost. Nothing arrives on it after this has returned.
    async fn serve(&self, connection: Connection, heard: &Heard) -> Lost {
        let Connection { commands, driver } = connection;
        self.wishes.restart();
        tokio::select! {
            biased;
            () = driver => Lost::Closed,
            Err(reason) = self.fulfil(commands, heard) => reason,
        }
    }

    /// Does what the wishes say, and tries the connection out.
    async fn fulfil(&self, mut commands: MultiplexedConnection, heard: &Heard) -> Result<Infallible, Lost> {
        let RedisSettings { response_timeout, ping_interval, .. } = self.settings;
        let mut ping_at = Instant::now() + ping_interval;
        loop {
            let batch = self.wishes.take(NAMES);
            if batch.is_empty() {
                self.settle();
                tokio::select! {
                    () = self.wishes.changed() => {}
                    () = tokio::time::sleep_until(ping_at) => {
                        heard.ping(&self.settings, &mut commands).await?;
                        ping_at = Instant::now() + ping_interval;
                    }
                }
                continue;
            }
            if !batch.kept.is_empty() {
                // What was posted before somebody listened again has arrived before the answer.
                heard.ping(&self.settings, &mut commands).await?;
                batch.kept.iter().for_each(|name| self.channels.set_live(name, false));
            }
            self.subscribe(&mut commands, heard, batch.subscribe).await?;
            if !batch.unsubscribe.is_empty() {
                let names: Vec<&str> = batch.unsubscribe.iter().map(|name| &**name).collect();
                let done = heard.answer(response_timeout, commands.unsubscribe(names)).await?;
                done.map_err(|error| Lost::Failed(said(&error)))?;
            }
            // Channels may come and go all the time: there need not be a moment in which nothing is to be done.
            if batch.is_caught_up {
                self.settle();
            }
        }
    }

    /// Redis sends everything that somebody listened to when the connection was made.
    fn settle(&self) {
        if !self.settled.send_replace(true) {
            self.outage.connected(Side::Subscriptions);
        }
    }

    /// Has Redis send these channels. What it confirms is live from there on: see [`listener`](Self::listener).
    async fn subscribe(
        &self,
        commands: &mut MultiplexedConnection,
        heard: &Heard,
        names: Vec<Arc<str>>,
    ) -> Result<(), Lost> {
        let mut parts = vec![names];
        while let Some(mut names) = parts.pop() {
            let asked: Vec<&str> = names.iter().map(|name| &**name).collect();
            if asked.is_empty() {
                continue;
            }
            let request = commands.subscribe(asked);
            let Err(error) = heard.answer(self.settings.response_timeout, request).await? else { continue };
            if error.code().is_some_and(|code| PASSING.contains(&code)) {
                return Err(Lost::Failed(said(&error)));
            }
            // Redis refuses all of them for the sake of one: find it.
            if names.len() > 1 {
                let half = names.split_off(names.len() / 2);
                parts.extend([half, names]);
            } else if let Some(name) = names.pop() {
                let reason = said(&error);
                tracing::error!(
                    channel = &*name,
                    reason,
                    "Redis refuses to send a channel; check the rights of `redis.user`"
                );
                self.wishes.refuse(&name);
                self.channels.refuse(&name, &reason);
            }
        }
        Ok(())
    }

    /// What is called with everything that Redis sends unasked, in its order. So a channel is live, and knows of a gap, before
    /// the next message on it arrives.
    fn listener(&self, heard: &Heard) -> Listener {
        let (channels, wishes, on_messages) =
            (Arc::clone(&self.channels), Arc::clone(&self.wishes), self.on_messages(heard));
        let heard = heard.clone();
        let on_push = Box::new(move |PushInfo { kind, data }| {
            heard.something();
            if let (PushKind::Subscribe, Some(Value::BulkString(name))) = (kind, data.first())
                && let Ok(name) = std::str::from_utf8(name)
                && let Some(channel) = wishes.asked_for(name)
            {
                channels.set_live(&channel, false);
            }
        });
        Listener { on_messages, on_push }
    }

    fn on_messages(&self, heard: &Heard) -> OnMessages {
        let (channels, catalog, heard) =
            (Arc::clone(&self.channels), Arc::clone(&self.catalog), heard.clone());
        Box::new(move |messages| {
            let received = messages.filter_map(|(name, text)| {
                let name = std::str::from_utf8(name).ok()?;
                match Received::new(Bytes::copy_from_slice(text), &catalog) {
                    Ok(message) => Some((name, message)),
                    Err(_) => {
                        tracing::warn!(
                            channel = name,
                            bytes = text.len(),
                            "skipped a message that is no value with its class name"
                        );
                        None
                    }
                }
            });
            heard.something();
            channels.deliver_all(received);
        })
    }
}
