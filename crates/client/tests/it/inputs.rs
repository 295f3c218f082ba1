//! Streams that feed calls.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::stream::{self, Stream, StreamExt};
use serde_json::json;
use streampod_client::{CallError, InputError, NO_INPUT};
use tokio::sync::oneshot;

use crate::kit::{Trouble, client, collect, next, within};

fn msm(n: i64) -> (String, serde_json::Value) {
    ("msm".to_owned(), json!({ "p": "stream", "o": { "className": "int", "data": n } }))
}

fn cmsc(reason: &str) -> (String, serde_json::Value) {
    ("cmsc".to_owned(), json!({ "p": "stream", "cr": reason }))
}

#[tokio::test]
async fn an_input_is_fed_once_the_call_is_accepted_and_then_ended() {
    let (client, mut server) = client();
    let sum =
        tokio::spawn(client.open::<i64>("a", "sum", &[]).input("stream", stream::iter([1_i64, 2])).value());
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    let quiet = tokio::time::timeout(std::time::Duration::from_millis(20), socket.receive()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    socket.accept(&call).await;
    assert_eq!(within(socket.input::<i64>(&call, "stream")).await, Some(1));
    assert_eq!(next(&mut socket).await, msm(2));
    assert_eq!(next(&mut socket).await, cmsc("done"));
    socket.element(&call, &3_i64).await;
    socket.end(&call).await;
    assert_eq!(within(sum).await.unwrap().unwrap(), 3);
}

#[tokio::test]
async fn exceptions_are_thrown_into_the_method() {
    let (client, mut server) = client();
    let items = [Ok(1_i64), Err(Trouble::new("mine")), Ok(2)];
    let stream = client.open::<i64>("a", "b", &[]).input::<i64>("stream", stream::iter(items)).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    assert_eq!(next(&mut socket).await, msm(1));
    let thrown = json!({ "p": "stream", "ex": { "className": "Trouble", "data": { "message": "mine" } } });
    assert_eq!(next(&mut socket).await, ("msse".to_owned(), thrown));
    assert_eq!(next(&mut socket).await, cmsc("error"));
    socket.end(&call).await;
    assert!(collect(stream).await.1.is_none());
}

#[tokio::test]
async fn other_failures_are_the_cause_of_what_follows() {
    let panics = stream::poll_fn(|_| -> Poll<Option<Result<f64, InputError>>> { panic!("a faulty input") });
    let disk_full = stream::iter([Err::<f64, _>(InputError::other("disk full"))]);
    let not_finite = stream::iter([Ok::<_, InputError>(f64::NAN)]);
    let inputs: [(Pin<Box<dyn Stream<Item = _> + Send>>, _); 3] = [
        (Box::pin(disk_full), "disk full"),
        (Box::pin(not_finite), "a double that is infinite or not a number cannot be sent"),
        (Box::pin(panics), "an input panicked"),
    ];
    for (input, expected) in inputs {
        let (client, mut server) = client();
        let stream = client.open::<i64>("a", "b", &[]).input::<f64>("stream", input).stream();
        let mut socket = within(server.socket()).await;
        let call = within(socket.call()).await;
        socket.accept(&call).await;
        assert_eq!(next(&mut socket).await, cmsc("error"));
        socket.fail(&call).await;
        let error = collect(stream).await.1.unwrap();
        assert!(matches!(error, CallError::ClosedWithError { .. }), "{error:?}");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), expected);
    }
}

/// A stream that never yields, and says when it is dropped. It is not `Sync`, which no input needs to be.
struct Pending {
    _dropped: Cell<Option<oneshot::Sender<()>>>,
}

impl Stream for Pending {
    type Item = i64;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<i64>> {
        Poll::Pending
    }
}

fn pending() -> (Pending, oneshot::Receiver<()>) {
    let (sender, receiver) = oneshot::channel();
    (Pending { _dropped: Cell::new(Some(sender)) }, receiver)
}

#[tokio::test]
async fn an_input_is_dropped_when_the_method_wants_no_more() {
    let (client, mut server) = client();
    let (input, dropped) = pending();
    let stream = client.open::<i64>("a", "b", &[]).input("stream", input).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    socket.close_input(&call, "stream").await;
    assert!(within(dropped).await.is_err());
    socket.end(&call).await;
    assert!(collect(stream).await.1.is_none());
}

#[tokio::test]
async fn an_input_is_dropped_with_its_call() {
    for act in ["drop", "end", "lose", "close"] {
        let (client, mut server) = client();
        // Another call keeps the connection.
        let _other = client.open::<i64>("a", "other", &[]).stream();
        let (input, dropped) = pending();
        let mut stream = Some(client.open::<i64>("a", "b", &[]).input("stream", input).stream());
        let mut socket = within(server.socket()).await;
        within(socket.call()).await;
        let call = within(socket.call()).await;
        socket.accept(&call).await;
        match act {
            "drop" => drop(stream.take()),
            "end" => socket.end(&call).await,
            "lose" => drop(socket),
            _ => client.close(),
        }
        assert!(within(dropped).await.is_err());
    }
}

#[tokio::test]
async fn inputs_are_not_polled_while_much_waits_to_be_sent() {
    let (client, mut server) = client();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let text = "x".repeat(1000);
    let input = stream::iter(0..2000).inspect(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let kept = client.open::<i64>("a", "b", &[]).input("stream", input.map(move |_| text.clone())).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    // Long enough for the client to fill what it may: the bytes on their way, and its two buffers.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let early = taken.load(Ordering::Relaxed);
    assert!((64..600).contains(&early), "{early}");
    for _ in 0..2000 {
        assert!(within(socket.input::<String>(&call, "stream")).await.is_some());
    }
    assert_eq!(within(socket.input::<String>(&call, "stream")).await, None);
    assert_eq!(taken.load(Ordering::Relaxed), 2000);
    drop(kept);
}

#[tokio::test]
async fn an_input_that_wakes_itself_all_the_time_stops_nobody() {
    let (client, mut server) = client();
    let restless = stream::poll_fn(|context: &mut Context<'_>| -> Poll<Option<i64>> {
        context.waker().wake_by_ref();
        Poll::Pending
    });
    let mut stream = client.open::<i64>("a", "b", &[]).input("stream", restless).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    within(stream.opened()).await.unwrap();
    socket.element(&call, &1_i64).await;
    socket.end(&call).await;
    assert_eq!(collect(stream).await.0, [1]);
}

#[tokio::test]
async fn an_input_that_is_left_out_is_not_announced() {
    let (client, mut server) = client();
    let call = || client.open::<i64>("a", "b", &[]).input("first", stream::empty::<i64>());
    let _without = call().optional_input::<String>("second", NO_INPUT).stream();
    let _with = call().optional_input("second", Some(stream::empty::<String>())).stream();
    let mut socket = within(server.socket()).await;
    for expected in [json!(["first"]), json!(["first", "second"])] {
        let (kind, data) = next(&mut socket).await;
        assert_eq!((kind.as_str(), &data["is"]), ("omsc", &expected));
    }
}
