//! Ordinary calls.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use streampod_wire::{Answer, Decoder, Value};
use tokio::time::timeout;

use crate::authorization::Header;
use crate::client::Shared;
use crate::error::{CallError, ConnectionError, HttpError};
use crate::transport::Transport;
use crate::url::ServerUrl;

/// The status of a call whose caller must sign in.
const UNAUTHORIZED: u16 = 401;

/// Makes requests; one idle connection is kept for the next.
pub(crate) struct Http {
    transport: Arc<dyn Transport>,
    authority: String,
    path: String,
    answer_max_bytes: usize,
    idle: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

struct Response {
    status: u16,
    is_json: bool,
    text: String,
}

impl Http {
    pub(crate) fn new(url: &ServerUrl, transport: Arc<dyn Transport>, answer_max_bytes: usize) -> Self {
        let (authority, path) = (url.authority.clone(), url.path.clone());
        Self { transport, authority, path, answer_max_bytes, idle: Mutex::default() }
    }

    /// Closes the idle connection.
    pub(crate) fn forget_idle(&self) {
        self.idle.lock().take();
    }

    async fn post(
        &self,
        endpoint: &str,
        body: Bytes,
        authorization: Option<&str>,
    ) -> Result<Response, ConnectionError> {
        let mut request = Request::post(format!("{}{endpoint}", self.path))
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json; charset=utf-8");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let mut request = request.body(Full::new(body)).map_err(ConnectionError::failed)?;
        let idle = self.idle.lock().take();
        if let Some(mut sender) = idle
            && sender.ready().await.is_ok()
        {
            match sender.try_send_request(request).await {
                Ok(response) => return self.read(sender, response).await,
                Err(mut error) => match error.take_message() {
                    // Nothing of it was sent: the server had closed the connection.
                    Some(unsent) => request = unsent,
                    None => return Err(ConnectionError::lost(error.into_error())),
                },
            }
        }
        let stream =
            self.transport.connect().await.map_err(|error| ConnectionError::Failed(Arc::new(error)))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(ConnectionError::failed)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection for ordinary calls failed");
            }
        });
        let response = sender.send_request(request).await.map_err(ConnectionError::lost)?;
        self.read(sender, response).await
    }

    async fn read(
        &self,
        sender: SendRequest<Full<Bytes>>,
        response: hyper::Response<Incoming>,
    ) -> Result<Response, ConnectionError> {
        let (head, body) = response.into_parts();
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|value| value.starts_with("application/json"));
        let body =
            Limited::new(body, self.answer_max_bytes).collect().await.map_err(ConnectionError::lost)?;
        let text = String::from_utf8(body.to_bytes().into()).map_err(ConnectionError::lost)?;
        if !sender.is_closed() {
            *self.idle.lock() = Some(sender);
        }
        Ok(Response { status: head.status.as_u16(), is_json, text })
    }
}

impl Shared {
    /// Calls an ordinary method.
    pub(crate) async fn call<T: Answer>(
        &self,
        endpoint: &str,
        method: &str,
        body: Bytes,
    ) -> Result<T, CallError> {
        if self.is_closed() {
            return Err(CallError::ClientClosed);
        }
        let limit = self.options.call_timeout;
        let response = timeout(limit, self.post(endpoint, body));
        let response = response.await.map_err(|_| ConnectionError::CallTimeout(limit))??;
        let catalog = &self.options.catalog;
        match response.status {
            200 => Ok(T::from_json(&response.text, catalog)?),
            400 if response.is_json => {
                let call = format!("{endpoint}.{method}");
                Err(self.thrown(call, &response.text))
            }
            status => Err(HttpError { status, body: response.text.trim().to_owned() }.into()),
        }
    }

    /// Makes the request; once more with another header if the first was refused.
    async fn post(&self, endpoint: &str, body: Bytes) -> Result<Response, ConnectionError> {
        let authorization = &self.options.authorization;
        let header = match authorization.header() {
            Some(header) => header.await,
            None => Header::NONE,
        };
        let response = self.http().post(endpoint, body.clone(), header.value.as_deref()).await?;
        if response.status == UNAUTHORIZED
            && let Some(fresh) = authorization.refreshed(&header).await
        {
            return self.http().post(endpoint, body, fresh.value.as_deref()).await;
        }
        Ok(response)
    }

    fn thrown(&self, call: String, json: &str) -> CallError {
        match Decoder::decode(json, &self.options.catalog) {
            Ok(Value::Object(exception)) => CallError::Exception { call, exception },
            Ok(_) => HttpError { status: 400, body: json.to_owned() }.into(),
            Err(source) => {
                CallError::UnreadableException { call, class_name: "an exception".to_owned(), source }
            }
        }
    }
}
