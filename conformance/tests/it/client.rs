//! The Rust client against the server.

use std::time::Duration;

use conformance::{ExceptionWithData, SimpleData};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::{self, Stream};
use indexmap::IndexSet;
use streampod::Value;
use streampod_client::{
    CallError, CallStream, Client, ClientOptions, ConnectionError, HttpError, InputError, RefusalReason,
    Status,
};

use crate::kit::{TestServer, within};

const STREAMING: &str = "methodStreaming";

fn client(server: &TestServer) -> Client {
    let options = ClientOptions::default().exception::<ExceptionWithData>().model::<SimpleData>();
    Client::new(&format!("http://localhost:{}/", server.port()), options).unwrap()
}

/// What a stream yields, and the error that is its last element if there is one.
async fn collect<T>(mut stream: CallStream<T>) -> (Vec<T>, Option<CallError>) {
    let mut values = Vec::new();
    while let Some(element) = within("an element", stream.next()).await {
        match element {
            Ok(value) => values.push(value),
            Err(error) => return (values, Some(error)),
        }
    }
    (values, None)
}

async fn all<T>(stream: CallStream<T>) -> Vec<T> {
    let (values, error) = collect(stream).await;
    assert!(error.is_none(), "{error:?}");
    values
}

fn message<T>(items: impl IntoIterator<Item = T, IntoIter: Send + 'static>) -> impl Stream<Item = T> + Send {
    stream::iter(items)
}

#[tokio::test]
async fn ordinary_calls() {
    let server = TestServer::start().await;
    let client = client(&server);
    for name in ["World", "\"quoted\"\n", "日本"] {
        let hello: String = client.call("simple", "hello", &[("name", &name.to_owned())]).await.unwrap();
        assert_eq!(hello, format!("Hello {name}"));
    }
    let nothing: () = client.call("simple", "setGlobalInt", &[("value", &3_i64)]).await.unwrap();
    assert_eq!(nothing, ());
    assert_eq!(client.call::<i64>("simple", "getGlobalInt", &[]).await.unwrap(), 3);
    let absent: Option<i64> = client
        .call("optionalParameters", "returnOptionalInt", &[("optionalInt", &None::<i64>)])
        .await
        .unwrap();
    assert_eq!(absent, None);
}

#[tokio::test]
async fn concurrent_ordinary_calls() {
    let server = TestServer::start().await;
    let client = client(&server);
    let calls = (0..20).map(|n| client.call::<String>("simple", "hello", &[("name", &format!("{n}"))]));
    for (n, hello) in within("the answers", join_all(calls)).await.into_iter().enumerate() {
        assert_eq!(hello.unwrap(), format!("Hello {n}"));
    }
}

#[tokio::test]
async fn ordinary_calls_that_fail() {
    let server = TestServer::start().await;
    let client = client(&server);
    let error = client.call::<String>("exceptionTest", "throwExceptionWithData", &[]).await.unwrap_err();
    assert_eq!(error.exception::<ExceptionWithData>().unwrap().message, "Throwing an exception");
    for (endpoint, method, expected) in [
        ("exceptionTest", "throwNormalException", 500),
        ("simple", "nothingLikeThis", 400),
        ("nothingLikeThis", "hello", 404),
        ("signInRequired", "testMethod", 401),
    ] {
        let error = client.call::<String>(endpoint, method, &[]).await.unwrap_err();
        let CallError::Http(HttpError { status, .. }) = error else { panic!("{error:?}") };
        assert_eq!(status, expected, "{endpoint}.{method}");
    }
    let error = client.call::<i64>("simple", "hello", &[("name", &"x".to_owned())]).await.unwrap_err();
    assert!(matches!(error, CallError::Answer(_)), "{error:?}");
}

