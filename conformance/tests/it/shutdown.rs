//! How a server ends.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::kit::{Call, Process, TestServer, within};

/// A server that is shut down closes every socket and ends every call, and is gone then.
#[tokio::test]
async fn shutting_down_ends_every_call_and_closes_every_socket() {
    let server = TestServer::start().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut client = server.connect().await;
        let call = Call::streaming(1, "neverEndingStreamWithDelay");
        client.send(call.open(json!({ "millisecondsDelay": 100_000 }), &[])).await;
        client.expect(call.opened("success")).await;
        clients.push(client);
    }
    let handle = server.handle().clone();
    let port = server.port();
    let receive = async {
        for client in &mut clients {
            client.expect_close().await;
            assert_eq!(client.receive().await, None);
        }
    };
    within("the end", async { tokio::join!(server.running.shutdown(), receive) }).await;
    let stats = handle.stats();
    assert_eq!((stats.connections, stats.calls, stats.sessions, stats.tasks), (0, 0, 0, 0));
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

/// Methods that return a value get until the deadline.
#[tokio::test]
async fn shutting_down_waits_for_values_until_the_deadline() {
    let server = TestServer::with_limits(|limits| limits.shutdown_timeout = Duration::from_millis(500)).await;
    let mut client = server.connect().await;
    let call = Call::streaming(1, "delayedNeverListenedInputStream");
    client.send(call.open(json!({ "delay": 1000 }), &["stream"])).await;
    client.expect(call.opened("success")).await;
    let start = Instant::now();
    let receive = client.expect_close();
    within("the end", async { tokio::join!(server.running.shutdown(), receive) }).await;
    assert!(start.elapsed() >= Duration::from_millis(500));
}

/// The program ends with exit code 0 on SIGTERM and on Ctrl-C.
#[tokio::test]
async fn the_program_ends_on_a_signal() {
    for signal in ["TERM", "INT"] {
        let mut server = Process::start(&[]).await;
        let mut client = server.connect().await;
        let call = Call::streaming(1, "neverEndingStreamWithDelay");
        client.send(call.open(json!({ "millisecondsDelay": 100_000 }), &[])).await;
        client.expect(call.opened("success")).await;
        server.signal(signal);
        client.expect_close().await;
        drop(client);
        assert_eq!(server.ended().await, Some(0), "{signal}");
    }
}
