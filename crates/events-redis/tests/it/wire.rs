//! What travels, as servers that are not ours see it.

use redis::PushInfo;
use streampod_events_redis::RedisSettings;
use streampod_schema::{self as schema, Type};
use streampod_wire::{
    Catalog, Class, Decode, DecodeError, Decoder, Encode, Encoder, Model, Shared, Value, required,
};
use tracing::Level;

use crate::kit::{RedisServer, connect, expect, next, post, subscribe, within};
use crate::logs::Logs;

#[derive(Debug, Clone, PartialEq)]
struct SimpleData {
    num: i64,
}

impl Encode for SimpleData {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.fields(|fields| fields.field("num", &self.num));
    }
}

impl Decode for SimpleData {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut num = None;
        decoder.fields(|key, decoder| match key {
            "num" => decoder.field(key, &mut num),
            _ => decoder.skip(),
        })?;
        Ok(Self { num: required("num", num)? })
    }
}

impl Model for SimpleData {
    fn describe(catalog: &mut Catalog) -> Type {
        catalog.class::<Self>(|catalog| {
            schema::Model::Class(schema::Class {
                name: Self::NAME.to_owned(),
                fields: vec![schema::Field::new("num", i64::describe(catalog))],
                ..Default::default()
            })
        })
    }
}

impl Class for SimpleData {
    const NAME: &'static str = "SimpleData";
}

/// Servers written in Dart name the class inside too, and some writers put spaces.
#[tokio::test]
async fn messages_of_other_servers_are_read() {
    let server = RedisServer::start().await;
    let mut catalog = Catalog::new();
    SimpleData::describe(&mut catalog);
    let broker = streampod_events_redis::RedisBroker::connect(server.settings(), catalog.into());
    let mut typed = subscribe::<SimpleData>(&broker, "a").await;
    let mut dynamic = subscribe::<Value>(&broker, "a").await;
    let mut client = server.client().await;
    let texts = [
        r#"{"className":"SimpleData","data":{"__className__":"SimpleData","num":1}}"#,
        "{ \"className\" : \"SimpleData\" ,\n \"data\" : { \"__className__\" : \"SimpleData\" , \"num\" : 1 } }",
    ];
    for text in texts {
        let receivers: i64 = client.run_with(&["PUBLISH", "a", text]).await;
        assert_eq!(receivers, 1);
        assert_eq!(next(&mut typed).await, Ok(Shared::new(SimpleData { num: 1 })));
        let value = next(&mut dynamic).await.unwrap();
        assert_eq!(Encoder::encode(&value).unwrap(), r#"{"className":"SimpleData","data":{"num":1}}"#);
    }
}

/// Other servers get the value with its class name, and nothing else.
#[tokio::test]
async fn messages_are_what_other_servers_read() {
    let server = RedisServer::start().await;
    let broker = connect(server.settings());
    let (sender, mut pushes) = tokio::sync::mpsc::unbounded_channel::<PushInfo>();
    let client = redis::Client::open(format!("redis://127.0.0.1:{}/?protocol=resp3", server.port())).unwrap();
    let config = redis::AsyncConnectionConfig::new().set_push_sender(sender);
    let mut other = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    other.subscribe("a").await.unwrap();
    let message = SimpleData { num: 7 }.into_object();
    within(streampod_events::Broker::post(&*broker, "a", message)).await.unwrap();
    let text = within(async {
        loop {
            let push = pushes.recv().await.unwrap();
            if push.kind == redis::PushKind::Message {
                break redis::from_redis_value::<String>(push.data[1].clone()).unwrap();
            }
        }
    })
    .await;
    assert_eq!(text, r#"{"className":"SimpleData","data":{"num":7}}"#);
}

/// What is no message is skipped, and its text is not logged.
#[tokio::test]
async fn what_is_no_message_is_skipped() {
    let logs = Logs::capture();
    let server = RedisServer::start().await;
    let broker = crate::kit::connected(RedisSettings { ..server.settings() }).await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    let mut client = server.client().await;
    let texts: [&[u8]; 6] = [
        b"private",
        b"",
        b"{\"className\":\"private",
        b"{\"private\":1}",
        b"[\"private\"]",
        b"{\"className\":\"int\",\"data\":\"\xff private\"}",
    ];
    for text in texts {
        let _: i64 = client.run_with(&[b"PUBLISH" as &[u8], b"a", text]).await;
    }
    post(&broker, "a", 1).await;
    expect(&mut messages, 1).await;
    let warnings = logs.lines(Level::WARN);
    assert_eq!(warnings.len(), texts.len(), "{warnings:#?}");
    assert!(warnings[0].contains("channel=\"a\" bytes=7"), "{warnings:#?}");
    assert!(!logs.text().contains("private"), "{}", logs.text());
}

/// Names and messages of any kind.
#[tokio::test]
async fn names_and_sizes_do_not_matter() {
    let server = RedisServer::start().await;
    let broker = connect(server.settings());
    for name in ["", " ", "a\r\nb", "*", "ünï \u{1f600}", &"long ".repeat(1000)] {
        let mut messages = subscribe::<String>(&broker, name).await;
        for text in [String::new(), "\0\r\n\"\\".to_owned(), "x".repeat(10_000_000)] {
            let posted =
                within(streampod_events::Broker::post(&*broker, name, text.clone().into_object())).await;
            posted.unwrap();
            assert!(*next(&mut messages).await.unwrap() == text, "{} bytes", text.len());
        }
    }
}
