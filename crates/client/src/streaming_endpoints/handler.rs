//! What keeps a connection.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::hub::Hub;
use super::status::StreamingConnectionStatus;
use crate::client::Client;

/// How long is waited unless something else is asked for.
const RETRY_EVERY: Duration = Duration::from_secs(5);
/// The shortest wait, so that a server that refuses is not asked without a pause.
const RETRY_MIN: Duration = Duration::from_millis(10);
/// How often the rest of the wait is told.
const TICK: Duration = Duration::from_secs(1);

/// Keeps a client connected to the streaming endpoints: it opens the connection again whenever that fails or is lost.
///
/// Dropping it ends that, and gives up an attempt that is being made; the connection stays. It holds on to the client.
pub struct StreamingConnectionHandler {
    client: Client,
    retry_every: Duration,
    state: Arc<watch::Sender<StreamingConnectionHandlerState>>,
    task: Mutex<Task>,
}

/// The state of a [`StreamingConnectionHandler`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamingConnectionHandlerState {
    /// What it does.
    pub status: StreamingConnectionHandlerStatus,
    /// While it waits to try again: for how long, told every second.
    pub retry_in: Option<Duration>,
}

/// What a [`StreamingConnectionHandler`] does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamingConnectionHandlerStatus {
    /// Nothing: it was not told to connect, or was closed, or the client was.
    #[default]
    Disconnected,
    /// It opens the connection, or waits until something is received.
    Connecting,
    /// The connection is open.
    Connected,
    /// It waits to try again.
    WaitingToRetry,
}

/// The task that keeps the connection.
#[derive(Default)]
struct Task {
    running: Option<JoinHandle<()>>,
    /// Ends its wait.
    at_once: Arc<Notify>,
    /// How many there were: only the last says what the state is.
    count: Arc<Mutex<u64>>,
}

impl StreamingConnectionHandler {
    /// A handler that does nothing until it is told to [`connect`](Self::connect).
    #[deprecated(
        note = "streaming endpoints are deprecated: use streaming methods, and `reconnecting` to call again"
    )]
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            retry_every: RETRY_EVERY,
            state: Arc::default(),
            task: Mutex::default(),
        }
    }

    /// How long to wait before each other attempt, at least 10 ms. Default: 5 s.
    #[must_use]
    pub fn retry_every(mut self, wait: Duration) -> Self {
        self.retry_every = wait.max(RETRY_MIN);
        self
    }

    /// Opens the connection, and opens it again from now on. If it does so already, and waits to try again, it tries at once.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn connect(&self) {
        let mut task = self.task.lock();
        if task.running.as_ref().is_some_and(|running| !running.is_finished()) {
            task.at_once.notify_waiters();
            return;
        }
        let reporter = task.reporter(&self.state);
        let hub = Arc::clone(self.client.streaming.hub());
        reporter.set_status(match *hub.status().borrow() {
            StreamingConnectionStatus::Connected => StreamingConnectionHandlerStatus::Connected,
            _ => StreamingConnectionHandlerStatus::Connecting,
        });
        let at_once = Arc::clone(&task.at_once);
        task.running = Some(tokio::spawn(run(hub, reporter, self.retry_every, at_once)));
    }

    /// Closes the connection, and opens it no more. Returns when it is closed.
    ///
    /// # Cancel safety
    ///
    /// Once it was polled, dropping the future only stops waiting.
    pub async fn close(&self) {
        let running = {
            let mut task = self.task.lock();
            let running = task.running.take();
            running.iter().for_each(JoinHandle::abort);
            task.reporter(&self.state).set_status(StreamingConnectionHandlerStatus::Disconnected);
            running
        };
        let hub = self.client.streaming.hub();
        if let Some(running) = running {
            hub.stop(|_| ());
            // It may have begun to open the connection at the last moment.
            let _ = running.await;
        }
        hub.close().await;
    }

    /// What it does, now and as it changes.
    pub fn state(&self) -> watch::Receiver<StreamingConnectionHandlerState> {
        self.state.subscribe()
    }
}

impl Drop for StreamingConnectionHandler {
    fn drop(&mut self) {
        self.task.get_mut().running.iter().for_each(JoinHandle::abort);
    }
}

impl fmt::Debug for StreamingConnectionHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingConnectionHandler")
            .field("retry_every", &self.retry_every)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

impl Task {
    /// Says what the state is from now on, instead of the task before.
    fn reporter(&self, state: &Arc<watch::Sender<StreamingConnectionHandlerState>>) -> Reporter {
        let mut count = self.count.lock();
        *count += 1;
        Reporter { number: *count, last: Arc::clone(&self.count), state: Arc::clone(state) }
    }
}

/// Says what a handler does.
struct Reporter {
    number: u64,
    last: Arc<Mutex<u64>>,
    state: Arc<watch::Sender<StreamingConnectionHandlerState>>,
}

impl Reporter {
    fn set(&self, state: StreamingConnectionHandlerState) {
        let last = self.last.lock();
        if *last == self.number {
            self.state.send_if_modified(|now| std::mem::replace(now, state) != state);
        }
    }

    fn set_status(&self, status: StreamingConnectionHandlerStatus) {
        self.set(StreamingConnectionHandlerState { status, retry_in: None });
    }
}

async fn run(hub: Arc<Hub>, reporter: Reporter, retry_every: Duration, at_once: Arc<Notify>) {
    tokio::select! {
        biased;
        () = hub.shut() => reporter.set_status(StreamingConnectionHandlerStatus::Disconnected),
        () = keep(&hub, &reporter, retry_every, &at_once) => {}
    }
}

/// Connects again and again.
async fn keep(hub: &Arc<Hub>, reporter: &Reporter, retry_every: Duration, at_once: &Notify) {
    let mut status = hub.status();
    loop {
        if *status.borrow() == StreamingConnectionStatus::Disconnected {
            reporter.set_status(StreamingConnectionHandlerStatus::Connecting);
        }
        if let Err(error) = hub.open().await {
            tracing::debug!(%error, "the connection to the streaming endpoints was not opened");
        }
        until_disconnected(&mut status, reporter).await;
        tokio::select! {
            biased;
            // Somebody else opens it.
            _ = status.wait_for(|status| *status != StreamingConnectionStatus::Disconnected) => {}
            () = at_once.notified() => {}
            () = count_down(reporter, retry_every) => {}
        }
    }
}

/// Tells the status until there is no connection.
async fn until_disconnected(status: &mut watch::Receiver<StreamingConnectionStatus>, reporter: &Reporter) {
    loop {
        let now = *status.borrow_and_update();
        match now {
            StreamingConnectionStatus::Disconnected => return,
            StreamingConnectionStatus::Connecting => {
                reporter.set_status(StreamingConnectionHandlerStatus::Connecting);
            }
            StreamingConnectionStatus::Connected => {
                reporter.set_status(StreamingConnectionHandlerStatus::Connected);
            }
        }
        // It does not fail: who calls this holds the sender.
        let _ = status.changed().await;
    }
}

/// Waits, and tells every second for how long.
async fn count_down(reporter: &Reporter, wait: Duration) {
    let mut rest = wait;
    while !rest.is_zero() {
        let status = StreamingConnectionHandlerStatus::WaitingToRetry;
        reporter.set(StreamingConnectionHandlerState { status, retry_in: Some(rest) });
        let tick = rest.min(TICK);
        sleep(tick).await;
        rest -= tick;
    }
}
