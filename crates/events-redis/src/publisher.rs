//! The connection on which messages leave.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use bytes::Bytes;
use redis::Value;
use redis::aio::MultiplexedConnection;
use streampod_events::PostErrorKind;
use tokio::sync::{Mutex, MutexGuard, Semaphore, watch};
use tokio::task::unconstrained;
use tokio::time::{Instant, timeout, timeout_at};

use crate::connect::{COMMANDS, Connection, Connector, said};
use crate::link::{Heard, Pauses};
use crate::outage::{Lost, Outage, Side};
use crate::settings::RedisSettings;

/// How many posts wait for the very first connection.
const FIRST_POSTS: usize = 1024;

/// The connection on which messages leave, as those see it who post.
pub(crate) struct Publisher {
    settings: RedisSettings,
    state: watch::Receiver<State>,
    heard: Heard,
    /// Whether Redis sends everything that somebody listens to here.
    settled: watch::Receiver<bool>,
    /// How many posts wait for the connection.
    waiting: AtomicUsize,
    /// Has the post that goes next. It is fair.
    next: Mutex<()>,
    /// Posts that may be unanswered. The connection has room for all of them, so none waits there, where others overtake it.
    unanswered: Semaphore,
}

/// What makes the connection.
pub(crate) struct PublisherTask {
    settings: RedisSettings,
    outage: Arc<Outage>,
    state: watch::Sender<State>,
    heard: Heard,
}

enum State {
    /// The first attempt is not over.
    Connecting,
    Connected(MultiplexedConnection),
    Disconnected,
}

/// A post's right to be sent next. Without having waited, none is needed.
pub(crate) struct Turn<'a> {
    commands: MultiplexedConnection,
    _waited: Option<(Place<'a>, MutexGuard<'a, ()>)>,
}

/// A place among the posts that wait.
struct Place<'a>(&'a AtomicUsize);

impl Publisher {
    /// The connection, and what makes it.
    pub(crate) fn new(
        settings: RedisSettings,
        outage: Arc<Outage>,
        settled: watch::Receiver<bool>,
    ) -> (Self, PublisherTask) {
        let (sender, state) = watch::channel(State::Connecting);
        let heard = Heard::default();
        let task = PublisherTask { settings: settings.clone(), outage, state: sender, heard: heard.clone() };
        let publisher = Self {
            settings,
            state,
            heard,
            settled,
            waiting: AtomicUsize::new(0),
            next: Mutex::new(()),
            unanswered: Semaphore::new(COMMANDS),
        };
        (publisher, task)
    }

