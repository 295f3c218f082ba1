//! A stream of the generated client that outlives its connection.

use std::time::Duration;

use conformance_client::Client;
use futures_util::{Stream, StreamExt};
use streampod_client::{Backoff, CallError, ConnectionError, Event, reconnecting};

use super::proxy::Proxy;
use super::table::Network;
use crate::kit::{TestServer, within};

type Events<'a> = &'a mut (dyn Stream<Item = Result<Event<i64>, CallError>> + Unpin);

async fn next(events: Events<'_>) -> Event<i64> {
    within("an event", events.next()).await.unwrap().unwrap()
}

async fn expect_numbers(events: Events<'_>) {
    for expected in 0..3 {
        let event = next(events).await;
        assert!(matches!(event, Event::Element(number) if number == expected), "{event:?}");
    }
}

#[tokio::test]
async fn a_stream_is_called_again() {
    let server = TestServer::start().await;
    let mut proxy = Proxy::start(server.port()).await;
    let client = Client::new(&format!("http://127.0.0.1:{}/", proxy.port)).unwrap();
    let backoff = Backoff { min: Duration::from_millis(10), ..Backoff::default() };
    let mut events = reconnecting(backoff, || client.method_streaming.never_ending_stream_with_delay(1));
    expect_numbers(&mut events).await;

    proxy.set(Network::Cut).await;
    let gap = loop {
        match next(&mut events).await {
            // What was on its way.
            Event::Element(_) => {}
            Event::Gap(gap) => break gap,
            Event::Resumed => panic!("there was no gap"),
        }
    };
    assert!(matches!(gap.error, ConnectionError::Lost(_)), "{gap:?}");
    assert_eq!(proxy.until_closed().await, 1);

    proxy.set(Network::Forward).await;
    let event = next(&mut events).await;
    assert!(matches!(event, Event::Resumed), "{event:?}");
    expect_numbers(&mut events).await;
    drop(events);
    assert_eq!(proxy.until_closed().await, 2);
}
