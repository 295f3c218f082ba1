//! What all parts of a running server share.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use slab::Slab;
use streampod_events::Broker;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::authentication::Handler;
use crate::authentications::Authentications;
use crate::call::Link;
use crate::config::Config;
use crate::endpoint::Registry;
use crate::limits::Limits;

/// What all parts of a running server share.
pub(crate) struct ServerState {
    pub(crate) config: Config,
    pub(crate) limits: Limits,
    pub(crate) registry: Registry,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) authentication: Option<Handler>,
    pub(crate) authentications: Authentications,
    pub(crate) health_checks: Vec<HealthCheck>,
    pub(crate) counters: Counters,
    /// The connections, locked only when one comes or goes.
    connections: Mutex<Slab<Arc<Link>>>,
    /// Every task that a client brought about: connections, and what outlives them.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the server is to stop.
    pub(crate) stopping: CancellationToken,
}

/// Says whether something that the server needs is well.
pub(crate) type HealthCheck = Box<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// How much of everything there is at this moment.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) sessions: AtomicUsize,
    pub(crate) calls: AtomicUsize,
    pub(crate) tasks: AtomicUsize,
    /// Methods that run to their end although their caller is gone.
    pub(crate) outliving: AtomicUsize,
    /// Closed connections to streaming endpoints of which not all is handled yet.
    pub(crate) outliving_streams: AtomicUsize,
    /// The number of the last call that failed, which ties the caller's error to the log.
    failures: AtomicU64,
}

/// How much of everything a server holds at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Open WebSocket connections.
    pub connections: usize,
    /// Calls whose method runs, over WebSockets and HTTP, also those whose caller is gone.
    pub calls: usize,
    /// Sessions that somebody holds.
    pub sessions: usize,
    /// Subscriptions on message channels.
    pub subscriptions: usize,
    /// Message channels that somebody listens to.
    pub channels: usize,
    /// Tasks of message listeners and of methods that outlive their caller.
    pub tasks: usize,
}

impl ServerState {
    pub(crate) fn new(
        config: Config,
        limits: Limits,
        registry: Registry,
        broker: Arc<dyn Broker>,
        authentication: Option<Handler>,
        health_checks: Vec<HealthCheck>,
    ) -> Self {
        Self {
            config,
            limits,
            registry,
            broker,
            authentication,
            authentications: Authentications::default(),
            health_checks,
            counters: Counters::default(),
            connections: Mutex::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let channels = self.broker.channels();
        Stats {
            connections: self.connections.lock().len(),
            calls: self.counters.calls.load(Ordering::Relaxed),
            sessions: self.counters.sessions.load(Ordering::Relaxed),
            subscriptions: channels.subscriptions(),
            channels: channels.len(),
            tasks: self.counters.tasks.load(Ordering::Relaxed),
        }
    }

    /// A new number for a call that failed.
    pub(crate) fn failure(&self) -> u64 {
        self.counters.failures.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Runs a task that [`Stats::tasks`] counts.
    pub(crate) fn spawn_counted(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let counted = Counted::new(self, |counters| &counters.tasks);
        self.tasks.spawn(async move {
            let _counted = counted;
            task.await;
        });
    }

    /// Adds a connection, until what is returned is dropped.
    pub(crate) fn add_connection(self: &Arc<Self>, link: Arc<Link>) -> Connected {
        let key = self.connections.lock().insert(link);
        Connected { server: Arc::clone(self), key }
    }

    /// Has every connection and every new one close.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
        for (_, link) in self.connections.lock().iter() {
            link.task.wake();
        }
    }
}

/// A connection that the server knows of.
pub(crate) struct Connected {
    server: Arc<ServerState>,
    key: usize,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.server.connections.lock().remove(self.key);
    }
}

/// One of something that is counted, until it is dropped.
pub(crate) struct Counted {
    server: Arc<ServerState>,
    counter: fn(&Counters) -> &AtomicUsize,
}

impl Counted {
    pub(crate) fn new(server: &Arc<ServerState>, counter: fn(&Counters) -> &AtomicUsize) -> Self {
        counter(&server.counters).fetch_add(1, Ordering::Relaxed);
        Self { server: Arc::clone(server), counter }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.counter)(&self.server.counters).fetch_sub(1, Ordering::Relaxed);
    }
}
