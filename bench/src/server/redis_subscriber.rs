//! The client library of Redis alone: it receives what is published on channels, and passes on one of many messages.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisConnectionInfo, Value,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::EACH;

/// Who listens to a channel, by its name.
type Listeners = Arc<Mutex<HashMap<Vec<u8>, Listener>>>;

struct Listener {
    received: u64,
    passed_on: mpsc::UnboundedSender<Utf8Bytes>,
}

/// Serves until the process is ended.
pub(crate) async fn serve(address: SocketAddr, redis: u16) -> anyhow::Result<()> {
    let listeners = Listeners::default();
    let heard = listeners.clone();
    // Called while the connection is read, so that no queue is between.
    let config = AsyncConnectionConfig::new().set_push_sender(move |push: PushInfo| -> Result<(), ()> {
        receive(&heard, &push);
        Ok(())
    });
    let info: ConnectionInfo = (Ipv4Addr::LOCALHOST.to_string(), redis).into_connection_info()?;
    let login = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(login))?;
    let redis = client.get_multiplexed_async_connection_with_config(&config).await?;
    let listener = TcpListener::bind(address).await?;
    loop {
        let (socket, _) = listener.accept().await?;
        let (redis, listeners) = (redis.clone(), listeners.clone());
        tokio::spawn(async move {
            // A load that has measured enough just goes; one that misses something says so itself.
            let _ = connection(socket, redis, listeners).await;
        });
    }
}

fn receive(listeners: &Listeners, push: &PushInfo) {
    let (PushKind::Message, [Value::BulkString(channel), Value::BulkString(message)]) =
        (&push.kind, push.data.as_slice())
    else {
        return;
    };
    let mut listeners = listeners.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(listener) = listeners.get_mut(channel) else { return };
    listener.received += 1;
    if listener.received % EACH == 0 {
        let text = String::from_utf8_lossy(message).into_owned();
        // The load misses it, if it is still there.
        let _ = listener.passed_on.send(text.into());
    }
}

/// The first message names the channel, and is sent back when Redis sends what is published there.
async fn connection(
    socket: TcpStream,
    mut redis: MultiplexedConnection,
    listeners: Listeners,
) -> anyhow::Result<()> {
    let mut socket = accept_async(socket).await?;
    let opening = socket.next().await.context("nothing was sent")??;
    let channel = channel(opening.to_text()?)?;
    let (passed_on, mut messages) = mpsc::unbounded_channel();
    let listener = Listener { received: 0, passed_on };
    listeners.lock().unwrap_or_else(PoisonError::into_inner).insert(channel.clone().into_bytes(), listener);
    redis.subscribe(channel).await?;
    socket.send(opening).await?;
    while let Some(message) = messages.recv().await {
        socket.send(Message::Text(message)).await?;
    }
    Ok(())
}

/// The name of the channel in a frame that opens a call.
fn channel(frame: &str) -> anyhow::Result<String> {
    let frame: serde_json::Value = serde_json::from_str(frame)?;
    let arguments = frame["data"]["args"].as_str().context("no arguments")?;
    let arguments: serde_json::Value = serde_json::from_str(arguments)?;
    Ok(super::streampod::name(arguments["channel"].as_i64().context("no channel")?))
}
