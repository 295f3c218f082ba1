//! The calls of a connection: no socket, no task.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use streampod_wire::{
    Arguments, Catalog, CloseReason, DecodeError, Incoming, Open, OpenResult, ReadFrame, Slot, WrappedError,
};
use time::UtcDateTime;
use tracing::Level;

use crate::authentications;
use crate::call::{CallCore, EndsAt, Link, Outliving, SignInEnd, Slots};
use crate::connection::{Close, Protocol, Taken};
use crate::driver::{Driver, Ended, Out, drop_quietly, refuse, run_to_end};
use crate::endpoint::{Inputs, Method, Start, Streams};
use crate::error::Error;
use crate::input::{Fullness, InputSink};
use crate::session::Session;
use crate::session_log::{self, Elements, EndReason};
use crate::state::{Counted, ServerState};

/// The calls of a connection, their ready list and their outbox. It owns no socket: a connection is a transport plus a
/// call set.
///
/// Elements that arrive together reach their methods together. A frame that closes something first lets ready methods
/// run, so that they see what came before it as they would have if it had come later.
pub(crate) struct CallSet {
    server: Arc<ServerState>,
    link: Arc<Link>,
    /// By slot.
    calls: Vec<Option<Call>>,
    /// The stream parameter that is full, and since when; nothing is to be received until it is not.
    full: Option<(Slot, Arc<dyn InputSink>, Instant)>,
    /// The calls that end when their caller's sign-in expires, by when that is looked at next.
    expiring: BTreeSet<(Instant, Slot)>,
    /// The ready list while it is worked off; kept for its memory.
    turn: Slots,
}

struct Call {
    driver: Driver,
    core: Arc<CallCore>,
    waker: Waker,
    inputs: Inputs,
    session: Session,
    method: Arc<Method>,
    /// The caller cancelled before it was authenticated; that waits until it is.
    cancelled: Option<CloseReason>,
    /// When its caller's sign-in expires, and when that is looked at next.
    expires: Option<(UtcDateTime, Instant)>,
    /// How many elements its stream parameters have been handed.
    received: u64,
    _counted: Counted,
}

impl CallSet {
    pub(crate) fn new(server: Arc<ServerState>, link: Arc<Link>) -> Self {
        Self { server, link, calls: Vec::new(), full: None, expiring: BTreeSet::new(), turn: Slots::new() }
    }

    fn open(&mut self, open: &Open<'_>) {
        let server = Arc::clone(&self.server);
        let method = server.registry.method(&open.endpoint, &open.method);
        let Some(method) = method.filter(|method| method.schema.is_streaming()) else {
            return self.link.wire.lock().refuse_open(open, OpenResult::EndpointNotFound);
        };
        let limits = &server.limits;
        let open_calls = self.link.wire.lock().calls() + self.link.outliving();
        let outliving = server.counters.outliving.load(Ordering::Relaxed);
        if open_calls >= limits.calls_per_connection || outliving >= limits.outliving_calls {
            return self.link.wire.lock().refuse_open(open, OpenResult::InvalidArguments);
        }
        let Ok(arguments) = Arguments::parse(&open.arguments) else {
            return self.link.wire.lock().refuse_open(open, OpenResult::InvalidArguments);
        };
        let Some(slot) = self.link.wire.lock().open(open, &method.head) else { return };

        let authorization = open.authorization.as_deref().map(Into::into);
        let session = Session::new(Arc::clone(&server), Arc::clone(method), authorization);
        let core = Arc::new(CallCore::new(Arc::clone(&self.link), slot));
        let mut start = Start {
            method,
            catalog: &server.registry.catalog,
            arguments,
            session: session.clone(),
            out: Out::to_call(Arc::clone(&core)),
            streams: Some(Streams { call: Arc::clone(&core), feeds: &|name| open.feeds(name) }),
            inputs: Inputs::new(),
        };
        // What reads arguments can be the user's own, and panic.
        let started = catch_unwind(AssertUnwindSafe(|| method.start(&mut start)));
        let driver = match started {
            Ok(started) => started.unwrap_or_else(|refusal| refuse(refusal, &session)),
            Err(panic) => Box::pin(std::future::ready(Err(Ended::Failed(Error::panicked(&*panic))))),
        };
        let call = Call {
            driver,
            waker: Waker::from(Arc::clone(&core)),
            core,
            inputs: start.inputs,
            session,
            method: Arc::clone(method),
            cancelled: None,
            expires: None,
            received: 0,
            _counted: Counted::new(&server, |counters| &counters.calls),
        };
        call.waker.wake_by_ref();
        if self.calls.len() <= slot.index() {
            self.calls.resize_with(slot.index() + 1, || None);
        }
        self.calls[slot.index()] = Some(call);
    }

