//! The `Authorization` header of calls, and another when it is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use streampod_client::fake::FakeServer;
use streampod_client::{
    Authorization, AuthorizationProvider, CallError, Client, HttpError, RefusalReason, Status,
};
use tokio::sync::Semaphore;

use crate::kit::{client_with, collect, next, within};

const JSON: &str = "application/json; charset=utf-8";

/// A token that is a number, and what the test sees and decides of it.
struct Tokens {
    token: AtomicU32,
    refreshes: AtomicU32,
    /// A refresh takes one, and a header too if `slow`.
    permits: Semaphore,
    slow: bool,
    succeeds: bool,
}

/// Its own type, because `Arc` is not ours to implement for.
struct Shared(Arc<Tokens>);

impl AuthorizationProvider for Shared {
    async fn header(&self) -> Option<String> {
        if self.0.slow {
            self.0.permits.acquire().await.unwrap().forget();
        }
        Some(format!("Bearer {}", self.0.token.load(Ordering::Relaxed)))
    }

    async fn refresh(&self) -> bool {
        self.0.refreshes.fetch_add(1, Ordering::Relaxed);
        self.0.permits.acquire().await.unwrap().forget();
        self.0.token.fetch_add(1, Ordering::Relaxed);
        self.0.succeeds
    }
}

impl Tokens {
    fn refreshes(&self) -> u32 {
        self.refreshes.load(Ordering::Relaxed)
    }
}

fn signed_in(change: impl FnOnce(&mut Tokens)) -> (Client, FakeServer, Arc<Tokens>) {
    let mut tokens = Tokens {
        token: AtomicU32::new(0),
        refreshes: AtomicU32::new(0),
        permits: Semaphore::new(0),
        slow: false,
        succeeds: true,
    };
    change(&mut tokens);
    let tokens = Arc::new(tokens);
    let provider = Shared(Arc::clone(&tokens));
    let (client, server) = client_with(|options| options.authorization = Authorization::new(provider));
    (client, server, tokens)
}

#[tokio::test]
async fn an_ordinary_call_that_is_refused_is_made_once_more() {
    let (client, mut server, tokens) = signed_in(|_| {});
    tokens.permits.add_permits(2);
    let call = tokio::spawn(client.call::<i64>("a", "b", &[("x", &1_i64)]));
    let first = within(server.request()).await;
    let body = first.body.clone();
    assert_eq!(first.authorization.as_deref(), Some("Bearer 0"));
    first.respond(401, "text/plain", "").await;
    let second = within(server.request()).await;
    assert_eq!((second.authorization.as_deref(), second.body.clone()), (Some("Bearer 1"), body));
    second.respond(200, JSON, "7").await;
    assert_eq!(within(call).await.unwrap().unwrap(), 7);

    // Once, and not again.
    let call = tokio::spawn(client.call::<i64>("a", "b", &[]));
    for _ in 0..2 {
        within(server.request()).await.respond(401, "text/plain", "").await;
    }
    let error = within(call).await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Http(HttpError { status: 401, .. })), "{error:?}");
    assert_eq!(tokens.refreshes(), 2);
}

#[tokio::test]
async fn a_stream_that_is_refused_is_opened_once_more_with_its_inputs() {
    let (client, mut server, tokens) = signed_in(|_| {});
    tokens.permits.add_permits(1);
    let input = stream::iter([1_i64, 2]);
    let stream = client.open::<i64>("a", "b", &[("x", &5_i64)]).input("in", input).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    assert_eq!(call.authorization(), Some("Bearer 0"));
    socket.refuse(&call, RefusalReason::Unauthorized).await;
    let call = within(socket.call()).await;
    assert_eq!((call.authorization(), call.argument("x")), (Some("Bearer 1"), Some(5_i64)));
    socket.accept(&call).await;
    for expected in [Some(1_i64), Some(2), None] {
        assert_eq!(within(socket.input(&call, "in")).await, expected);
    }
    socket.element(&call, &3_i64).await;
    socket.end(&call).await;
    assert_eq!(collect(stream).await.0, [3]);
    assert_eq!(tokens.refreshes(), 1);
}

#[tokio::test]
async fn a_second_refusal_is_the_end_and_so_is_any_other() {
    for (reasons, refreshes) in [
        (&[RefusalReason::Unauthorized, RefusalReason::Unauthorized][..], 1),
        (&[RefusalReason::Unauthorized, RefusalReason::NotFound], 1),
        (&[RefusalReason::Forbidden], 0),
    ] {
        let (client, mut server, tokens) = signed_in(|_| {});
        tokens.permits.add_permits(1);
        let stream = client.open::<i64>("a", "b", &[]).stream();
        let mut socket = within(server.socket()).await;
        for reason in reasons {
            let call = within(socket.call()).await;
            socket.refuse(&call, *reason).await;
        }
        let (_, error) = collect(stream).await;
        let Some(CallError::Refused { reason, .. }) = error else { panic!("{error:?}") };
        assert_eq!(Some(&reason), reasons.last());
        assert_eq!(tokens.refreshes(), refreshes);
    }
}

