//! Message channels inside one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use streampod::prelude::*;
use streampod::wire::{Catalog, Class, Decode, DecodeError, Decoder, Encode, Encoder, Model as WireModel};
use streampod::{OnLag, SubscribeOptions, schema};
use tokio::sync::{Notify, mpsc};

use crate::kit::{Call, TestServer, config, within};

/// A message that counts how often it is encoded.
#[derive(Clone)]
struct Counting(Arc<AtomicUsize>);

impl Encode for Counting {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        encoder.fields(|fields| fields.field("text", &"x".repeat(100)));
    }
}

impl Decode for Counting {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.skip().map(|()| Self(Arc::default()))
    }
}

impl WireModel for Counting {
    fn describe(catalog: &mut Catalog) -> schema::Type {
        catalog.class::<Self>(|_| {
            schema::Model::Custom(schema::Custom {
                name: Self::NAME.to_owned(),
                docs: String::new(),
                deprecated: None,
            })
        })
    }
}

impl Class for Counting {
    const NAME: &'static str = "Counting";
}

#[derive(Default)]
struct Channels {
    encodings: Arc<AtomicUsize>,
    heard: Arc<Notify>,
}

#[endpoint]
impl Channels {
    fn typed(&self, session: &Session) -> impl Stream<Item = Result<Shared<Counting>>> {
        session.messages().stream::<Counting>("counting")
    }

    fn dynamic(&self, session: &Session) -> impl Stream<Item = Result<Value>> {
        let messages = session.messages().stream::<Counting>("counting");
        messages.try_filter(|_| std::future::ready(true)).map_ok(Value::from)
    }

    fn anything(&self, session: &Session) -> impl Stream<Item = Result<Shared<Value>>> {
        session.messages().stream::<Value>("counting")
    }

    async fn post(&self, session: &Session) -> Result<()> {
        session.messages().post("counting", Counting(Arc::clone(&self.encodings))).await
    }

    async fn post_text(&self, session: &Session) -> Result<()> {
        session.messages().post("counting", "text".to_owned()).await
    }

    async fn post_number(&self, session: &Session, channel: String, number: i64) -> Result<()> {
        session.messages().post(&channel, number).await
    }

    /// Posts `count` numbers before the caller's own stream is polled again, and yields what comes of it.
    fn lagging(
        &self,
        session: &Session,
        bound: i64,
        on_lag: String,
        count: i64,
    ) -> impl Stream<Item = Result<String>> {
        let on_lag = match on_lag.as_str() {
            "close" => OnLag::Close,
            "keepNewest" => OnLag::KeepNewest,
            _ => OnLag::Report,
        };
        let options = SubscribeOptions { bound: bound.try_into().unwrap_or(1), on_lag };
        let mut messages = session.messages().stream_with::<i64>("lagging", options);
        try_stream! {
            for number in 0..count {
                session.messages().post("lagging", number).await?;
            }
            for _ in 0..bound + 1 {
                match futures_util::poll!(messages.next()) {
                    std::task::Poll::Ready(Some(Ok(number))) => yield number.to_string(),
                    std::task::Poll::Ready(Some(Err(error))) => yield error.to_string(),
                    std::task::Poll::Ready(None) => yield "ended".to_owned(),
                    std::task::Poll::Pending => yield format!("missed {}", messages.missed()),
                }
            }
        }
    }

    fn numbers(&self, session: &Session, channel: String) -> impl Stream<Item = Result<Shared<i64>>> {
        session.messages().stream::<i64>(&channel)
    }

    /// Removes its listener when it is told to; yields what the listener heard.
    fn listens(&self, session: &Session, until: i64) -> impl Stream<Item = Result<i64>> {
        let (heard, mut hears) = mpsc::channel(16);
        let listener = session.messages().add_listener("listened", move |number: Shared<i64>| {
            let heard = heard.clone();
            async move {
                let _ = heard.send(*number).await;
            }
        });
        let told = Arc::clone(&self.heard);
        stream! {
            let mut listener = Some(listener);
            while let Some(number) = hears.recv().await {
                if number == until && let Some(listener) = listener.take() {
                    listener.remove();
                }
                yield Ok(number);
            }
            told.notify_one();
        }
    }
}

async fn start() -> (TestServer, Arc<AtomicUsize>) {
    let channels = Channels::default();
    let encodings = Arc::clone(&channels.encodings);
    (TestServer::of(Server::new(config()).endpoint(channels)).await, encodings)
}

