//! Streams that outlive their connection.

use std::time::Duration;

use futures_util::StreamExt;
use streampod_client::fake::FakeServer;
use streampod_client::{
    Backoff, CallError, Client, ConnectionError, Event, Gap, RefusalReason, reconnecting,
};
use tokio::time::Instant;

use crate::kit::{client, within};

const EXACT: Backoff = Backoff { min: Duration::from_millis(500), max: Duration::from_secs(2), jitter: 0.0 };

fn watch(client: &Client) -> impl futures_util::Stream<Item = Result<Event<i64>, CallError>> + Unpin {
    let client = client.clone();
    reconnecting(EXACT, move || client.open("test", "watch", &[]).stream())
}

async fn gap(events: &mut (impl futures_util::Stream<Item = Result<Event<i64>, CallError>> + Unpin)) -> Gap {
    match within(events.next()).await {
        Some(Ok(Event::Gap(gap))) => gap,
        other => panic!("{other:?}"),
    }
}

/// Accepts the next call of the client and sends an element.
async fn serve(server: &mut FakeServer, element: i64) -> streampod_client::fake::FakeSocket {
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    socket.element(&call, &element).await;
    socket
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_a_gap_and_the_call_is_made_again() {
    let (client, mut server) = client();
    let mut events = watch(&client);
    let (first, socket) = tokio::join!(events.next(), serve(&mut server, 1));
    assert!(matches!(first, Some(Ok(Event::Element(1)))), "{first:?}");
    drop(socket);
    let lost = gap(&mut events).await;
    assert!(matches!(lost.error, ConnectionError::Lost(_)), "{lost:?}");
    assert_eq!((lost.attempt, lost.delay.as_millis()), (1, 500));

    let start = Instant::now();
    let (resumed, socket) = tokio::join!(events.next(), serve(&mut server, 2));
    assert!(matches!(resumed, Some(Ok(Event::Resumed))), "{resumed:?}");
    assert_eq!(start.elapsed().as_millis(), 500);
    let element = within(events.next()).await;
    assert!(matches!(element, Some(Ok(Event::Element(2)))), "{element:?}");
    drop(socket);
    assert_eq!(gap(&mut events).await.attempt, 1, "it counts from the last success");
}

#[tokio::test(start_paused = true)]
async fn attempts_that_fail_are_told_and_wait_longer() {
    let (client, server) = client();
    drop(server);
    let mut events = watch(&client);
    let start = Instant::now();
    let mut waited = Vec::new();
    for attempt in 1..=5 {
        let gap = gap(&mut events).await;
        assert_eq!(gap.attempt, attempt);
        assert!(matches!(gap.error, ConnectionError::Failed(_)), "{gap:?}");
        waited.push((gap.delay.as_millis(), start.elapsed().as_millis()));
    }
    assert_eq!(waited, [(500, 0), (1000, 500), (2000, 1500), (2000, 3500), (2000, 5500)]);
}

#[tokio::test]
async fn what_is_not_the_connections_fault_is_the_end() {
    let (client, mut server) = client();
    let mut refused = watch(&client);
    let server_refuses = async {
        let mut socket = within(server.socket()).await;
        let call = within(socket.call()).await;
        socket.refuse(&call, RefusalReason::Forbidden).await;
        socket
    };
    let (event, _socket) = tokio::join!(refused.next(), server_refuses);
    assert!(matches!(event, Some(Err(CallError::Refused { .. }))), "{event:?}");
    assert!(within(refused.next()).await.is_none());

    client.close();
    let mut closed = watch(&client);
    assert!(matches!(within(closed.next()).await, Some(Err(CallError::ClientClosed))));
    assert!(within(closed.next()).await.is_none());
}

#[tokio::test]
async fn a_stream_that_ends_well_has_ended() {
    let (client, mut server) = client();
    let mut events = watch(&client);
    let serve = async {
        let mut socket = within(server.socket()).await;
        let call = within(socket.call()).await;
        socket.accept(&call).await;
        socket.end(&call).await;
        socket
    };
    let (end, _socket) = tokio::join!(events.next(), serve);
    assert!(end.is_none(), "{end:?}");
    assert!(within(events.next()).await.is_none());
}

#[tokio::test]
async fn dropping_it_cancels_its_call() {
    let (client, mut server) = client();
    let mut events = watch(&client);
    let (_, mut socket) = tokio::join!(events.next(), serve(&mut server, 1));
    drop(events);
    assert_eq!(crate::kit::next(&mut socket).await.0, "cmsc");
    assert_eq!(within(socket.receive()).await, None);
}
