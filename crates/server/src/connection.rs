//! A WebSocket connection: a transport plus a call set.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use streampod_wire::{Keepalive, KeepaliveAction};
use tokio::time::Sleep;

use crate::call::Link;
use crate::call_set::CallSet;
use crate::state::{Connected, ServerState};
use crate::transport::{Received, Transport};

/// How many frames are received before what they ask for is done.
const FRAMES_PER_TURN: usize = 64;
/// How long the closing handshake may take when the server stops: one client must not hold up a restart.
const STOPPING_PATIENCE: Duration = Duration::from_secs(1);
/// How many turns are taken before other tasks of the same thread get theirs.
const TURNS_PER_POLL: usize = 8;

/// Serves a connection to its end.
pub(crate) async fn serve(server: Arc<ServerState>, transport: impl Transport) {
    let link = Arc::new(Link::new(&server.limits));
    let connected = server.add_connection(Arc::clone(&link));
    let now = now();
    let keepalive = Keepalive::new(server.config.websocket_ping_interval, now);
    let connection = Connection {
        calls: CallSet::new(Arc::clone(&server), Arc::clone(&link)),
        timer: Box::pin(tokio::time::sleep_until(keepalive.deadline().into())),
        server,
        link,
        transport,
        keepalive,
        stalled: None,
        phase: Phase::Open,
        _connected: connected,
    };
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection was lost");
    }
}

/// Now, by the clock of the timers.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

struct Connection<T> {
    server: Arc<ServerState>,
    link: Arc<Link>,
    /// Dropped before `_connected`, so that a server with no connections has no calls either.
    calls: CallSet,
    transport: T,
    keepalive: Keepalive,
    /// Since when the client takes nothing of what is sent to it.
    stalled: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    phase: Phase,
    _connected: Connected,
}

#[derive(Clone, Copy)]
enum Phase {
    Open,
    /// What waits is sent, then a close frame, then the client's is awaited.
    Closing {
        code: Option<u16>,
        deadline: Instant,
    },
}

impl<T: Transport> Connection<T> {
    /// One turn: receives, lets methods run, sends. Whether anything was done.
    fn turn(&mut self, now: Instant, context: &mut Context<'_>) -> io::Result<bool> {
        let mut any = self.calls.take_sign_in_ends(now);
        let mut had_room = true;
        for _ in 0..FRAMES_PER_TURN {
            if !matches!(self.phase, Phase::Open) || self.calls.is_full() {
                break;
            }
            had_room = self.hand_over()?;
            if !had_room {
                break;
            }
            let Poll::Ready(received) = self.transport.poll_receive(context) else { break };
            any = true;
            let Some(received) = received else { return Err(io::ErrorKind::UnexpectedEof.into()) };
            self.receive(received, now);
        }
        any |= self.calls.run();
        if let Phase::Closing { .. } = self.phase {
            self.calls.disconnect();
        }
        self.hand_over()?;
        match self.transport.poll_flush(context)? {
            Poll::Ready(()) => {
                // What was not received while nothing could be sent is received now.
                any |= self.stalled.take().is_some() || !had_room;
                if self.has_room() {
                    any |= self.calls.unblock();
                }
                any |= !self.link.wire.lock().out.is_empty();
            }
            Poll::Pending => {
                self.stalled.get_or_insert(now);
            }
        }
        Ok(any)
    }

    /// Hands what waits to the transport; whether there is room for more answers.
    fn hand_over(&mut self) -> io::Result<bool> {
        let mut wire = self.link.wire.lock();
        if !wire.out.is_empty() {
            self.transport.take(&mut wire.out)?;
        }
        Ok(self.link.has_room(&wire) && self.transport.has_room())
    }

    fn has_room(&self) -> bool {
        self.link.has_room(&self.link.wire.lock())
    }

    fn receive(&mut self, received: Received, now: Instant) {
        match received {
            Received::Text(text) => {
                if self.calls.receive(&text, now).is_some() {
                    self.close(None, now);
                }
            }
            Received::Pong => self.keepalive.answered(),
            Received::Binary | Received::Close => self.close(None, now),
            Received::Violation(code) => self.close(Some(code), now),
            Received::Other => {}
        }
    }

    /// Begins to close the connection.
    fn close(&mut self, code: Option<u16>, now: Instant) {
        if matches!(self.phase, Phase::Open) {
            let is_stopping = self.server.stopping.is_cancelled();
            let patience = if is_stopping { STOPPING_PATIENCE } else { self.server.limits.handshake_timeout };
            let deadline = now + patience;
            self.phase = Phase::Closing { code, deadline };
        }
    }

    /// Does what is due at `now`.
    fn check_time(&mut self, now: Instant) -> io::Result<()> {
        self.calls.check_time(now);
        if self.stalled.is_some_and(|since| now >= since + self.server.limits.write_timeout) {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client takes nothing of what is sent to it",
            ));
        }
        if self.calls.is_full() || self.stalled.is_some() {
            // A pong could wait behind what is not read.
            if now >= self.keepalive.deadline() {
                self.keepalive.excuse(now);
            }
            return Ok(());
        }
        match self.keepalive.due(now) {
            KeepaliveAction::Wait => Ok(()),
            KeepaliveAction::Ping => self.transport.ping(),
            KeepaliveAction::GiveUp => {
                Err(io::Error::new(io::ErrorKind::TimedOut, "the client did not answer a ping"))
            }
        }
    }

    /// The next moment at which [`check_time`](Self::check_time) has something to do.
    fn deadline(&self) -> Instant {
        let stalled = self.stalled.map(|since| since + self.server.limits.write_timeout);
        let closing = match self.phase {
            Phase::Closing { deadline, .. } => Some(deadline),
            Phase::Open => None,
        };
        let others = [self.calls.deadline(), stalled, closing].into_iter().flatten();
        others.fold(self.keepalive.deadline(), Instant::min)
    }

    /// Sends what waits and a close frame, and awaits the client's.
    fn poll_closing(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Phase::Closing { code, deadline } = self.phase else { return Poll::Pending };
        if now() >= deadline {
            return Poll::Ready(Ok(()));
        }
        while !self.link.wire.lock().out.is_empty() {
            ready!(self.transport.poll_flush(context))?;
            self.hand_over()?;
        }
        ready!(self.transport.poll_close(code, context))?;
        loop {
            match ready!(self.transport.poll_receive(context)) {
                None | Some(Received::Close) => return Poll::Ready(Ok(())),
                Some(_) => {}
            }
        }
    }
}

impl<T: Transport> Future for Connection<T> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.link.task.register(context.waker());
        for _ in 0..TURNS_PER_POLL {
            let now = now();
            if this.server.stopping.is_cancelled() {
                this.close(None, now);
            }
            this.check_time(now)?;
            let any = this.turn(now, context)?;
            if any {
                continue;
            }
            if let Phase::Closing { .. } = this.phase
                && let Poll::Ready(closed) = this.poll_closing(context)
            {
                return Poll::Ready(closed);
            }
            // Not if a deadline has just passed: then there is something to do.
            if this.set_timer(context) {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T: Transport> Connection<T> {
    /// Has the task woken at the next deadline; false if that is past.
    fn set_timer(&mut self, context: &mut Context<'_>) -> bool {
        let deadline = self.deadline().into();
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context).is_pending()
    }
}
