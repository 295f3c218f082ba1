//! The life of the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use streampod_client::StreamingConnectionStatus::{Connected, Connecting, Disconnected};
use streampod_client::{
    Authorization, AuthorizationProvider, ConnectionError, StreamingMessages, StreamingSendError,
};
use tokio::sync::Semaphore;
use tokio::time::{Instant, advance, sleep};

use super::{PING, PONG, accept, connected, int, opens_nothing, say, status, until};
use crate::kit::{client, client_with, opened, within};

#[tokio::test]
async fn statuses_follow_the_connection() {
    let (client, mut server) = client();
    assert_eq!(status(&client), Disconnected);
    for _ in 0..3 {
        let (opened, mut socket) =
            tokio::join!(client.open_streaming_connection(), within(server.silent_socket()));
        opened.unwrap();
        assert_eq!(status(&client), Connecting);
        assert_eq!(socket.target(), "/websocket");
        assert_eq!(within(socket.receive_any()).await.as_deref(), Some(PING));
        assert_eq!(status(&client), Connecting);
        socket.send(PONG).await;
        until(&client, Connected).await;
        drop(socket);
        until(&client, Disconnected).await;
    }
}

#[tokio::test]
async fn anything_received_connects_even_a_message() {
    let (client, mut server) = client();
    let (opened, mut socket) =
        tokio::join!(client.open_streaming_connection(), within(server.silent_socket()));
    opened.unwrap();
    say(&mut socket, "test", 1).await;
    until(&client, Connected).await;
}

#[tokio::test(start_paused = true)]
async fn it_is_given_up_if_nothing_is_received_in_time() {
    let (client, mut server) = client();
    let start = Instant::now();
    let (opened, mut socket) =
        tokio::join!(client.open_streaming_connection(), within(server.silent_socket()));
    opened.unwrap();
    until(&client, Disconnected).await;
    assert_eq!(start.elapsed().as_secs(), 5);
    assert_eq!(within(socket.receive_any()).await.as_deref(), Some(PING));
    assert_eq!(within(socket.receive_any()).await, None);

    // Nor is the handshake answered.
    let start = Instant::now();
    let error = within(client.open_streaming_connection()).await.unwrap_err();
    assert!(matches!(error, ConnectionError::HandshakeTimeout(_)), "{error:?}");
    assert_eq!((start.elapsed().as_secs(), status(&client)), (5, Disconnected));

    drop(server);
    let error = within(client.open_streaming_connection()).await.unwrap_err();
    assert!(matches!(error, ConnectionError::Failed(_)), "{error:?}");
    assert_eq!(status(&client), Disconnected);
}

#[tokio::test(start_paused = true)]
async fn it_is_opened_once() {
    let (client, mut server) = client();
    let all = futures_util::future::join_all((0..5).map(|_| client.open_streaming_connection()));
    let (opened, socket) = tokio::join!(all, accept(&mut server));
    assert!(opened.iter().all(Result::is_ok), "{opened:?}");
    client.open_streaming_connection().await.unwrap();
    until(&client, Connected).await;
    client.clone().open_streaming_connection().await.unwrap();
    opens_nothing(&mut server).await;
    drop(socket);
}

#[tokio::test]
async fn dropping_the_attempt_gives_it_up_unless_somebody_else_waits_for_it() {
    let (client, mut server) = client();
    let mut first = Box::pin(client.open_streaming_connection());
    assert!(first.as_mut().now_or_never().is_none());
    assert_eq!(status(&client), Connecting);
    drop(first);
    assert_eq!(status(&client), Disconnected);

    let mut first = Box::pin(client.open_streaming_connection());
    let mut second = Box::pin(client.open_streaming_connection());
    assert!(first.as_mut().now_or_never().is_none());
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    assert_eq!(status(&client), Connecting);
    let (opened, _socket) = tokio::join!(second, accept(&mut server));
    opened.unwrap();
    until(&client, Connected).await;
}

#[tokio::test]
async fn an_attempt_that_nobody_polls_any_more_holds_up_no_other() {
    let (client, mut server) = client();
    let mut first = Box::pin(client.open_streaming_connection());
    assert!(first.as_mut().now_or_never().is_none());
    let mut socket = connected(&client, &mut server).await;
    let closing = async {
        assert_eq!(socket.receive_any().await, None);
        drop(socket);
    };
    within(async { tokio::join!(client.close_streaming_connection(), closing) }).await;
    let _socket = connected(&client, &mut server).await;
    within(first).await.unwrap();
    assert_eq!(status(&client), Connected);
}

#[tokio::test]
async fn a_failure_is_not_that_of_the_next_attempt() {
    let (client, mut server) = client();
    let (first, second) = (client.open_streaming_connection(), client.open_streaming_connection());
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    assert!(first.as_mut().now_or_never().is_none());
    assert!(second.as_mut().now_or_never().is_none());
    within(client.close_streaming_connection()).await;
    within(second).await.unwrap_err();
    // The first has not heard of it yet.
    let _socket = connected(&client, &mut server).await;
    within(first).await.unwrap_err();
    assert_eq!(status(&client), Connected);
}

