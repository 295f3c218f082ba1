//! Users, passwords and rights.

use streampod_events::PostErrorKind;
use streampod_events_redis::RedisSettings;
use tracing::Level;

use crate::kit::{
    RedisServer, connect, connected, eventually, expect, listen, post, subscribe, try_post, within,
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
    let refused = listen::<i64>(&broker, "bad");
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
    drop(refused);
    let errors = logs.lines(Level::ERROR);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("bad") && errors[0].contains("`redis.user`"), "{errors:#?}");
}

#[test]
fn debug_hides_the_password() {
    let settings = with_password(RedisSettings::default(), "secret");
    assert!(!format!("{settings:?}").contains("secret"));
    assert!(format!("{settings:?}").contains("password: Some"));
}
