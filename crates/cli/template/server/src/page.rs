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
    let (scheme, host, port) = (api.public_scheme, &api.public_host, api.public_port);
    let config = format!(r#"{{"apiUrl":"{scheme}://{host}:{port}/"}}"#);
    let config = get(|| async { ([(CONTENT_TYPE, "application/json")], config) });
    Router::new()
        .route("/config.json", config)
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
            let caching = "no-cache".to_owned();
            let head = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, caching)];
            (head, file.data).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
