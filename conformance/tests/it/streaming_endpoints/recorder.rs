//! A streaming endpoint that tells its test what it is asked to do.

use std::sync::Arc;

use streampod::prelude::*;
use streampod::{AuthenticationInfo, Server, StreamingEndpoint, StreamingSession};
use tokio::sync::{Semaphore, mpsc};

use super::Note;
use crate::kit::{TestServer, config, within};

/// What endpoints were asked to do, in words.
pub(super) struct Heard(mpsc::UnboundedReceiver<String>);

impl Heard {
    pub(super) async fn next(&mut self) -> String {
        within("an endpoint is asked", self.0.recv()).await.unwrap()
    }

    pub(super) async fn expect(&mut self, words: &str) {
        assert_eq!(self.next().await, words);
    }

    pub(super) fn expect_nothing(&mut self) {
        assert_eq!(self.0.try_recv(), Err(mpsc::error::TryRecvError::Empty));
    }
}

/// What all of a test's endpoints do.
#[derive(Clone)]
pub(super) struct Recorder {
    tell: mpsc::UnboundedSender<String>,
    /// How many notes that say `wait` may be handled.
    pub(super) permits: Arc<Semaphore>,
}

impl Recorder {
    pub(super) fn new() -> (Self, Heard) {
        let (tell, heard) = mpsc::unbounded_channel();
        (Self { tell, permits: Arc::new(Semaphore::new(0)) }, Heard(heard))
    }

    pub(super) fn tell(&self, words: String) {
        let _ = self.tell.send(words);
    }

    fn step(&self, session: &StreamingSession, step: &str) {
        let user = session.authenticated().map_or("nobody", |info| info.user_identifier.as_str());
        self.tell(format!("{} {step} {user}", session.endpoint_name()));
    }

    async fn message(&self, session: &StreamingSession, message: &Value) -> Result<()> {
        let note = message.downcast_ref::<Note>().map_or("something else", |note| note.text.as_str());
        self.step(session, note);
        match note {
            "wait" => self.permits.acquire().await?.forget(),
            "fail" => Err("a failure")?,
            "panic" => panic!("a panic"),
            "back" => session.send_stream_message(message.clone()).await?,
            "secret" => {
                let note = Note { text: "no secret".into(), secret: Some("a secret".into()) };
                session.send_stream_message(note).await?;
            }
            "id" => self.tell(session.id().to_string()),
            "cancelled" => {
                session.cancelled().await;
                let sent = session.send_stream_message(message.clone()).await;
                self.tell(format!("{:?}", sent.map_err(|error| error.to_string())));
            }
            _ => {}
        }
        Ok(())
    }
}

macro_rules! endpoints {
    ($($name:ident($($access:tt)*)),*) => {$(
        pub(super) struct $name(pub(super) Recorder);

        #[endpoint($($access)*)]
        impl $name {}

        impl StreamingEndpoint for $name {
            async fn stream_opened(&self, session: &StreamingSession) -> Result<()> {
                self.0.step(session, "opened");
                Ok(())
            }

            async fn stream_closed(&self, session: &StreamingSession) -> Result<()> {
                self.0.step(session, "closed");
                Ok(())
            }

            async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
                self.0.message(session, &message).await
            }
        }
    )*};
}

endpoints! { Open(), Private(require_login), Admin(scopes("admin")) }

/// Who a key `user:scopes` is; `wrong` is nobody, and `broken` fails.
fn info(key: &str) -> Result<Option<AuthenticationInfo>> {
    let (user, scopes) = key.split_once(':').unwrap_or((key, ""));
    let scopes = scopes.split(',').filter(|scope| !scope.is_empty()).map(ToOwned::to_owned).collect();
    match user {
        "wrong" => Ok(None),
        "broken" => Err("the store is away")?,
        _ => Ok(Some(AuthenticationInfo {
            user_identifier: user.to_owned(),
            auth_id: format!("{user}'s phone"),
            scopes,
            expires_at: None,
        })),
    }
}

/// A server with the three endpoints, before it is started.
pub(super) fn server() -> (Server, Recorder, Heard) {
    let (recorder, heard) = Recorder::new();
    let server = Server::new(config())
        .model::<Note>()
        .streaming_endpoint(Open(recorder.clone()))
        .streaming_endpoint(Private(recorder.clone()))
        .streaming_endpoint(Admin(recorder.clone()))
        .authentication(|_session, key| async move { info(&key) });
    (server, recorder, heard)
}

pub(super) async fn start() -> (TestServer, Recorder, Heard) {
    let (server, recorder, heard) = server();
    (TestServer::of(server).await, recorder, heard)
}
