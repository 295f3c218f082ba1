//! Messages both ways.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use streampod_client::StreamingConnectionStatus::Connected;
use streampod_client::fake::FakeSocket;
use streampod_client::{
    Client, ClientOptions, Endpoint, StreamingMessageError, StreamingMessages, StreamingSendError,
};
use streampod_wire::Value;
use tokio::time::timeout;

use super::{accept, connected, int, say, status};
use crate::kit::{Trouble, client, client_with, within};

async fn next(messages: &mut StreamingMessages) -> Result<Value, StreamingMessageError> {
    within(messages.next()).await.expect("a message")
}

/// The ints that a stream yields next.
async fn ints<const N: usize>(messages: &mut StreamingMessages) -> [i64; N] {
    let mut all = [0; N];
    for value in &mut all {
        *value = int(next(messages).await.unwrap());
    }
    all
}

/// Waits until the client has received everything: until then it has not got this message of another endpoint.
async fn flush(socket: &mut FakeSocket, flushed: &mut StreamingMessages) {
    say(socket, "flush", 0).await;
    next(flushed).await.unwrap();
}

#[tokio::test]
async fn messages_go_both_ways_in_order() {
    let (client, mut server) = client();
    let endpoint = client.endpoint("module.test");
    let mut messages = endpoint.stream();
    // Not yet connected: the server has answered nothing.
    let (opened, mut socket) =
        tokio::join!(client.open_streaming_connection(), within(server.silent_socket()));
    opened.unwrap();
    endpoint.send_stream_message(Trouble::new("first")).await.unwrap();
    endpoint.send_stream_message(Value::from("second")).await.unwrap();
    within(socket.receive_any()).await.unwrap();
    for object in
        [r#"{"className":"Trouble","data":{"message":"first"}}"#, r#"{"className":"String","data":"second"}"#]
    {
        let text = format!(r#"{{"endpoint":"module.test","object":{object}}}"#);
        assert_eq!(within(socket.receive_any()).await.as_ref(), Some(&text));
        socket.send(&text).await;
    }
    let Value::Object(first) = next(&mut messages).await.unwrap() else { panic!() };
    assert_eq!(first.downcast_ref::<Trouble>(), Some(&Trouble::new("first")));
    assert_eq!(next(&mut messages).await.unwrap(), Value::from("second"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_and_nothing_is_sent() {
    let (client, mut server) = client();
    let endpoint = client.endpoint("test");
    let error = endpoint.send_stream_message(1_i64).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no connection to the streaming endpoints: open it first");
    let mut socket = connected(&client, &mut server).await;
    let error = endpoint.send_stream_message(f64::NAN).await.unwrap_err();
    assert!(matches!(error, StreamingSendError::Message(_)), "{error:?}");
    for sent in
        [endpoint.send_stream_message(Value::Null).await, endpoint.send_stream_message(None::<i64>).await]
    {
        assert!(matches!(sent, Err(StreamingSendError::Null)), "{sent:?}");
    }
    endpoint.send_stream_message(2_i64).await.unwrap();
    assert!(within(socket.receive_any()).await.unwrap().contains(r#""data":2"#));
}

#[tokio::test]
async fn several_streams_get_every_message_from_their_beginning() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let mut flushed = client.endpoint("flush").stream();
    say(&mut socket, "test", 0).await;
    flush(&mut socket, &mut flushed).await;
    // What arrived before anybody asked for the endpoint is not there.
    let test = client.streaming_endpoint("test");
    for n in 1..=2 {
        say(&mut socket, "test", n).await;
    }
    flush(&mut socket, &mut flushed).await;
    let mut first = test.stream();
    let mut second = client.endpoint("test").stream();
    say(&mut socket, "test", 3).await;
    assert_eq!(ints(&mut first).await, [1, 2, 3]);
    assert_eq!(ints(&mut second).await, [3]);
    drop(first);
    say(&mut socket, "test", 4).await;
    assert_eq!(ints(&mut second).await, [4]);
    drop(second);
    say(&mut socket, "other", 0).await;
    say(&mut socket, "test", 5).await;
    flush(&mut socket, &mut flushed).await;
    let mut third = client.endpoint("test").stream();
    assert_eq!(ints(&mut third).await, [5]);
    assert!(third.next().now_or_never().is_none());
}

#[tokio::test]
async fn a_stream_goes_on_with_the_next_connection() {
    let (client, mut server) = client();
    let mut messages = client.endpoint("test").stream();
    for n in 1..=3 {
        let mut socket = connected(&client, &mut server).await;
        say(&mut socket, "test", n).await;
        // What was received is not lost with the connection.
        let mut flushed = client.endpoint("flush").stream();
        flush(&mut socket, &mut flushed).await;
        let gone = async {
            if n > 1 {
                assert_eq!(socket.receive_any().await, None);
            }
            drop(socket);
        };
        if n == 1 {
            gone.await;
        } else {
            within(async { tokio::join!(client.close_streaming_connection(), gone) }).await;
        }
        within(client.streaming_connection_status().wait_for(|status| *status != Connected)).await.unwrap();
        assert_eq!(ints(&mut messages).await, [n]);
    }
}

/// Sends 1 to `count`, of which the client keeps those that it may.
async fn overflow(
    change: impl FnOnce(&mut ClientOptions),
    listens: bool,
    count: i64,
) -> (Client, StreamingMessages, StreamingMessages, FakeSocket) {
    let (client, mut server) = client_with(change);
    let mut socket = connected(&client, &mut server).await;
    let mut flushed = client.endpoint("flush").stream();
    let test = client.streaming_endpoint("test");
    let early = listens.then(|| test.stream());
    for n in 1..=count {
        say(&mut socket, "test", n).await;
    }
    flush(&mut socket, &mut flushed).await;
    assert_eq!(status(&client), Connected);
    let messages = early.unwrap_or_else(|| test.stream());
    (client, messages, flushed, socket)
}

#[tokio::test]
async fn what_is_lost_is_told_with_the_count_and_the_stream_goes_on() {
    for listens in [true, false] {
        let by_count = overflow(|options| options.buffered_elements_max = 3, listens, 10).await;
        // {"className":"int","data":1} has 28 bytes.
        let by_size = overflow(|options| options.buffered_bytes_max = 3 * 32 + 1, listens, 9).await;
        for ((_client, mut messages, mut flushed, mut socket), last) in [(by_count, 10), (by_size, 9)] {
            let lost = next(&mut messages).await.unwrap_err();
            let StreamingMessageError::Lost { count } = lost else { panic!("{lost:?}") };
            assert_eq!(count, u64::try_from(last).unwrap() - 3);
            assert_eq!(
                lost.to_string(),
                format!("{count} messages were lost, because more were waiting than the client keeps")
            );
            assert_eq!(ints(&mut messages).await, [last - 2, last - 1, last]);
            say(&mut socket, "test", 50).await;
            assert_eq!(ints(&mut messages).await, [50]);
            flush(&mut socket, &mut flushed).await;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_of_its_stream_alone() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let (mut messages, mut others) = (client.endpoint("test").stream(), client.endpoint("other").stream());
    for object in [
        "{}",
        r#"{"className":"Nobody","data":{}}"#,
        r#"{"className":"Trouble","data":{}}"#,
        r#"{"className":"null"}"#,
    ] {
        socket.send(&format!(r#"{{"endpoint":"test","object":{object}}}"#)).await;
        let error = next(&mut messages).await.unwrap_err();
        assert!(matches!(error, StreamingMessageError::Unreadable(_)), "{error:?}");
    }
    for endpoint in ["test", "other"] {
        say(&mut socket, endpoint, 1).await;
    }
    assert_eq!((ints(&mut messages).await, ints(&mut others).await), ([1], [1]));
    assert_eq!(status(&client), Connected);
}

/// Sends until that has to wait; how many messages were sent.
async fn fill(endpoint: &Endpoint, text: &str) -> i64 {
    for sent in 0..10_000 {
        let Some(done) = endpoint.send_stream_message(text.to_owned()).now_or_never() else { return sent };
        done.unwrap();
        tokio::task::yield_now().await;
    }
    panic!("sending never waits");
}

#[tokio::test(start_paused = true)]
async fn sending_waits_while_the_server_does_not_read() {
    let (client, mut server) = client();
    let mut socket = connected(&client, &mut server).await;
    let endpoint = client.endpoint("test");
    let text = "x".repeat(16 * 1024);
    let sent = fill(&endpoint, &text).await;
    // What the network holds, the socket and the bound of what waits for it.
    assert!(sent < 40, "{sent}");
    let mut waiting: Vec<_> = (0..4).map(|n| Box::pin(endpoint.send_stream_message(n))).collect();
    for send in &mut waiting {
        assert!(send.as_mut().now_or_never().is_none());
    }
    // One that is given up is not sent, and holds up no other.
    drop(waiting.remove(1));
    // Nor does one that nobody polls for now; it is sent when that is done again.
    let mut parked = Box::pin(endpoint.send_stream_message(7_i64));
    assert!(parked.as_mut().now_or_never().is_none());
    let all = futures_util::future::join_all(waiting);
    assert!(
        timeout(Duration::from_secs(10), client.endpoint("other").send_stream_message(9_i64)).await.is_err()
    );
    let read = async {
        for n in 0..sent {
            let frame = socket.receive_any().await.unwrap();
            assert!(frame.ends_with(&format!("{text}\"}}}}")), "{n}");
        }
        let mut numbers = Vec::new();
        for _ in 0..3 {
            let frame = socket.receive_any().await.unwrap();
            numbers.push(frame.split("\"data\":").nth(1).unwrap().trim_end_matches('}').parse().unwrap());
        }
        numbers
    };
    let (sent, numbers): (_, Vec<i64>) = within(async { tokio::join!(all, read) }).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(numbers, [0, 2, 3]);
    within(parked).await.unwrap();
    assert!(within(socket.receive_any()).await.unwrap().contains("\"data\":7"));
}

#[tokio::test]
async fn who_waits_to_send_is_told_that_the_connection_is_gone() {
    let (client, mut server) = client();
    for closes in [true, false] {
        let mut socket = Some(connected(&client, &mut server).await);
        let endpoint = client.endpoint("test");
        fill(&endpoint, &"x".repeat(64 * 1024)).await;
        let mut waiting: Vec<_> = (0..3).map(|n| Box::pin(endpoint.send_stream_message(n))).collect();
        for send in &mut waiting {
            assert!(send.as_mut().now_or_never().is_none());
        }
        if closes {
            assert!(Box::pin(client.close_streaming_connection()).now_or_never().is_none());
        } else {
            socket = None;
        }
        for send in waiting {
            let sent = within(send).await;
            assert!(matches!(sent, Err(StreamingSendError::NotConnected)), "{sent:?}");
        }
        drop(socket);
    }
}

#[tokio::test]
async fn streaming_calls_and_this_connection_leave_each_other_alone() {
    let (client, mut server) = client();
    let mut calls = client.open::<i64>("test", "count", &[]).stream();
    let mut call_socket = within(server.socket()).await;
    assert_eq!(call_socket.target(), "/v1/websocket");
    let call = within(call_socket.call()).await;
    call_socket.accept(&call).await;
    let (opened, mut socket) = tokio::join!(client.open_streaming_connection(), accept(&mut server));
    opened.unwrap();
    drop(call_socket);
    assert!(within(calls.next()).await.unwrap().is_err());
    let mut messages = client.endpoint("test").stream();
    say(&mut socket, "test", 1).await;
    assert_eq!(ints(&mut messages).await, [1]);
}
