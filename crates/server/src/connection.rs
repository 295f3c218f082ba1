//! A WebSocket connection: a transport plus what is spoken on it.

#[cfg(test)]
mod tests;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use streampod_wire::{FrameBuffer, Keepalive, KeepaliveAction};
use tokio::task::coop;
use tokio::time::Sleep;

use crate::call::Link;
use crate::state::{Connected, ServerState};
use crate::transport::{Received, Transport};

/// How many frames are received before what they ask for is done.
const FRAMES_PER_TURN: usize = 64;
/// How long the closing handshake may take when the server stops: one client must not hold up a restart.
const STOPPING_PATIENCE: Duration = Duration::from_secs(1);
/// How many turns are taken before other tasks of the same thread get theirs.
const TURNS_PER_POLL: usize = 8;

/// What is spoken on a connection: the calls of a client, or its messages to streaming endpoints. What it sends, it writes into
/// the connection's link.
pub(crate) trait Protocol: Send + Unpin {
    /// Takes in a text frame.
    fn receive(&mut self, text: &str, now: Instant) -> Taken;

    /// Takes in a binary frame, of which there are none in what clients speak.
    fn receive_binary(&mut self, _bytes: &[u8]) -> Taken {
        Taken::Close(Close(None))
    }

    /// Does what is ready.
    fn run(&mut self);

    /// Whether nothing is to be received.
    fn is_full(&mut self) -> bool;

    /// Has those go on that wait for room in the output; whether there was one.
    fn unblock(&mut self) -> bool;

    /// When something is due for [`check_time`](Self::check_time).
    fn deadline(&self) -> Option<Instant>;

    /// Does what is due at `now`, and what others asked for; how the connection is to be closed, if it is.
    fn check_time(&mut self, now: Instant) -> Option<Close>;

    /// Ends everything, because the connection is gone or is to be closed.
    fn disconnect(&mut self);
}

/// What came of a frame that was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Nothing that is to be sent.
    Unanswered,
    /// Something that is to be sent, perhaps.
    Answered,
    /// The connection is to be closed.
    Close(Close),
}

/// How a connection is closed: with this code, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Close(pub(crate) Option<u16>);

