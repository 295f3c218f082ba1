//! The broker.

use std::fmt;
use std::sync::Arc;

use streampod_events::{Broker, Channels, Interest, PostError, PostErrorKind, PostFuture};
use streampod_wire::{Catalog, Object};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::outage::Outage;
use crate::publisher::Publisher;
use crate::settings::RedisSettings;
use crate::subscriber::Subscriber;
use crate::wishes::Wishes;

/// Carries messages between the servers that use the same Redis.
///
/// It has two connections, one for posts and one for what arrives, and makes each of them again when it is lost. Dropping it
/// closes them.
pub struct RedisBroker {
    settings: RedisSettings,
    channels: Arc<Channels>,
    publisher: Publisher,
    settled: watch::Receiver<bool>,
    tasks: [AbortHandle; 2],
}

impl RedisBroker {
    /// A broker that connects to Redis in the background, and again whenever it has to. `catalog` knows the models by name, for
    /// dynamic messages.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn connect(settings: RedisSettings, catalog: Arc<Catalog>) -> Arc<Self> {
        let wishes = Arc::new(Wishes::default());
        let channels = Arc::new(Channels::with_interest(Arc::clone(&wishes) as Arc<dyn Interest>));
        let outage = Arc::new(Outage::new(settings.address()));
        let (settled_sender, settled) = watch::channel(false);
        let subscriber = Subscriber {
            settings: settings.clone(),
            outage: Arc::clone(&outage),
            channels: Arc::clone(&channels),
            catalog,
            wishes,
            settled: settled_sender,
        };
        let (publisher, task) = Publisher::new(settings.clone(), outage, settled.clone());
        let tasks = [tokio::spawn(subscriber.run()).abort_handle(), tokio::spawn(task.run()).abort_handle()];
        Arc::new(Self { settings, channels, publisher, settled, tasks })
    }

    /// Resolves when both connections are there, and what is posted on any server arrives here, on every channel that somebody
    /// listened to when they were made.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped and called again at any time.
    pub async fn ready(&self) {
        self.publisher.ready().await;
        let _ = self.settled.clone().wait_for(|settled| *settled).await;
    }

    async fn send(&self, channel: &str, message: Object) -> Result<(), PostErrorKind> {
        let text = message.to_servers()?;
        drop(message);
        let mut live_until = None;
        loop {
            let turn = self.publisher.turn().await?;
            if self.channels.is_live(channel) {
                return self.publisher.publish(turn, channel, text).await;
            }
            drop(turn);
            // Somebody listens here, and is to receive this message, but Redis does not send the channel yet.
            if let Some(reason) = self.channels.refusal(channel) {
                return Err(PostErrorKind::Refused(reason.to_string()));
            }
            let until = *live_until.get_or_insert_with(|| Instant::now() + self.settings.response_timeout);
            tokio::select! {
                () = self.channels.live(channel) => {}
                () = self.publisher.lost() => {}
                () = tokio::time::sleep_until(until) => {
                    let address = self.settings.address();
                    return Err(PostErrorKind::Disconnected(format!("{address} for subscriptions")));
                }
            }
        }
    }
}

impl Broker for RedisBroker {
    fn post<'a>(&'a self, channel: &'a str, message: Object) -> PostFuture<'a> {
        Box::pin(
            async move { self.send(channel, message).await.map_err(|kind| PostError::new(channel, kind)) },
        )
    }

    fn channels(&self) -> &Arc<Channels> {
        &self.channels
    }

    fn is_clustered(&self) -> bool {
        true
    }
}

impl Drop for RedisBroker {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl fmt::Debug for RedisBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBroker")
            .field("settings", &self.settings)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}
