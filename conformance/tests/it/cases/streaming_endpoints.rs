//! The cases of the deprecated streaming endpoints; their format is described in
//! `conformance/cases/streaming_endpoints/README.md`.

#![allow(deprecated)]

use std::collections::BTreeMap;
use std::time::Duration;

use conformance_client::Client;
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use streampod_client::{
    ClientOptions, StreamingConnectionHandler, StreamingConnectionHandlerStatus, StreamingConnectionStatus,
    StreamingMessages, StreamingSendError,
};
use streampod_wire::Value;

use super::answer::{read, write};
use super::login::{Login, with_header};
use super::proxy::Proxy;
use super::table::{self, Network};
use crate::kit::{TestServer, within};

/// How often a handler tries again.
const RETRY_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    /// The scopes with which the client is signed in.
    sign_in: Option<Vec<String>>,
    /// Whether the connection is that of a handler.
    #[serde(default)]
    handler: bool,
    /// Each has one key that says what it does, and perhaps `object`.
    steps: Vec<Map<String, Json>>,
}

/// Plays all cases at once, each with a server of its own: they would sign each other out.
pub(super) async fn play_all() {
    let cases: Vec<Case> = table::read("streaming_endpoints/cases");
    assert!(!cases.is_empty());
    join_all(cases.into_iter().map(play)).await;
}

async fn play(case: Case) {
    let server = TestServer::start().await;
    let proxy = Proxy::start(server.port()).await;
    let header = match &case.sign_in {
        Some(scopes) => Some(Login::new(server.port(), scopes).await.header()),
        None => None,
    };
    let options = with_header(ClientOptions::default(), header);
    let client = Client::with_options(&format!("http://127.0.0.1:{}/", proxy.port), options).unwrap();
    let handler =
        case.handler.then(|| StreamingConnectionHandler::new(client.runtime()).retry_every(RETRY_EVERY));
    let endpoints = case.steps.iter().flat_map(|step| step.values()).filter_map(Json::as_str);
    let streams = endpoints.filter_map(|name| Some((name.to_owned(), stream(&client, name)?))).collect();
    let mut player = Player { server, proxy, client, handler, streams };
    for (index, step) in case.steps.iter().enumerate() {
        let what = format!("{}: step {}, {step:?}", case.name, index + 1);
        within(&what, player.step(step, &what)).await;
    }
    player.client.runtime().close();
    player.proxy.until_streaming_closed().await;
    assert_eq!(player.proxy.until_closed().await, 0, "{}: nobody makes a streaming call", case.name);
    player.server.until_idle().await;
}

/// The messages of an endpoint, by the method that is generated for it; none if there is no such endpoint.
fn stream(client: &Client, endpoint: &str) -> Option<StreamingMessages> {
    Some(match endpoint {
        "streaming" => client.streaming.stream(),
        "customTypes" => client.custom_types.stream(),
        "signInRequired" => client.sign_in_required.stream(),
        "adminScopeRequired" => client.admin_scope_required.stream(),
        "serverpod_test_module.streaming" => client.serverpod_test_module.streaming.stream(),
        _ => return None,
    })
}

async fn send(client: &Client, endpoint: &str, message: Value) -> Result<(), StreamingSendError> {
    match endpoint {
        "streaming" => client.streaming.send_stream_message(message).await,
        "customTypes" => client.custom_types.send_stream_message(message).await,
        "signInRequired" => client.sign_in_required.send_stream_message(message).await,
        "adminScopeRequired" => client.admin_scope_required.send_stream_message(message).await,
        "serverpod_test_module.streaming" => {
            client.serverpod_test_module.streaming.send_stream_message(message).await
        }
        _ => panic!("there is no streaming endpoint `{endpoint}`"),
    }
}

/// What takes the steps of a case.
struct Player {
    server: TestServer,
    proxy: Proxy,
    client: Client,
    handler: Option<StreamingConnectionHandler>,
    streams: BTreeMap<String, StreamingMessages>,
}

impl Player {
    /// Takes a step, which is called `what`.
    async fn step(&mut self, step: &Map<String, Json>, what: &str) {
        let (action, value) = step.iter().find(|(key, _)| *key != "object").unwrap();
        let text = value.as_str().unwrap_or_default();
        let message = || read::<Value>(&step["object"].to_string());
        let runtime = self.client.runtime();
        match (action.as_str(), &self.handler) {
            ("open", handler) => {
                match handler {
                    Some(handler) => handler.connect(),
                    None => runtime
                        .open_streaming_connection()
                        .await
                        .unwrap_or_else(|error| panic!("{what}: {error}")),
                }
                self.reach(text).await;
            }
            ("send", _) => {
                send(&self.client, text, message()).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            ("receive", _) => {
                let received = self.stream(text).next().await.unwrap();
                let received = received.unwrap_or_else(|error| panic!("{what}: {error}"));
                let received: Json = serde_json::from_str(&write(&received)).unwrap();
                assert_eq!(received, step["object"], "{what}");
            }
            ("silent", _) => {
                let next = self.stream(text).next().now_or_never();
                assert!(next.is_none(), "{what}: {next:?}");
            }
            ("authenticate", _) => {
                let header = match value.as_array() {
                    Some(scopes) => {
                        let scopes: Vec<_> = scopes.iter().filter_map(Json::as_str).collect();
                        Some(Login::new(self.server.port(), &scopes).await.header())
                    }
                    None => None,
                };
                let key = header.as_deref().and_then(|header| header.strip_prefix("Bearer "));
                runtime.update_streaming_connection_authentication_key(key).await;
            }
            ("cut", _) => {
                self.proxy.set(Network::Cut).await;
                self.proxy.until_streaming_closed().await;
                self.proxy.forward().await;
            }
            ("refuse", _) if value == true => self.proxy.set(Network::Refuse).await,
            ("refuse", _) => self.proxy.forward().await,
            ("status", _) => self.reach(text).await,
            ("close", Some(handler)) => handler.close().await,
            ("close", None) => runtime.close_streaming_connection().await,
            ("fails", _) => {
                let sent = send(&self.client, text, message()).await;
                assert!(matches!(sent, Err(StreamingSendError::NotConnected)), "{what}: {sent:?}");
            }
            (action, _) => panic!("{what}: there is no step `{action}`"),
        }
    }

    fn stream(&mut self, endpoint: &str) -> &mut StreamingMessages {
        self.streams.get_mut(endpoint).unwrap()
    }

    /// Waits for a status: of the handler, if there is one.
    async fn reach(&self, status: &str) {
        if let Some(handler) = &self.handler {
            let status = match status {
                "connected" => StreamingConnectionHandlerStatus::Connected,
                "connecting" => StreamingConnectionHandlerStatus::Connecting,
                "disconnected" => StreamingConnectionHandlerStatus::Disconnected,
                "waitingToRetry" => StreamingConnectionHandlerStatus::WaitingToRetry,
                _ => panic!("a handler has no status `{status}`"),
            };
            handler.state().wait_for(|state| state.status == status).await.unwrap();
        } else {
            let status = match status {
                "connected" => StreamingConnectionStatus::Connected,
                "connecting" => StreamingConnectionStatus::Connecting,
                "disconnected" => StreamingConnectionStatus::Disconnected,
                _ => panic!("a client has no status `{status}`"),
            };
            let mut statuses = self.client.runtime().streaming_connection_status();
            statuses.wait_for(|now| *now == status).await.unwrap();
        }
    }
}