#[tokio::test]
async fn streams_out() {
    let server = TestServer::start().await;
    let client = client(&server);
    let count = client.open::<i64>(STREAMING, "simpleStream", &[]).stream();
    assert_eq!(all(count).await, Vec::from_iter(0..10));
    let data = client.open::<SimpleData>(STREAMING, "simpleDataStream", &[("value", &3_i64)]).stream();
    assert_eq!(all(data).await, [0, 1, 2].map(SimpleData::new));
    server.until_idle().await;
}

#[tokio::test]
async fn streams_in() {
    let server = TestServer::start().await;
    let client = client(&server);
    let open = |method| client.open::<i64>(STREAMING, method, &[]);
    let first = open("intReturnFromStream").input("stream", message([7_i64, 8, 9])).value();
    assert_eq!(within("a value", first).await.unwrap(), 7);
    let first = client.open::<Option<i64>>(STREAMING, "nullableIntReturnFromStream", &[]);
    let first = first.input("stream", message([None::<i64>])).value();
    assert_eq!(within("a value", first).await.unwrap(), None);
    let nothing = client.open::<()>(STREAMING, "voidReturnAfterStream", &[]);
    within("the end", nothing.input("stream", message([1_i64, 2])).value()).await.unwrap();
    // The method never listens, and the stream that feeds it never ends.
    let nothing = client.open::<()>(STREAMING, "delayedNeverListenedInputStream", &[("delay", &0_i64)]);
    within("the end", nothing.input("stream", stream::pending::<i64>()).value()).await.unwrap();
    server.until_idle().await;
}

#[tokio::test]
async fn streams_both_ways() {
    let server = TestServer::start().await;
    let client = client(&server);
    let echo =
        client.open::<i64>(STREAMING, "intEchoStream", &[]).input("stream", message(0_i64..1000)).stream();
    assert_eq!(all(echo).await, Vec::from_iter(0..1000));
    let nullable = client.open::<Option<i64>>(STREAMING, "nullableIntEchoStream", &[]);
    let nullable = nullable.input("stream", message([Some(1_i64), None, Some(2)])).stream();
    assert_eq!(all(nullable).await, [Some(1), None, Some(2)]);
    let two = client.open::<i64>(STREAMING, "multipleIntEchoStreams", &[]);
    let two = two.input("stream1", message([1_i64, 2])).input("stream2", message([3_i64, 4])).stream();
    let mut both = all(two).await;
    both.sort_unstable();
    assert_eq!(both, [1, 2, 3, 4]);
    let data = vec![Some(SimpleData::new(1)), None];
    let lists = client.open::<Vec<Option<SimpleData>>>(STREAMING, "simpleListInOutNullableDataStream", &[]);
    let lists = lists.input("simpleDataListStream", message([data.clone(), vec![]])).stream();
    assert_eq!(all(lists).await, [data, vec![]]);
    let set = IndexSet::from([SimpleData::new(1), SimpleData::new(2)]);
    let sets = client.open::<IndexSet<SimpleData>>(STREAMING, "nestedSetInListInOutDataStream", &[]);
    let sets = sets.input("simpleDataSetStream", message([vec![set.clone(), set.clone()]])).stream();
    assert_eq!(all(sets).await, [set.clone(), set]);
    server.until_idle().await;
}

/// What one call returns can feed another.
#[tokio::test]
async fn calls_can_be_chained() {
    let server = TestServer::start().await;
    let client = client(&server);
    let count = client.open::<i64>(STREAMING, "simpleStream", &[]).stream();
    let echo = client.open::<i64>(STREAMING, "intEchoStream", &[]).input::<i64>("stream", count).stream();
    assert_eq!(all(echo).await, Vec::from_iter(0..10));
}

