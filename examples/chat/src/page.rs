//! The web page, which is built into the program.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use streampod::{Config, ServerAddress};

/// Only what the page brings with it runs, whatever somebody says in the chat.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self' http: https: ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, and where it finds the API: `/config.json`.
pub(crate) fn router(config: &Config) -> Router {
    let config = format!(r#"{{"apiUrl":"{}"}}"#, api_url(config));
    Router::new()
        .route("/", get(|| file("text/html; charset=utf-8", include_str!("../web/dist/index.html"))))
        .route("/app.js", get(|| file("text/javascript; charset=utf-8", include_str!("../web/dist/app.js"))))
        .route("/style.css", get(|| file("text/css; charset=utf-8", include_str!("../web/dist/style.css"))))
        .route("/config.json", get(|| async { ([(CONTENT_TYPE, "application/json")], config) }))
}

/// Where the API is. If it has the same public address as the page, a proxy stands before both, and has it below `/api/`.
fn api_url(config: &Config) -> String {
    let public = |address: &ServerAddress| {
        let ServerAddress { public_scheme, public_host, public_port, .. } = address;
        format!("{public_scheme}://{public_host}:{public_port}/")
    };
    let api = public(&config.api_server);
    if api == public(&config.web_server) { "/api/".to_owned() } else { api }
}

async fn file(content_type: &'static str, content: &'static str) -> impl IntoResponse {
    let headers =
        // Names do not change from build to build, so a browser asks each time.
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache"), (CONTENT_SECURITY_POLICY, POLICY)];
    (headers, content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use streampod::RunMode;

    #[test]
    fn behind_a_proxy_the_api_is_where_the_page_is() {
        let mut config = Config::for_mode(RunMode::Test);
        config.api_server = ServerAddress::on_port(8080);
        config.web_server = ServerAddress::on_port(8082);
        assert_eq!(api_url(&config), "http://localhost:8080/");
        config.api_server.public_port = 80;
        config.web_server.public_port = 80;
        assert_eq!(api_url(&config), "/api/");
    }
}
