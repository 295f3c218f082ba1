//! The WebSocket that all streaming calls share, from its opening to its end.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use streampod_wire::{CallId, ClientConnection, ClientEvent, CloseReason, Leave, NewCall, Value, Wrapped};
use tokio::time::{Instant, Sleep, sleep_until, timeout, timeout_at};

use crate::authorization::Header;
use crate::client::{Shared, Status};
use crate::error::{CallError, ConnectionError, RefusalReason};
use crate::input::{Cause, Feed};
use crate::inputs::{Inputs, OUT_MAX_BYTES};
use crate::link::{Link, Order};
use crate::opening::Opening;
use crate::queue::Sink;
use crate::socket::Socket;

/// How many frames are received before others get their turn.
pub(crate) const FRAMES_PER_TURN: usize = 64;
/// How many turns are taken before other tasks of the same thread get theirs.
pub(crate) const TURNS_PER_POLL: usize = 8;
/// How long the server may take for its closing handshake.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a connection, carries its calls and closes it. It ends when no call needs it any more.
pub(crate) async fn run(mut connection: Connection) {
    let (socket, end) = match connection.connect().await {
        Ok(mut socket) => {
            let end = poll_fn(|context| connection.poll(&mut socket, context)).await;
            (Some(socket), end)
        }
        Err(end) => (None, end),
    };
    let out = std::mem::take(&mut connection.wire.out);
    // A server that is silent answers no closing handshake.
    let is_silent =
        matches!(end, End::Failed(ConnectionError::IdleTimeout(_) | ConnectionError::HandshakeTimeout(_)));
    connection.end(end);
    drop(connection);
    if let Some(socket) = socket
        && !is_silent
        && let Ok(Err(error)) = timeout(CLOSE_TIMEOUT, socket.close(out)).await
    {
        tracing::debug!(%error, "a connection was not closed in order");
    }
}

/// Why a connection ends.
enum End {
    /// No call needs it any more.
    Unwanted,
    /// The client was closed.
    Stopped,
    Failed(ConnectionError),
}

/// A connection from before its opening. Dropping it ends its calls.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    link: Arc<Link>,
    wire: ClientConnection,
    opening: Opening,
    calls: HashMap<CallId, Running>,
    inputs: Inputs,
    /// Whether the server was heard at all: calls are opened only then.
    open: bool,
    connect_deadline: Instant,
    last_heard: Instant,
    next_ping: Instant,
    /// When the connection is closed unless a call comes first.
    closing: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

struct Running {
    sink: Arc<dyn Sink>,
    name: String,
    /// How to open it once more, with another header, if this one is refused.
    again: Option<Box<(NewCall, Header)>>,
    /// The streams that feed it once it is open.
    waiting: Vec<Box<dyn Feed>>,
    /// The keys of the streams that feed it, by stream parameter; none for one that ended.
    inputs: Vec<Option<usize>>,
    /// What a stream that fed it failed with.
    input_failed: Option<Cause>,
    /// The exception that the method threw.
    thrown: Option<CallError>,
}

impl Connection {
    /// A connection for the calls of `link`.
    pub(crate) fn new(shared: Arc<Shared>, link: Arc<Link>) -> Self {
        let now = Instant::now();
        let connect_deadline = now + shared.options.connect_timeout;
        Self {
            inputs: Inputs::new(Arc::clone(&link)),
            wire: ClientConnection::new(),
            opening: Opening::new(shared.options.authorization.clone()),
            calls: HashMap::new(),
            open: false,
            connect_deadline,
            last_heard: now,
            next_ping: now + shared.options.ping_interval,
            closing: None,
            timer: Box::pin(sleep_until(connect_deadline)),
            shared,
            link,
        }
    }