#[tokio::test]
async fn a_dynamic_stream_changes_nothing() {
    let server = TestServer::start().await;
    let client = client(&server);
    let values = [
        Value::from("Hello".to_owned()),
        Value::from(42),
        Value::from(1.5),
        Value::Null,
        Value::of(SimpleData::new(3)),
        Value::of(vec![1_i64, 2]),
        Value::of(ExceptionWithData::now()),
    ];
    let echo = client.open::<Value>(STREAMING, "dynamicEchoStream", &[]);
    let echoed = all(echo.input("stream", message(values.clone())).stream()).await;
    assert_eq!(echoed[..2], values[..2]);
    assert_eq!(echoed.len(), values.len());
    assert_eq!(echoed[2..4], values[2..4]);
    assert_eq!(echoed[4].downcast_ref(), Some(&SimpleData::new(3)));
    assert!(echoed[6].downcast_ref::<ExceptionWithData>().is_some());
}

#[tokio::test]
async fn exceptions_out() {
    let server = TestServer::start().await;
    let client = client(&server);
    let stream = client.open::<i64>(STREAMING, "outStreamThrowsSerializableException", &[]).stream();
    let error = collect(stream).await.1.unwrap();
    assert_eq!(error.exception::<ExceptionWithData>().unwrap().message, "Throwing an exception");
    let value = client.open::<i64>(STREAMING, "throwsSerializableException", &[]);
    let error = within("the end", value.input("stream", message([1_i64])).value()).await.unwrap_err();
    assert_eq!(error.exception::<ExceptionWithData>().unwrap().some_nullable_field, Some(1));
    let stream = client.open::<i64>(STREAMING, "outStreamThrowsException", &[]).stream();
    let error = collect(stream).await.1.unwrap();
    assert!(matches!(error, CallError::ClosedWithError { .. }), "{error:?}");
    server.until_idle().await;
}

#[tokio::test]
async fn exceptions_in() {
    let server = TestServer::start().await;
    let client = client(&server);
    let typed = |items: Vec<Result<i64, InputError>>| {
        let method = "didInputStreamHaveSerializableExceptionError";
        client.open::<bool>(STREAMING, method, &[]).input::<i64>("stream", stream::iter(items)).value()
    };
    let thrown = typed(vec![Ok(1), Err(ExceptionWithData::now().into())]);
    assert!(within("a value", thrown).await.unwrap());
    let other = || InputError::other("a disk that is full");
    assert!(!within("a value", typed(vec![Ok(1), Err(other())])).await.unwrap());
    let items = stream::iter([Err::<i64, _>(other())]);
    let any =
        client.open::<bool>(STREAMING, "didInputStreamHaveError", &[]).input::<i64>("stream", items).value();
    assert!(within("a value", any).await.unwrap());
    // The method passes on what it is fed, and so fails with it.
    let items = stream::iter([Ok(1_i64), Err(ExceptionWithData::now())]);
    let echo = client.open::<i64>(STREAMING, "intEchoStream", &[]).input::<i64>("stream", items).stream();
    let (values, error) = collect(echo).await;
    assert_eq!(values, [1]);
    assert!(error.unwrap().exception::<ExceptionWithData>().is_some());
    server.until_idle().await;
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    let client = client(&server);
    for (endpoint, method, expected) in [
        ("nothingLikeThis", "x", RefusalReason::NotFound),
        (STREAMING, "methodCallEndpoint", RefusalReason::NotFound),
        (STREAMING, "intEchoStream", RefusalReason::BadRequest),
        (STREAMING, "simpleDataStream", RefusalReason::BadRequest),
        ("authenticatedMethodStreaming", "simpleStream", RefusalReason::Unauthorized),
    ] {
        let mut stream = client.open::<Value>(endpoint, method, &[]).stream();
        let error = within("an answer", stream.opened()).await.unwrap_err();
        let CallError::Refused { reason, .. } = error else { panic!("{error:?}") };
        assert_eq!(reason, expected, "{endpoint}.{method}");
    }
    server.until_idle().await;
}

