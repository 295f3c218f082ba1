//! What streaming calls return, and how they end.

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::json;
use streampod_client::{CallError, RefusalReason};
use streampod_wire::{Value, WrappedError};

use crate::kit::{Trouble, client, client_with, collect, next, opened, within};

#[tokio::test]
async fn elements_come_in_order_until_the_end() {
    let (client, mut server) = client();
    let mut stream = client.open::<i64>("test", "count", &[("to", &3_i64)]).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    assert_eq!((call.endpoint(), call.method(), call.argument("to")), ("test", "count", Some(3_i64)));
    socket.accept(&call).await;
    within(stream.opened()).await.unwrap();
    for n in 0..3_i64 {
        socket.element(&call, &n).await;
    }
    socket.end(&call).await;
    let (values, error) = collect(stream).await;
    assert_eq!(values, [0, 1, 2]);
    assert!(error.is_none());
}

#[tokio::test]
async fn a_dynamic_stream_keeps_types() {
    let (client, mut server) = client();
    let stream = client.open::<Value>("test", "any", &[]).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    socket.element(&call, &"Hello".to_owned()).await;
    socket.element(&call, &42_i64).await;
    socket.element(&call, &None::<i64>).await;
    socket.end(&call).await;
    let (values, _) = collect(stream).await;
    assert_eq!(values, [Value::from("Hello".to_owned()), Value::from(42), Value::Null]);
}

#[tokio::test]
async fn a_refusal_says_why() {
    for (reason, text) in [
        (RefusalReason::NotFound, "test.count was refused: not found"),
        (RefusalReason::Unauthorized, "test.count was refused: unauthorized"),
        (RefusalReason::Forbidden, "test.count was refused: forbidden"),
        (RefusalReason::BadRequest, "test.count was refused: bad request"),
    ] {
        let (client, mut server) = client();
        let mut stream = client.open::<i64>("test", "count", &[]).stream();
        let mut socket = within(server.socket()).await;
        let call = within(socket.call()).await;
        socket.refuse(&call, reason).await;
        assert_eq!(within(stream.opened()).await.unwrap_err().to_string(), text);
        let (values, error) = collect(stream).await;
        assert!(values.is_empty());
        assert!(matches!(error, Some(CallError::Refused { reason: found, .. }) if found == reason));
        // It was the only call.
        assert_eq!(within(socket.receive()).await, None);
    }
}

#[tokio::test]
async fn an_exception_keeps_its_type_and_follows_what_came_before() {
    let (client, mut server) = client();
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    socket.element(&call, &1_i64).await;
    socket.throw(&call, Trouble::new("sorry")).await;
    let (values, error) = collect(stream).await;
    assert_eq!(values, [1]);
    assert_eq!(error.unwrap().exception::<Trouble>(), Some(&Trouble::new("sorry")));
}

#[tokio::test]
async fn an_error_without_an_explanation() {
    let (client, mut server) = client();
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    socket.fail(&call).await;
    let (_, error) = collect(stream).await;
    assert!(matches!(error, Some(CallError::ClosedWithError { source: None, .. })), "{error:?}");
}

#[tokio::test]
async fn values_nothing_and_their_absence() {
    let (client, mut server) = client();
    let value = tokio::spawn(client.open::<i64>("a", "value", &[]).value());
    let nothing = tokio::spawn(client.open::<()>("a", "nothing", &[]).value());
    let absent = tokio::spawn(client.open::<i64>("a", "absent", &[]).value());
    let mut socket = within(server.socket()).await;
    for _ in 0..3 {
        let call = within(socket.call()).await;
        socket.accept(&call).await;
        if call.method() == "value" {
            socket.element(&call, &7_i64).await;
        }
        socket.end(&call).await;
    }
    assert_eq!(within(value).await.unwrap().unwrap(), 7);
    within(nothing).await.unwrap().unwrap();
    let error = within(absent).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "a.absent ended without a value");
}

#[tokio::test]
async fn an_element_of_another_type_cancels_the_call() {
    let (client, mut server) = client();
    let (stream, mut socket, call) = opened(&client, &mut server).await;
    socket.element(&call, &"text".to_owned()).await;
    let (_, error) = collect(stream).await;
    assert!(matches!(error, Some(CallError::Element(WrappedError::WrongType { .. }))), "{error:?}");
    assert_eq!(next(&mut socket).await, ("cmsc".to_owned(), json!({ "cr": "done" })));
}

