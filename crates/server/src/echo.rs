//! An echo, at `/echo`, for Autobahn: whatever the server's WebSockets do is tested by it.

use std::sync::Arc;
use std::time::Instant;

use streampod_websocket::Writer;

use crate::call::Link;
use crate::connection::{Close, Protocol, Taken};
use crate::state::ServerState;

/// Sends every message back.
pub(crate) struct Echo {
    link: Arc<Link>,
}

impl Echo {
    pub(crate) fn new(_: Arc<ServerState>, link: Arc<Link>) -> Self {
        Self { link }
    }
}

impl Protocol for Echo {
    fn receive(&mut self, text: &str, _: Instant) -> Taken {
        self.link.wire.lock().out.text(text);
        Taken::Answered
    }

    fn receive_binary(&mut self, bytes: &[u8]) -> Taken {
        // Nothing else that the server sends is binary, so its frames are written by hand.
        self.link.wire.lock().out.framed_already(|out| Writer::server().binary(out, bytes));
        Taken::Answered
    }

    fn run(&mut self) {}

    fn is_full(&mut self) -> bool {
        false
    }

    fn unblock(&mut self) -> bool {
        false
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn check_time(&mut self, _: Instant) -> Option<Close> {
        None
    }

    fn disconnect(&mut self) {}
}