#[tokio::test]
async fn dropping_a_stream_cancels_the_method() {
    let server = TestServer::start().await;
    let client = client(&server);
    let never = client.open::<Option<i64>>(STREAMING, "getBroadcastStream", &[]).stream();
    let mut count = client
        .open::<i64>(STREAMING, "neverEndingStreamWithDelay", &[("millisecondsDelay", &1_i64)])
        .stream();
    for n in 0..5 {
        assert_eq!(within("an element", count.next()).await.unwrap().unwrap(), n);
    }
    server.until("two calls", |stats| stats.calls == 2 && stats.connections == 1).await;
    drop(count);
    server.until("one call", |stats| stats.calls == 1).await;
    drop(never);
    server.until_idle().await;
    within("idle", client.status().wait_for(|status| *status == Status::Idle)).await.unwrap();
}

#[tokio::test]
async fn a_hundred_calls_share_one_socket() {
    let server = TestServer::start().await;
    let client = client(&server);
    let (go, wait) = tokio::sync::watch::channel(false);
    let streams = (0..100).map(|n| {
        let mut wait = wait.clone();
        let held = stream::once(async move {
            let _ = wait.wait_for(|go| *go).await;
            n * 10 + 9
        });
        let input = message((0..9).map(move |i| n * 10 + i)).chain(held);
        client.open::<i64>(STREAMING, "intEchoStream", &[]).input("stream", input).stream()
    });
    let streams: Vec<_> = streams.collect();
    server.until("all calls", |stats| (stats.connections, stats.calls) == (1, 100)).await;
    go.send_replace(true);
    let echoed = within("all echoes", join_all(streams.into_iter().map(all))).await;
    for (values, n) in echoed.into_iter().zip(0_i64..) {
        assert_eq!(values, Vec::from_iter(n * 10..n * 10 + 10));
    }
    server.until_idle().await;
}

/// More than all buffers between client and server hold, both ways at once.
#[tokio::test]
async fn much_goes_both_ways() {
    let server = TestServer::start().await;
    let client = client(&server);
    let text = "x".repeat(10_000);
    let input = message(std::iter::repeat_n(Value::from(text.clone()), 2000));
    let mut echo = client.open::<Value>(STREAMING, "dynamicEchoStream", &[]).input("stream", input).stream();
    let mut count = 0;
    while let Some(value) = within("an echo", echo.next()).await {
        assert!(matches!(value.unwrap(), Value::String(echoed) if echoed == text));
        count += 1;
    }
    assert_eq!(count, 2000);
    server.until_idle().await;
}

#[tokio::test]
async fn a_server_that_shuts_down_is_a_lost_connection() {
    let server = TestServer::start().await;
    let client = client(&server);
    let mut streams = Vec::new();
    for _ in 0..3 {
        let arguments: [(&str, &dyn streampod::wire::Encode); 1] = [("millisecondsDelay", &1_i64)];
        let mut stream = client.open::<i64>(STREAMING, "neverEndingStreamWithDelay", &arguments).stream();
        assert_eq!(within("an element", stream.next()).await.unwrap().unwrap(), 0);
        streams.push(stream);
    }
    let ends = join_all(streams.into_iter().map(collect));
    let (_, ends) = within("the end", async { tokio::join!(server.running.shutdown(), ends) }).await;
    for (_, error) in ends {
        assert!(matches!(error, Some(CallError::Connection(ConnectionError::Lost(_)))), "{error:?}");
    }
    let late = client.open::<i64>(STREAMING, "simpleStream", &[]).stream();
    let error = collect(late).await.1;
    assert!(matches!(error, Some(CallError::Connection(ConnectionError::Failed(_)))), "{error:?}");
}

/// A server that closes the idle connection for ordinary calls is called over another.
#[tokio::test]
async fn ordinary_calls_outlive_their_connection() {
    let server = TestServer::with_limits(|limits| limits.handshake_timeout = Duration::from_millis(50)).await;
    let client = client(&server);
    for _ in 0..3 {
        let hello: String = client.call("simple", "hello", &[("name", &"you".to_owned())]).await.unwrap();
        assert_eq!(hello, "Hello you");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
