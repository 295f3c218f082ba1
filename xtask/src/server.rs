//! A server that runs while something is tested on it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that is ended when this is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a program on a free port and waits until it answers.
    pub(crate) fn start(program: &std::path::Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = Command::new(program)
            .env("SERVERPOD_API_SERVER_PORT", port.to_string())
            // One of the shared cases sends 1 MiB.
            .env("SERVERPOD_MAX_REQUEST_SIZE", "4194304")
            // What its methods log, among it the errors that the tests bring about, is not for this console.
            .env("RUST_LOG", "off")
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut server = Self { child, port };
        let start = Instant::now();
        while !server.answers() {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended with {status}", program.display());
            }
            if start.elapsed() > PATIENCE {
                bail!("{} did not answer within {PATIENCE:?}", program.display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Where it is called.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    fn answers(&self) -> bool {
        let Ok(mut socket) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else { return false };
        let mut answer = [0; 12];
        socket.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").is_ok()
            && socket.read_exact(&mut answer).is_ok()
            && answer.ends_with(b"200")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
