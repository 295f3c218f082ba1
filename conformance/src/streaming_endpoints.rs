//! The endpoints that exchange messages over the deprecated streaming connection.

#![allow(deprecated)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use streampod::prelude::*;
use streampod::{StreamingEndpoint, StreamingSession};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::logins::{AdminScopeRequired, SignInRequired};
use crate::models::{CustomClass, SimpleData};
use crate::simple::CustomTypes;
use crate::test_module::ModuleClass;

/// How long a message takes until it comes back.
const COMES_BACK_AFTER: Duration = Duration::from_secs(1);
/// How many messages of a client may be on their way; further ones are not handled until one has come back.
const ON_THEIR_WAY_MAX: usize = 1024;

/// Adds them.
pub(crate) fn add(server: Server) -> Server {
    server
        .streaming_endpoint(Streaming)
        .streaming_endpoint(SignInRequired)
        .streaming_endpoint(AdminScopeRequired)
        .streaming_endpoint(CustomTypes)
        .streaming_endpoint(ModuleStreaming::default())
}

/// Sends every message back, a second later.
pub(crate) struct Streaming;

#[endpoint]
impl Streaming {}

impl StreamingEndpoint for Streaming {
    async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
        send_back(session, &message).await
    }
}

impl StreamingEndpoint for SignInRequired {
    async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
        send_back(session, &message).await
    }
}

impl StreamingEndpoint for AdminScopeRequired {
    async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
        send_back(session, &message).await
    }
}

impl StreamingEndpoint for CustomTypes {
    /// Answers with the value twice.
    async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
        match message.downcast_ref::<CustomClass>() {
            Some(CustomClass(value)) => session.send_stream_message(CustomClass(value.repeat(2))).await,
            None => Ok(()),
        }
    }
}

/// The streaming endpoint of the module `serverpod_test_module`, which has methods too.
#[derive(Default)]
pub(crate) struct ModuleStreaming {
    opened: AtomicBool,
    closed: AtomicBool,
}

#[endpoint(name = "serverpod_test_module.streaming")]
impl ModuleStreaming {
    /// Whether a client has ever connected.
    async fn was_stream_open_called(&self, _session: &Session) -> Result<bool> {
        Ok(self.opened.load(Ordering::Relaxed))
    }

    /// Whether a client has ever disconnected.
    async fn was_stream_closed_called(&self, _session: &Session) -> Result<bool> {
        Ok(self.closed.load(Ordering::Relaxed))
    }

    fn int_echo_stream(&self, _session: &Session, stream: Input<i64>) -> impl Stream<Item = Result<i64>> {
        stream
    }

    /// The first element.
    async fn simple_input_return_stream(&self, _session: &Session, mut stream: Input<i64>) -> Result<i64> {
        stream.next().await.unwrap_or_else(|| Err("the stream ended without an element".into()))
    }
}

impl StreamingEndpoint for ModuleStreaming {
    async fn stream_opened(&self, _session: &StreamingSession) -> Result<()> {
        self.opened.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn stream_closed(&self, _session: &StreamingSession) -> Result<()> {
        self.closed.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Sends the message back.
    async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
        match message.downcast_ref::<ModuleClass>() {
            Some(object) => session.send_stream_message(object.clone()).await,
            None => Ok(()),
        }
    }
}

/// The messages of a client that are on their way back, with the time at which they arrive. The endpoint knows them of the session,
/// with which they end.
struct OnTheirWay(mpsc::Sender<(Instant, SimpleData)>);

/// Sends `message` back in a second, and the next one meanwhile. One of another class is ignored.
async fn send_back(session: &StreamingSession, message: &Value) -> Result<()> {
    let Some(data) = message.downcast_ref::<SimpleData>() else { return Ok(()) };
    let arrival = (Instant::now() + COMES_BACK_AFTER, data.clone());
    let on_their_way = session.user_object::<OnTheirWay>().map(|known| known.0.clone());
    let on_their_way = on_their_way.unwrap_or_else(|| {
        let (sender, mut arriving) = mpsc::channel(ON_THEIR_WAY_MAX);
        session.set_user_object(OnTheirWay(sender.clone()));
        let session = session.clone();
        // One task for all of them keeps them in order.
        tokio::spawn(async move {
            while let Some((at, data)) = arriving.recv().await {
                sleep_until(at).await;
                // The client may be gone, and then so are those who would be told.
                if session.send_stream_message::<SimpleData>(data).await.is_err() {
                    break;
                }
            }
        });
        sender
    });
    // It fails only if the client is gone.
    let _ = on_their_way.send(arrival).await;
    Ok(())
}
