//! Connections without a network.

use streampod_client::{ByteStream, Connecting, Transport};
use streampod_server::Handle;

/// How many bytes are on their way in each direction, as in the buffers of a socket.
const BUFFER_BYTES: usize = 64 * 1024;

/// How clients reach a server in memory: everything above the socket is the real thing.
pub(crate) struct InMemory {
    server: Handle,
}

impl InMemory {
    pub(crate) fn to(server: Handle) -> Self {
        Self { server }
    }
}

impl Transport for InMemory {
    fn connect(&self) -> Connecting {
        let server = self.server.clone();
        Box::pin(async move {
            let (near, far) = tokio::io::duplex(BUFFER_BYTES);
            server.serve(far);
            Ok(Box::new(near) as Box<dyn ByteStream>)
        })
    }
}
