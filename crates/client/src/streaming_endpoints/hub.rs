//! The connection to the streaming endpoints, as the clones of a client share it.

use std::sync::{Arc, Weak};

use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use parking_lot::Mutex;
use streampod_wire::Object;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::connection::{self, Connection};
use super::error::StreamingSendError;
use super::key;
use super::link::Link;
use super::mailbox::{Bounds, Mailbox};
use super::mailboxes::Mailboxes;
use super::status::StreamingConnectionStatus;
use crate::authorization::Pending;
use crate::client;
use crate::error::ConnectionError;
use crate::socket::Socket;

/// What all clones of a client hold. When the last is dropped, the connection is closed.
pub(crate) struct StreamingEndpoints(Arc<Hub>);

impl StreamingEndpoints {
    pub(crate) fn new(shared: Arc<client::Shared>) -> Self {
        let bounds = Bounds {
            elements_max: shared.options.buffered_elements_max,
            bytes_max: shared.options.buffered_bytes_max,
        };
        Self(Arc::new(Hub {
            shared,
            status: watch::Sender::default(),
            state: Mutex::default(),
            closes: watch::Sender::default(),
            mailboxes: Mailboxes::new(bounds),
        }))
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.0
    }

    /// Closes the connection and ends all streams, for good.
    pub(crate) fn shut(&self) {
        self.0.stop(|state| state.is_shut = true);
        self.0.mailboxes.end();
    }
}

impl Drop for StreamingEndpoints {
    fn drop(&mut self) {
        self.shut();
    }
}

/// The connection, if there is one, and the messages that it brings.
pub(super) struct Hub {
    pub(super) shared: Arc<client::Shared>,
    status: watch::Sender<StreamingConnectionStatus>,
    state: Mutex<State>,
    /// How often the connection was closed from here: whoever makes an attempt then gives it up.
    closes: watch::Sender<u64>,
    pub(super) mailboxes: Mailboxes,
}

#[derive(Default)]
pub(super) struct State {
    /// The connection that is open.
    current: Option<Arc<Link>>,
    /// The last one that was, as long as its socket is not closed.
    last: Weak<Link>,
    /// The attempt that is being made, with its number. It goes on as long as somebody waits for it.
    attempt: Option<(u64, WeakShared<Opening>)>,
    /// How many there were.
    attempts: u64,
    /// What is to be signed in with once that attempt succeeds: a header, or none to sign out.
    next_header: Option<Option<String>>,
    /// Whether the client was closed or dropped.
    is_shut: bool,
}

type Opening = Pending<Result<(), ConnectionError>>;

impl Hub {
    pub(super) fn status(&self) -> watch::Receiver<StreamingConnectionStatus> {
        self.status.subscribe()
    }

    /// Waits until the client is closed or dropped.
    pub(super) async fn shut(&self) {
        let mut closes = self.closes.subscribe();
        while !self.state.lock().is_shut {
            // It does not fail: the sender is here.
            let _ = closes.changed().await;
        }
    }

    /// Opens the connection, unless it is open. All who wait for that share one attempt, which any of them carries on.
    pub(super) async fn open(self: &Arc<Self>) -> Result<(), ConnectionError> {
        let attempt = {
            let mut state = self.state.lock();
            if state.is_shut {
                return Err(ConnectionError::failed("the client was closed"));
            }
            if state.current.is_some() {
                return Ok(());
            }
            let made = state.attempt.as_ref().and_then(|(_, attempt)| attempt.upgrade());
            made.unwrap_or_else(|| self.begin(&mut state))
        };
        attempt.await
    }

    /// Begins an attempt.
    fn begin(self: &Arc<Self>, state: &mut State) -> Shared<Opening> {
        self.set_status(StreamingConnectionStatus::Connecting);
        state.attempts += 1;
        state.next_header = None;
        let attempt = Attempt { hub: Arc::clone(self), number: state.attempts };
        let mut closes = self.closes.subscribe();
        let opening: Opening = Box::pin(async move {
            tokio::select! {
                biased;
                _ = closes.changed() => Err(given_up()),
                opened = attempt.run() => opened,
            }
        });
        let opening = opening.shared();
        state.attempt = opening.downgrade().map(|weak| (state.attempts, weak));
        opening
    }

    /// Closes the connection, or gives up opening it, and waits until it is closed.
    pub(super) async fn close(&self) {
        let last = self.stop(|state| state.last.upgrade());
        if let Some(link) = last {
            link.closed().await;
        }
    }