#[tokio::test]
async fn closing_gives_up_every_attempt_that_was_begun_before() {
    let (client, mut server) = client();
    let mut attempts: Vec<_> = (0..3).map(|_| Box::pin(client.open_streaming_connection())).collect();
    for attempt in &mut attempts {
        assert!(attempt.as_mut().now_or_never().is_none());
    }
    within(client.close_streaming_connection()).await;
    assert_eq!(status(&client), Disconnected);
    for attempt in attempts {
        let error = within(attempt).await.unwrap_err();
        assert!(matches!(error, ConnectionError::Failed(_)), "{error:?}");
    }
    assert_eq!(status(&client), Disconnected);
    connected(&client, &mut server).await;
}

#[tokio::test]
async fn closing_sends_what_waits_and_returns_when_the_socket_is_closed() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let endpoint = client.endpoint("test");
    endpoint.send_stream_message(1_i64).await.unwrap();
    let mut closing = Box::pin(client.close_streaming_connection());
    assert!(closing.as_mut().now_or_never().is_none());
    assert_eq!(status(&client), Disconnected);
    let sent = endpoint.send_stream_message(2_i64).await;
    assert!(matches!(sent, Err(StreamingSendError::NotConnected)), "{sent:?}");
    // The server's side of the closing handshake is still to come.
    let mut twice = Box::pin(client.close_streaming_connection());
    tokio::task::yield_now().await;
    assert!(closing.as_mut().now_or_never().is_none() && twice.as_mut().now_or_never().is_none());
    let message = r#"{"endpoint":"test","object":{"className":"int","data":1}}"#;
    assert_eq!(within(socket.receive_any()).await.as_deref(), Some(message));
    let end = async {
        assert_eq!(socket.receive_any().await, None);
        drop(socket);
    };
    within(async { tokio::join!(closing, twice, end) }).await;
    within(client.close_streaming_connection()).await;
}

#[tokio::test(start_paused = true)]
async fn a_ping_every_20_s_and_40_s_of_silence_are_the_end() {
    let (client, mut server) = client();
    let start = Instant::now();
    let mut socket = connected(&client, &mut server).await;
    for seconds in [20, 40] {
        assert_eq!(within(socket.receive_any()).await.as_deref(), Some(PING));
        assert_eq!(start.elapsed().as_secs(), seconds);
        if seconds == 20 {
            socket.send(PONG).await;
        }
    }
    until(&client, Disconnected).await;
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn anything_heard_keeps_the_connection() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let mut messages = client.endpoint("test").stream();
    for n in 0..10 {
        advance(Duration::from_secs(30)).await;
        say(&mut socket, "test", n).await;
        assert_eq!(int(within(messages.next()).await.unwrap().unwrap()), n);
    }
    assert_eq!(status(&client), Connected);
}

#[tokio::test]
async fn what_cannot_be_read_ends_the_connection_and_unknown_commands_do_not() {
    let (client, mut server) = client();
    for text in ["nonsense", "[]", "{}", r#"{"endpoint":"test"}"#, r#"{"endpoint":1,"object":{}}"#] {
        let mut socket = connected(&client, &mut server).await;
        socket.send(r#"{"command":"what","args":{}}"#).await;
        socket.send(text).await;
        assert_eq!(within(socket.receive_any()).await, None);
        until(&client, Disconnected).await;
    }
}

/// The stream ends after what waits for it.
async fn ends_after(mut messages: StreamingMessages, expected: &[i64]) {
    for value in expected {
        assert_eq!(int(within(messages.next()).await.unwrap().unwrap()), *value);
    }
    assert!(within(messages.next()).await.is_none());
    assert!(within(messages.next()).await.is_none());
}

#[tokio::test]
async fn closing_the_client_closes_the_connection_and_ends_the_streams() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let endpoint = client.endpoint("test");
    let (messages, mut others) = (endpoint.stream(), client.endpoint("other").stream());
    for endpoint in ["test", "test", "other"] {
        say(&mut socket, endpoint, 1).await;
    }
    assert_eq!(int(within(others.next()).await.unwrap().unwrap()), 1);
    let waiting = tokio::spawn(async move { others.next().await });
    tokio::task::yield_now().await;
    client.close();
    assert_eq!(status(&client), Disconnected);
    assert_eq!(within(socket.receive_any()).await, None);
    ends_after(messages, &[1, 1]).await;
    ends_after(endpoint.stream(), &[]).await;
    assert!(within(waiting).await.unwrap().is_none());

    let error = within(client.open_streaming_connection()).await.unwrap_err();
    assert!(matches!(error, ConnectionError::Failed(_)), "{error:?}");
    assert!(endpoint.send_stream_message(1_i64).await.is_err());
}