/// 10,000 streaming methods pass one message on, half of them as a dynamic value: it is encoded once.
#[tokio::test]
async fn a_message_is_encoded_once() {
    const CONNECTIONS: u32 = 20;
    const CALLS: u32 = 500;
    let (server, encodings) = start().await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut client = server.connect().await;
        let calls: Vec<_> = (1..=CALLS)
            .map(|n| Call::new(n, "channels", if n % 2 == 0 { "typed" } else { "dynamic" }))
            .collect();
        client.send_together(calls.iter().map(|call| call.open(json!({}), &[]))).await;
        for call in &calls {
            client.expect(call.opened("success")).await;
        }
        clients.push((client, calls));
    }
    assert_eq!(server.stats().subscriptions, (CONNECTIONS * CALLS) as usize);
    assert_eq!(server.stats().channels, 1);
    assert_eq!(server.post("/channels/post", json!({})).await.body, "null");
    for (client, calls) in &mut clients {
        for call in calls {
            client.expect(call.element("Counting", json!({ "text": "x".repeat(100) }))).await;
        }
    }
    assert_eq!(encodings.load(Ordering::Relaxed), 1);
    drop(clients);
    server.until_idle().await;
}

#[tokio::test]
async fn a_gap_is_reported_counted_or_the_end() {
    let (server, _) = start().await;
    for (on_lag, expected) in [
        ("report", ["missed 2 messages on channel `lagging` by falling behind", "2", "3", "4"]),
        ("keepNewest", ["2", "3", "4", "missed 2"]),
        ("close", ["missed 2 messages on channel `lagging` by falling behind", "ended", "ended", "ended"]),
    ] {
        let mut client = server.connect().await;
        let call = Call::new(1, "channels", "lagging");
        client.send(call.open(json!({ "bound": 3, "onLag": on_lag, "count": 5 }), &[])).await;
        client.expect(call.opened("success")).await;
        for text in expected {
            client.expect(call.element("String", json!(text))).await;
        }
        client.expect(call.close("done")).await;
    }
}

#[tokio::test]
async fn messages_arrive_in_order_on_their_channel_alone() {
    let (server, _) = start().await;
    let mut client = server.connect().await;
    let (one, two) = (Call::new(1, "channels", "numbers"), Call::new(2, "channels", "numbers"));
    client.send(one.open(json!({ "channel": "one" }), &[])).await;
    client.expect(one.opened("success")).await;
    client.send(two.open(json!({ "channel": "two" }), &[])).await;
    client.expect(two.opened("success")).await;
    for number in 0..50 {
        server.post("/channels/postNumber", json!({ "channel": "one", "number": number })).await;
    }
    server.post("/channels/postNumber", json!({ "channel": "two", "number": 99 })).await;
    for number in 0..50 {
        client.expect(one.element("int", json!(number))).await;
    }
    client.expect(two.element("int", json!(99))).await;
}

#[tokio::test]
async fn a_message_of_another_type_fails_the_stream() {
    let (server, _) = start().await;
    let mut client = server.connect().await;
    let call = Call::new(1, "channels", "numbers");
    client.send(call.open(json!({ "channel": "counting" }), &[])).await;
    client.expect(call.opened("success")).await;
    server.post("/channels/post", json!({})).await;
    client.expect(call.close("error")).await;
    server.until("no subscription", |stats| stats.subscriptions == 0).await;
}

/// A channel with messages of different types is listened to as dynamic values, which are not encoded anew.
#[tokio::test]
async fn a_dynamic_stream_takes_every_message() {
    let (server, encodings) = start().await;
    let mut client = server.connect().await;
    let (anything, typed) = (Call::new(1, "channels", "anything"), Call::new(2, "channels", "typed"));
    for call in [&anything, &typed] {
        client.send(call.open(json!({}), &[])).await;
        client.expect(call.opened("success")).await;
    }
    server.post("/channels/post", json!({})).await;
    let data = json!({ "text": "x".repeat(100) });
    client.expect(anything.element("Counting", data.clone())).await;
    client.expect(typed.element("Counting", data)).await;
    assert_eq!(encodings.load(Ordering::Relaxed), 1);
    server.post("/channels/postText", json!({})).await;
    client.expect(anything.element("String", json!("text"))).await;
    client.expect(typed.close("error")).await;
}

#[tokio::test]
async fn a_listener_hears_until_it_is_removed_or_its_session_closes() {
    let (server, _) = start().await;
    let mut client = server.connect().await;
    let call = Call::new(1, "channels", "listens");
    client.send(call.open(json!({ "until": 2 }), &[])).await;
    client.expect(call.opened("success")).await;
    for number in 1..=2 {
        server.post("/channels/postNumber", json!({ "channel": "listened", "number": number })).await;
        client.expect(call.element("int", json!(number))).await;
    }
    // Removed: the listener's end of the method's own channel is gone.
    client.expect(call.close("done")).await;
    assert_eq!((server.stats().subscriptions, server.stats().channels), (0, 0));

    client.send(call.open(json!({ "until": -1 }), &[])).await;
    client.expect(call.opened("success")).await;
    server.until("a listener", |stats| stats.subscriptions == 1 && stats.tasks == 1).await;
    client.send(call.close("done")).await;
    client.expect(call.close("done")).await;
    within("no listener", server.until("no listener", |stats| stats.subscriptions == 0 && stats.tasks == 0))
        .await;
}