    /// Has `hand_over` hand something to a stream parameter. What is of another type ends the call.
    ///
    /// # Errors
    ///
    /// Fails if nobody can read it.
    fn feed(
        &mut self,
        slot: Slot,
        input: usize,
        now: Instant,
        hand_over: impl FnOnce(&dyn InputSink, &Catalog) -> Result<Fullness, WrappedError>,
    ) -> Result<(), DecodeError> {
        let Some(Some(call)) = self.calls.get_mut(slot.index()) else { return Ok(()) };
        let Some(Some(sink)) = call.inputs.get(input) else { return Ok(()) };
        let catalog = &self.server.registry.catalog;
        match catch_unwind(AssertUnwindSafe(|| hand_over(&**sink, catalog))) {
            Ok(Ok(fullness)) => {
                call.received += 1;
                if fullness == Fullness::Full {
                    self.full = Some((slot, Arc::clone(sink), now));
                }
            }
            Ok(Err(WrappedError::Unreadable(error))) => return Err(error),
            Ok(Err(error @ WrappedError::WrongType { .. })) => {
                tracing::debug!("{error}");
                self.end(slot, CloseReason::Error, EndReason::WrongElement);
            }
            Err(panic) => {
                tracing::error!("an element could not be read: {}", Error::panicked(&*panic));
                self.end(slot, CloseReason::Error, EndReason::WrongElement);
            }
        }
        Ok(())
    }

    /// Takes in a frame that is an element like the one before it; whether it is one.
    fn receive_repeated(&mut self, text: &str, now: Instant) -> bool {
        let repeated = self.link.wire.lock().receive_repeated(text);
        let Some(Incoming::Element { slot, input, value }) = repeated else { return false };
        self.feed(slot, input, now, |sink, catalog| sink.element(&value, catalog)).is_ok()
    }

    /// Takes in a frame as a whole.
    fn receive_whole(&mut self, text: &str, now: Instant) -> Option<Close> {
        let frame = ReadFrame::read(text);
        if frame.ends_something() {
            self.run();
        }
        let incoming = self.link.wire.lock().apply(frame);
        let fed = match incoming {
            Incoming::Nothing => Ok(()),
            Incoming::Open(open) => {
                self.open(&open);
                Ok(())
            }
            Incoming::Element { slot, input, value } => {
                self.feed(slot, input, now, |sink, catalog| sink.element(&value, catalog))
            }
            Incoming::Exception { slot, input, value } => {
                self.feed(slot, input, now, |sink, catalog| sink.exception(&value, catalog))
            }
            Incoming::InputEnd { slot, input, reason } => {
                if let Some(sink) = self.sink(slot, input) {
                    sink.end(reason);
                }
                Ok(())
            }
            Incoming::Cancel { slot, reason } => {
                self.cancel(slot, reason);
                Ok(())
            }
            Incoming::Leave(_) => return Some(Close(None)),
        };
        let error = fed.err()?;
        tracing::debug!("an element is unreadable: {}", error.without_content());
        let incoming = self.link.wire.lock().unreadable(text);
        matches!(incoming, Incoming::Leave(_)).then_some(Close(None))
    }

    fn sink(&self, slot: Slot, input: usize) -> Option<Arc<dyn InputSink>> {
        self.calls.get(slot.index())?.as_ref()?.inputs.get(input)?.clone()
    }

    /// When the call whose stream parameter is full is to be closed.
    fn full_deadline(&self) -> Option<Instant> {
        self.full.as_ref().map(|(_, _, since)| *since + self.server.limits.full_input_timeout)
    }

