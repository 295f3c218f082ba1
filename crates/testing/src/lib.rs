//! Test tools for those who write endpoints: no port, no socket, no process beside the test.
//!
//! A [`TestApp`] is a server in memory, and a [`Caller`] is somebody who calls it, signed in or not. There are two ways to
//! call:
//!
//! - **Directly.** The methods of an endpoint are ordinary Rust methods. [`Caller::session`] gives the session that they
//!   take, and [`input`] the streams.
//! - **As a client does.** [`Caller::client`] gives a real client, whose calls take the whole way through authentication,
//!   the protocol and the server's limits. A generated client goes over it.
//!
//! ```
//! use futures_util::StreamExt;
//! use streampod_testing::{TestApp, client::ClientOptions, soon};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! // Here an application adds its endpoints, by the function that `main` calls too.
//! let app = TestApp::new(|server| server);
//! let (alice, bob) = (app.user("alice", ["admin"]), app.anonymous());
//!
//! let (of_alice, of_bob) = (alice.session(), bob.session());
//! let mut news = of_bob.messages().stream::<String>("news");
//! of_alice.messages().post("news", "hello".to_owned()).await.unwrap();
//! assert_eq!(*soon(news.next()).await.unwrap().unwrap(), "hello");
//!
//! let client = alice.client(ClientOptions::default());
//! assert!(soon(client.call::<String>("nowhere", "hello", &[])).await.is_err());
//! # }
//! ```

mod app;
mod caller;
mod flush;
mod in_memory;
mod input;
mod soon;
mod users;

pub use app::TestApp;
pub use caller::Caller;
pub use flush::flush;
pub use input::{InputSender, input, input_of};
pub use soon::soon;
pub use streampod_server::InternalSession;

/// The client that [`Caller::client`] gives.
pub use streampod_client as client;