    /// Opens the socket, unless nobody needs it any more before that.
    async fn connect(&mut self) -> Result<Socket, End> {
        let unwanted = poll_fn(|context| {
            self.link.task.register(context.waker());
            if self.link.is_stopped() {
                Poll::Ready(End::Stopped)
            } else if self.link.close_if_empty() {
                Poll::Ready(End::Unwanted)
            } else {
                Poll::Pending
            }
        });
        let socket = tokio::select! {
            biased;
            end = unwanted => return Err(end),
            socket = timeout_at(self.connect_deadline, self.shared.socket("v1/websocket")) => socket,
        };
        let timed_out = ConnectionError::HandshakeTimeout(self.shared.options.connect_timeout);
        let socket = socket.map_err(|_| End::Failed(timed_out))?;
        let socket = socket.map_err(|error| self.failed(error))?;
        self.wire.ping();
        Ok(socket)
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

    /// One turn: does what callers ask for, receives, feeds, sends. Whether anything was done.
    fn turn(&mut self, socket: &mut Socket, context: &mut Context<'_>) -> Result<bool, End> {
        if self.link.is_stopped() {
            return Err(End::Stopped);
        }
        let mut any = self.receive(socket, context)?;
        self.check_time()?;
        any |= self.take_orders(context);
        any |= self.feed();
        socket.take(&mut self.wire.out).map_err(|error| self.failed(error))?;
        if let Poll::Ready(flushed) = socket.poll_flush(context) {
            flushed.map_err(|error| self.failed(error))?;
            let has_orders = self.open && !self.link.is_empty();
            any |= has_orders || !self.wire.out.is_empty() || self.inputs.is_ready();
        }
        self.close_when_idle()?;
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

    fn failed(&self, error: io::Error) -> End {
        End::Failed(if self.open {
            ConnectionError::broken(error)
        } else {
            ConnectionError::Failed(Arc::new(error))
        })
    }

    fn frame(&mut self, text: &str) -> Result<(), End> {
        let event = self.wire.receive(text);
        match event {
            ClientEvent::Leave(Leave::Unreadable) => {
                return Err(self.failed(io::Error::other("the server sent an unreadable frame")));
            }
            ClientEvent::Leave(Leave::BadRequest) => {
                return Err(self.failed(io::Error::other("the server could not read what was sent")));
            }
            _ if !self.open => {
                self.open = true;
                self.shared.set_status(&self.link, Status::Open);
            }
            _ => {}
        }
        match event {
            ClientEvent::Opened { call } => self.opened(call),
            ClientEvent::Element { call, value } => {
                let Some(running) = self.calls.get(&call) else { return Ok(()) };
                if let Err(error) = running.sink.element(&value, &self.shared.options.catalog) {
                    self.wire.cancel(call);
                    self.finish(call, |_| Err(error));
                }
            }
            ClientEvent::Exception { call, value } => {
                if let Some(running) = self.calls.get_mut(&call) {
                    running.thrown = Some(self.shared.exception(&running.name, &value));
                }
            }
            ClientEvent::InputClosed { call, input } => {
                let key = self.calls.get_mut(&call).and_then(|running| running.inputs.get_mut(input)?.take());
                key.into_iter().for_each(|key| self.inputs.remove(key));
            }
            ClientEvent::Ended { call, reason } => self.finish(call, |running| running.end(reason)),
            ClientEvent::Refused { call, result } => self.refused(call, RefusalReason::of(result)),
            ClientEvent::Nothing | ClientEvent::Pong | ClientEvent::Leave(_) => {}
        }
        Ok(())
    }

    fn opened(&mut self, call: CallId) {
        let Some(running) = self.calls.get_mut(&call) else { return };
        running.again = None;
        let waiting = std::mem::take(&mut running.waiting).into_iter().enumerate();
        running.inputs = waiting.map(|(input, feed)| Some(self.inputs.add(feed, call, input))).collect();
        running.sink.opened();
    }

    fn refused(&mut self, call: CallId, reason: RefusalReason) {
        let again = self.calls.get_mut(&call).and_then(|running| running.again.take());
        match again {
            Some(again) if reason == RefusalReason::Unauthorized => {
                let Some(Running { sink, waiting, .. }) = self.calls.remove(&call) else { return };
                let (new, refused) = *again;
                let order = Order { id: call, new, inputs: waiting, sink, once: true };
                self.opening.again(Box::new(order), &refused);
            }
            _ => self.finish(call, |running| Err(CallError::Refused { call: running.name, reason })),
        }
    }

    /// Forgets a call, drops the streams that feed it, and tells its caller how it ended.
    fn finish(&mut self, call: CallId, end: impl FnOnce(Running) -> Result<(), CallError>) {
        let Some(running) = self.calls.remove(&call) else { return };
        running.inputs.iter().flatten().for_each(|key| self.inputs.remove(*key));
        let sink = Arc::clone(&running.sink);
        sink.end(end(running));
    }

    fn take_orders(&mut self, context: &mut Context<'_>) -> bool {
        if !self.open {
            return false;
        }
        let (ordered, cancelled) = self.link.take(self.wire.out.len() < OUT_MAX_BYTES);
        let mut any = !ordered.is_empty() || !cancelled.is_empty();
        for order in ordered {
            if let Some(order) = self.opening.begin(order) {
                self.open_call(*order, Header::NONE);
            }
        }
        for call in cancelled {
            self.opening.cancel(call);
            self.wire.cancel(call);
            self.finish(call, |_| Ok(()));
        }
        while let Poll::Ready(Some((order, header))) = self.opening.poll_next(context) {
            any = true;
            self.open_call(*order, header);
        }
        any
    }

    fn open_call(&mut self, order: Order, header: Header) {
        let name = order.name();
        let Order { id, mut new, inputs, sink, once } = order;
        new.authorization.clone_from(&header.value);
        let again = (!once && header.value.is_some()).then(|| Box::new((new.clone(), header)));
        self.wire.open(id, new);
        let running = Running {
            sink,
            name,
            again,
            waiting: inputs,
            inputs: Vec::new(),
            input_failed: None,
            thrown: None,
        };
        self.calls.insert(id, running);
    }

    fn feed(&mut self) -> bool {
        let calls = &mut self.calls;
        self.inputs.run(&mut self.wire, |call, input, failed| {
            let Some(running) = calls.get_mut(&call) else { return };
            running.inputs[input] = None;
            running.input_failed = running.input_failed.take().or(failed);
        })
    }

    fn check_time(&mut self) -> Result<(), End> {
        let (now, options) = (Instant::now(), &self.shared.options);
        if !self.open {
            let timed_out = ConnectionError::HandshakeTimeout(options.connect_timeout);
            return if now < self.connect_deadline { Ok(()) } else { Err(End::Failed(timed_out)) };
        }
        if now >= self.last_heard + options.idle_timeout {
            return Err(End::Failed(ConnectionError::IdleTimeout(options.idle_timeout)));
        }
        if now >= self.next_ping {
            self.wire.ping();
            self.next_ping = now + options.ping_interval;
        }
        Ok(())
    }

    /// Has the task woken at the next deadline; false if that is past.
    fn set_timer(&mut self, context: &mut Context<'_>) -> bool {
        let idle = self.last_heard + self.shared.options.idle_timeout;
        let open = self.next_ping.min(idle).min(self.closing.unwrap_or(idle));
        let deadline = if self.open { open } else { self.connect_deadline };
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context).is_pending()
    }

    /// Ends the connection some time after its last call has ended.
    fn close_when_idle(&mut self) -> Result<(), End> {
        if !self.calls.is_empty() || !self.opening.is_empty() || !self.link.is_empty() {
            self.closing = None;
            return Ok(());
        }
        let (now, delay) = (Instant::now(), self.shared.options.close_delay);
        let due = now >= *self.closing.get_or_insert(now + delay);
        if due && self.link.close_if_empty() { Err(End::Unwanted) } else { Ok(()) }
    }

    /// Ends every call.
    fn end(&mut self, end: End) {
        let error = match end {
            End::Stopped => CallError::ClientClosed,
            End::Failed(error) => error.into(),
            End::Unwanted => ConnectionError::lost("nobody needed it").into(),
        };
        self.shared.set_status(&self.link, Status::Idle);
        self.link.close(&error);
        self.opening.end(&error);
        for (_, running) in self.calls.drain() {
            // What the method threw says more than that its end was lost.
            running.sink.end(Err(running.thrown.unwrap_or_else(|| error.clone())));
        }
        self.wire.disconnect();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Also when the task is dropped with its runtime: nobody waits for ever.
        self.end(End::Failed(ConnectionError::lost("the runtime was shut down")));
    }
}

impl Running {
    fn end(self, reason: CloseReason) -> Result<(), CallError> {
        match (self.thrown, reason) {
            (Some(thrown), _) => Err(thrown),
            (None, CloseReason::Done) => Ok(()),
            (None, CloseReason::Error) => {
                Err(CallError::ClosedWithError { call: self.name, source: self.input_failed })
            }
        }
    }
}

impl Shared {
    /// The error for an exception that a method threw.
    pub(crate) fn exception(&self, call: &str, value: &Wrapped<'_>) -> CallError {
        let call = call.to_owned();
        match Value::unwrap(value, &self.options.catalog) {
            Ok(Value::Object(exception)) => CallError::Exception { call, exception },
            Ok(_) => CallError::ClosedWithError { call, source: None },
            Err(source) => {
                let class_name = value.class_name.clone().into_owned();
                CallError::UnreadableException { call, class_name, source }
            }
        }
    }
}
