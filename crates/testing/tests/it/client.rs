//! Methods that clients in memory call.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use streampod_client::{
    Authorization, CallError, Client, ClientOptions, ConnectionError, HttpError, InputError, RefusalReason,
};
use streampod_server::{AuthenticationInfo, Result, Session};
use streampod_testing::{TestApp, flush, soon};
use streampod_wire::Shared;
use tokio::time::Instant;

use crate::kit::{Room, Trouble, Vault, app, next, options, stream};

/// Why a call is refused over HTTP.
fn status(error: &CallError) -> u16 {
    match error {
        CallError::Http(HttpError { status, .. }) => *status,
        other => panic!("{other:?}"),
    }
}

async fn refusal(client: &Client) -> RefusalReason {
    let mut watched = client.open::<i64>("vault", "watch", &[]).stream();
    match soon(watched.next()).await.unwrap().unwrap_err() {
        CallError::Refused { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

async fn hello(client: &Client) -> String {
    soon(client.call("room", "hello", &[])).await.unwrap()
}

#[tokio::test]
async fn callers_are_who_the_test_says() {
    let app = app();
    assert_eq!(hello(&app.anonymous().client(options())).await, "Hello stranger");
    assert_eq!(hello(&app.user("alice", []).client(options())).await, "Hello alice");
    assert_eq!(hello(&app.user("bob", []).client(options())).await, "Hello bob");
}

#[tokio::test]
async fn who_may_not_call_is_refused() {
    let app = app();
    let call = async |client: &Client| soon(client.call::<i64>("vault", "open", &[])).await;

    let nobody = app.anonymous().client(options());
    assert_eq!(status(&call(&nobody).await.unwrap_err()), 401);
    assert_eq!(refusal(&nobody).await, RefusalReason::Unauthorized);

    let user = app.user("bob", ["user"]).client(options());
    assert_eq!(status(&call(&user).await.unwrap_err()), 403);
    assert_eq!(refusal(&user).await, RefusalReason::Forbidden);

    let admin = app.user("alice", ["user", "admin"]).client(options());
    assert_eq!(call(&admin).await.unwrap(), 1_000_000);
    let mut watched = admin.open::<i64>("vault", "watch", &[]).stream();
    assert_eq!(soon(watched.next()).await.unwrap().unwrap(), 1_000_000);
    assert!(soon(watched.next()).await.is_none());
}

/// The application's own way to sign in: by the token `magic`; any other is wrong.
async fn magic(_: Session, token: String) -> Result<Option<AuthenticationInfo>> {
    if token != "magic" {
        return Err("a wrong token")?;
    }
    Ok(Some(AuthenticationInfo {
        user_identifier: "merlin".into(),
        scopes: vec!["admin".into()],
        auth_id: "1".into(),
        ..Default::default()
    }))
}

#[tokio::test]
async fn the_handler_of_the_application_is_asked_for_its_own_tokens() {
    let app = TestApp::new(|server| server.authentication(magic).endpoint(Room).endpoint(Vault));
    let with_token = |token: &'static str| {
        let mut options = ClientOptions::default();
        options.authorization = Authorization::new(move || Some(format!("Bearer {token}")));
        options
    };
    assert_eq!(hello(&app.anonymous().client(with_token("magic"))).await, "Hello merlin");
    assert_eq!(hello(&app.user("alice", []).client(with_token("magic"))).await, "Hello alice");
    let wrong = app.anonymous().client(with_token("tragic"));
    assert_eq!(status(&soon(wrong.call::<String>("room", "hello", &[])).await.unwrap_err()), 500);
}

#[tokio::test]
async fn handlers_are_asked_until_one_knows_the_caller() {
    let ask = |name: &'static str| {
        move |_: Session, token: String| async move {
            let known =
                AuthenticationInfo { user_identifier: format!("{token} of {name}"), ..Default::default() };
            Ok((token.starts_with(name) || token == "both").then_some(known))
        }
    };
    let app = TestApp::new(|server| server.authentication(ask("a")).authentication(ask("b")).endpoint(Room));
    for (token, greeting) in [
        ("apple", "Hello apple of a"),
        ("banana", "Hello banana of b"),
        ("both", "Hello both of a"),
        ("cherry", "Hello stranger"),
    ] {
        let mut options = ClientOptions::default();
        options.authorization = Authorization::new(move || Some(token.to_owned()));
        assert_eq!(hello(&app.anonymous().client(options)).await, greeting);
    }
}

#[tokio::test]
async fn streams_go_both_ways() {
    let client = app().anonymous().client(options());
    let numbers = client.open::<i64>("room", "double", &[]).input("numbers", stream::iter([1_i64, 2, 3]));
    let doubled = soon(numbers.stream().map(Result::unwrap).collect::<Vec<_>>()).await;
    assert_eq!(doubled, [2, 4, 6]);
    let sum = client.open::<i64>("room", "sum", &[]).input("numbers", stream::iter(1..=1_000_i64));
    assert_eq!(soon(sum.value()).await.unwrap(), 500_500);
}

#[tokio::test]
async fn exceptions_keep_their_type_both_ways() {
    let client = app().anonymous().client(options());
    let how = "exception".to_owned();
    let error = soon(client.call::<()>("room", "fail", &[("how", &how)])).await.unwrap_err();
    assert_eq!(error.exception(), Some(&Trouble { message: "no way".into() }));
    let numbers = stream::iter([Ok(1_i64), Err(InputError::from(Trouble { message: "enough".into() }))]);
    let sum = client.open::<i64>("room", "sum", &[]).input::<i64>("numbers", numbers);
    let error = soon(sum.value()).await.unwrap_err();
    assert_eq!(error.exception(), Some(&Trouble { message: "enough".into() }));
}

#[tokio::test]
async fn a_panic_ends_its_call_alone() {
    let app = app();
    let client = app.anonymous().client(options());
    let mut heard = stream::<Shared<String>>(&client, "listen");
    soon(heard.opened()).await.unwrap();
    for how in ["error", "panic"] {
        let error = soon(client.call::<()>("room", "fail", &[("how", &how.to_owned())])).await.unwrap_err();
        assert_eq!(status(&error), 500);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let text = "still there".to_owned();
    soon(client.call::<()>("room", "say", &[("text", &text)])).await.unwrap();
    assert_eq!(next(&mut heard).await, text);
}

#[tokio::test]
async fn sessions_and_clients_share_the_channels() {
    let app = app();
    let session = app.user("alice", []).session();
    let client = app.user("bob", []).client(options());
    let (mut direct, mut remote) = (Room.listen(&session), stream::<Shared<String>>(&client, "listen"));
    soon(remote.opened()).await.unwrap();
    flush().await;
    let text = "hi".to_owned();
    soon(client.call::<()>("room", "say", &[("text", &text)])).await.unwrap();
    Room.say(&session, "there".into()).await.unwrap();
    for text in ["hi", "there"] {
        assert_eq!(next(&mut direct).await, text);
        assert_eq!(next(&mut remote).await, text);
    }
}

#[tokio::test]
async fn dropping_a_stream_cancels_its_call() {
    let app = app();
    let client = app.anonymous().client(options());
    let (mut kept, dropped) =
        (stream::<Shared<String>>(&client, "listen"), stream::<Shared<String>>(&client, "listen"));
    flush().await;
    assert_eq!((app.handle().stats().connections, app.handle().stats().calls), (1, 2));
    drop(dropped);
    assert_eq!(next(&mut kept).await, "somebody left");
    assert_eq!(app.handle().stats().calls, 1);
    drop(kept);
    flush().await;
    let stats = app.handle().stats();
    assert_eq!((stats.connections, stats.calls, stats.sessions, stats.subscriptions), (0, 0, 0, 0));
}

#[tokio::test]
async fn giving_up_a_call_cancels_its_session() {
    let app = app();
    let client = app.anonymous().client(options());
    let call = tokio::spawn(async move { client.call::<String>("room", "wait", &[]).await });
    flush().await;
    assert_eq!(app.handle().stats().calls, 1);
    call.abort();
    flush().await;
    assert_eq!(app.handle().stats().calls, 0);
}

#[tokio::test(start_paused = true)]
async fn time_can_be_paused() {
    let app = app();
    let start = Instant::now();
    let client = app.anonymous().client(options());
    let mut heard = stream::<Shared<String>>(&client, "listen");
    // Nothing comes for an hour, and the connection lives through all its pings.
    assert!(tokio::time::timeout(Duration::from_secs(3600), heard.next()).await.is_err());
    assert_eq!(start.elapsed().as_secs(), 3600);
    Room.say(&app.anonymous().session(), "hi".into()).await.unwrap();
    flush().await;
    assert_eq!(next(&mut heard).now_or_never().expect("it arrived"), "hi");
}

#[tokio::test]
async fn a_server_can_be_stopped() {
    let app = app();
    let client = app.anonymous().client(options());
    let mut heard = stream::<Shared<String>>(&client, "listen");
    soon(heard.opened()).await.unwrap();
    soon(app.handle().stop()).await;
    let error = soon(heard.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Connection(ConnectionError::Lost(_))), "{error:?}");
    let error = soon(client.call::<String>("room", "hello", &[])).await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
}
