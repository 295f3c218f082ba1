//! The server inside another axum application.

use axum::Router;
use axum::routing::get;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use super::{assert_answer, assert_headers};
use crate::kit::{Call, KeepAlive, RawClient, config, opcode, within};

#[tokio::test]
async fn it_serves_under_a_prefix_beside_other_routes() {
    let (router, handle) = conformance::server(config()).into_router().unwrap();
    let application = Router::new().route("/own", get(|| async { "mine" })).nest_service("/api", router);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async { axum::serve(listener, application).await });

    let mut connection = KeepAlive::connect(port).await;
    let own = connection.request("GET /own HTTP/1.1", b"").await;
    assert_eq!((own.status, own.body.as_str(), own.header("x-frame-options")), (200, "mine", None));
    assert_eq!(connection.request("GET /elsewhere HTTP/1.1", b"").await.status, 404);
    assert_eq!(connection.post("/simple/hello", r#"{"name":"x"}"#).await.status, 404);

    let answer = connection.post("/api/simple/hello", r#"{"name":"x"}"#).await;
    assert_answer(&answer, 200, r#""Hello x""#, "under the prefix");
    let answer = connection.post("/api/simple?method=hello&name=q", "{}").await;
    assert_answer(&answer, 200, r#""Hello q""#, "with a query");
    let answer = connection.post("/api/noSuchEndpoint/x", "{}").await;
    assert_answer(&answer, 404, "Endpoint noSuchEndpoint not found\n", "no endpoint");
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(3_000_000));
    assert_eq!(connection.post("/api/simple/hello", &large).await.status, 413);
    let preflight = connection.request("OPTIONS /api/simple HTTP/1.1", b"").await;
    assert_eq!(preflight.status, 200);
    assert_headers(&preflight, "preflight");
    let health = connection.request("GET /api/ HTTP/1.1", b"").await;
    assert!(health.status == 200 && health.body.starts_with("OK "), "{health:?}");

    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut client = RawClient::upgrade(socket, "/api/v1/websocket").await;
    let call = Call::streaming(1, "intEchoStream");
    client.send(call.open(json!({}), &["stream"])).await;
    assert_eq!(client.frame().await, call.opened("success"));
    for number in 0..3 {
        client.send(call.feed("stream", "int", json!(number))).await;
        assert_eq!(client.frame().await, call.element("int", json!(number)));
    }
    assert_eq!((handle.stats().connections, handle.stats().calls), (1, 1));

    // What it returned stops it, and leaves the application alone.
    within("stopping", async {
        let stop = handle.stop();
        let goodbye = async {
            let close = client.read().await.unwrap();
            assert_eq!((close.opcode, close.close_code()), (opcode::CLOSE, None));
            client.write(&RawClient::encode(opcode::CLOSE, b"")).await.unwrap();
            assert_eq!(client.read().await, None);
        };
        tokio::join!(stop, goodbye);
    })
    .await;
    let stats = handle.stats();
    assert_eq!((stats.connections, stats.calls, stats.sessions, stats.tasks), (0, 0, 0, 0));
    let own = connection.request("GET /own HTTP/1.1", b"").await;
    assert_eq!(own.body, "mine");
    serving.abort();
}
