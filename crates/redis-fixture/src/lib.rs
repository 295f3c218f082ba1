//! A Redis server for one test: a process of its own, on a port of its own, which keeps nothing and ends with the test.
//!
//! Everything here panics when something goes wrong, as tests do.

#![allow(clippy::missing_panics_doc, clippy::unwrap_used)]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How long it may take to start, or to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a port is tried until something listens on it.
const PULSE: Duration = Duration::from_millis(5);

/// The certificate of a server with TLS, in DER: for `localhost`, signed by itself.
pub const CERTIFICATE: &[u8] = include_bytes!("../tls/certificate.der");
/// The file that has it in PEM.
pub const CERTIFICATE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tls/certificate.pem");

/// A Redis server, which ends when this is dropped.
#[derive(Debug)]
pub struct RedisServer {
    process: Option<Child>,
    port: u16,
    /// The option that says which port it listens on.
    port_option: &'static str,
    arguments: Vec<String>,
    folder: TempDir,
}

impl RedisServer {
    /// A server without a password.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server with these arguments beside the usual ones.
    pub async fn start_with(arguments: &[&str]) -> Self {
        Self::start_on("--port", arguments).await
    }

    /// A server that takes connections over TLS alone, with the [`CERTIFICATE`].
    pub async fn start_with_tls() -> Self {
        let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tls/key.pem");
        let files = ["--tls-cert-file", CERTIFICATE_FILE, "--tls-key-file", key];
        let arguments = ["--port", "0", "--tls-auth-clients", "no"].into_iter().chain(files);
        Self::start_on("--tls-port", &arguments.collect::<Vec<_>>()).await
    }

    async fn start_on(port_option: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut server = Self::stopped();
        (server.port_option, server.arguments) = (port_option, arguments);
        while !server.try_start().await {
            // Somebody else took the port meanwhile.
            server.port = free_port();
        }
        server
    }

    /// A server that does not run yet.
    pub fn stopped() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { process: None, port: free_port(), port_option: "--port", arguments: Vec::new(), folder }
    }

    /// The port that it listens on, of `127.0.0.1` and `::1`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it again, on the same port.
    pub async fn restart(&mut self) {
        assert!(self.try_start().await, "port {} is taken", self.port);
    }

    /// Stops it as a debugger does: its connections stay, and nothing comes.
    pub fn suspend(&self) {
        self.signal("STOP");
    }

    /// Has it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// How many connections subscribe to a channel.
    pub async fn subscribers(&self, channel: &str) -> u64 {
        let answer = self.run(&["PUBSUB", "NUMSUB", channel]).await;
        let count = answer.trim_end().rsplit(':').next().and_then(|count| count.parse().ok());
        count.unwrap_or_else(|| panic!("expected a number of subscribers, found {answer:?}"))
    }

    /// What it answers to a command, as it comes.
    pub async fn run(&self, words: &[&str]) -> String {
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request += &format!("${}\r\n{word}\r\n", word.len());
        }
        // Its answer to this tells where the other one ends, because then it closes the connection.
        request += "*1\r\n$4\r\nQUIT\r\n";
        let mut answer = String::new();
        let answered = async {
            let mut socket = TcpStream::connect(("127.0.0.1", self.port)).await?;
            socket.write_all(request.as_bytes()).await?;
            socket.read_to_string(&mut answer).await
        };
        tokio::time::timeout(PATIENCE, answered).await.expect("an answer of Redis in time").unwrap();
        answer.strip_suffix("+OK\r\n").map_or(answer.clone(), ToOwned::to_owned)
    }

    fn signal(&self, signal: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    /// Whether it runs; false if the port is taken.
    async fn try_start(&mut self) -> bool {
        // It makes this socket once the port is its own. Somebody else's server may answer on the port before it gives up.
        let socket = self.folder.path().join("redis.sock");
        let _ = std::fs::remove_file(&socket);
        let process = Command::new("redis-server")
            .args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "::1", "--loglevel", "warning"])
            .args(["--dir", self.folder.path().to_str().unwrap(), self.port_option, &self.port.to_string()])
            .args(["--unixsocket", socket.to_str().unwrap()])
            .args(&self.arguments)
            .stdout(Stdio::null())
            .spawn();
        let process = process.unwrap_or_else(|error| {
            panic!(
                "this test needs the program `redis-server` ({error}); `cargo xtask test rust` installs it"
            )
        });
        let process = self.process.insert(process);
        let (port, is_tls) = (self.port, self.port_option == "--tls-port");
        let started = async {
            loop {
                if process.try_wait().unwrap().is_some() {
                    break false;
                }
                if socket.exists() && answers(port, is_tls).await {
                    break true;
                }
                tokio::time::sleep(PULSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, started).await.expect("Redis starts in time")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether something on this port answers; of TLS it is enough that it listens.
async fn answers(port: u16, is_tls: bool) -> bool {
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)).await else { return false };
    if is_tls {
        return true;
    }
    let mut line = String::new();
    socket.write_all(b"PING\r\n").await.is_ok()
        && BufReader::new(socket).read_line(&mut line).await.is_ok()
        // It asks for a password, or it is there; it does not read its data still.
        && (line.starts_with("+PONG") || line.starts_with("-NOAUTH"))
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
