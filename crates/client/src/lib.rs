//! The runtime of Streampod's Rust clients.
//!
//! A [`Client`] makes ordinary calls over HTTP and streaming calls over one WebSocket, which all of them share: the first
//! opens it, and it is closed when the last has ended.
//!
//! ```no_run
//! use futures_util::{StreamExt, stream};
//! use streampod_client::{Client, ClientOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("http://localhost:8080/", ClientOptions::default())?;
//! let greeting: String = client.call("simple", "hello", &[("name", &"World".to_owned())]).await?;
//!
//! let mut numbers = client.open::<i64>("math", "double", &[]).input("numbers", stream::iter([1_i64, 2, 3])).stream();
//! while let Some(number) = numbers.next().await {
//!     println!("{}", number?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! **Dropping is cancelling**: a dropped [`CallStream`] tells the server that nobody wants the call any more, and drops
//! the streams that feed it. Every queue has a bound: received elements wait up to
//! [`ClientOptions::buffered_elements_max`], and inputs are polled only while little waits to be sent.
//!
//! To test without a network, see [`fake`]. `https://` needs the feature `tls`; to reach a server in another way, implement
//! [`Transport`].

mod authorization;
mod backoff;
mod call;
mod call_builder;
mod call_stream;
mod client;
mod connection;
mod endpoint;
mod error;
pub mod fake;
mod http;
mod input;
mod inputs;
mod link;
mod opening;
mod options;
mod queue;
mod reconnecting;
mod socket;
mod streaming_endpoints;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod url;

pub use authorization::{Authorization, AuthorizationProvider};
pub use backoff::Backoff;
pub use call::Call;
pub use call_builder::CallBuilder;
pub use call_stream::CallStream;
pub use client::{Client, Status};
pub use endpoint::Endpoint;
pub use error::{CallError, ConnectionError, HttpError, RefusalReason, SetupError};
pub use input::{Input, InputError, InputItem, NO_INPUT, NoInput};
pub use options::ClientOptions;
pub use reconnecting::{Event, Gap, Reconnecting, reconnecting};
pub use streaming_endpoints::{
    StreamingConnectionHandler, StreamingConnectionHandlerState, StreamingConnectionHandlerStatus,
    StreamingConnectionStatus, StreamingMessageError, StreamingMessages, StreamingSendError,
};
#[cfg(feature = "tls")]
pub use tls::Tls;
pub use transport::{ByteStream, Connecting, Transport};
