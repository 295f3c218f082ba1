//! Users, passwords and rights.

use futures_util::StreamExt;
use streampod_events::{Broker, Heard, PostErrorKind, SubscriptionError};
use streampod_events_redis::RedisSettings;
use streampod_wire::Model;
use tokio::sync::mpsc;
use tracing::Level;

use crate::kit::{
    RedisServer, connect, connected, eventually, expect, expect_gap, listen, next, post, subscribe, try_post,
    within,
};
use crate::logs::Logs;

fn with_password(settings: RedisSettings, password: &str) -> RedisSettings {
    RedisSettings { password: Some(password.to_owned()), ..settings }
}

#[tokio::test]
async fn a_password_that_is_wrong_at_first() {
    let logs = Logs::capture();
    let server = RedisServer::start_with(&["--requirepass", "one-secret"]).await;
    let broker = connect(with_password(server.settings(), "other-secret"));
    eventually(async || logs.text().matches("cannot connect").count() > 3).await;
    let posted = try_post(&broker, "a", 1).await;
    assert!(matches!(posted, Err(PostErrorKind::Disconnected(_))), "{posted:?}");
    let errors = logs.lines(Level::ERROR);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    for expected in ["WRONGPASS", "`redis.user`", "the password `redis`"] {
        assert!(errors[0].contains(expected), "{errors:#?}");
    }

    let mut client = server.client_as(":one-secret@").await;
    let () = client.run("CONFIG SET requirepass other-secret").await;
    within(broker.ready()).await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    post(&broker, "a", 2).await;
    expect(&mut messages, 2).await;
    assert!(!logs.text().contains("-secret"), "{}", logs.text());
}

#[tokio::test]
async fn a_password_that_is_missing() {
    let logs = Logs::capture();
    let server = RedisServer::start_with(&["--requirepass", "secret"]).await;
    let _broker = connect(server.settings());
    eventually(async || !logs.lines(Level::ERROR).is_empty()).await;
    assert!(
        logs.text().contains("NOAUTH") && logs.text().contains("the password `redis`"),
        "{}",
        logs.text()
    );
}

/// A user with no more rights than it needs.
#[tokio::test]
async fn a_user_with_a_password() {
    let server = RedisServer::start().await;
    let mut client = server.client().await;
    let rights = "+publish +subscribe +unsubscribe +hello +ping";
    let () = client.run(&format!("ACL SETUSER app on >secret &* -@all {rights}")).await;
    let () = client.run("ACL SETUSER default off").await;
    let settings = RedisSettings { user: Some("app".to_owned()), ..server.settings() };
    let broker = connected(with_password(settings, "secret")).await;
    let mut messages = subscribe::<i64>(&broker, "a").await;
    post(&broker, "a", 1).await;
    expect(&mut messages, 1).await;
    drop(messages);
}

/// A server that does not know a command quotes what came with it, which is the password here.
#[tokio::test]
async fn a_server_without_hello_is_not_told_of_with_the_password() {
    let logs = Logs::capture();
    let server = RedisServer::start_with(&["--rename-command", "HELLO", ""]).await;
    let broker = connect(with_password(server.settings(), "one-secret"));
    eventually(async || logs.text().matches("cannot connect").count() > 2).await;
    let posted = try_post(&broker, "a", 1).await;
    assert!(matches!(posted, Err(PostErrorKind::Disconnected(_))), "{posted:?}");
    let errors = logs.lines(Level::ERROR);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("Redis 6 or later is needed"), "{errors:#?}");
    assert!(!logs.text().contains("-secret"), "{}", logs.text());
}

/// Likewise, and it is a message here.
#[tokio::test]
async fn a_server_without_publish_is_not_told_of_with_the_message() {
    let logs = Logs::capture();
    let server = RedisServer::start_with(&["--rename-command", "PUBLISH", ""]).await;
    let broker = server.broker().await;
    let error = within(broker.post("a", "a secret".to_owned().into_object())).await.unwrap_err();
    let text = "a message for channel `a` was not posted: it was refused: ERR unknown command 'PUBLISH'";
    assert_eq!(error.to_string(), text);
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    assert!(!logs.text().contains("secret"), "{}", logs.text());
}

