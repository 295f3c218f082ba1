//! The handler that keeps the connection.

use std::time::Duration;

use futures_util::FutureExt;
use streampod_client::StreamingConnectionHandlerStatus::{
    Connected, Connecting, Disconnected, WaitingToRetry,
};
use streampod_client::fake::FakeServer;
use streampod_client::{
    Client, StreamingConnectionHandler, StreamingConnectionHandlerState, StreamingConnectionHandlerStatus,
    StreamingConnectionStatus,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{accept, opens_nothing, until};
use crate::kit::{client, within};

type States = watch::Receiver<StreamingConnectionHandlerState>;

/// The next state: its status, and how many milliseconds it will wait.
async fn next(states: &mut States) -> (StreamingConnectionHandlerStatus, Option<u128>) {
    within(states.changed()).await.unwrap();
    let state = *states.borrow_and_update();
    (state.status, state.retry_in.map(|wait| wait.as_millis()))
}

async fn reach(states: &mut States, status: StreamingConnectionHandlerStatus) {
    within(states.wait_for(|state| state.status == status)).await.unwrap();
}

fn now(states: &States) -> StreamingConnectionHandlerStatus {
    states.borrow().status
}

/// A handler that waits to try again, because there was no server at first.
async fn waiting() -> (Client, FakeServer, StreamingConnectionHandler, States) {
    let (client, mut server) = client();
    let handler = StreamingConnectionHandler::new(&client);
    let mut states = handler.state();
    handler.connect();
    drop(within(server.silent_socket()).await);
    reach(&mut states, WaitingToRetry).await;
    (client, server, handler, states)
}

#[tokio::test(start_paused = true)]
async fn it_connects_again_every_5_s_and_tells_how_long_it_will_wait() {
    let (client, mut server) = client();
    let handler = StreamingConnectionHandler::new(&client);
    let mut states = handler.state();
    assert_eq!(now(&states), Disconnected);
    opens_nothing(&mut server).await;

    handler.connect();
    assert_eq!(next(&mut states).await, (Connecting, None));
    let socket = accept(&mut server).await;
    assert_eq!(next(&mut states).await, (Connected, None));
    // It is at work already.
    handler.connect();
    opens_nothing_while_connected(&mut server).await;
    drop(socket);

    let start = Instant::now();
    for _ in 0..2 {
        for seconds in (1..=5).rev() {
            assert_eq!(next(&mut states).await, (WaitingToRetry, Some(seconds * 1000)));
        }
        assert_eq!(next(&mut states).await, (Connecting, None));
        // Nobody answers.
        drop(within(server.silent_socket()).await);
    }
    assert_eq!(start.elapsed().as_secs(), 10);
    for seconds in (1..=5).rev() {
        assert_eq!(next(&mut states).await, (WaitingToRetry, Some(seconds * 1000)));
    }
    assert_eq!(next(&mut states).await, (Connecting, None));
    let mut socket = accept(&mut server).await;
    assert_eq!(next(&mut states).await, (Connected, None));

    let (_, end) = within(async { tokio::join!(handler.close(), socket.receive_any()) }).await;
    assert_eq!((now(&states), end), (Disconnected, None));
    opens_nothing(&mut server).await;

    // And once more from the beginning.
    handler.connect();
    let _socket = accept(&mut server).await;
    reach(&mut states, Connected).await;
}

async fn opens_nothing_while_connected(server: &mut FakeServer) {
    let socket = tokio::time::timeout(Duration::from_secs(10), server.silent_socket()).await;
    assert!(socket.is_err(), "{socket:?}");
}

#[tokio::test(start_paused = true)]
async fn another_wait_can_be_asked_for_but_not_none() {
    for (asked, expected) in [(2500, &[2500, 1500, 500][..]), (300, &[300]), (0, &[10])] {
        let (client, server) = client();
        drop(server);
        let handler = StreamingConnectionHandler::new(&client).retry_every(Duration::from_millis(asked));
        let mut states = handler.state();
        let start = Instant::now();
        handler.connect();
        for _ in 0..3 {
            for wait in expected {
                reach(&mut states, WaitingToRetry).await;
                let state = (WaitingToRetry, Some(*wait));
                loop {
                    let found = *states.borrow_and_update();
                    if (found.status, found.retry_in.map(|wait| wait.as_millis())) == state {
                        break;
                    }
                    within(states.changed()).await.unwrap();
                }
            }
            within(states.changed()).await.unwrap();
        }
        let waited = start.elapsed().as_millis();
        let exact = expected[0] * 3;
        assert!((exact..exact + 10).contains(&waited), "{asked}: {waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn closing_it_ends_the_countdown_or_the_attempt() {
    let (_client, mut server, handler, states) = waiting().await;
    within(handler.close()).await;
    assert_eq!(now(&states), Disconnected);
    assert_eq!(states.borrow().retry_in, None);
    opens_nothing(&mut server).await;

    handler.connect();
    assert_eq!(now(&states), Connecting);
    tokio::task::yield_now().await;
    within(handler.close()).await;
    assert_eq!(now(&states), Disconnected);
    // What was begun is not there any more.
    let socket = tokio::time::timeout(Duration::from_secs(60), server.silent_socket()).await;
    assert!(socket.is_err(), "{socket:?}");
    // Without anything to close.
    within(handler.close()).await;
}

#[tokio::test(start_paused = true)]
async fn a_close_that_is_not_waited_for_is_done_all_the_same() {
    let (client, mut server) = client();
    let handler = StreamingConnectionHandler::new(&client);
    handler.connect();
    let mut socket = accept(&mut server).await;
    until(&client, StreamingConnectionStatus::Connected).await;
    assert!(Box::pin(handler.close()).now_or_never().is_none());
    assert_eq!(now(&handler.state()), Disconnected);
    assert_eq!(within(socket.receive_any()).await, None);
    opens_nothing(&mut server).await;
}

#[tokio::test(start_paused = true)]
async fn dropping_it_ends_its_task_and_leaves_the_connection() {
    let (client, mut server, handler, mut states) = waiting().await;
    sleep(Duration::from_millis(2500)).await;
    drop(handler);
    // Its task holds the other end.
    while within(states.changed()).await.is_ok() {}
    opens_nothing(&mut server).await;

    let handler = StreamingConnectionHandler::new(&client);
    let mut states = handler.state();
    handler.connect();
    let mut socket = accept(&mut server).await;
    reach(&mut states, Connected).await;
    drop(handler);
    while within(states.changed()).await.is_ok() {}
    assert_eq!(*client.streaming_connection_status().borrow(), StreamingConnectionStatus::Connected);
    client.endpoint("test").send_stream_message(1_i64).await.unwrap();
    assert!(within(socket.receive_any()).await.is_some());
    drop(socket);
    until(&client, StreamingConnectionStatus::Disconnected).await;
    opens_nothing(&mut server).await;
}

#[tokio::test(start_paused = true)]
async fn it_goes_along_with_a_connection_that_somebody_else_opens() {
    let (client, mut server, handler, mut states) = waiting().await;
    let start = Instant::now();
    let (opened, socket) = tokio::join!(client.open_streaming_connection(), accept(&mut server));
    opened.unwrap();
    reach(&mut states, Connected).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    opens_nothing_while_connected(&mut server).await;

    // One that is connected from the beginning says so at once.
    let other = StreamingConnectionHandler::new(&client);
    other.connect();
    assert_eq!(now(&other.state()), Connected);
    drop(other);

    // To close the connection is not to close the handler.
    let mut socket = socket;
    let (_, _) =
        within(async { tokio::join!(client.close_streaming_connection(), socket.receive_any()) }).await;
    reach(&mut states, WaitingToRetry).await;
    let _socket = accept(&mut server).await;
    reach(&mut states, Connected).await;
    drop(handler);
}

#[tokio::test(start_paused = true)]
async fn told_to_connect_while_it_waits_it_does_so_at_once() {
    let (_client, mut server, handler, mut states) = waiting().await;
    let start = Instant::now();
    handler.connect();
    // It is not two for that.
    handler.connect();
    drop(accept(&mut server).await);
    reach(&mut states, WaitingToRetry).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    let _socket = accept(&mut server).await;
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_client() {
    let (client, mut server, handler, mut states) = waiting().await;
    client.close();
    reach(&mut states, Disconnected).await;
    opens_nothing(&mut server).await;
    handler.connect();
    reach(&mut states, Disconnected).await;
    drop(handler);
    while within(states.changed()).await.is_ok() {}
}
