//! A streaming call that is being made.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use streampod_wire::{Answer, CallId, EncodeError, Model, NewCall};

use crate::authorization::is_refreshing;
use crate::call::Call;
use crate::call_stream::CallStream;
use crate::client::Client;
use crate::error::CallError;
use crate::input::{Feed, Input, StreamFeed};
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

    /// Feeds the stream parameter `name` with the elements of `input`, and ends it with them. An error ends it too: the method
    /// sees an exception with its type, and of any other error that there was one.
    ///
    /// The stream is polled once the server has accepted the call, by the connection's task and only while little waits to
    /// be sent; what takes long does not belong into it. It is dropped when the method wants no more, and with the call.
    pub fn input<M: Model>(mut self, name: &str, input: impl Input<M>) -> Self {
        self.inputs.push((name.to_owned(), <M as Answer>::element_type().class_name));
        self.feeds.push(Box::new(StreamFeed::new(input.into_results())));
        self
    }

    /// Feeds a stream parameter that may be left out, if there is an `input`.
    pub fn optional_input<M: Model>(self, name: &str, input: Option<impl Input<M>>) -> Self {
        match input {
            Some(input) => self.input(name, input),
            None => self,
        }
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
            // Asked for when the call is opened.
            authorization: None,
        };
        let sink = Arc::clone(&queue) as Arc<dyn Sink>;
        let link = shared.open(Order { id, new, inputs: self.feeds, sink, once: is_refreshing() });
        CallStream::new(queue, link.map(|link| (link, id)))
    }

    /// Opens a call that answers with one value, or with nothing, once that is awaited. It fails if the call does not end
    /// well, or ends without a value.
    ///
    /// # Panics
    ///
    /// What it returns panics if it is polled outside of a tokio runtime.
    pub fn value(self) -> Call<T> {
        let call = format!("{}.{}", self.endpoint, self.method);
        Call::new(async move {
            let mut stream = self.stream();
            let mut value = None;
            while let Some(element) = stream.next().await {
                let element = element?;
                value.get_or_insert(element);
            }
            value.or_else(T::nothing).ok_or(CallError::NoValue { call })
        })
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