/// One channel that is not allowed does no harm to the others.
#[tokio::test]
async fn a_user_who_may_not_use_every_channel() {
    let logs = Logs::capture();
    let server = RedisServer::start().await;
    let mut client = server.client().await;
    let () = client.run("ACL SETUSER app on nopass resetchannels &ok* +@all").await;
    let settings = RedisSettings { user: Some("app".to_owned()), ..server.settings() };
    let broker = connect(settings);
    let names: Vec<_> = (0..100).map(|number| format!("ok {number}")).collect();
    let mut subscriptions: Vec<_> = names.iter().map(|name| listen::<i64>(&broker, name)).collect();
    let _refused = listen::<i64>(&broker, "bad");
    within(broker.ready()).await;
    for (messages, name) in subscriptions.iter_mut().zip(&names) {
        post(&broker, name, 1).await;
        expect(messages, 1).await;
    }
    for channel in ["bad", "worse"] {
        let posted = try_post(&broker, channel, 1).await;
        assert!(
            matches!(&posted, Err(PostErrorKind::Refused(reason)) if reason.contains("NOPERM")),
            "{posted:?}"
        );
    }
    let errors = logs.lines(Level::ERROR);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("bad") && errors[0].contains("`redis.user`"), "{errors:#?}");
}

/// Who listens to a channel that is not allowed learns it at once, and who listens later too, until it is allowed.
#[tokio::test]
async fn a_channel_that_is_not_allowed_is_told_to_its_listeners() {
    let server = RedisServer::start().await;
    let mut client = server.client().await;
    let () = client.run("ACL SETUSER app on nopass resetchannels &ok* +@all").await;
    let settings = RedisSettings { user: Some("app".to_owned()), ..server.settings() };
    let broker = connected(settings).await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let _listening = broker.channels().listen("bad", move |message| {
        let text = match message {
            Heard::Message(_) => "message",
            Heard::Gap => "gap",
            Heard::Refused => "refused",
        };
        heard.send(text).unwrap();
    });
    let mut allowed = subscribe::<i64>(&broker, "ok").await;
    assert_eq!(within(hears.recv()).await, Some("refused"));
    for _ in 0..3 {
        let mut messages = listen::<i64>(&broker, "bad");
        within(messages.ready()).await;
        within(broker.channels().live("bad")).await;
        let refused = next(&mut messages).await;
        assert!(
            matches!(
                &refused,
                Err(SubscriptionError::Refused { channel, reason }) if channel == "bad" && reason.contains("NOPERM")
            ),
            "{refused:?}"
        );
        assert_eq!(within(messages.next()).await, None);
        assert!(matches!(try_post(&broker, "bad", 1).await, Err(PostErrorKind::Refused(_))));
        assert_eq!(within(hears.recv()).await, Some("refused"));
    }

    let () = client.run("ACL SETUSER app allchannels").await;
    let mut messages = subscribe::<i64>(&broker, "bad").await;
    assert_eq!(within(hears.recv()).await, Some("gap"), "what was posted earlier did not arrive");
    post(&broker, "bad", 2).await;
    expect(&mut messages, 2).await;
    assert_eq!(within(hears.recv()).await, Some("message"));
    // Redis ends the connection of a user who loses a right, and what was allowed is not any more.
    let () = client.run("ACL SETUSER app resetchannels &ok*").await;
    let refused = next(&mut messages).await;
    assert!(matches!(&refused, Err(SubscriptionError::Refused { .. })), "{refused:?}");
    assert_eq!(within(messages.next()).await, None);
    assert_eq!(within(hears.recv()).await, Some("refused"));
    expect_gap(&mut allowed).await;
    post(&broker, "ok", 3).await;
    expect(&mut allowed, 3).await;
}

#[test]
fn debug_hides_the_password() {
    let settings = with_password(RedisSettings::default(), "secret");
    assert!(!format!("{settings:?}").contains("secret"));
    assert!(format!("{settings:?}").contains("password: Some"));
}
