//! The deprecated streaming endpoints.

#![allow(deprecated)]

mod chat;
mod lifecycle;
mod recorder;
mod rights;
mod robustness;

use serde_json::{Value as Json, json};
use streampod::prelude::*;

use crate::kit::{Client, TestServer};

/// A message of the tests.
#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    text: String,
    #[model(server_only)]
    secret: Option<String>,
}

/// A message with a note.
fn note(endpoint: &str, text: &str) -> Json {
    json!({ "endpoint": endpoint, "object": { "className": "Note", "data": { "text": text } } })
}

fn ping() -> Json {
    json!({ "command": "ping", "args": {} })
}

fn pong() -> Json {
    json!({ "command": "pong" })
}

/// Signs in with another key, or out.
fn auth(key: Option<&str>) -> Json {
    json!({ "command": "auth", "args": { "key": key } })
}

impl TestServer {
    /// A client of the streaming endpoints.
    async fn stream(&self) -> Client {
        Client::connect_to(self.port(), "/websocket").await
    }

    /// Likewise, with a key.
    async fn stream_as(&self, key: &str) -> Client {
        Client::connect_to(self.port(), &format!("/websocket?auth={key}")).await
    }
}