    /// Has a call end when its caller's sign-in expires.
    fn expire(&mut self, slot: Slot, end: UtcDateTime, now: Instant) {
        let Some(Some(call)) = self.calls.get_mut(slot.index()) else { return };
        if let Some((_, at)) = call.expires {
            self.expiring.remove(&(at, slot));
        }
        let at = now + authentications::next_look(end);
        call.expires = Some((end, at));
        self.expiring.insert((at, slot));
    }

    /// Ends the calls of which the caller's sign-in was revoked, and takes note of those that expire.
    fn take_sign_in_ends(&mut self, now: Instant) {
        let ends = std::mem::take(&mut self.link.queue.lock().sign_in_ends);
        for SignInEnd { call, at } in ends {
            let slot = call.slot();
            // Its slot may belong to another call by now.
            let open = self.calls.get(slot.index()).and_then(Option::as_ref);
            if !open.is_some_and(|open| Arc::ptr_eq(&open.core, &call)) {
                continue;
            }
            match at {
                EndsAt::Later(end) => self.expire(slot, end, now),
                EndsAt::Now(_done) => self.end(slot, CloseReason::Error, EndReason::Revoked),
            }
        }
    }

    /// Closes the call whose stream parameter has been full for too long.
    fn close_overdue(&mut self, now: Instant) {
        let overdue = self.full_deadline().is_some_and(|deadline| now >= deadline) && self.is_full();
        if let Some((slot, sink, _)) = self.full.take_if(|_| overdue) {
            // Where all parameters together hold too much, the call that holds the most has to go.
            let held =
                |call: &Call| call.inputs.iter().flatten().map(|sink| sink.held_bytes()).sum::<usize>();
            let calls = self.calls.iter().flatten();
            let most = calls.max_by_key(|call| held(call)).filter(|_| !sink.is_full_by_itself());
            let slot = most.map_or(slot, |call| call.core.slot());
            self.end(slot, CloseReason::Error, EndReason::NotRead);
        }
    }

    fn poll(&mut self, slot: Slot) {
        let Some(Some(call)) = self.calls.get_mut(slot.index()) else { return };
        call.core.set_polled();
        let mut context = Context::from_waker(&call.waker);
        let poll = catch_unwind(AssertUnwindSafe(|| call.driver.as_mut().poll(&mut context)));
        let cancelled = call.cancelled;
        match poll {
            Ok(Poll::Pending) => {
                call.core.close_dropped(&mut self.link.wire.lock(), true);
                if let Some(reason) = cancelled {
                    self.cancel(slot, reason);
                }
            }
            Ok(Poll::Ready(result)) => self.finish(slot, result),
            Err(panic) => self.finish(slot, Err(Ended::Failed(Error::panicked(&*panic)))),
        }
    }

    /// Ends a call whose method has ended.
    fn finish(&mut self, slot: Slot, result: Result<(), Ended>) {
        let Some(call) = self.take(slot) else { return };
        let elements = call.elements();
        let Call { driver, core, inputs, session, .. } = call;
        core.set_ended();
        // The method's hold on its stream parameters ends first, so that it is known which ones it had read.
        drop_quietly(driver);
        let mut wire = self.link.wire.lock();
        core.close_dropped(&mut wire, false);
        let reason = match result {
            Ok(()) => {
                wire.end(slot, CloseReason::Done);
                EndReason::Done
            }
            Err(Ended::Refused(refusal)) => {
                wire.refuse(slot, refusal.open_result());
                EndReason::from(&refusal)
            }
            Err(Ended::Failed(error)) => {
                session_log::failed(&session, &error);
                if let Some(exception) = error.as_exception()
                    && let Err(error) = wire.exception(slot, exception)
                {
                    session.log(Level::ERROR, format_args!("an exception cannot be sent: {error}"));
                }
                wire.end(slot, CloseReason::Error);
                EndReason::Failed
            }
        };
        drop(wire);
        session_log::ended(&session, reason, Some(elements));
        for sink in inputs.into_iter().flatten() {
            sink.end(CloseReason::Done);
        }
        session.close();
    }

    /// Takes a call out of the table.
    fn take(&mut self, slot: Slot) -> Option<Call> {
        let call = self.calls.get_mut(slot.index())?.take()?;
        if let Some((_, at)) = call.expires {
            self.expiring.remove(&(at, slot));
        }
        Some(call)
    }

