//! Sign-ins that end while calls rest on them. Each test has a server of its own: who signs out does so everywhere.

use std::cell::Cell;
use std::time::Duration;

use conformance_client::Client;
use futures_util::stream::{self, BoxStream, StreamExt};
use parking_lot::Mutex;
use streampod_client::{
    Authorization, AuthorizationProvider, Backoff, CallError, CallStream, ClientOptions, ConnectionError,
    Event, reconnecting,
};
use tokio::sync::mpsc;

use super::answer::kind;
use super::login::Login;
use super::proxy::Proxy;
use super::table::Network;
use crate::kit::{TestServer, within};

const ADMIN: &str = "serverpod.admin";
const USER: &str = "user";

/// An echo that is fed by hand.
struct Echo {
    numbers: mpsc::Sender<i64>,
    echoed: CallStream<i64>,
}

impl Echo {
    fn new(open: impl FnOnce(BoxStream<'static, i64>) -> CallStream<i64>) -> Self {
        let (numbers, input) = input();
        Self { numbers, echoed: open(input) }
    }

    async fn expect(&mut self, number: i64) {
        // If the call has ended, its end says more.
        let _ = self.numbers.send(number).await;
        assert_eq!(within("an element", self.echoed.next()).await.unwrap().unwrap(), number);
    }

    /// Fails unless the call is closed now, for a reason that is not told.
    async fn expect_closed(mut self) {
        let last = within("the end", self.echoed.next()).await.expect("an error, not a normal end");
        expect_closed_with_error(last);
        assert!(within("the end", self.echoed.next()).await.is_none());
        within("the input is let go of", self.numbers.closed()).await;
    }
}

/// An input, which takes one number before it is read.
fn input() -> (mpsc::Sender<i64>, BoxStream<'static, i64>) {
    let (numbers, mut fed) = mpsc::channel(1);
    (numbers, stream::poll_fn(move |context| fed.poll_recv(context)).boxed())
}

#[track_caller]
fn expect_closed_with_error<T: std::fmt::Debug>(last: Result<T, CallError>) {
    assert!(matches!(last, Err(CallError::ClosedWithError { source: None, .. })), "{last:?}");
}

/// Fails unless the next calls of this client, which need the scope of administrators, are refused.
async fn expect_refused(client: &Client, reason: &str) {
    let mut stream = client.authenticated_method_streaming.simple_stream();
    let refused = within("an answer", stream.opened()).await.unwrap_err();
    assert_eq!(kind(&refused), reason, "{refused:?}");
    let refused = within("an answer", client.admin_scope_required.test_method()).await.unwrap_err();
    assert_eq!(kind(&refused), reason, "{refused:?}");
}

#[tokio::test]
async fn signing_out_ends_the_streams_of_every_device() {
    let server = TestServer::start().await;
    let proxy = Proxy::start(server.port()).await;
    let client = Login::new(server.port(), &[ADMIN]).await.client(proxy.port);
    let other = Login::new(server.port(), &[ADMIN]).await.client(server.port());
    let mut echo = Echo::new(|numbers| client.authenticated_method_streaming.int_echo_stream(numbers));
    let mut others = Echo::new(|numbers| other.authenticated_method_streaming.int_echo_stream(numbers));
    // The same client's, but it rests on no login.
    let mut open_to_all = Echo::new(|numbers| client.method_streaming.int_echo_stream(numbers));
    for echo in [&mut echo, &mut others, &mut open_to_all] {
        echo.expect(1).await;
    }

    within("the answer", other.authentication.sign_out()).await.unwrap();
    echo.expect_closed().await;
    others.expect_closed().await;
    expect_refused(&client, "unauthorized").await;
    expect_refused(&other, "unauthorized").await;
    open_to_all.expect(2).await;
    drop(open_to_all);
    assert_eq!(proxy.until_closed().await, 1, "WebSockets");
    server.until_idle().await;

    // Signed in anew, the user is who they were.
    let client = Login::new(server.port(), &[ADMIN]).await.client(server.port());
    Echo::new(|numbers| client.authenticated_method_streaming.int_echo_stream(numbers)).expect(3).await;
}

#[tokio::test]
async fn signing_out_fails_a_call_that_computes_a_value() {
    let server = TestServer::start().await;
    let client = Login::new(server.port(), &[USER]).await.client(server.port());
    let other = Login::new(server.port(), &[] as &[&str]).await.client(server.port());
    let (numbers, input) = input();
    let call = client.authenticated_test_tools.returns_list_from_input_stream(input);
    let sign_out = async {
        // Inputs are read once the call is open, so one that takes a second number is that of an open call.
        numbers.send(1).await.unwrap();
        numbers.send(2).await.unwrap();
        other.authentication.sign_out().await
    };
    let (answer, signed_out) = within("the end", async { tokio::join!(call, sign_out) }).await;
    signed_out.unwrap();
    expect_closed_with_error(answer);
    within("the input is let go of", numbers.closed()).await;
    server.until_idle().await;
}

#[tokio::test]
async fn losing_a_scope_ends_the_calls_that_need_it() {
    let server = TestServer::start().await;
    let login = Login::new(server.port(), &[ADMIN, USER]).await;
    let client = login.client(server.port());
    // Whoever is signed in without the scope has nothing to lose.
    let other = Login::new(server.port(), &[] as &[&str]).await.client(server.port());
    let admins = &client.authenticated_method_streaming;
    let users = &client.authenticated_test_tools;
    let mut admin = Echo::new(|numbers| admins.int_echo_stream(numbers));
    let mut user = Echo::new(|numbers| users.int_echo_stream(numbers));
    admin.expect(1).await;
    user.expect(1).await;

    // Another user's scopes, and the same ones, change nothing.
    within("the answer", other.authentication.update_scopes(login.user + 1, &[])).await.unwrap();
    let both = [USER.to_owned(), ADMIN.to_owned()];
    within("the answer", other.authentication.update_scopes(login.user, &both)).await.unwrap();
    admin.expect(2).await;
    user.expect(2).await;

    let scopes = [USER.to_owned()];
    within("the answer", other.authentication.update_scopes(login.user, &scopes)).await.unwrap();
    admin.expect_closed().await;
    expect_refused(&client, "forbidden").await;
    user.expect(3).await;
    assert!(client.sign_in_required.test_method().await.unwrap());

    let (numbers, input) = input();
    let call = users.returns_list_from_input_stream(input);
    let update = async {
        numbers.send(1).await.unwrap();
        numbers.send(2).await.unwrap();
        other.authentication.update_scopes(login.user, &[]).await
    };
    let (answer, updated) = within("the end", async { tokio::join!(call, update) }).await;
    updated.unwrap();
    expect_closed_with_error(answer);
    user.expect_closed().await;
    within("the input is let go of", numbers.closed()).await;
    assert!(client.sign_in_required.test_method().await.unwrap());
    server.until_idle().await;
}

fn backoff() -> Backoff {
    Backoff { min: Duration::from_millis(10), ..Backoff::default() }
}

/// An input that has one number and goes on for ever.
fn one() -> BoxStream<'static, i64> {
    stream::iter([1]).chain(stream::pending()).boxed()
}

