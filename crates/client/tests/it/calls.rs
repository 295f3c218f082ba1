//! Ordinary calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use streampod_client::{
    Authorization, CallError, Client, ClientOptions, ConnectionError, HttpError, SetupError,
};

use crate::kit::{Trouble, client, client_with, within};

const JSON: &str = "application/json; charset=utf-8";

#[tokio::test]
async fn a_call_sends_its_arguments_and_reads_the_answer() {
    let (client, mut server) = client();
    let call = tokio::spawn(client.call::<String>(
        "simple",
        "hello",
        &[("na\"me", &"World".to_owned()), ("nothing", &None::<i64>)],
    ));
    let request = within(server.request()).await;
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body, json!({ "na\"me": "World", "nothing": null, "method": "hello" }));
    assert_eq!((&*request.path, request.authorization.as_deref()), ("/simple", None));
    request.respond(200, JSON, r#""Hello World""#).await;
    assert_eq!(within(call).await.unwrap().unwrap(), "Hello World");
}

/// The error of a call that is answered so.
async fn error_of(status: u16, content_type: &str, body: &str) -> CallError {
    let (client, mut server) = client();
    let call = tokio::spawn(client.call::<i64>("a", "b", &[]));
    within(server.request()).await.respond(status, content_type, body).await;
    within(call).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn exceptions_and_statuses_are_told_apart() {
    let error = error_of(400, JSON, r#"{"className":"Trouble","data":{"message":"x"}}"#).await;
    assert_eq!(error.exception::<Trouble>(), Some(&Trouble::new("x")));
    assert_eq!(error.to_string(), "a.b threw Trouble");

    let error = error_of(400, JSON, r#"{"className":"Other","data":{}}"#).await;
    assert!(matches!(error, CallError::UnreadableException { .. }), "{error:?}");

    for (status, body) in [(400, "Bad"), (401, ""), (403, ""), (404, "Not found\n"), (500, "Internal")] {
        let error = error_of(status, "text/plain", body).await;
        let CallError::Http(error) = error else { panic!("{error:?}") };
        assert_eq!(error, HttpError { status, body: body.trim().to_owned() });
    }
    assert!(matches!(error_of(200, JSON, "true").await, CallError::Answer(_)));
}

#[tokio::test]
async fn nothing_is_an_answer_too() {
    let (client, mut server) = client();
    let call = tokio::spawn(client.call::<()>("a", "b", &[]));
    within(server.request()).await.respond(200, JSON, "null").await;
    within(call).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_answered_is_given_up() {
    let (client, mut server) = client();
    let call = tokio::spawn(client.call::<()>("a", "b", &[]));
    let request = within(server.request()).await;
    let error = within(call).await.unwrap().unwrap_err();
    let CallError::Connection(ConnectionError::CallTimeout(limit)) = error else { panic!("{error:?}") };
    assert_eq!(limit, Duration::from_secs(20));
    drop(request);
    drop(server);
    let error = client.call::<()>("a", "b", &[]).await.unwrap_err();
    assert!(matches!(error, CallError::Connection(ConnectionError::Failed(_))), "{error:?}");
}

#[tokio::test]
async fn every_call_asks_for_its_authorization() {
    let asked = Arc::new(AtomicU32::new(0));
    let header = move || Some(format!("Bearer {}", asked.fetch_add(1, Ordering::Relaxed)));
    let (client, mut server) = client_with(|options| options.authorization = Authorization::new(header));
    let call = tokio::spawn(client.call::<()>("a", "b", &[]));
    let request = within(server.request()).await;
    assert_eq!(request.authorization.as_deref(), Some("Bearer 0"));
    request.respond(200, JSON, "null").await;
    within(call).await.unwrap().unwrap();
    let _stream = client.open::<i64>("a", "b", &[]).stream();
    let mut socket = within(server.socket()).await;
    assert_eq!(within(socket.call()).await.authorization(), Some("Bearer 1"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let (client, _server) = client();
    let error = client.call::<()>("a", "b", &[("x", &f64::NAN)]).await.unwrap_err();
    assert!(matches!(error, CallError::Argument(_)), "{error:?}");
    let error = client.open::<()>("a", "b", &[("x", &f64::NAN)]).value().await.unwrap_err();
    assert!(matches!(error, CallError::Argument(_)), "{error:?}");
}

#[test]
fn urls_that_lead_nowhere() {
    #[cfg(not(feature = "tls"))]
    {
        let error = Client::new("https://example.com", ClientOptions::default()).unwrap_err();
        assert_eq!(error, SetupError::UnsupportedScheme { scheme: "https".to_owned() });
        assert!(error.to_string().contains("with the feature `tls`"));
    }
    let error = Client::new("ftp://example.com", ClientOptions::default()).unwrap_err();
    assert_eq!(error, SetupError::UnsupportedScheme { scheme: "ftp".to_owned() });
    let error = Client::new("nonsense", ClientOptions::default()).unwrap_err();
    assert_eq!(error, SetupError::InvalidUrl { url: "nonsense".to_owned() });
}