#[tokio::test]
async fn dropping_a_stream_cancels_its_call() {
    let (client, mut server) = client();
    let (mut stream, mut socket, call) = opened(&client, &mut server).await;
    let other = client.open::<i64>("test", "count", &[]).stream();
    let other_call = within(socket.call()).await;
    socket.element(&call, &1_i64).await;
    assert_eq!(within(stream.next()).await.unwrap().unwrap(), 1);
    drop(stream);
    assert_eq!(next(&mut socket).await, ("cmsc".to_owned(), json!({ "cr": "done" })));
    // What still comes for it is ignored, and the other call goes on.
    socket.element(&call, &2_i64).await;
    socket.end(&call).await;
    socket.accept(&other_call).await;
    socket.element(&other_call, &3_i64).await;
    socket.end(&other_call).await;
    assert_eq!(collect(other).await.0, [3]);
    assert_eq!(within(socket.receive()).await, None);
}

#[tokio::test]
async fn a_call_that_is_dropped_before_the_socket_is_open_is_never_sent() {
    let (client, mut server) = client();
    let dropped = client.open::<i64>("test", "dropped", &[]).stream();
    let kept = client.open::<i64>("test", "kept", &[]).stream();
    drop(dropped);
    let mut socket = within(server.socket()).await;
    assert_eq!(within(socket.call()).await.method(), "kept");
    drop(kept);
    assert_eq!(next(&mut socket).await.0, "cmsc");
    assert_eq!(within(socket.receive()).await, None);
}

#[tokio::test]
async fn many_calls_share_one_socket() {
    let (client, mut server) = client();
    let streams: Vec<_> = (0..100).map(|_| client.open::<i64>("test", "count", &[]).stream()).collect();
    let mut socket = within(server.socket()).await;
    let mut calls = Vec::new();
    for _ in 0..100 {
        calls.push(within(socket.call()).await);
    }
    for call in &calls {
        socket.accept(call).await;
    }
    for round in 0..3_i64 {
        for (call, n) in calls.iter().zip(0_i64..) {
            socket.element(call, &(n * 10 + round)).await;
        }
    }
    for call in &calls {
        socket.end(call).await;
    }
    let collected = join_all(streams.into_iter().map(collect)).await;
    for ((values, error), n) in collected.into_iter().zip(0_i64..) {
        assert_eq!(values, [n * 10, n * 10 + 1, n * 10 + 2]);
        assert!(error.is_none());
    }
    assert_eq!(within(socket.receive()).await, None);
}

#[tokio::test]
async fn a_slow_consumer_is_cut_off_and_the_others_are_not() {
    let (client, mut server) = client_with(|options| options.buffered_elements_max = 4);
    let (slow, mut socket, call) = opened(&client, &mut server).await;
    let mut quick = client.open::<i64>("test", "count", &[]).stream();
    let quick_call = within(socket.call()).await;
    socket.accept(&quick_call).await;
    for n in 0..5_i64 {
        socket.element(&call, &n).await;
        socket.element(&quick_call, &n).await;
        assert_eq!(within(quick.next()).await.unwrap().unwrap(), n);
    }
    assert_eq!(next(&mut socket).await, ("cmsc".to_owned(), json!({ "cr": "done" })));
    let (values, error) = collect(slow).await;
    assert_eq!(values, [0, 1, 2, 3]);
    assert!(matches!(error, Some(CallError::SlowConsumer { elements_max: 4, .. })), "{error:?}");
}

#[tokio::test]
async fn bytes_are_bounded_too() {
    let (client, mut server) = client_with(|options| options.buffered_bytes_max = 10);
    let stream = client.open::<String>("test", "text", &[]).stream();
    let mut socket = within(server.socket()).await;
    let call = within(socket.call()).await;
    socket.accept(&call).await;
    let large = "x".repeat(20);
    socket.element(&call, &large).await;
    socket.element(&call, &"y".to_owned()).await;
    assert_eq!(next(&mut socket).await.0, "cmsc");
    let (values, error) = collect(stream).await;
    assert_eq!(values, [large]);
    assert!(matches!(error, Some(CallError::SlowConsumer { bytes_max: 10, .. })), "{error:?}");
}

#[tokio::test]
async fn calls_are_not_opened_while_much_waits_to_be_sent() {
    let (client, mut server) = client();
    let (_first, mut socket, _) = opened(&client, &mut server).await;
    let text = "x".repeat(1000);
    // The server reads nothing meanwhile.
    for _ in 0..2000 {
        let given_up = client.open::<i64>("a", "given_up", &[("text", &text)]).stream();
        tokio::task::yield_now().await;
        drop(given_up);
    }
    let _last = client.open::<i64>("a", "last", &[]).stream();
    let mut begun = 0;
    loop {
        let frame = within(socket.receive()).await.expect("a frame");
        if frame.contains("last") {
            break;
        }
        begun += usize::from(frame.contains("omsc"));
    }
    // As many as fit into the bytes on their way, and into the client's two buffers.
    assert!((64..600).contains(&begun), "{begun}");
}
