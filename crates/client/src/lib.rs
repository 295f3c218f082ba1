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
//! let mut numbers = client.open::<i64>("math", "double", &[]).input("numbers", stream::iter([1, 2, 3])).stream();
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
//! To test without a network, see [`fake`]. To reach a server in another way, such as over TLS, implement [`Transport`].

mod call_builder;
mod call_stream;
mod client;
mod connection;
mod error;
pub mod fake;
mod http;
mod input;
mod inputs;
mod link;
mod options;
mod queue;
mod socket;
mod transport;
mod url;

pub use call_builder::CallBuilder;
pub use call_stream::CallStream;
pub use client::{Client, Status};
pub use error::{CallError, ConnectionError, HttpError, RefusalReason, SetupError};
pub use input::InputError;
pub use options::{Authorization, ClientOptions};
pub use transport::{ByteStream, Connecting, Transport};
