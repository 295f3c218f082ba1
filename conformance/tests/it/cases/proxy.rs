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
    /// None while it does not listen.
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    server: u16,
    network: watch::Sender<Network>,
    /// Those for streaming calls.
    sockets: watch::Sender<Sockets>,
    /// Those for the deprecated streaming endpoints.
    streaming: watch::Sender<Sockets>,
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
        let (network, sockets, streaming) = Default::default();
        let shared = Arc::new(Shared { server, network, sockets, streaming });
        let listening = Some(tokio::spawn(listen(listener, Arc::clone(&shared))));
        Self { port, shared, listening }
    }

    /// Disturbs the connections, or stops to listen.
    pub(super) async fn set(&mut self, network: Network) {
        if network == Network::Refuse
            && let Some(listening) = self.listening.take()
        {
            listening.abort();
            let _ = listening.await;
        }
        self.shared.network.send_replace(network);
    }

    /// Forwards again what connects from now on.
    pub(super) async fn forward(&mut self) {
        self.shared.network.send_replace(Network::Forward);
        if self.listening.is_none() {
            let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
            self.listening = Some(tokio::spawn(listen(listener, Arc::clone(&self.shared))));
        }
    }

    /// How many WebSockets for streaming calls there were, once all are closed.
    pub(super) async fn until_closed(&self) -> usize {
        until_closed(&self.shared.sockets).await
    }

    /// The same for the deprecated streaming endpoints.
    pub(super) async fn until_streaming_closed(&self) -> usize {
        until_closed(&self.shared.streaming).await
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.iter().for_each(JoinHandle::abort);
    }
}

async fn until_closed(sockets: &watch::Sender<Sockets>) -> usize {
    let mut sockets = sockets.subscribe();
    let closed = within("the socket closed", sockets.wait_for(|sockets| sockets.open == 0)).await;
    closed.unwrap().ever
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
        let _counted = shared.count(&client).await;
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

impl Shared {
    /// Counts the connection if its request, of which nothing is taken, opens a WebSocket.
    async fn count(&self, client: &TcpStream) -> Option<Counted<'_>> {
        let mut start = [0; 64];
        let count = client.peek(&mut start).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&start[..count]);
        if request.contains("/v1/websocket") {
            Some(Counted::new(&self.sockets))
        } else {
            request.contains("/websocket").then(|| Counted::new(&self.streaming))
        }
    }
}

/// Counts a WebSocket while it is open.
struct Counted<'a>(&'a watch::Sender<Sockets>);

impl<'a> Counted<'a> {
    fn new(sockets: &'a watch::Sender<Sockets>) -> Self {
        sockets.send_modify(|sockets| {
            sockets.open += 1;
            sockets.ever += 1;
        });
        Self(sockets)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|sockets| sockets.open -= 1);
    }
}
