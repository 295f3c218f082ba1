//! What the tests share.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use streampod_client::fake::{self, FakeCall, FakeServer, FakeSocket};
use streampod_client::{CallStream, Client, ClientOptions};
use streampod_schema::Type;
use streampod_wire::{
    Answer, Catalog, Class, Decode, DecodeError, Decoder, Encode, Encoder, Exception, Model, required,
};

/// An exception, written out as the derive would write it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) message: String,
}

impl Trouble {
    pub(crate) fn new(message: &str) -> Self {
        Self { message: message.to_owned() }
    }
}

impl Encode for Trouble {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.fields(|fields| fields.field("message", &self.message));
    }
}

impl Decode for Trouble {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut message = None;
        decoder.fields(|name, decoder| match name {
            "message" => decoder.field("message", &mut message),
            _ => decoder.skip(),
        })?;
        Ok(Self { message: required("message", message)? })
    }
}

impl Model for Trouble {
    fn describe(catalog: &mut Catalog) -> Type {
        let schema = json!({ "kind": "exception", "name": Self::NAME, "docs": "", "fields": [] });
        catalog.class::<Self>(|_| serde_json::from_value(schema).unwrap())
    }
}

impl Class for Trouble {
    const NAME: &'static str = "Trouble";
}

impl Exception for Trouble {}

/// No test waits longer for anything.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(600), future).await.expect("this to happen soon")
}

/// A client that knows [`Trouble`], and its server.
pub(crate) fn client() -> (Client, FakeServer) {
    client_with(|_| {})
}

pub(crate) fn client_with(change: impl FnOnce(&mut ClientOptions)) -> (Client, FakeServer) {
    let mut options = ClientOptions::default().exception::<Trouble>();
    change(&mut options);
    fake::client(options)
}

/// Opens `test.count` and has it accepted.
pub(crate) async fn opened(
    client: &Client,
    server: &mut FakeServer,
) -> (CallStream<i64>, FakeSocket, FakeCall) {
    let stream = client.open("test", "count", &[]).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    (stream, socket, call)
}

/// The next frame, as its type and its data without endpoint, method and call.
pub(crate) async fn next(socket: &mut FakeSocket) -> (String, Json) {
    let text = within(socket.receive()).await.expect("a frame");
    let mut frame: Json = serde_json::from_str(&text).unwrap();
    let kind = frame["type"].as_str().unwrap().to_owned();
    let mut data = frame["data"].take();
    for head in ["en", "m", "cid"] {
        data.as_object_mut().unwrap().remove(head);
    }
    (kind, data)
}

/// What a stream yields, and the error that is its last element if there is one.
pub(crate) async fn collect<T: Answer>(
    stream: CallStream<T>,
) -> (Vec<T>, Option<streampod_client::CallError>) {
    let mut stream = stream;
    let mut values = Vec::new();
    while let Some(element) = within(stream.next()).await {
        match element {
            Ok(value) => values.push(value),
            Err(error) => {
                assert!(within(stream.next()).await.is_none(), "an error is the last element");
                return (values, Some(error));
            }
        }
    }
    (values, None)
}
