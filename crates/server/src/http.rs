//! Calls over HTTP, the health check, and the routes.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method as Verb, StatusCode, Uri};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use streampod_wire::{Arguments, Catalog};
use time::UtcDateTime;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Level;

use crate::call_set::CallSet;
use crate::driver::{Answer, Driver, Ended, Out, refuse, run_to_end};
use crate::endpoint::{Inputs, Method, Start};
use crate::error::Error;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::session_log::{self, EndReason};
use crate::state::{Counted, ServerState};
use crate::streaming_endpoints;
use crate::upgrade::upgrade;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// The most of a body beyond the limit that is read and thrown away, so that a client which first writes and then reads
/// learns of its mistake.
const DRAINED_MAX_BYTES: usize = 64 * 1024 * 1024;

/// How a health check writes the time.
const HEALTH_TIME: &str = "[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]Z";
/// How long a health check may take.
const HEALTH_CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers a request. See section 2 of the wire contract.
pub(crate) async fn handle(server: Arc<ServerState>, request: Request) -> Response {
    let mut response = match request.uri().path() {
        _ if request.method() == Verb::OPTIONS => preflight(),
        "/" => health(&server).await,
        "/v1/websocket" => upgrade(&server, request, CallSet::new),
        "/v1/schema" if request.method() == Verb::GET => schema(&server),
        #[cfg(feature = "echo")]
        "/echo" => upgrade(&server, request, crate::echo::Echo::new),
        "/websocket" => streaming_endpoints::upgrade(&server, request),
        _ => call(&server, request).await.unwrap_or_else(|response| response),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Says whether the server is well.
async fn health(server: &ServerState) -> Response {
    let checks = server.health_checks.iter().map(|check| tokio::time::timeout(HEALTH_CHECK_TIMEOUT, check()));
    let is_well = futures_util::future::join_all(checks).await.iter().all(|check| matches!(check, Ok(true)));
    let format = time::format_description::parse_borrowed::<2>(HEALTH_TIME);
    let now = format.ok().and_then(|format| UtcDateTime::now().format(&format).ok()).unwrap_or_default();
    if is_well {
        text(StatusCode::OK, format!("OK {now}\n"))
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, format!("SADNESS {now}\n"))
    }
}

/// What the server offers, for those who may know.
fn schema(server: &ServerState) -> Response {
    if !server.config.expose_schema {
        return text(StatusCode::NOT_FOUND, "The schema is not exposed\n".into());
    }
    match serde_json::to_vec(&server.registry.schema()) {
        Ok(json) => respond(StatusCode::OK, JSON, json.into()),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn preflight() -> Response {
    let mut response = empty(StatusCode::OK);
    let allowed =
        HeaderValue::from_static("Content-Type, Authorization, Accept, User-Agent, X-Requested-With");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    response
}

/// Calls a method; what cannot be called is answered by the `Err`.
async fn call(server: &Arc<ServerState>, request: Request) -> Result<Response, Response> {
    let (parts, body) = request.into_parts();
    let read = read_body(body, server.config.max_request_size_bytes);
    let body = tokio::select! {
        body = tokio::time::timeout(server.limits.request_timeout, read) => body,
        () = server.stopping.cancelled() => return Err(empty(StatusCode::SERVICE_UNAVAILABLE)),
    };
    let body = body.map_err(|_| empty(StatusCode::REQUEST_TIMEOUT))??;
    let bad_request = |message: String| text(StatusCode::BAD_REQUEST, message);

    let body =
        std::str::from_utf8(&body).map_err(|_| bad_request("Invalid JSON in body: not UTF-8\n".into()))?;
    let arguments = if body.is_empty() { Ok(Arguments::default()) } else { Arguments::parse(body) };
    let arguments = arguments.map_err(|_| bad_request(format!("Invalid JSON in body: {body}\n")))?;
    let arguments = arguments.with_query(query(&parts.uri));

    let mut path = parts.uri.path().trim_start_matches('/').splitn(2, '/');
    let endpoint_name = path.next().unwrap_or_default();
    let method_name = path
        .next()
        .map(ToOwned::to_owned)
        .or_else(|| arguments.get("method", &server.registry.catalog).ok()?);
    let method_name = method_name
        .ok_or_else(|| bad_request(format!("No method name specified in call to {endpoint_name}\n")))?;
    let endpoint = server.registry.endpoint(endpoint_name);
    let endpoint = endpoint
        .ok_or_else(|| text(StatusCode::NOT_FOUND, format!("Endpoint {endpoint_name} not found\n")))?;
    let method = endpoint.get(&method_name).ok_or_else(|| {
        bad_request(format!("Method \"{method_name}\" not found in endpoint: {endpoint_name}\n"))
    })?;
    if method.schema.is_streaming() {
        return Err(bad_request(format!(
            "Endpoint method {method_name} in {endpoint_name} is not of the expected type.\n"
        )));
    }
    if server.counters.outliving.load(Ordering::Relaxed) >= server.limits.outliving_calls {
        return Err(empty(StatusCode::SERVICE_UNAVAILABLE));
    }
    let authorization = authorization(&parts.headers, &arguments, &server.registry.catalog);
    Ok(run(server, method, arguments, authorization).await)
}

/// What a caller shows: the header, or else the argument `auth`, in the query or, as old clients have it, in the body.
fn authorization(headers: &HeaderMap, arguments: &Arguments<'_>, catalog: &Catalog) -> Option<Box<str>> {
    match headers.get(header::AUTHORIZATION) {
        Some(header) => Some(String::from_utf8_lossy(header.as_bytes()).into()),
        None => arguments.get::<String>("auth", catalog).ok()?.map(Into::into),
    }
}

/// The query of a request.
pub(crate) fn query(uri: &Uri) -> Vec<(String, String)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

/// Runs a method and answers with what it returns.
async fn run(
    server: &Arc<ServerState>,
    method: &Arc<Method>,
    arguments: Arguments<'_>,
    authorization: Option<Box<str>>,
) -> Response {
    let answer = Answer::default();
    let mut running = start(server, method, arguments, authorization, &answer);
    let result = tokio::select! {
        biased;
        result = &mut running => result,
        () = server.stopping.cancelled() => {
            running.session.cancel();
            running.await
        }
    };
    match result {
        Ok(()) => {
            let value = answer.lock().take().unwrap_or_else(|| Bytes::from_static(b"null"));
            respond(StatusCode::OK, JSON, value)
        }
        Err(Failure::Refused(refusal)) => refused(refusal),
        Err(Failure::Exception(exception)) => respond(StatusCode::BAD_REQUEST, JSON, exception),
        Err(Failure::Internal { call_log_id }) => {
            let message = format!("Internal server error. Call log id: {call_log_id}\n");
            text(StatusCode::INTERNAL_SERVER_ERROR, message)
        }
    }
}

/// Starts a method that answers to `answer`.
fn start(
    server: &Arc<ServerState>,
    method: &Arc<Method>,
    arguments: Arguments<'_>,
    authorization: Option<Box<str>>,
    answer: &Answer,
) -> Running {
    let session = Session::new(Arc::clone(server), Arc::clone(method), authorization);
    let mut start = Start {
        method,
        catalog: &server.registry.catalog,
        arguments,
        session: session.clone(),
        out: Out::to_answer(Arc::clone(answer)),
        streams: None,
        inputs: Inputs::new(),
    };
    let driver = method.start(&mut start).unwrap_or_else(|refusal| refuse(refusal, &session));
    Running {
        session,
        driver: Some(driver),
        _counted: Counted::new(server, |counters| &counters.calls),
        _token: server.tasks.token(),
    }
}

fn refused(refusal: Refusal) -> Response {
    let bad_request = |message| text(StatusCode::BAD_REQUEST, message);
    match refusal {
        Refusal::AuthenticationFailed => empty(StatusCode::UNAUTHORIZED),
        Refusal::AuthorizationDeclined => empty(StatusCode::FORBIDDEN),
        Refusal::MalformedAuthorization(value) => {
            bad_request(format!("Request has invalid \"authorization\" header: {value}\n"))
        }
        Refusal::MissingArgument(name) => bad_request(format!("Missing required query parameter: {name}\n")),
        Refusal::WrongArgument { name, error } => bad_request(format!("Invalid argument {name}: {error}\n")),
    }
}

/// A method that runs for a request. Dropped before its end, because the client is gone, it hands the method over to a
/// task of its own.
struct Running {
    session: Session,
    driver: Option<Driver>,
    _counted: Counted,
    /// A server that stops waits for this.
    _token: TaskTrackerToken,
}

enum Failure {
    Refused(Refusal),
    Exception(Bytes),
    Internal { call_log_id: u64 },
}

impl Future for Running {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(driver) = &mut self.driver else { return Poll::Pending };
        let poll = std::panic::catch_unwind(AssertUnwindSafe(|| driver.as_mut().poll(context)));
        let result = match poll {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(panic) => Err(Ended::Failed(Error::panicked(&*panic))),
        };
        self.driver = None;
        let (reason, result) = match result {
            Ok(()) => (EndReason::Done, Ok(())),
            Err(Ended::Refused(refusal)) => (EndReason::from(&refusal), Err(Failure::Refused(refusal))),
            Err(Ended::Failed(error)) => (EndReason::Failed, Err(failed(&self.session, &error))),
        };
        session_log::ended(&self.session, reason, None);
        self.session.close();
        Poll::Ready(result)
    }
}

fn failed(session: &Session, error: &Error) -> Failure {
    let call_log_id = session_log::failed(session, error);
    if let Some(exception) = error.as_exception() {
        let mut out = BytesMut::new();
        match streampod_wire::write_wrapped(&mut out, exception) {
            Ok(()) => return Failure::Exception(out.freeze()),
            Err(error) => session.log(Level::ERROR, format_args!("an exception cannot be sent: {error}")),
        }
    }
    Failure::Internal { call_log_id }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(driver) = self.driver.take() else { return };
        session_log::ended(&self.session, EndReason::Disconnected, None);
        self.session.cancel();
        run_to_end(driver, self.session.clone(), None);
    }
}

/// Reads a body of at most `limit` bytes.
async fn read_body(mut body: Body, limit: usize) -> Result<Bytes, Response> {
    let mut whole = BytesMut::new();
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(empty(StatusCode::BAD_REQUEST)) };
        let Ok(data) = frame.into_data() else { continue };
        read += data.len();
        if read <= limit {
            whole.extend_from_slice(&data);
        } else if read > limit.saturating_add(DRAINED_MAX_BYTES) {
            break;
        }
    }
    if read > limit {
        let message = format!("Request size exceeds the maximum allowed size of {limit} bytes.");
        return Err(text(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    Ok(whole.freeze())
}

fn text(status: StatusCode, message: String) -> Response {
    respond(status, TEXT, message.into())
}

pub(crate) fn empty(status: StatusCode) -> Response {
    respond(status, TEXT, Bytes::new())
}

fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let length = body.len();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, length.into());
    response
}
