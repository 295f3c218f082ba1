//! Methods that are called directly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use futures_util::{FutureExt, StreamExt, stream};
use streampod_events::SubscriptionError;
use streampod_server::{Config, Input, InputError, RunMode};
use streampod_testing::{TestApp, flush, input, input_of, soon};

use crate::kit::{Room, Trouble, Vault, app, is_closed_with_error, next};

#[tokio::test]
async fn a_session_is_that_of_its_caller() {
    let app = app();
    let nobody = app.anonymous().session();
    assert_eq!(Room.hello(&nobody).await.unwrap(), "Hello stranger");
    assert!(nobody.authenticated().is_none());
    let alice = app.user("alice", ["admin", "user"]).session();
    assert_eq!(Room.hello(&alice).await.unwrap(), "Hello alice");
    assert_eq!(alice.authenticated().unwrap().scopes, ["admin", "user"]);
    assert_ne!(alice.id(), nobody.id());
    assert_eq!((alice.endpoint_name(), alice.method_name()), ("InternalSession", ""));
    // Each of these is a sign-in of its own.
    let again = app.user("alice", []).session();
    assert_eq!(again.authenticated().unwrap().user_identifier, "alice");
    assert_ne!(again.authenticated().unwrap().auth_id, alice.authenticated().unwrap().auth_id);
}

#[tokio::test]
async fn nobody_asks_whether_a_caller_may_call_directly() {
    assert_eq!(Vault.open(&app().anonymous().session()).await.unwrap(), 1_000_000);
}

#[tokio::test]
async fn a_session_has_the_passwords_of_the_configuration() {
    let mut config = Config::default();
    config.passwords.insert("mail".into(), "secret".into());
    let app = TestApp::with_config(config, |server| server.endpoint(Room));
    assert_eq!(app.anonymous().session().password("mail"), Some("secret"));
    assert_eq!(app.anonymous().session().password("other"), None);
}

/// A variable that is always there stands for one that holds a secret.
#[tokio::test]
async fn a_secret_can_come_from_a_variable_of_any_name() {
    let mut config = Config::for_mode(RunMode::Test);
    config.passwords.insert("folder".into(), "of the file".into());
    config.passwords.insert("other".into(), "of the file".into());
    let app = TestApp::with_config(config, |server| {
        server.secret("folder", "CARGO_MANIFEST_DIR").secret("other", "STREAMPOD_NO_SUCH_VARIABLE")
    });
    let session = app.anonymous().session();
    assert_eq!(session.password("folder"), std::env::var("CARGO_MANIFEST_DIR").ok().as_deref());
    assert_eq!(session.password("other"), Some("of the file"));
}

#[tokio::test]
async fn sessions_of_one_app_share_its_channels() {
    let (app, other) = (app(), app());
    let (alice, bob, stranger) =
        (app.user("alice", []).session(), app.anonymous().session(), other.anonymous().session());
    let (mut heard, mut unheard) = (Room.listen(&bob), Room.listen(&stranger));
    Room.say(&alice, "hi".into()).await.unwrap();
    Room.say(&alice, "there".into()).await.unwrap();
    assert_eq!(next(&mut heard).await, "hi");
    assert_eq!(next(&mut heard).await, "there");
    assert!(heard.next().now_or_never().is_none());
    assert!(unheard.next().now_or_never().is_none());
}

#[tokio::test]
async fn who_falls_behind_is_told() {
    let app = app();
    let alice = app.anonymous().session();
    let mut heard = Room.listen(&alice);
    for n in 0..300 {
        Room.say(&alice, n.to_string()).await.unwrap();
    }
    let error = heard.next().await.unwrap().unwrap_err();
    let Some(SubscriptionError::Lagged { missed, .. }) = error.downcast_ref() else { panic!("{error:?}") };
    assert_eq!(*missed, 44);
    assert_eq!(next(&mut heard).await, "44");
}

#[tokio::test]
async fn closing_a_session_ends_what_it_began() {
    let app = app();
    let (alice, bob) = (app.user("alice", []).session(), app.user("bob", []).session());
    let (mut of_alice, mut of_bob) = (Room.listen(&alice), Room.listen(&bob));
    assert!(of_alice.next().now_or_never().is_none());
    alice.close();
    assert!(alice.is_closed());
    assert!(soon(of_alice.next()).await.is_none());
    // The will-close listener is a task of its own.
    assert_eq!(next(&mut of_bob).await, "somebody left");
    assert_eq!(soon(Room.wait(&alice)).await.unwrap(), "closed: true");
}

