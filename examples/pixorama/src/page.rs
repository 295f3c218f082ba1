//! The web page, which is built into the program.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use streampod::ServerAddress;

/// The page, and where it finds the API: `/config.json`.
pub(crate) fn router(api: &ServerAddress) -> Router {
    let ServerAddress { public_scheme, public_host, public_port, .. } = api;
    let config = format!(r#"{{"apiUrl":"{public_scheme}://{public_host}:{public_port}/"}}"#);
    Router::new()
        .route("/", get(|| file("text/html; charset=utf-8", include_str!("../web/dist/index.html"))))
        .route("/app.js", get(|| file("text/javascript; charset=utf-8", include_str!("../web/dist/app.js"))))
        .route("/style.css", get(|| file("text/css; charset=utf-8", include_str!("../web/dist/style.css"))))
        .route("/config.json", get(|| async { ([(CONTENT_TYPE, "application/json")], config) }))
}

async fn file(content_type: &'static str, content: &'static str) -> impl IntoResponse {
    // Names do not change from build to build, so a browser asks each time.
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache")], content)
}
