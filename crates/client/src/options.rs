//! How a client behaves.

use std::time::Duration;

use streampod_wire::{Catalog, Exception, Model};

use crate::authorization::Authorization;

/// How a client behaves.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The models and exceptions that may arrive with their class name: what methods throw, and what stands in a
    /// [`Value`](streampod_wire::Value). Default: none.
    pub catalog: Catalog,
    /// What the `Authorization` header of each call is to be. Default: none.
    pub authorization: Authorization,
    /// How long the WebSocket may take until the server answered the first ping. Default: 5 s.
    pub connect_timeout: Duration,
    /// How long an ordinary call may take. Default: 20 s.
    pub call_timeout: Duration,
    /// How often the server is pinged. Default: 20 s.
    pub ping_interval: Duration,
    /// How long the server may be silent before the connection is given up. Default: 40 s.
    pub idle_timeout: Duration,
    /// How long the WebSocket stays open after its last call ended. Default: zero, it is closed at once.
    pub close_delay: Duration,
    /// How many received elements of a call may wait to be consumed. The protocol cannot ask a server to pause one call,
    /// so one more cancels the call and ends it with [`CallError::SlowConsumer`](crate::CallError::SlowConsumer).
    /// Default: 10,000.
    pub buffered_elements_max: usize,
    /// How many encoded bytes of them; a single element is always taken. Default: 16 MiB.
    pub buffered_bytes_max: usize,
    /// The largest message and the largest answer that is read, in bytes. Default: 16 MiB.
    pub message_max_bytes: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            catalog: Catalog::new(),
            authorization: Authorization::default(),
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(20),
            ping_interval: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(40),
            close_delay: Duration::ZERO,
            buffered_elements_max: 10_000,
            buffered_bytes_max: 16 * 1024 * 1024,
            message_max_bytes: 16 * 1024 * 1024,
        }
    }
}

impl ClientOptions {
    /// Adds an exception that methods throw.
    #[must_use]
    pub fn exception<E: Exception>(self) -> Self {
        self.model::<E>()
    }

    /// Adds the models that `add` adds: the function `all` of generated models.
    #[must_use]
    pub fn models(mut self, add: impl FnOnce(&mut Catalog)) -> Self {
        add(&mut self.catalog);
        self
    }

    /// Adds a model that may arrive in a [`Value`](streampod_wire::Value).
    #[must_use]
    pub fn model<M: Model>(mut self) -> Self {
        M::describe(&mut self.catalog);
        self
    }
}