    /// Closes the connection, or gives up opening it.
    pub(super) fn stop<R>(&self, then: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        state.attempt = None;
        self.closes.send_modify(|closes| *closes += 1);
        if let Some(link) = state.current.take() {
            link.stop();
        }
        self.set_status(StreamingConnectionStatus::Disconnected);
        then(&mut state)
    }

    /// Takes note that `link` received something.
    pub(super) fn connected(&self, link: &Arc<Link>) {
        let state = self.state.lock();
        if state.is_current(link) {
            self.set_status(StreamingConnectionStatus::Connected);
        }
    }

    /// Takes note that `link` is not open any more.
    pub(super) fn ended(&self, link: &Arc<Link>) {
        let mut state = self.state.lock();
        if state.is_current(link) {
            state.current = None;
            self.set_status(StreamingConnectionStatus::Disconnected);
        }
    }

    /// Sets the status, under the lock of `state`.
    fn set_status(&self, status: StreamingConnectionStatus) {
        self.status.send_if_modified(|now| std::mem::replace(now, status) != status);
    }

    fn current(&self) -> Option<Arc<Link>> {
        self.state.lock().current.clone()
    }

    /// Sends a message to an endpoint.
    pub(super) async fn send(&self, endpoint: &str, message: Object) -> Result<(), StreamingSendError> {
        if message.class_name() == "null" {
            return Err(StreamingSendError::Null);
        }
        let link = self.current().ok_or(StreamingSendError::NotConnected)?;
        link.send(|out| out.streaming_message(endpoint, &message)).await
    }

    /// Signs in with another key, or out, if there is a connection.
    pub(super) async fn authenticate(&self, key: Option<&str>) {
        let header = match (key, self.shared.options.authorization.header()) {
            (Some(key), Some(header)) => Some(key::wrapped(key, header.await.value.as_deref())),
            (Some(key), None) => Some(key::wrapped(key, None)),
            (None, _) => None,
        };
        let link = {
            let mut state = self.state.lock();
            let Some(link) = state.current.clone() else {
                // An attempt has asked for its header already.
                if state.attempt.is_some() {
                    state.next_header = Some(header);
                }
                return;
            };
            link
        };
        let sent = link.send(|out| {
            out.streaming_authenticate(header.as_deref());
            Ok(())
        });
        // Without a connection there is nobody to sign in.
        let _ = sent.await;
    }

    /// The messages of an endpoint.
    pub(super) fn mailbox(&self, endpoint: &'static str) -> Arc<Mailbox> {
        self.mailboxes.of(endpoint)
    }
}

impl State {
    fn is_current(&self, link: &Arc<Link>) -> bool {
        self.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, link))
    }

    fn is_attempt(&self, number: u64) -> bool {
        self.attempt.as_ref().is_some_and(|(current, _)| *current == number)
    }
}

/// An attempt to connect; dropping it gives it up.
struct Attempt {
    hub: Arc<Hub>,
    number: u64,
}

impl Attempt {
    async fn run(&self) -> Result<(), ConnectionError> {
        let options = &self.hub.shared.options;
        let header = match options.authorization.header() {
            Some(header) => header.await.value,
            None => None,
        };
        let target = key::target(header.as_deref());
        let deadline = Instant::now() + options.connect_timeout;
        let socket = timeout_at(deadline, self.hub.shared.socket(&target)).await;
        let socket = socket.map_err(|_| ConnectionError::HandshakeTimeout(options.connect_timeout))?;
        let socket = socket.map_err(|error| ConnectionError::Failed(Arc::new(error)))?;
        self.finish(socket, deadline)
    }

    /// Hands the socket to a task of its own, unless the connection was closed since the attempt began.
    fn finish(&self, socket: Socket, deadline: Instant) -> Result<(), ConnectionError> {
        let link = Arc::new(Link::new());
        let mut state = self.hub.state.lock();
        if !state.is_attempt(self.number) {
            return Err(given_up());
        }
        state.attempt = None;
        if let Some(header) = state.next_header.take() {
            link.authenticate(header.as_deref());
        }
        state.current = Some(Arc::clone(&link));
        state.last = Arc::downgrade(&link);
        drop(state);
        let connection = Connection::new(Arc::clone(&self.hub), link, deadline);
        tokio::spawn(connection::run(connection, socket));
        Ok(())
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut state = self.hub.state.lock();
        if state.is_attempt(self.number) {
            state.attempt = None;
            self.hub.set_status(StreamingConnectionStatus::Disconnected);
        }
    }
}

fn given_up() -> ConnectionError {
    ConnectionError::failed("the connection was closed while it was opened")
}
