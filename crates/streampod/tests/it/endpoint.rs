//! Endpoints that are called over HTTP. How streams behave is tested over sockets, in `conformance`.

use axum::http::StatusCode;
use streampod::prelude::*;

use crate::kit::{call, server};

#[derive(Debug, Clone, PartialEq, Model)]
struct Point {
    x: i64,
    y: Option<i64>,
}

#[derive(Debug, Exception)]
struct Refused {
    reason: String,
}

struct Calls;

#[endpoint]
impl Calls {
    async fn hello(&self, _session: &Session, name: String) -> Result<String> {
        Ok(format!("Hello {name}"))
    }

    async fn point(&self, _session: Session, point: Point) -> Point {
        point
    }

    async fn nothing(&self, _session: &Session) {}

    async fn defaults(
        &self,
        _session: &Session,
        first: i64,
        #[arg(default = 10)] second: i64,
        #[arg(named, default = Some(100))] third: Option<i64>,
        #[arg(name = "last")] fourth: Option<i64>,
    ) -> i64 {
        first + second + third.unwrap_or_default() + fourth.unwrap_or_default()
    }

    async fn throws(&self, _session: &Session) -> Result<i64> {
        Err(Refused { reason: "closed".into() })?
    }

    async fn fails(&self, _session: &Session, number: String) -> Result<i64> {
        let number = || -> anyhow::Result<i64> { anyhow::Context::context(number.parse(), "a secret") };
        Ok(number()?)
    }

    /// Named like what every `Arc` has.
    async fn clone(&self, _session: &Session) -> String {
        "a clone".into()
    }

    fn stream(&self, _session: &Session) -> impl Stream<Item = i64> {
        stream! { yield 1; }
    }

    #[method(name = "type")]
    async fn named(&self, _session: &Session, #[arg(name = "type")] kind: String) -> String {
        kind
    }

    #[method(ignore)]
    #[allow(dead_code)]
    async fn secret(&self, _session: &Session) -> i64 {
        1
    }
}

struct Members;

#[endpoint(scopes("admin"))]
impl Members {
    async fn list(&self, _session: &Session) -> Vec<String> {
        vec![]
    }
}

/// Calls a method of [`Calls`] and compares its answer.
async fn check(method: &str, arguments: &str, status: StatusCode, answer: &str) {
    let found = call(server().endpoint(Calls), &format!("/calls/{method}"), arguments).await;
    assert_eq!(found, (status, answer.to_owned()), "{method}({arguments})");
}

#[tokio::test]
async fn a_method_gets_its_arguments_and_its_value_is_the_answer() {
    check("hello", r#"{"name":"you"}"#, StatusCode::OK, r#""Hello you""#).await;
    check("point", r#"{"point":{"x":1}}"#, StatusCode::OK, r#"{"x":1}"#).await;
    check("nothing", "", StatusCode::OK, "null").await;
    check("clone", "{}", StatusCode::OK, r#""a clone""#).await;
    check("type", r#"{"type":"a"}"#, StatusCode::OK, r#""a""#).await;
}

#[tokio::test]
async fn a_default_stands_in_for_what_is_left_out() {
    check("defaults", r#"{"first":1}"#, StatusCode::OK, "111").await;
    check("defaults", r#"{"first":1,"second":2,"third":3,"last":4}"#, StatusCode::OK, "10").await;
    // Null is a value of an optional argument, and none of another.
    check("defaults", r#"{"first":1,"second":null,"third":null}"#, StatusCode::OK, "11").await;
}

#[tokio::test]
async fn a_wrong_argument_is_named() {
    let (status, answer) = call(server().endpoint(Calls), "/calls/point", r#"{"point":{"x":"1"}}"#).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer.contains("point") && answer.contains("x: expected int, found a string"), "{answer}");
    let (status, answer) = call(server().endpoint(Calls), "/calls/hello", "{}").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer.contains("name"), "{answer}");
}

#[tokio::test]
async fn an_exception_reaches_the_caller_and_an_error_does_not() {
    let (status, answer) = call(server().endpoint(Calls), "/calls/throws", "").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer.contains(r#""className":"Refused""#) && answer.contains("closed"), "{answer}");
    let (status, answer) = call(server().endpoint(Calls), "/calls/fails", r#"{"number":"x"}"#).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.contains("secret"), "{answer}");
}

#[tokio::test]
async fn what_is_no_method_for_http_cannot_be_called() {
    for method in ["secret", "stream", "helloWorld", "named"] {
        let (status, answer) = call(server().endpoint(Calls), &format!("/calls/{method}"), "").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{method}: {answer}");
    }
    let (status, _) = call(server().endpoint(Calls), "/Calls/hello", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_endpoint_for_some_is_closed_to_others() {
    let (status, _) = call(server().endpoint(Members), "/members/list", "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
