//! What is logged of the connections.

use std::time::Duration;

use parking_lot::Mutex;

use crate::connect::ConnectError;

/// Logs what happens to the connections: once for each outage, though two connections see it and both try many times to
/// come back.
pub(crate) struct Outage {
    address: String,
    state: Mutex<State>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Posts,
    Subscriptions,
}

/// Why a connection is no longer used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("it was closed")]
    Closed,
    #[error("nothing came for {0:?}")]
    Silent(Duration),
    #[error("{0}")]
    Failed(String),
}

struct State {
    is_down: [bool; 2],
    /// Whether the outage was logged.
    is_logged: bool,
    /// The misconfiguration that was logged.
    logged_error: Option<String>,
}

impl Outage {
    /// No connection was made yet.
    pub(crate) fn new(address: String) -> Self {
        Self {
            address,
            state: Mutex::new(State { is_down: [true; 2], is_logged: false, logged_error: None }),
        }
    }

    /// A connection is there.
    pub(crate) fn connected(&self, side: Side) {
        let address = &self.address;
        tracing::debug!(?side, "connected to {address}");
        let mut state = self.state.lock();
        state.is_down[side as usize] = false;
        if state.is_down == [false; 2] {
            state.logged_error = None;
            if std::mem::take(&mut state.is_logged) {
                tracing::info!("connected to {address} again");
            } else {
                tracing::info!("connected to {address}");
            }
        }
    }

    /// A connection was lost.
    pub(crate) fn lost(&self, side: Side, reason: &Lost) {
        let address = &self.address;
        let mut state = self.state.lock();
        state.is_down[side as usize] = true;
        if std::mem::replace(&mut state.is_logged, true) {
            return tracing::debug!(?side, %reason, "lost a connection to {address}");
        }
        let what = match side {
            Side::Posts => "posts fail until it is back",
            Side::Subscriptions => "messages of other servers are missed until it is back",
        };
        tracing::warn!(%reason, "lost a connection to {address}; {what}");
    }

    /// An attempt to connect failed.
    pub(crate) fn failed(&self, side: Side, reason: &ConnectError) {
        let address = &self.address;
        let mut state = self.state.lock();
        if reason.is_misconfiguration() {
            let text = reason.to_string();
            if state.logged_error.as_ref() != Some(&text) {
                tracing::error!(%reason, "cannot connect to {address}; trying again and again");
                state.logged_error = Some(text);
                state.is_logged = true;
                return;
            }
        } else if !std::mem::replace(&mut state.is_logged, true) {
            return tracing::warn!(%reason, "cannot connect to {address}; trying again and again");
        }
        tracing::debug!(?side, %reason, "cannot connect to {address}");
    }
}