    /// Ends a call because its caller does not want it any more. While the caller is being authenticated this waits, as
    /// everything that the caller sends does.
    fn cancel(&mut self, slot: Slot, reason: CloseReason) {
        let is_accepted = self.link.wire.lock().is_accepted(slot);
        match self.calls.get_mut(slot.index()) {
            Some(Some(call)) if !is_accepted => call.cancelled = Some(reason),
            _ => self.end(slot, reason, EndReason::Cancelled),
        }
    }

    /// Ends a call whose method has not: its caller does not want it any more, or may not have it. `told` is what its caller is
    /// told, and `reason` what the log is.
    fn end(&mut self, slot: Slot, told: CloseReason, reason: EndReason) {
        let Some(call) = self.take(slot) else { return };
        self.link.wire.lock().end(slot, told);
        call.let_go(&self.link, told, reason);
    }
}

impl Protocol for CallSet {
    fn receive(&mut self, text: &str, now: Instant) -> Taken {
        if self.receive_repeated(text, now) {
            return Taken::Unanswered;
        }
        self.receive_whole(text, now).map_or(Taken::Answered, Taken::Close)
    }

    fn run(&mut self) {
        let mut turn = std::mem::take(&mut self.turn);
        std::mem::swap(&mut turn, &mut self.link.queue.lock().ready);
        for slot in turn.drain(..) {
            self.poll(slot);
        }
        self.turn = turn;
    }

    fn is_full(&mut self) -> bool {
        if self.full.as_ref().is_some_and(|(_, sink, _)| !sink.is_full()) {
            self.full = None;
        }
        self.full.is_some()
    }

    fn unblock(&mut self) -> bool {
        let blocked = std::mem::take(&mut self.link.queue.lock().blocked);
        for slot in &blocked {
            if let Some(Some(call)) = self.calls.get(slot.index()) {
                call.waker.wake_by_ref();
            }
        }
        !blocked.is_empty()
    }

    fn deadline(&self) -> Option<Instant> {
        let expiry = self.expiring.first().map(|(at, _)| *at);
        self.full_deadline().into_iter().chain(expiry).min()
    }

    fn check_time(&mut self, now: Instant) -> Option<Close> {
        self.take_sign_in_ends(now);
        self.close_overdue(now);
        while let Some((_, slot)) = self.expiring.first().copied().filter(|(at, _)| *at <= now) {
            let expires = self.calls[slot.index()].as_ref().and_then(|call| call.expires);
            match expires.filter(|(end, _)| *end > UtcDateTime::now()) {
                Some((end, _)) => self.expire(slot, end, now),
                None => self.end(slot, CloseReason::Error, EndReason::Expired),
            }
        }
        None
    }

    fn disconnect(&mut self) {
        self.link.wire.lock().disconnect();
        let is_stopping = self.server.stopping.is_cancelled();
        let reason = if is_stopping { EndReason::Stopping } else { EndReason::Disconnected };
        for call in std::mem::take(&mut self.calls).into_iter().flatten() {
            call.let_go(&self.link, CloseReason::Done, reason);
        }
        self.full = None;
        self.expiring.clear();
        // Nobody has to wait for them.
        self.link.queue.lock().sign_in_ends.clear();
    }
}

impl Drop for CallSet {
    fn drop(&mut self) {
        self.disconnect();
    }
}

impl Call {
    fn elements(&self) -> Elements {
        Elements { received: self.received, sent: self.core.sent() }
    }

    /// Lets go of a call that its caller does not wait for any more: a returned stream is dropped, and a method that
    /// returns a value is handed over to a task of its own, where it runs to its end.
    fn let_go(self, link: &Arc<Link>, told: CloseReason, reason: EndReason) {
        self.core.set_ended();
        for sink in self.inputs.iter().flatten() {
            sink.abandon(told);
        }
        session_log::ended(&self.session, reason, Some(self.elements()));
        self.session.cancel();
        if self.method.returns_stream() {
            drop_quietly(self.driver);
            self.session.close();
            return;
        }
        run_to_end(self.driver, self.session, Some(Outliving::new(link)));
    }
}