#[tokio::test]
async fn closing_the_client_gives_up_an_attempt() {
    let (client, _server) = client();
    let mut attempt = Box::pin(client.open_streaming_connection());
    assert!(attempt.as_mut().now_or_never().is_none());
    client.close();
    within(attempt).await.unwrap_err();
    assert_eq!(status(&client), Disconnected);
}

#[tokio::test]
async fn dropping_the_client_with_its_endpoints_closes_the_connection_even_while_a_call_runs() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let (_call, _calls, _) = opened(&client, &mut server).await;
    let endpoint = client.endpoint("test");
    let messages = endpoint.stream();
    let status = client.streaming_connection_status();
    drop(client);
    // An endpoint is as good as the client.
    endpoint.send_stream_message(1_i64).await.unwrap();
    assert!(within(socket.receive_any()).await.is_some());
    assert_eq!(*status.borrow(), Connected);
    drop(endpoint);
    assert_eq!(within(socket.receive_any()).await, None);
    ends_after(messages, &[]).await;
}

#[test]
fn nobody_waits_for_a_runtime_that_is_gone() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (client, mut server) = client();
    let gone = runtime();
    let _socket = gone.block_on(connected(&client, &mut server));
    drop(gone);
    assert_eq!(status(&client), Disconnected);
    runtime().block_on(async {
        within(client.close_streaming_connection()).await;
        assert!(client.endpoint("test").send_stream_message(1_i64).await.is_err());
    });
}

/// Gives its header once it is let go, and counts how often it is asked.
struct Slow(Arc<Semaphore>, Arc<AtomicUsize>);

impl AuthorizationProvider for Slow {
    async fn header(&self) -> Option<String> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.acquire().await.unwrap().forget();
        Some("Basic MTY6eS8r".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn the_key_of_the_client_goes_along_plain() {
    let (permits, asked) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let provider = Slow(Arc::clone(&permits), Arc::clone(&asked));
    let (client, mut server) = client_with(|options| options.authorization = Authorization::new(provider));
    for n in 1..=2 {
        let grant = async {
            // Who waits for a token does not wait for the server.
            sleep(Duration::from_secs(60)).await;
            assert_eq!((asked.load(Ordering::Relaxed), status(&client)), (n, Connecting));
            permits.add_permits(1);
            within(server.silent_socket()).await
        };
        let (opened, socket) = tokio::join!(client.open_streaming_connection(), grant);
        opened.unwrap();
        assert_eq!(socket.target(), "/websocket?auth=16%3Ay%2F%2B");
        drop(socket);
        until(&client, Disconnected).await;
    }
}

#[tokio::test]
async fn another_key_is_sent_wrapped_as_the_calls_would() {
    for (header, expected) in [
        (None, "Bearer 1:a\\\"b"),
        (Some("Bearer x"), "Bearer 1:a\\\"b"),
        (Some("Basic eA=="), "Basic MTphImI="),
    ] {
        let (client, mut server) = client_with(|options| {
            if let Some(header) = header {
                options.authorization = Authorization::new(move || Some(header.to_owned()));
            }
        });
        // There is nothing to do yet.
        client.update_streaming_connection_authentication_key(Some("early")).await;
        let mut socket = connected(&client, &mut server).await;
        client.update_streaming_connection_authentication_key(Some("1:a\"b")).await;
        client.update_streaming_connection_authentication_key(None).await;
        let expected = format!(r#"{{"command":"auth","args":{{"key":"{expected}"}}}}"#);
        assert_eq!(within(socket.receive_any()).await, Some(expected));
        let none = r#"{"command":"auth","args":{"key":null}}"#;
        assert_eq!(within(socket.receive_any()).await.as_deref(), Some(none));
    }
}

#[tokio::test]
async fn a_key_that_comes_while_the_connection_is_opened_is_sent_behind_the_ping() {
    let (client, mut server) = client_with(|options| {
        options.authorization = Authorization::new(|| Some("Bearer ada".to_owned()));
    });
    let accepted = async {
        // The attempt has asked for its header, and the server has not answered it yet.
        within(client.streaming_connection_status().wait_for(|status| *status == Connecting)).await.unwrap();
        tokio::task::yield_now().await;
        client.update_streaming_connection_authentication_key(Some("eve")).await;
        client.update_streaming_connection_authentication_key(None).await;
        within(server.silent_socket()).await
    };
    let (opened, mut socket) = tokio::join!(client.open_streaming_connection(), accepted);
    opened.unwrap();
    assert_eq!(socket.target(), "/websocket?auth=ada");
    assert_eq!(within(socket.receive_any()).await.as_deref(), Some(PING));
    let none = r#"{"command":"auth","args":{"key":null}}"#;
    assert_eq!(within(socket.receive_any()).await.as_deref(), Some(none));
    // The next connection has nothing to catch up with.
    drop(socket);
    until(&client, Disconnected).await;
    let mut socket = connected(&client, &mut server).await;
    client.endpoint("test").send_stream_message(1_i64).await.unwrap();
    assert!(within(socket.receive_any()).await.unwrap().contains("test"));
}