/// Serves a connection to its end.
pub(crate) async fn serve<P: Protocol, T: Transport>(
    server: Arc<ServerState>,
    transport: T,
    protocol: impl FnOnce(Arc<ServerState>, Arc<Link>) -> P,
) {
    let link = Arc::new(Link::new(&server.limits, transport.framing()));
    let connected = server.add_connection(Arc::clone(&link));
    let now = now();
    let keepalive = Keepalive::new(server.config.websocket_ping_interval, now);
    let connection = Connection {
        protocol: protocol(Arc::clone(&server), Arc::clone(&link)),
        timer: Box::pin(tokio::time::sleep_until(keepalive.deadline().into())),
        server,
        link,
        transport,
        keepalive,
        stalled: None,
        wakes_at: None,
        phase: Phase::Open,
        deaf: false,
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

struct Connection<P, T> {
    server: Arc<ServerState>,
    link: Arc<Link>,
    /// Dropped before `_connected`, so that a server with no connections has no calls either.
    protocol: P,
    transport: T,
    keepalive: Keepalive,
    /// Since when the client takes nothing of what is sent to it.
    stalled: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    /// What the timer wakes the task at, once it has been polled.
    wakes_at: Option<Instant>,
    phase: Phase,
    /// Whether the client has closed the connection, and hears nothing any more but our close frame.
    deaf: bool,
    _connected: Connected,
}

#[derive(Clone, Copy)]
enum Phase {
    Open,
    /// What waits is sent, then a close frame, then the client's is awaited.
    Closing {
        close: Close,
        deadline: Instant,
    },
}

impl<P: Protocol, T: Transport> Connection<P, T> {
    /// One turn: receives, lets methods run, sends. Whether there is more to do, beside calls that want to be polled.
    fn turn(&mut self, now: Instant, context: &mut Context<'_>) -> io::Result<bool> {
        let had_room = self.begin_turn();
        let was_full = self.protocol.is_full();
        let mut any = had_room && !was_full && self.receive(now, context)?;
        self.protocol.run();
        any |= was_full && !self.protocol.is_full();
        if let Phase::Closing { .. } = self.phase {
            self.protocol.disconnect();
        }
        self.hand_over();
        match self.flush(context)? {
            Poll::Ready(()) => {
                // What was not received while nothing could be sent is received now.
                any |= self.stalled.take().is_some() || !had_room;
                if self.has_room() {
                    any |= self.protocol.unblock();
                }
                any |= !self.link.wire.lock().out.is_empty();
            }
            Poll::Pending => {
                self.stalled.get_or_insert(now);
            }
        }
        Ok(any)
    }

    /// Lends memory to write into, behind what others have written since the last turn; whether there is room for more answers.
    fn begin_turn(&mut self) -> bool {
        let mut wire = self.link.wire.lock();
        if !wire.out.is_empty() {
            Self::take(&mut self.transport, self.deaf, &mut wire.out);
        }
        T::lend(&mut wire.out);
        self.link.has_room(&wire) && self.transport.has_room()
    }

    /// Sends what was handed over, also where the methods have spent all that tokio grants the task for this poll: if they always
    /// do, nothing would ever leave.
    fn flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(coop::unconstrained(poll_fn(|context| self.transport.poll_flush(context)))).poll(context)
    }

    /// Hands what waits to the transport.
    fn hand_over(&mut self) {
        Self::take(&mut self.transport, self.deaf, &mut self.link.wire.lock().out);
    }

    fn take(transport: &mut T, deaf: bool, out: &mut FrameBuffer) {
        if deaf {
            out.take();
        }
        transport.take(out);
    }

    /// Takes in what has come; whether more may have.
    fn receive(&mut self, now: Instant, context: &mut Context<'_>) -> io::Result<bool> {
        if !matches!(self.phase, Phase::Open) {
            return Ok(false);
        }
        let Self { transport, protocol, link, keepalive, .. } = self;
        let (mut close, mut is_closed, mut frames) = (None, false, 0);
        let received = transport.poll_receive(context, |received| {
            let taken = match received {
                Received::Text(text) => protocol.receive(text, now),
                Received::Binary(bytes) => protocol.receive_binary(bytes),
                Received::Pong => {
                    keepalive.answered();
                    Taken::Unanswered
                }
                Received::Close(code) => {
                    is_closed = true;
                    Taken::Close(Close(code))
                }
                Received::Violation(code) => Taken::Close(Close(Some(code))),
            };
            let mut has_room = true;
            match taken {
                Taken::Unanswered => {}
                Taken::Answered => has_room = link.has_room(&link.wire.lock()),
                Taken::Close(reason) => close = Some(reason),
            }
            frames += 1;
            close.is_none() && frames < FRAMES_PER_TURN && !protocol.is_full() && has_room
        });
        if let Some(close) = close {
            if is_closed {
                // What was said before goes out before the close frame, and nothing that is said after.
                self.hand_over();
                self.deaf = true;
            }
            self.close(close, now);
        }
        match received {
            Poll::Ready(None) => Err(io::ErrorKind::UnexpectedEof.into()),
            Poll::Ready(Some(())) => Ok(true),
            Poll::Pending => Ok(false),
        }
    }

    fn has_room(&self) -> bool {
        self.link.has_room(&self.link.wire.lock())
    }

    /// Begins to close the connection.
    fn close(&mut self, close: Close, now: Instant) {
        if matches!(self.phase, Phase::Open) {
            let is_stopping = self.server.stopping.is_cancelled();
            let patience = if is_stopping { STOPPING_PATIENCE } else { self.server.limits.handshake_timeout };
            let deadline = now + patience;
            self.phase = Phase::Closing { close, deadline };
        }
    }

    /// Does what is due at `now`.
    fn check_time(&mut self, now: Instant) -> io::Result<()> {
        if let Some(close) = self.protocol.check_time(now) {
            self.close(close, now);
        }
        if self.stalled.is_some_and(|since| now >= since + self.server.limits.write_timeout) {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client takes nothing of what is sent to it",
            ));
        }
        if self.protocol.is_full() || self.stalled.is_some() {
            // A pong could wait behind what is not read.
            if now >= self.keepalive.deadline() {
                self.keepalive.excuse(now);
            }
            return Ok(());
        }
        match self.keepalive.due(now) {
            KeepaliveAction::Wait => Ok(()),
            KeepaliveAction::Ping => {
                self.transport.ping();
                Ok(())
            }
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
        let others = [self.protocol.deadline(), stalled, closing].into_iter().flatten();
        others.fold(self.keepalive.deadline(), Instant::min)
    }

    /// Sends what waits and a close frame, and awaits the client's.
    fn poll_closing(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Phase::Closing { close, deadline } = self.phase else { return Poll::Pending };
        if now() >= deadline {
            return Poll::Ready(Ok(()));
        }
        while !self.link.wire.lock().out.is_empty() {
            ready!(self.transport.poll_flush(context))?;
            self.hand_over();
        }
        ready!(self.transport.poll_close(close.0, context))?;
        let mut is_closed = self.deaf;
        while !is_closed {
            let received = self.transport.poll_receive(context, |received| {
                is_closed |= matches!(received, Received::Close(_));
                true
            });
            match received {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => break,
                Poll::Pending if is_closed => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<P: Protocol, T: Transport> Future for Connection<P, T> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.link.task.register(context.waker());
        this.link.wake_up();
        for _ in 0..TURNS_PER_POLL {
            let now = now();
            if this.server.stopping.is_cancelled() {
                this.close(Close(None), now);
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
            if this.set_timer(now, context) && this.link.sleep() {
                return Poll::Pending;
            }
        }
        // Whether or not it sleeps now, it goes on.
        this.link.sleep();
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<P: Protocol, T: Transport> Connection<P, T> {
    /// Has the task woken at the next deadline; false if that is past.
    fn set_timer(&mut self, now: Instant, context: &mut Context<'_>) -> bool {
        let deadline = self.deadline();
        if deadline <= now {
            return false;
        }
        // Most often that is known, and the timer stays out of the processor's cache.
        if self.wakes_at != Some(deadline) {
            self.timer.as_mut().reset(deadline.into());
            // Also where the methods have spent all that tokio grants the task: then the timer would not take note of it.
            let timer = pin!(coop::unconstrained(self.timer.as_mut()));
            self.wakes_at = timer.poll(context).is_pending().then_some(deadline);
        }
        self.wakes_at.is_some()
    }
}
