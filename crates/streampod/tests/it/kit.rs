//! What these tests share.

use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use streampod::wire::{Catalog, Decode, Decoder, Encode, Encoder};
use streampod::{Config, Server};
use tower::ServiceExt;

/// A server without files or environment.
pub(crate) fn server() -> Server {
    Server::new(Config::default())
}

/// The JSON of `value`.
pub(crate) fn json(value: &impl Encode) -> String {
    let bytes = Encoder::encode(value).expect("it can be encoded");
    String::from_utf8(bytes.to_vec()).expect("JSON is UTF-8")
}

/// Reads a `T`, or says why that fails.
pub(crate) fn read<T: Decode>(json: &str) -> Result<T, String> {
    Decoder::decode(json, &Catalog::new()).map_err(|error| error.to_string())
}

/// Calls a method over HTTP: status and body of its answer.
pub(crate) async fn call(server: Server, path: &str, body: &str) -> (StatusCode, String) {
    let (router, _handle) = server.into_router().expect("the server can start");
    let request = Request::post(path).body(Body::from(body.to_owned())).expect("the request is one");
    let response = router.oneshot(request).await.expect("a router cannot fail");
    let status = response.status();
    let body = response.into_body().collect().await.expect("the body can be read").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Compares `found` with `tests/golden/<name>`; with `UPDATE_GOLDEN=1` in the environment, writes it there.
pub(crate) fn check_golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, found).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{name} is not what was found; UPDATE_GOLDEN=1 writes it anew. Found:\n{found}"
    );
}
