//! A proxy between client and server.

use std::sync::Arc;

use tokio::io::{copy, copy_bidirectional, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::table::Network;
use crate::kit::within;

/// Forwards connections to a server, counts those that are WebSockets, and disturbs all of them when it is told to.
pub(super) struct Proxy {
    pub(super) port: u16,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    server: u16,
    network: watch::Sender<Network>,
    sockets: watch::Sender<Sockets>,
}

/// How many WebSockets there are.
#[derive(Debug, Clone, Copy, Default)]
struct Sockets {
    open: usize,
    ever: usize,
}

impl Proxy {
    /// A proxy of the server at the port `server`.
    pub(super) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (network, sockets) = (watch::Sender::default(), watch::Sender::default());
        let shared = Arc::new(Shared { server, network, sockets });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { port, shared, listening }
    }

    /// Disturbs the connections, or stops to listen.
    pub(super) async fn set(&mut self, network: Network) {
        if network == Network::Refuse {
            self.listening.abort();
            let _ = (&mut self.listening).await;
        }
        self.shared.network.send_replace(network);
    }

    /// How many WebSockets there were, once all are closed.
    pub(super) async fn until_closed(&self) -> usize {
        let mut sockets = self.shared.sockets.subscribe();
        let closed = within("the socket closed", sockets.wait_for(|sockets| sockets.open == 0)).await;
        closed.unwrap().ever
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        tokio::spawn(serve(client, Arc::clone(&shared)));
    }
}

async fn serve(mut client: TcpStream, shared: Arc<Shared>) {
    let mut network = shared.network.subscribe();
    if *network.borrow() == Network::Forward {
        let _counted = is_web_socket(&client).await.then(|| Counted::new(&shared));
        let mut server = TcpStream::connect(("127.0.0.1", shared.server)).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = network.wait_for(|network| *network != Network::Forward) => {}
        }
        if *network.borrow() == Network::Freeze {
            // Until the client gives up.
            let _ = copy(&mut client, &mut sink()).await;
        }
        return;
    }
    std::future::pending::<()>().await;
}

/// Whether the request, of which nothing is taken, opens a WebSocket.
async fn is_web_socket(client: &TcpStream) -> bool {
    let mut start = [0; 64];
    let count = client.peek(&mut start).await.unwrap_or(0);
    String::from_utf8_lossy(&start[..count]).contains("/v1/websocket")
}

/// Counts a WebSocket while it is open.
struct Counted<'a>(&'a Shared);

impl<'a> Counted<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.sockets.send_modify(|sockets| {
            sockets.open += 1;
            sockets.ever += 1;
        });
        Self(shared)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.sockets.send_modify(|sockets| sockets.open -= 1);
    }
}
