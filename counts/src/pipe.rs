//! What is there instead of a socket: memory, of which a server has one end.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::paths::Transfers;

/// A connection in memory. Clones are the same one; the server reads and writes one of them.
#[derive(Clone, Default)]
pub(crate) struct Pipe(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// What the server has not read, from `read` on.
    to_server: Vec<u8>,
    read: usize,
    /// Wakes the server, which waits for more.
    server: Option<Waker>,
    to_client: Vec<u8>,
    /// Wakes the client when the server has written this much.
    client: Option<(Waker, usize)>,
    transfers: Transfers,
}

impl Pipe {
    /// Sends bytes to the server.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.to_server.extend_from_slice(bytes);
        if let Some(server) = state.server.take() {
            drop(state);
            server.wake();
        }
    }

    /// Waits until the server has written this much, and hands it to `take`, with what it may have written besides.
    pub(crate) async fn received<T>(&self, length: usize, take: impl FnOnce(&[u8]) -> T) -> T {
        std::future::poll_fn(|context| {
            let mut state = self.state();
            if state.to_client.len() >= length {
                return Poll::Ready(());
            }
            state.client = Some((context.waker().clone(), length));
            Poll::Pending
        })
        .await;
        let mut state = self.state();
        let taken = take(&state.to_client);
        state.to_client.clear();
        taken
    }

    /// How often the server has read and written.
    pub(crate) fn transfers(&self) -> Transfers {
        self.state().transfers
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, parts: &[IoSlice<'_>]) -> usize {
        let mut state = self.state();
        state.transfers.writes += 1;
        let before = state.to_client.len();
        for part in parts {
            state.to_client.extend_from_slice(part);
        }
        let length = state.to_client.len();
        if let Some((client, _)) = state.client.take_if(|(_, wanted)| *wanted <= length) {
            client.wake();
        }
        length - before
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.state();
        let rest = &state.to_server[state.read..];
        if rest.is_empty() {
            state.server = Some(context.waker().clone());
            return Poll::Pending;
        }
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        state.read += length;
        if state.read == state.to_server.len() {
            state.read = 0;
            state.to_server.clear();
        }
        state.transfers.reads += 1;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.write(&[IoSlice::new(bytes)])))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.write(parts)))
    }

    fn is_write_vectored(&self) -> bool {
        // As sockets do.
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
