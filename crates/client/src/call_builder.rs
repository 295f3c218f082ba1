//! A streaming call that is being made.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use streampod_wire::{Answer, CallId, EncodeError, Model, NewCall};

use crate::call_stream::CallStream;
use crate::client::Client;
use crate::error::CallError;
use crate::input::{Feed, InputError, StreamFeed};
use crate::link::Order;
use crate::queue::{Queue, Sink};

/// A streaming call that is being made by [`Client::open`]: give it the streams that feed it, then take what it returns by
/// [`stream`](Self::stream) or [`value`](Self::value).
#[must_use = "the call is opened by `stream` or `value`"]
pub struct CallBuilder<T> {
    client: Client,
    endpoint: String,
    method: String,
    arguments: Result<Bytes, EncodeError>,
    inputs: Vec<(String, String)>,
    feeds: Vec<Box<dyn Feed>>,
    answer: PhantomData<fn() -> T>,
}

impl<T: Answer> CallBuilder<T> {
    pub(crate) fn new(
        client: Client,
        endpoint: &str,
        method: &str,
        arguments: Result<Bytes, EncodeError>,
    ) -> Self {
        let (endpoint, method) = (endpoint.to_owned(), method.to_owned());
        Self { client, endpoint, method, arguments, inputs: vec![], feeds: vec![], answer: PhantomData }
    }

    /// Feeds the stream parameter `name` with the elements of `stream`, and ends it with them.
    ///
    /// The stream is polled once the server has accepted the call, by the connection's task and only while little waits to
    /// be sent; what takes long does not belong into it. It is dropped when the method wants no more, and with the call.
    pub fn input<M: Model>(self, name: &str, stream: impl Stream<Item = M> + Send + 'static) -> Self {
        self.try_input(name, stream.map(Ok::<M, NeverFails>))
    }

    /// Feeds the stream parameter `name` like [`input`](Self::input); an error ends it. The method sees an exception with
    /// its type, and of any other error that there was one.
    pub fn try_input<M: Model, E: Into<InputError>>(
        mut self,
        name: &str,
        stream: impl Stream<Item = Result<M, E>> + Send + 'static,
    ) -> Self {
        self.inputs.push((name.to_owned(), <M as Answer>::element_type().class_name));
        self.feeds.push(Box::new(StreamFeed::new(stream)));
        self
    }

    /// Opens the call: the elements that the method yields. What goes wrong is an element too.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn stream(self) -> CallStream<T> {
        let shared = &self.client.shared;
        let queue =
            Arc::new(Queue::new(shared.options.buffered_elements_max, shared.options.buffered_bytes_max));
        let arguments = match self.arguments {
            Ok(arguments) => arguments,
            Err(error) => {
                queue.end(Err(error.into()));
                return CallStream::new(queue, None);
            }
        };
        let id = CallId::random();
        let new = NewCall {
            endpoint: self.endpoint,
            method: self.method,
            arguments,
            inputs: self.inputs,
            authorization: shared.options.authorization.header(),
        };
        let sink = Arc::clone(&queue) as Arc<dyn Sink>;
        let link = shared.open(Order { id, new, inputs: self.feeds, sink });
        CallStream::new(queue, link.map(|link| (link, id)))
    }

    /// Opens a call that answers with one value, or with nothing, and waits for that and for the call's end.
    ///
    /// # Errors
    ///
    /// Fails if the call does not end well, or ends without a value.
    ///
    /// # Cancel safety
    ///
    /// Giving up cancels the call. The method runs to its end all the same: it returns no stream.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub async fn value(self) -> Result<T, CallError> {
        let call = format!("{}.{}", self.endpoint, self.method);
        let mut stream = self.stream();
        let mut value = None;
        while let Some(element) = stream.next().await {
            let element = element?;
            value.get_or_insert(element);
        }
        value.or_else(T::nothing).ok_or(CallError::NoValue { call })
    }
}

/// What a stream of plain elements fails with.
enum NeverFails {}

impl From<NeverFails> for InputError {
    fn from(never: NeverFails) -> Self {
        match never {}
    }
}

impl<T> std::fmt::Debug for CallBuilder<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallBuilder")
            .field("endpoint", &self.endpoint)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
