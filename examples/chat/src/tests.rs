//! Tests of what clients call, over a server in memory.

mod account;
mod chat;
mod late_store;
mod presence;

use std::fmt::Debug;
use std::sync::Arc;

use streampod::auth::{MemoryStore, Store};
use streampod::prelude::*;
use streampod_testing::client::{Authorization, CallError, CallStream, Client, ClientOptions};
use streampod_testing::{TestApp, soon};

use crate::models::{self, ChatEvent, Message, SignInFailed, SignedIn};

/// A chat of its own, which keeps nothing.
fn app() -> TestApp {
    app_with(Arc::new(MemoryStore::new()))
}

fn app_with(store: Arc<dyn Store>) -> TestApp {
    TestApp::new(|server| crate::api(server, store))
}

fn client(app: &TestApp, token: Option<String>) -> Client {
    let mut options = ClientOptions::default().models(models::all);
    options.authorization = Authorization::new(move || token.as_ref().map(|token| format!("Bearer {token}")));
    app.anonymous().client(options)
}

/// Signs in on a device.
async fn sign_in_as(app: &TestApp, name: &str, password: &str) -> Result<SignedIn, CallError> {
    let client = client(app, None);
    let (name, password, device) = (name.to_owned(), password.to_owned(), "a test".to_owned());
    let arguments: [(&str, &dyn streampod::wire::Encode); 3] =
        [("name", &name), ("password", &password), ("device", &device)];
    soon(client.call("account", "signIn", &arguments)).await
}

/// A client of a user, on a device of its own.
async fn device_of(app: &TestApp, name: &str) -> Client {
    let signed_in = sign_in_as(app, name, "correct horse").await.unwrap();
    client(app, Some(signed_in.token))
}

/// The next element of a stream.
async fn next<T, E: Debug>(stream: &mut (impl Stream<Item = Result<T, E>> + Unpin)) -> T {
    soon(stream.next()).await.expect("another element").unwrap()
}

fn follow(client: &Client, room: &str) -> CallStream<ChatEvent> {
    client.open("chat", "room", &[("name", &room.to_owned())]).stream()
}

fn inbox(client: &Client) -> CallStream<ChatEvent> {
    client.open("chat", "inbox", &[]).stream()
}

/// What was said before, which is the first element of a stream.
async fn earlier(stream: &mut CallStream<ChatEvent>) -> Vec<String> {
    match next(stream).await {
        ChatEvent::Earlier(earlier) => earlier.messages.into_iter().map(|message| message.text).collect(),
        other => panic!("expected what was said before, found {other:?}"),
    }
}

/// What is said now.
async fn said(stream: &mut CallStream<ChatEvent>) -> Message {
    match next(stream).await {
        ChatEvent::Said(said) => said.message,
        other => panic!("expected a message, found {other:?}"),
    }
}

async fn post(client: &Client, room: &str, text: &str) -> Result<Message, CallError> {
    let (id, room, text) = (Uuid::new_v4(), room.to_owned(), text.to_owned());
    soon(client.call("chat", "post", &[("id", &id), ("room", &room), ("text", &text)])).await
}

async fn direct(client: &Client, user: &str, text: &str) -> Result<Message, CallError> {
    let (id, user, text) = (Uuid::new_v4(), user.to_owned(), text.to_owned());
    soon(client.call("chat", "direct", &[("id", &id), ("user", &user), ("text", &text)])).await
}

fn why(error: &CallError) -> String {
    error.exception::<models::NotSent>().expect("a reason").message.clone()
}

fn failed(error: CallError) -> SignInFailed {
    error.exception::<SignInFailed>().expect("a reason").clone()
}