#[tokio::test]
async fn dropping_a_session_closes_it() {
    let app = app();
    let alice = app.user("alice", []).session();
    let closed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&closed);
    alice.add_will_close_listener(move |session| async move { seen.store(session.is_closed(), Relaxed) });
    Room.echo(&alice, 1).await.unwrap();
    let kept = alice.clone();
    flush().await;
    assert!(!closed.load(Relaxed));
    drop(alice);
    flush().await;
    assert!(closed.load(Relaxed) && kept.is_closed());
    drop(kept);
    let stats = app.handle().stats();
    assert_eq!((stats.sessions, stats.subscriptions, stats.tasks), (0, 0, 0));
}

#[tokio::test]
async fn a_caller_can_stop_waiting() {
    let app = app();
    let alice = app.user("alice", []).session();
    let mut waiting = Box::pin(Room.wait(&alice));
    assert!((&mut waiting).now_or_never().is_none());
    alice.cancel();
    assert_eq!(soon(waiting).await.unwrap(), "closed: false");
}

#[tokio::test]
async fn a_test_feeds_streams() {
    let session = app().anonymous().session();
    assert_eq!(Room.sum(&session, input_of([1, 2, 3])).await.unwrap(), 6);
    // What one method returns can feed another.
    let doubled: Vec<_> = Room.double(&session, input_of([1, 2])).collect().await;
    assert_eq!(Room.sum(&session, Input::from_stream(stream::iter(doubled))).await.unwrap(), 6);
    assert_eq!(Room.sum(&session, Input::from_stream(stream::iter([4_i64, 5]))).await.unwrap(), 9);

    let (numbers, input) = input();
    let mut doubled = Box::pin(Room.double(&session, input));
    assert!(doubled.next().now_or_never().is_none());
    numbers.send(4);
    numbers.send(5);
    assert_eq!(doubled.next().await.unwrap().unwrap(), 8);
    assert_eq!(doubled.next().await.unwrap().unwrap(), 10);
    assert!(doubled.next().now_or_never().is_none());
    drop(numbers);
    assert!(doubled.next().await.is_none());
}

#[tokio::test]
async fn a_stream_fails_with_what_the_test_says() {
    let session = app().anonymous().session();
    let (numbers, input) = input();
    numbers.send(4);
    numbers.fail(Trouble { message: "enough".into() });
    let error = Room.sum(&session, input).await.unwrap_err();
    assert_eq!(error.exception_ref::<Trouble>().unwrap().message, "enough");

    let (numbers, input) = streampod_testing::input();
    numbers.fail(InputError::ClosedWithError);
    assert!(is_closed_with_error(&Room.sum(&session, input).await.unwrap_err()));
}

#[tokio::test]
async fn a_test_sees_that_a_method_reads_no_more() {
    let session = app().anonymous().session();
    let (numbers, input) = input();
    let mut doubled = Box::pin(Room.double(&session, input));
    numbers.send(0);
    assert!(doubled.next().await.is_none());
    assert!(!numbers.is_closed());
    drop(doubled);
    soon(numbers.closed()).await;
    assert!(numbers.is_closed());
    // As a client does that has not heard of it yet.
    numbers.send(1);
}

#[tokio::test]
async fn exceptions_keep_their_type() {
    let session = app().anonymous().session();
    let error = Room.fail(&session, "exception".into()).await.unwrap_err();
    assert_eq!(error.exception_ref(), Some(&Trouble { message: "no way".into() }));
    let error = Room.fail(&session, "error".into()).await.unwrap_err();
    assert!(error.as_exception().is_none());
    assert_eq!(error.to_string(), "a secret");
}

#[tokio::test]
#[should_panic(expected = "oh no")]
async fn a_panic_is_one_of_the_test() {
    let session = app().anonymous().session();
    let _ = Room.fail(&session, "oh no".into()).await;
}

#[test]
#[should_panic(expected = "two endpoints are named `room`")]
fn what_cannot_start_is_said() {
    TestApp::new(|server| server.endpoint(Room).endpoint(Room));
}

/// What runs in the background has a session of its own, and ends with the server.
#[tokio::test]
async fn tasks_run_beside_the_server() {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    let app = TestApp::new(|server| {
        server.endpoint(Room).background(|session| async move {
            let _ended = ended;
            let mut heard = session.messages().stream::<String>("questions");
            while let Some(Ok(question)) = heard.next().await {
                session.messages().post("room", format!("{}!", *question)).await.unwrap();
            }
        })
    });
    let session = app.anonymous().session();
    let mut heard = Room.listen(&session);
    flush().await;
    session.messages().post("questions", "why".to_owned()).await.unwrap();
    assert_eq!(next(&mut heard).await, "why!");
    soon(app.handle().stop()).await;
    soon(end).await.unwrap_err();
    assert_eq!(app.handle().stats().sessions, 1, "that of the caller");
}