    /// Resolves when a message can be sent, in the order in which it was called; at once if there is a connection.
    ///
    /// # Errors
    ///
    /// Fails if there is no connection, and none to be waited for.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, PostErrorKind> {
        if self.waiting.load(Ordering::Acquire) == 0
            && let State::Connected(commands) = &*self.state.borrow()
        {
            return Ok(Turn { commands: commands.clone(), _waited: None });
        }
        let (place, deadline) = self.wait()?;
        let disconnected = |_| self.disconnected();
        let next = timeout_at(deadline, unconstrained(self.next.lock())).await.map_err(disconnected)?;
        let commands = timeout_at(deadline, self.connected()).await.map_err(disconnected)??;
        Ok(Turn { commands, _waited: Some((place, next)) })
    }

    /// A place among those who wait, and until when.
    fn wait(&self) -> Result<(Place<'_>, Instant), PostErrorKind> {
        let RedisSettings { response_timeout, waiting_posts, waiting_timeout, .. } = self.settings;
        let (most, time) = match *self.state.borrow() {
            State::Connecting => (FIRST_POSTS.max(waiting_posts), response_timeout),
            State::Disconnected => (waiting_posts, waiting_timeout),
            // Those before it are being sent.
            State::Connected(_) => (COMMANDS.max(waiting_posts), response_timeout),
        };
        let entered = self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
            (waiting < most).then_some(waiting + 1)
        });
        match entered {
            Ok(_) => Ok((Place(&self.waiting), Instant::now() + time)),
            Err(_) if most == 0 => Err(self.disconnected()),
            Err(_) => Err(PostErrorKind::QueueFull { waiting: most }),
        }
    }

    /// The connection, when it is there, and when what is posted by those who listen themselves arrives here too. Fails once
    /// the first attempt has, if nobody is to wait longer.
    async fn connected(&self) -> Result<MultiplexedConnection, PostErrorKind> {
        let most = self.settings.waiting_posts;
        let mut settled = self.settled.clone();
        loop {
            let mut state = self.state.clone();
            let state = state.wait_for(|state| match state {
                State::Connecting => false,
                State::Connected(_) => true,
                State::Disconnected => self.waiting.load(Ordering::Acquire) > most,
            });
            let commands = match &*state.await.map_err(|_| self.disconnected())? {
                State::Connected(commands) => commands.clone(),
                _ if most == 0 => return Err(self.disconnected()),
                _ => return Err(PostErrorKind::QueueFull { waiting: most }),
            };
            tokio::select! {
                _ = settled.wait_for(|settled| *settled) => return Ok(commands),
                () = self.lost() => {}
            }
        }
    }

    /// Resolves when the connection is lost.
    pub(crate) async fn lost(&self) {
        let _ = self.state.clone().wait_for(|state| !matches!(state, State::Connected(_))).await;
    }

    /// Resolves when there is a connection.
    pub(crate) async fn ready(&self) {
        let _ = self.state.clone().wait_for(|state| matches!(state, State::Connected(_))).await;
    }

    /// Sends a message when it is its turn.
    ///
    /// # Errors
    ///
    /// Fails if Redis did not accept it, or nobody knows.
    pub(crate) async fn publish(
        &self,
        turn: Turn<'_>,
        channel: &str,
        text: Bytes,
    ) -> Result<(), PostErrorKind> {
        let Turn { mut commands, _waited: waited } = turn;
        let mut command = redis::cmd("PUBLISH");
        command.arg(channel).arg(&*text);
        drop(text);
        let time = self.settings.response_timeout;
        let _room =
            timeout(time, unconstrained(self.unanswered.acquire())).await.map_err(|_| self.disconnected())?;
        // From the first poll on it is in line, and the next may go; but only if tokio does not hold it back then for the sake
        // of fairness.
        let mut sending = pin!(unconstrained(commands.send_packed_command(&command)));
        let first = std::future::poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await;
        drop(waited);
        let answer = match first {
            Poll::Ready(answer) => answer,
            Poll::Pending => timeout(time, sending).await.map_err(|_| {
                let address = self.settings.address();
                PostErrorKind::Unanswered(format!("{address} did not answer within {time:?}"))
            })?,
        };
        let answer = answer.map_err(|error| {
            let (address, reason) = (self.settings.address(), said(&error));
            PostErrorKind::Unanswered(format!("the connection to {address} was lost: {reason}"))
        })?;
        self.heard.something();
        match answer {
            Value::ServerError(error) => Err(PostErrorKind::Refused(said(&error.into()))),
            _ => Ok(()),
        }
    }

    fn disconnected(&self) -> PostErrorKind {
        PostErrorKind::Disconnected(self.settings.address())
    }
}

impl PublisherTask {
    /// Connects, again and again.
    pub(crate) async fn run(self) {
        let connector = Connector::new(&self.settings);
        let mut pauses = Pauses::new(&self.settings);
        loop {
            match connector.connect("streampod-posts", None).await {
                Ok(Connection { commands, driver }) => {
                    let since = Instant::now();
                    self.outage.connected(Side::Posts);
                    self.state.send_replace(State::Connected(commands.clone()));
                    let reason = tokio::select! {
                        biased;
                        () = driver => Lost::Closed,
                        reason = self.try_out(commands) => reason,
                    };
                    self.state.send_replace(State::Disconnected);
                    self.outage.lost(Side::Posts, &reason);
                    pauses.lost_after(since.elapsed());
                }
                Err(error) => {
                    self.state.send_replace(State::Disconnected);
                    self.outage.failed(Side::Posts, &error);
                }
            }
            pauses.pause().await;
        }
    }

    async fn try_out(&self, mut commands: MultiplexedConnection) -> Lost {
        loop {
            tokio::time::sleep(self.settings.ping_interval).await;
            if let Err(reason) = self.heard.ping(&self.settings, &mut commands).await {
                return reason;
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
