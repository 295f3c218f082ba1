//! A server for one test.

use std::fmt;
use std::sync::Arc;

use streampod_server::{Config, Handle, RunMode, Server};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::caller::Caller;
use crate::users::Users;

/// A server in memory, for one test. It listens on no port, serves no web page, and is configured by no file, variable or
/// argument.
///
/// Warnings and errors are logged to the test's output, unless a subscriber is set already; among them is why a method
/// failed, which its caller is not told. `RUST_LOG` shows more.
#[derive(Clone)]
pub struct TestApp {
    handle: Handle,
    users: Arc<Users>,
}

impl TestApp {
    /// A server with what `build` adds: its endpoints and all that `main` gives the real one.
    ///
    /// # Panics
    ///
    /// Panics if the endpoints or models contradict each other.
    pub fn new(build: impl FnOnce(Server) -> Server) -> Self {
        Self::with_config(Config::for_mode(RunMode::Test), build)
    }

    /// Like [`new`](Self::new), with another configuration, such as one that has passwords.
    ///
    /// # Panics
    ///
    /// Panics if the endpoints or models contradict each other.
    pub fn with_config(config: Config, build: impl FnOnce(Server) -> Server) -> Self {
        log();
        let users = Arc::new(Users::default());
        let known = Arc::clone(&users);
        // Asked before the handlers that `build` adds, which would take the tokens of test users for wrong ones.
        let server = Server::new(config)
            .authentication(move |_, token| std::future::ready(Ok(known.find_by_token(&token))));
        match build(server).into_router() {
            Ok((_, handle)) => Self { handle, users },
            Err(error) => panic!("{error}"),
        }
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Caller {
        Caller::new(self.clone(), None)
    }

    /// A user who is signed in and has these scopes. Called again for the same user, it is another sign-in.
    pub fn user<'a>(&self, identifier: &str, scopes: impl IntoIterator<Item = &'a str>) -> Caller {
        let scopes = scopes.into_iter().map(ToOwned::to_owned).collect();
        Caller::new(self.clone(), Some(self.users.sign_in(identifier, scopes)))
    }

    /// Tells what the server holds, by which a test finds out whether everything was let go of, and stops it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// Logs to the test's output, for all tests of the process; the first to come sets it up.
fn log() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
