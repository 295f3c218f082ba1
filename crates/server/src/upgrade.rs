//! From a request to a WebSocket.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method as Verb, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use streampod_websocket::{Agreement, MalformedExtensions};
use tokio::net::TcpStream;

use crate::call::Link;
use crate::config::Compression;
use crate::connection::{self, Protocol};
use crate::http::empty;
use crate::state::ServerState;
use crate::transport::{Compressed, WebSocket};

/// Makes a WebSocket of the request's connection, on which `protocol` is spoken.
pub(crate) fn upgrade<P: Protocol + 'static>(
    server: &Arc<ServerState>,
    mut request: Request,
    protocol: impl FnOnce(Arc<ServerState>, Arc<Link>) -> P + Send + 'static,
) -> Response {
    let headers = request.headers();
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(|key| accept_key(key.as_bytes()));
    let has = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    let is_upgrade = request.method() == Verb::GET
        && has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let (Some(accept), true, false) = (key, is_upgrade, server.stopping.is_cancelled()) else {
        return empty(StatusCode::BAD_REQUEST);
    };
    let Ok(agreement) = agree_on_compression(headers, &server.config.websocket_compression) else {
        return empty(StatusCode::BAD_REQUEST);
    };
    let compressed =
        agreement.map(|agreement| Compressed::new(agreement, &server.config.websocket_compression));
    let upgraded = hyper::upgrade::on(&mut request);
    let state = Arc::clone(server);
    server.tasks.spawn(async move {
        match upgraded.await {
            Ok(upgraded) => {
                let message_max_bytes = state.limits.message_max_bytes;
                // The socket itself, without what stands between it and the requests.
                match upgraded.downcast::<TokioIo<TcpStream>>() {
                    Ok(Parts { io, read_buf, .. }) => {
                        let transport =
                            WebSocket::new(io.into_inner(), &read_buf, message_max_bytes, compressed);
                        // Even empty it holds on to the buffer into which requests were read.
                        drop(read_buf);
                        connection::serve(state, transport, protocol).await;
                    }
                    Err(upgraded) => {
                        let transport =
                            WebSocket::new(TokioIo::new(upgraded), &[], message_max_bytes, compressed);
                        connection::serve(state, transport, protocol).await;
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "a connection could not be upgraded"),
        }
    });
    let mut response = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(Ok(agreement)) = agreement.map(|agreement| HeaderValue::from_str(&agreement.answer())) {
        headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, agreement);
    }
    response
}

/// How messages are compressed on a connection, if its client offers that and the server is to do it.
fn agree_on_compression(
    headers: &HeaderMap,
    compression: &Compression,
) -> Result<Option<Agreement>, MalformedExtensions> {
    if !compression.enabled {
        return Ok(None);
    }
    let offers = headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS).into_iter();
    // What is no text is no offer that anybody knows.
    streampod_websocket::negotiate(offers.filter_map(|offer| offer.to_str().ok()))
}

/// The answer to the key of a handshake: that somebody here speaks WebSocket. See section 4.2.2 of RFC 6455.
fn accept_key(key: &[u8]) -> String {
    const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}