#[tokio::test]
async fn calls_that_are_refused_together_share_one_refresh() {
    let (client, mut server, tokens) = signed_in(|_| {});
    let streams = join_all((0..5).map(|_| collect(client.open::<i64>("a", "b", &[]).stream())));
    let streams = tokio::spawn(streams);
    let ordinary = tokio::spawn(client.call::<i64>("a", "b", &[]));
    within(server.request()).await.respond(401, "text/plain", "").await;
    let mut socket = within(server.socket()).await;
    let mut calls = Vec::new();
    for _ in 0..5 {
        calls.push(within(socket.call()).await);
    }
    for call in &calls {
        socket.refuse(call, RefusalReason::Unauthorized).await;
    }
    // The client has read all of these when it answers.
    socket.send(r#"{"type":"ping"}"#).await;
    assert_eq!(within(socket.receive()).await.as_deref(), Some(r#"{"type":"pong"}"#));
    tokens.permits.add_permits(1);
    for _ in 0..5 {
        let call = within(socket.call()).await;
        assert_eq!(call.authorization(), Some("Bearer 1"));
        socket.accept(&call).await;
        socket.end(&call).await;
    }
    let request = within(server.request()).await;
    assert_eq!(request.authorization.as_deref(), Some("Bearer 1"));
    request.respond(200, JSON, "1").await;
    assert!(within(streams).await.unwrap().iter().all(|(_, error)| error.is_none()));
    assert_eq!(within(ordinary).await.unwrap().unwrap(), 1);
    assert_eq!(tokens.refreshes(), 1);
}

#[tokio::test]
async fn without_another_token_the_refusal_stands() {
    let (client, mut server, tokens) = signed_in(|tokens| tokens.succeeds = false);
    tokens.permits.add_permits(2);
    let stream = client.open::<i64>("a", "b", &[]).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.refuse(&call, RefusalReason::Unauthorized).await;
    let (_, error) = collect(stream).await;
    assert_eq!(error.unwrap().to_string(), "a.b was refused: unauthorized");
    assert_eq!(within(socket.receive()).await, None);
    let call = tokio::spawn(client.call::<i64>("a", "b", &[]));
    within(server.request()).await.respond(401, "text/plain", "").await;
    assert!(matches!(within(call).await.unwrap(), Err(CallError::Http(_))));
    assert_eq!(tokens.refreshes(), 2);
}

/// A call without a header was refused because nobody is signed in, which no refresh can change.
#[tokio::test]
async fn without_a_header_nothing_is_refreshed() {
    struct Nobody;
    impl AuthorizationProvider for Nobody {
        async fn header(&self) -> Option<String> {
            None
        }
        async fn refresh(&self) -> bool {
            panic!("nothing was refused")
        }
    }
    let (client, mut server) = client_with(|options| options.authorization = Authorization::new(Nobody));
    let stream = client.open::<i64>("a", "b", &[]).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    assert_eq!(call.authorization(), None);
    socket.refuse(&call, RefusalReason::Unauthorized).await;
    assert!(matches!(collect(stream).await.1, Some(CallError::Refused { .. })));
}

#[tokio::test]
async fn a_call_that_waits_for_its_header_can_be_given_up_and_holds_up_no_other() {
    let (client, mut server, tokens) = signed_in(|tokens| tokens.slow = true);
    let (released, was_released) = tokio::sync::oneshot::channel::<()>();
    let input = stream::once(async move {
        let _released = released;
        std::future::pending::<i64>().await
    });
    let given_up = client.open::<i64>("a", "given up", &[]).input("in", input).stream();
    let mut kept = client.open::<i64>("a", "kept", &[]).stream();
    let mut socket = within(server.socket()).await;
    within(client.status().wait_for(|status| *status == Status::Open)).await.unwrap();
    drop(given_up);
    assert!(within(was_released).await.is_err());
    tokens.permits.add_permits(1);
    let call = within(socket.call()).await;
    assert_eq!(call.method(), "kept");
    socket.accept(&call).await;
    socket.element(&call, &1_i64).await;
    assert_eq!(within(kept.next()).await.unwrap().unwrap(), 1);
    drop(kept);
    assert_eq!(next(&mut socket).await.0, "cmsc");
    assert_eq!(within(socket.receive()).await, None);
}

/// Fetches a token by a call, as is often done.
struct Calling {
    client: Arc<parking_lot::Mutex<Option<Client>>>,
    streams: bool,
}

impl AuthorizationProvider for Calling {
    async fn header(&self) -> Option<String> {
        Some("Bearer old".to_owned())
    }

    async fn refresh(&self) -> bool {
        let client = self.client.lock().clone().unwrap();
        if self.streams {
            client.open::<bool>("auth", "refresh", &[]).value().await.is_ok()
        } else {
            client.call::<bool>("auth", "refresh", &[]).await.is_ok()
        }
    }
}

#[tokio::test]
async fn a_call_that_the_refresh_makes_waits_for_no_refresh() {
    let place = Arc::default();
    let provider = Calling { client: Arc::clone(&place), streams: false };
    let (client, mut server) = client_with(|options| options.authorization = Authorization::new(provider));
    *place.lock() = Some(client.clone());
    let call = tokio::spawn(client.call::<i64>("a", "b", &[]));
    for path in ["/a", "/auth"] {
        let request = within(server.request()).await;
        assert_eq!(request.path, path);
        request.respond(401, "text/plain", "").await;
    }
    assert!(matches!(within(call).await.unwrap(), Err(CallError::Http(HttpError { status: 401, .. }))));
    place.lock().take();
}

#[tokio::test]
async fn a_streaming_call_that_the_refresh_makes_waits_for_no_refresh() {
    let place = Arc::default();
    let provider = Calling { client: Arc::clone(&place), streams: true };
    let (client, mut server) = client_with(|options| options.authorization = Authorization::new(provider));
    *place.lock() = Some(client.clone());
    let mut stream = client.open::<i64>("a", "b", &[]).stream();
    let mut socket = within(server.socket()).await;
    for endpoint in ["a", "auth"] {
        let call = within(socket.call()).await;
        assert_eq!(call.endpoint(), endpoint);
        socket.refuse(&call, RefusalReason::Unauthorized).await;
    }
    let refused = within(stream.opened()).await;
    assert!(matches!(refused, Err(CallError::Refused { reason: RefusalReason::Unauthorized, .. })));
    place.lock().take();
}
