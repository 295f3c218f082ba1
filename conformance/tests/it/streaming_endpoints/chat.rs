//! The chat of Serverpod's documentation, between two users.

use serde_json::{Value as Json, json};
use streampod::prelude::*;
use streampod::{AuthenticationInfo, StreamingEndpoint, StreamingSession};

use crate::kit::{Client, TestServer, config};

/// A message from one user to another.
#[derive(Debug, Clone, PartialEq, Model)]
struct ChatMessage {
    recipient: String,
    message: String,
}

struct Chat;

#[endpoint(require_login)]
impl Chat {}

impl StreamingEndpoint for Chat {
    async fn stream_opened(&self, session: &StreamingSession) -> Result<()> {
        let user = session.authenticated().map(|info| info.user_identifier.clone()).unwrap_or_default();
        let client = session.clone();
        session.messages().add_listener(&format!("user_{user}"), move |message: Shared<ChatMessage>| {
            let client = client.clone();
            async move {
                // The client may be gone; then nobody waits for it.
                let _ = client.send_stream_message(message).await;
            }
        });
        Ok(())
    }

    async fn handle_stream_message(&self, session: &StreamingSession, message: Value) -> Result<()> {
        if let Some(message) = message.downcast_ref::<ChatMessage>() {
            session.messages().post(&format!("user_{}", message.recipient), message.clone()).await?;
        }
        Ok(())
    }
}

fn says(recipient: &str, message: &str) -> Json {
    let data = json!({ "recipient": recipient, "message": message });
    json!({ "endpoint": "chat", "object": { "className": "ChatMessage", "data": data } })
}

async fn server() -> TestServer {
    let server = streampod::Server::new(config()).model::<ChatMessage>().streaming_endpoint(Chat);
    let server = server.authentication(|_session, user| async move {
        Ok(Some(AuthenticationInfo { user_identifier: user, ..Default::default() }))
    });
    TestServer::of(server).await
}

#[tokio::test]
async fn two_users_talk_and_leave_no_listener() {
    let server = server().await;
    let connect = |user| server.stream_as(user);
    let (mut ada, mut bob): (Client, Client) = tokio::join!(connect("ada"), connect("bob"));
    server.until("both listen", |stats| stats.subscriptions == 2 && stats.channels == 2).await;

    ada.send(says("bob", "Hello")).await;
    bob.expect(says("bob", "Hello")).await;
    bob.send(says("ada", "Hello yourself")).await;
    bob.send(says("bob", "Is this on?")).await;
    bob.expect(says("bob", "Is this on?")).await;
    ada.expect(says("ada", "Hello yourself")).await;
    for number in 0..100 {
        ada.send(says("bob", &number.to_string())).await;
    }
    for number in 0..100 {
        bob.expect(says("bob", &number.to_string())).await;
    }

    bob.close().await;
    server.until("one listens", |stats| stats.subscriptions == 1 && stats.channels == 1).await;
    ada.send(says("bob", "Are you there?")).await;
    ada.send(says("ada", "He is not.")).await;
    ada.expect(says("ada", "He is not.")).await;
    drop(ada);
    server.until_idle().await;
}
