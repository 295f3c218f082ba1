//! The deprecated streaming endpoints, over a connection of their own: see section 4 of the wire contract.
//!
//! To remove them one day, delete this folder and what does not compile then: the field of [`Client`] that holds a
//! [`StreamingEndpoints`], and two lines of `lib.rs`.

mod connection;
mod error;
mod handler;
mod hub;
mod key;
mod link;
mod mailbox;
mod mailboxes;
mod messages;
mod status;

use std::sync::Arc;

use streampod_wire::Model;
use tokio::sync::watch;

use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::error::ConnectionError;

pub use error::{StreamingMessageError, StreamingSendError};
pub use handler::{
    StreamingConnectionHandler, StreamingConnectionHandlerState, StreamingConnectionHandlerStatus,
};
pub(crate) use hub::StreamingEndpoints;
pub use messages::StreamingMessages;
pub use status::StreamingConnectionStatus;

impl Client {
    /// Opens the connection to the streaming endpoints; does nothing if it is open.
    ///
    /// It returns when the WebSocket is open and the first ping on its way. The status is `Connecting` until something is
    /// received, and `Connected` then. If nothing is within [`ClientOptions::connect_timeout`](crate::ClientOptions), the
    /// connection is closed. A connection that is lost stays lost: call this again, or leave that to a
    /// [`StreamingConnectionHandler`].
    ///
    /// The key in the header of [`ClientOptions::authorization`](crate::ClientOptions) goes along.
    ///
    /// # Errors
    ///
    /// Fails if the connection cannot be opened, or is closed meanwhile, or if the client was closed. It is disconnected
    /// then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up, unless another call waits for it too.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    #[deprecated(
        note = "streaming endpoints are deprecated: use streaming methods, which need no connection"
    )]
    #[doc(alias = "openStreamingConnection")]
    #[doc(alias = "connectWebSocket")]
    pub async fn open_streaming_connection(&self) -> Result<(), ConnectionError> {
        self.streaming.hub().open().await
    }

    /// Closes the connection to the streaming endpoints, or gives up opening it. Returns when it is closed, after what was
    /// sent before.
    ///
    /// # Cancel safety
    ///
    /// Once it was polled, dropping the future only stops waiting.
    #[deprecated(
        note = "streaming endpoints are deprecated: use streaming methods, which need no connection"
    )]
    #[doc(alias = "closeStreamingConnection")]
    pub async fn close_streaming_connection(&self) {
        self.streaming.hub().close().await;
    }

    /// The status of the connection to the streaming endpoints, now and as it changes.
    #[deprecated(
        note = "streaming endpoints are deprecated: use streaming methods, which need no connection"
    )]
    #[doc(alias = "streamingConnectionStatus")]
    #[doc(alias = "addStreamingConnectionStatusListener")]
    #[doc(alias = "removeStreamingConnectionStatusListener")]
    pub fn streaming_connection_status(&self) -> watch::Receiver<StreamingConnectionStatus> {
        self.streaming.hub().status()
    }

    /// Signs in with another key on the open connection, or out without one; as soon as it is open, if it is being opened. Nothing is
    /// done if there is no connection: the next takes the key from [`ClientOptions::authorization`](crate::ClientOptions).
    ///
    /// The key is plain. It is sent as the header of the client's calls would hold it: in `Basic` if that does, else in
    /// `Bearer`.
    ///
    /// # Cancel safety
    ///
    /// It is sent, or not at all.
    #[deprecated(
        note = "streaming endpoints are deprecated: use streaming methods, which need no connection"
    )]
    #[doc(alias = "updateStreamingConnectionAuthenticationKey")]
    pub async fn update_streaming_connection_authentication_key(&self, key: Option<&str>) {
        self.streaming.hub().authenticate(key).await;
    }
}

impl Client {
    /// The streaming endpoint of this name, what those of generated clients are made of. Its messages wait from now on until somebody
    /// listens; those of endpoints that were not asked for yet are ignored.
    pub fn streaming_endpoint(&self, name: &'static str) -> Endpoint {
        self.streaming.hub().mailbox(name);
        self.endpoint(name)
    }
}

impl Endpoint {
    /// The messages that the endpoint sends over the connection that
    /// [`open_streaming_connection`](Client::open_streaming_connection) opens. See [`StreamingMessages`].
    #[deprecated(note = "streaming endpoints are deprecated: use a method that returns a stream")]
    pub fn stream(&self) -> StreamingMessages {
        let hub = self.client.streaming.hub();
        StreamingMessages::new(hub.mailbox(self.name), Arc::clone(&self.client.shared))
    }

    /// Sends a message to the endpoint. It waits while more than 64 KiB wait to be sent, and returns when the message is among
    /// them.
    ///
    /// # Errors
    ///
    /// Fails if there is no connection, or if the message is null or cannot be encoded. Nothing is sent then.
    ///
    /// # Cancel safety
    ///
    /// It is sent, or not at all.
    #[deprecated(note = "streaming endpoints are deprecated: use a method that takes a stream")]
    #[doc(alias = "sendStreamMessage")]
    pub async fn send_stream_message<T: Model>(&self, message: T) -> Result<(), StreamingSendError> {
        self.client.streaming.hub().send(self.name, message.into_object()).await
    }
}
