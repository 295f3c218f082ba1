//! The web page: read from its folder in a debug build, so that a reload shows what was changed; inside the program in
//! a release build.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use streampod::ServerAddress;

#[derive(RustEmbed)]
#[folder = "../web"]
struct Files;

/// The page, and where it finds the API: `/config.json`.
pub fn router(api: &ServerAddress) -> Router {
    let ServerAddress { public_scheme, public_host, public_port, .. } = api;
    let config = format!(r#"{{"apiUrl":"{public_scheme}://{public_host}:{public_port}/"}}"#);
    Router::new()
        .route("/config.json", get(|| async { ([(CONTENT_TYPE, "application/json")], config) }))
        .fallback(get(file))
}

async fn file(uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    match Files::get(path) {
        Some(file) => {
            let content_type = file.metadata.mimetype().to_owned();
            // Names do not change from build to build, so a browser asks each time.
            ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache".to_owned())], file.data).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
