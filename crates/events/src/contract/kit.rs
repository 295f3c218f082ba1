//! What the tests share.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use streampod_schema::{self as schema, Type};
use streampod_wire::{
    Catalog, Class, Decode, DecodeError, Decoder, Encode, Encoder, Model, Shared, required,
};

use super::Brokers;
use crate::broker::Broker;
use crate::options::SubscribeOptions;
use crate::subscription::{Subscription, SubscriptionError};

/// How long anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A broker alone.
pub(super) async fn one(brokers: &impl Brokers) -> Arc<dyn Broker> {
    brokers.make(1).await.pop().expect("one broker")
}

pub(super) fn listen<T: Model>(
    broker: &Arc<dyn Broker>,
    channel: &str,
    options: SubscribeOptions,
) -> Subscription<T> {
    broker.channels().subscribe(channel, options)
}

/// A subscription that loses nothing.
pub(super) fn messages<T: Model>(broker: &Arc<dyn Broker>, channel: &str) -> Subscription<T> {
    listen(broker, channel, SubscribeOptions { bound: 100_000, ..Default::default() })
}

pub(super) fn numbers(broker: &Arc<dyn Broker>, channel: &str) -> Subscription<i64> {
    messages(broker, channel)
}

pub(super) async fn post(broker: &Arc<dyn Broker>, channel: &str, message: impl Model) {
    within(broker.post(channel, message.into_object())).await.expect("the post is accepted");
}

pub(super) async fn next<T: Model>(
    messages: &mut Subscription<T>,
) -> Option<Result<Shared<T>, SubscriptionError>> {
    let channel = messages.channel().to_owned();
    tokio::time::timeout(PATIENCE, messages.next())
        .await
        .unwrap_or_else(|_| panic!("expected a message on `{channel}` within {PATIENCE:?}"))
}

pub(super) async fn expect(messages: &mut Subscription<i64>, number: i64) {
    assert_eq!(next(messages).await, Some(Ok(Shared::new(number))), "on `{}`", messages.channel());
}

/// Expects that a message is the next one that arrives: what was posted before did not.
pub(super) async fn expect_nothing_before(
    broker: &Arc<dyn Broker>,
    messages: &mut Subscription<i64>,
    mark: i64,
) {
    let channel = messages.channel().to_owned();
    post(broker, &channel, mark).await;
    expect(messages, mark).await;
}

pub(super) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("it took more than {PATIENCE:?}"))
}

/// A model with a field that clients do not see.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) password_hash: Option<String>,
}

impl Encode for Account {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.fields(|fields| {
            fields.field("name", &self.name);
            fields.known_server_field(",\"passwordHash\":", &self.password_hash);
        });
    }
}

impl Decode for Account {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let (mut name, mut password_hash) = (None, None);
        decoder.fields(|key, decoder| match key {
            "name" => decoder.field(key, &mut name),
            "passwordHash" => decoder.server_field(key, &mut password_hash),
            _ => decoder.skip(),
        })?;
        Ok(Self { name: required("name", name)?, password_hash: required("passwordHash", password_hash)? })
    }
}

impl Model for Account {
    fn describe(catalog: &mut Catalog) -> Type {
        catalog.class::<Self>(|catalog| {
            let secret = schema::Field {
                server_only: true,
                ..schema::Field::new("passwordHash", Option::<String>::describe(catalog))
            };
            schema::Model::Class(schema::Class {
                name: Self::NAME.to_owned(),
                fields: vec![schema::Field::new("name", String::describe(catalog)), secret],
                ..Default::default()
            })
        })
    }
}

impl Class for Account {
    const NAME: &'static str = "Account";
}
