//! The deprecated streaming endpoints.

#![allow(deprecated)]

mod connection;
mod handler;
mod messages;
mod races;

use std::time::Duration;

use streampod_client::fake::{FakeServer, FakeSocket};
use streampod_client::{Client, StreamingConnectionStatus};
use streampod_wire::Value;
use tokio::time::timeout;

use crate::kit::within;

const PING: &str = r#"{"command":"ping","args":{}}"#;
const PONG: &str = r#"{"command":"pong"}"#;

/// The next connection, whose ping is answered.
async fn accept(server: &mut FakeServer) -> FakeSocket {
    let mut socket = within(server.silent_socket()).await;
    assert_eq!(within(socket.receive_any()).await.as_deref(), Some(PING));
    socket.send(PONG).await;
    socket
}

/// Waits for a status.
async fn until(client: &Client, status: StreamingConnectionStatus) {
    within(client.streaming_connection_status().wait_for(|now| *now == status)).await.unwrap();
}

fn status(client: &Client) -> StreamingConnectionStatus {
    *client.streaming_connection_status().borrow()
}

/// Opens the connection and waits until it is connected.
async fn connected(client: &Client, server: &mut FakeServer) -> FakeSocket {
    let (opened, socket) = tokio::join!(client.open_streaming_connection(), accept(server));
    opened.unwrap();
    until(client, StreamingConnectionStatus::Connected).await;
    socket
}

/// Sends a message of an endpoint.
async fn say(socket: &mut FakeSocket, endpoint: &str, value: i64) {
    let text = format!(r#"{{"endpoint":"{endpoint}","object":{{"className":"int","data":{value}}}}}"#);
    socket.send(&text).await;
}

/// Asserts that the client opens no connection in a minute of paused time.
async fn opens_nothing(server: &mut FakeServer) {
    let socket = timeout(Duration::from_secs(60), server.silent_socket()).await;
    assert!(socket.is_err(), "{socket:?}");
}

fn int(value: Value) -> i64 {
    match value {
        Value::Int(value) => value,
        other => panic!("expected an int, found {other:?}"),
    }
}
