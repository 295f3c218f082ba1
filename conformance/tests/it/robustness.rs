//! Clients that do what no client should: it harms nobody but themselves.

mod bytes;
mod floods;
mod frames;
mod panics;
mod random;

use serde_json::json;

use crate::kit::{Call, Client, RawClient, RawFrame, TestServer, opcode};

/// Another connection of the same server, on which an echo goes on whatever happens elsewhere.
struct Bystander {
    client: Client,
    call: Call,
    echoed: i64,
}

impl Bystander {
    async fn new(server: &TestServer) -> Self {
        let mut bystander =
            Self { client: server.connect().await, call: Call::streaming(999, "intEchoStream"), echoed: 0 };
        bystander.client.send(bystander.call.open(json!({}), &["stream"])).await;
        bystander.client.expect(bystander.call.opened("success")).await;
        bystander.check().await;
        bystander
    }

    /// Fails unless the echo goes on.
    async fn check(&mut self) {
        self.echoed += 1;
        let number = json!(self.echoed);
        self.client.send(self.call.feed("stream", "int", number.clone())).await;
        self.client.expect(self.call.element("int", number)).await;
    }

    /// Leaves, after which the server must hold nothing.
    async fn leave(mut self, server: &TestServer) {
        self.check().await;
        self.client.close().await;
        server.until_idle().await;
    }
}

/// Fails unless the server closes the connection next, with `code` or none, and then ends it.
async fn expect_end(client: &mut RawClient, code: Option<u16>, place: &str) {
    let frame = client.read().await;
    let frame = frame.unwrap_or_else(|| panic!("{place}: ended without a close frame"));
    assert_eq!(frame.opcode, opcode::CLOSE, "{place}: {}", String::from_utf8_lossy(&frame.payload));
    assert_eq!(frame.close_code(), code, "{place}");
    // The server may have ended the connection already.
    let _ = client.write(&RawClient::encode(opcode::CLOSE, b"")).await;
    assert_eq!(client.read().await, None::<RawFrame>, "{place}");
}
