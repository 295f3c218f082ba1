//! The conformance server as a process of its own.

use std::process::Stdio;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::watch;

use super::{Client, within};

/// A process that is killed when this is dropped. What it logs is collected.
pub(crate) struct Process {
    child: Child,
    port: u16,
    log: Arc<Mutex<String>>,
    lines: watch::Receiver<usize>,
}

impl Process {
    /// Starts it on a free port, with these environment variables, and waits until it listens.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_conformance"))
            .env("SERVERPOD_API_SERVER_PORT", "0")
            .env("NO_COLOR", "1")
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let (count, mut counted) = watch::channel(0);
        tokio::spawn(collect(lines, Arc::clone(&log), count));
        let listening = async {
            loop {
                if let Some(port) = port(&log.lock()) {
                    break port;
                }
                counted.changed().await.expect("the server ended");
            }
        };
        let port = within("the port", listening).await;
        Self { child, port, log, lines: counted }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.port).await
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().clone()
    }

    /// Waits until it has logged what is wanted.
    pub(crate) async fn logged(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let found = async {
            while !wanted(&self.log.lock()) {
                self.lines.changed().await.expect("the server ended");
            }
        };
        within(what, found).await;
    }

    /// Sends it a signal, by name.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    /// Its exit code, once it has ended.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        within("the exit", self.child.wait()).await.unwrap().code()
    }
}

async fn collect(
    mut lines: Lines<BufReader<ChildStderr>>,
    log: Arc<Mutex<String>>,
    count: watch::Sender<usize>,
) {
    while let Ok(Some(line)) = lines.next_line().await {
        *log.lock() += &(line + "\n");
        count.send_modify(|count| *count += 1);
    }
}

/// The port that it listens on, once it has said so, as text or as JSON.
fn port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("server on http://localhost:")?;
    rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}
