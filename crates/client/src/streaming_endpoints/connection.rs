//! The connection to the streaming endpoints, once its socket is open.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use streampod_wire::StreamingFrame;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::hub::Hub;
use super::link::Link;
use crate::connection::{CLOSE_TIMEOUT, FRAMES_PER_TURN, TURNS_PER_POLL};
use crate::error::ConnectionError;
use crate::socket::Socket;

/// Carries messages until the connection is lost or to be closed, and closes it.
pub(super) async fn run(connection: Connection, mut socket: Socket) {
    let mut connection = connection;
    let end = poll_fn(|context| connection.poll(&mut socket, context)).await;
    let out = connection.link.finish();
    connection.hub.ended(&connection.link);
    let is_silent = match end {
        End::Stopped => false,
        End::Failed(error) => {
            tracing::debug!(%error, "the connection to the streaming endpoints ended");
            // A server that is silent answers no closing handshake.
            matches!(error, ConnectionError::IdleTimeout(_) | ConnectionError::HandshakeTimeout(_))
        }
    };
    if !is_silent && let Ok(Err(error)) = timeout(CLOSE_TIMEOUT, socket.close(out)).await {
        tracing::debug!(%error, "a connection was not closed in order");
    }
}

/// Why a connection ends.
enum End {
    /// It was closed from here.
    Stopped,
    Failed(ConnectionError),
}

/// A connection whose socket is open. Dropping it takes note of its end.
pub(super) struct Connection {
    hub: Arc<Hub>,
    link: Arc<Link>,
    /// Whether the server was heard at all.
    is_heard: bool,
    connect_deadline: Instant,
    last_heard: Instant,
    next_ping: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Connection {
    /// A connection on which something is to be received before `connect_deadline`.
    pub(super) fn new(hub: Arc<Hub>, link: Arc<Link>, connect_deadline: Instant) -> Self {
        let now = Instant::now();
        Self {
            is_heard: false,
            connect_deadline,
            last_heard: now,
            next_ping: now + hub.shared.options.ping_interval,
            timer: Box::pin(sleep_until(connect_deadline)),
            hub,
            link,
        }
    }

    fn poll(&mut self, socket: &mut Socket, context: &mut Context<'_>) -> Poll<End> {
        self.link.task.register(context.waker());
        for _ in 0..TURNS_PER_POLL {
            match self.turn(socket, context) {
                Ok(true) => {}
                Ok(false) if self.set_timer(context) => return Poll::Pending,
                Ok(false) => {}
                Err(end) => return Poll::Ready(end),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// One turn: receives, then sends. Whether there is more to do at once.
    fn turn(&mut self, socket: &mut Socket, context: &mut Context<'_>) -> Result<bool, End> {
        if self.link.is_stopped() {
            return Err(End::Stopped);
        }
        let mut any = self.receive(socket, context)?;
        self.check_time()?;
        self.link.take(socket).map_err(|error| self.failed(error))?;
        if let Poll::Ready(flushed) = socket.poll_flush(context) {
            flushed.map_err(|error| self.failed(error))?;
            any |= !self.link.is_empty();
        }
        Ok(any)
    }

    fn receive(&mut self, socket: &mut Socket, context: &mut Context<'_>) -> Result<bool, End> {
        for n in 0..FRAMES_PER_TURN {
            let received = match socket.poll_receive(context) {
                Poll::Pending => return Ok(n > 0),
                Poll::Ready(received) => received.map_err(|error| self.failed(error))?,
            };
            self.last_heard = Instant::now();
            if let Some(text) = received {
                self.frame(&text)?;
            }
        }
        Ok(true)
    }

    fn frame(&mut self, text: &str) -> Result<(), End> {
        if !self.is_heard {
            self.is_heard = true;
            self.hub.connected(&self.link);
        }
        match StreamingFrame::parse(text) {
            Ok(StreamingFrame::Message { endpoint, object }) => self.hub.mailboxes.push(&endpoint, object),
            // Servers send no commands but pongs.
            Ok(_) => {}
            Err(error) => return Err(self.failed(io::Error::other(error.without_content()))),
        }
        Ok(())
    }

    fn failed(&self, error: io::Error) -> End {
        End::Failed(ConnectionError::broken(error))
    }

    fn check_time(&mut self) -> Result<(), End> {
        let (now, options) = (Instant::now(), &self.hub.shared.options);
        if !self.is_heard && now >= self.connect_deadline {
            return Err(End::Failed(ConnectionError::HandshakeTimeout(options.connect_timeout)));
        }
        if now >= self.last_heard + options.idle_timeout {
            return Err(End::Failed(ConnectionError::IdleTimeout(options.idle_timeout)));
        }
        if now >= self.next_ping {
            self.link.ping();
            self.next_ping = now + options.ping_interval;
        }
        Ok(())
    }

    /// Has the task woken at the next deadline; false if that is past.
    fn set_timer(&mut self, context: &mut Context<'_>) -> bool {
        let idle = self.last_heard + self.hub.shared.options.idle_timeout;
        let silent = if self.is_heard { idle } else { idle.min(self.connect_deadline) };
        let deadline = silent.min(self.next_ping);
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context).is_pending()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Also when the task is dropped with its runtime: nobody waits for ever.
        self.link.finish();
        self.hub.ended(&self.link);
        self.link.set_closed();
    }
}