#[tokio::test]
async fn a_reconnecting_stream_ends_with_its_sign_in() {
    let server = TestServer::start().await;
    let client = Login::new(server.port(), &[ADMIN]).await.client(server.port());
    let calls = Cell::new(0);
    let mut events = reconnecting(backoff(), || {
        calls.set(calls.get() + 1);
        client.authenticated_method_streaming.int_echo_stream(one())
    });
    let event = within("an event", events.next()).await;
    assert!(matches!(event, Some(Ok(Event::Element(1)))), "{event:?}");

    within("the answer", client.authentication.sign_out()).await.unwrap();
    expect_closed_with_error(within("the end", events.next()).await.expect("an error, not a normal end"));
    assert!(within("the end", events.next()).await.is_none());
    assert_eq!(calls.get(), 1);
    server.until_idle().await;
}

/// Whoever is signed out while the connection is lost is refused once, and not again.
#[tokio::test]
async fn a_reconnecting_stream_ends_when_it_is_refused() {
    let server = TestServer::start().await;
    let mut proxy = Proxy::start(server.port()).await;
    let login = Login::new(server.port(), &[ADMIN]).await;
    let client = login.client(proxy.port);
    let calls = Cell::new(0);
    let mut events = reconnecting(backoff(), || {
        calls.set(calls.get() + 1);
        client.authenticated_method_streaming.int_echo_stream(one())
    });
    let event = within("an event", events.next()).await;
    assert!(matches!(event, Some(Ok(Event::Element(1)))), "{event:?}");
    proxy.set(Network::Cut).await;
    let event = within("an event", events.next()).await;
    assert!(
        matches!(&event, Some(Ok(Event::Gap(gap))) if matches!(gap.error, ConnectionError::Lost(_))),
        "{event:?}"
    );
    within("the answer", login.client(server.port()).authentication.sign_out()).await.unwrap();
    proxy.set(Network::Forward).await;

    let refused = within("the end", events.next()).await.unwrap().unwrap_err();
    assert_eq!(kind(&refused), "unauthorized", "{refused:?}");
    assert!(within("the end", events.next()).await.is_none());
    assert_eq!(calls.get(), 2);
    assert_eq!(proxy.until_closed().await, 2, "WebSockets");
}

/// Signs in once more when it is asked to.
struct SignsInAgain {
    server: u16,
    login: Mutex<Login>,
}

impl AuthorizationProvider for SignsInAgain {
    async fn header(&self) -> Option<String> {
        Some(self.login.lock().header())
    }

    async fn refresh(&self) -> bool {
        let login = Login::new(self.server, &[ADMIN]).await;
        *self.login.lock() = login;
        true
    }
}

#[tokio::test]
async fn a_reconnecting_stream_goes_on_by_another_sign_in() {
    let server = TestServer::start().await;
    let mut proxy = Proxy::start(server.port()).await;
    let login = Login::new(server.port(), &[ADMIN]).await;
    let other = login.client(server.port());
    let mut options = ClientOptions::default();
    let provider = SignsInAgain { server: server.port(), login: Mutex::new(login) };
    options.authorization = Authorization::new(provider);
    let client = Client::with_options(&format!("http://127.0.0.1:{}/", proxy.port), options).unwrap();
    let mut events = reconnecting(backoff(), || client.authenticated_method_streaming.int_echo_stream(one()));
    let event = within("an event", events.next()).await;
    assert!(matches!(event, Some(Ok(Event::Element(1)))), "{event:?}");
    proxy.set(Network::Cut).await;
    let event = within("an event", events.next()).await;
    assert!(matches!(event, Some(Ok(Event::Gap(_)))), "{event:?}");
    within("the answer", other.authentication.sign_out()).await.unwrap();
    proxy.set(Network::Forward).await;

    let event = within("an event", events.next()).await;
    assert!(matches!(event, Some(Ok(Event::Resumed))), "{event:?}");
    let event = within("an event", events.next()).await;
    assert!(matches!(event, Some(Ok(Event::Element(1)))), "{event:?}");
}
