//! Calls that wait for their `Authorization` header.

use std::collections::HashMap;
use std::task::{Context, Poll};

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Abortable, abortable};
use futures_util::stream::FuturesUnordered;
use streampod_wire::CallId;

use crate::authorization::{Authorization, Header, Pending};
use crate::error::{CallError, RefusalReason};
use crate::link::Order;

/// The calls of a connection that wait for their `Authorization` header. They do not wait for each other.
pub(crate) struct Opening {
    authorization: Authorization,
    orders: HashMap<CallId, (Box<Order>, AbortHandle)>,
    /// The header of each; `None` if the one that was refused is the last.
    headers: FuturesUnordered<Waiting>,
}

/// A header that is waited for, until its call is cancelled.
type Waiting = Abortable<Pending<(CallId, Option<Header>)>>;

impl Opening {
    pub(crate) fn new(authorization: Authorization) -> Self {
        Self { authorization, orders: HashMap::new(), headers: FuturesUnordered::new() }
    }

    /// Asks for the header of a call; gives the call back if it needs none.
    pub(crate) fn begin(&mut self, order: Box<Order>) -> Option<Box<Order>> {
        let Some(header) = self.authorization.header() else { return Some(order) };
        self.wait(order, async move { Some(header.await) });
        None
    }

    /// Asks for another header of a call that was refused.
    pub(crate) fn again(&mut self, order: Box<Order>, refused: &Header) {
        let header = self.authorization.refreshed(refused);
        self.wait(order, header);
    }

    fn wait(&mut self, order: Box<Order>, header: impl Future<Output = Option<Header>> + Send + 'static) {
        let id = order.id;
        let header: Pending<_> = Box::pin(async move { (id, header.await) });
        let (header, abort) = abortable(header);
        self.orders.insert(id, (order, abort));
        self.headers.push(header);
    }

    /// The next call that can be opened. One that has no other header ends.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<(Box<Order>, Header)>> {
        while let Poll::Ready(Some(waited)) = self.headers.poll_next_unpin(context) {
            let Ok((id, header)) = waited else { continue };
            let Some((order, _)) = self.orders.remove(&id) else { continue };
            if let Some(header) = header {
                return Poll::Ready(Some((order, header)));
            }
            let error = CallError::Refused { call: order.name(), reason: RefusalReason::Unauthorized };
            order.sink.end(Err(error));
        }
        if self.orders.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Forgets a call, and drops the streams that were to feed it.
    pub(crate) fn cancel(&mut self, call: CallId) {
        if let Some((_, header)) = self.orders.remove(&call) {
            header.abort();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Ends every call.
    pub(crate) fn end(&mut self, error: &CallError) {
        for (_, (order, _)) in self.orders.drain() {
            order.sink.end(Err(error.clone()));
        }
    }
}
