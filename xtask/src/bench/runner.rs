//! Servers and load as processes.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::plan::{Contender, HIGHEST_RATE, Measure, Work};

const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";
/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);
/// Starts a program with as many open files as it may have, under the same process id.
const WITH_FILES: &str = r#"ulimit -n "$(ulimit -Hn)" && exec "$@""#;

/// How often and how long it is measured.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) rounds: usize,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

impl Pace {
    pub(crate) const FULL: Self =
        Self { rounds: 7, warm_up: Duration::from_millis(500), window: Duration::from_secs(3) };
    pub(crate) const QUICK: Self =
        Self { rounds: 3, warm_up: Duration::from_millis(200), window: Duration::from_millis(800) };
}

/// Runs the program that has all servers, and the load.
pub(crate) struct Runner {
    program: PathBuf,
    pace: Pace,
}

/// What the load reported of one contender, in each round.
pub(crate) type Rounds = Vec<Value>;

impl Runner {
    pub(crate) fn new(program: PathBuf, pace: Pace) -> Self {
        Self { program, pace }
    }

    /// Measures all contenders, one after the other in each round, so that what changes on the machine changes for all.
    pub(crate) fn measure(&self, work: &Work) -> anyhow::Result<Vec<Rounds>> {
        let mut options = Vec::new();
        if work.measure == Measure::Latency {
            options = vec!["--rate".to_owned(), self.half_rate()?.to_string()];
        }
        let mut rounds: Vec<Rounds> = work.contenders.iter().map(|_| Rounds::new()).collect();
        for round in 0..self.pace.rounds {
            for turn in 0..work.contenders.len() {
                // Each begins once, as what runs before may matter.
                let index = (turn + round) % work.contenders.len();
                let contender = &work.contenders[index];
                let measured = self.once(contender, work.load, &options);
                let measured = measured.with_context(|| format!("measuring {}", contender.label))?;
                eprintln!("    {} {}: {measured}", round + 1, contender.label);
                rounds[index].push(measured);
            }
        }
        Ok(rounds)
    }

    fn half_rate(&self) -> anyhow::Result<u64> {
        let (contender, load) = HIGHEST_RATE;
        let measured = self.once(contender, load, &[])?;
        let number = |key: &str| measured[key].as_f64().with_context(|| format!("no {key} in {measured}"));
        Ok((number("count")? / number("seconds")? / 2.0) as u64)
    }

    fn once(&self, contender: &Contender, load: &[&str], options: &[String]) -> anyhow::Result<Value> {
        let mut server = self.start(contender.server)?;
        let (scenario, load) = load.split_first().context("a work without a scenario")?;
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let load = self
            .program_on(LOAD_CORE)
            .args(["load", scenario, "--peer", contender.peer])
            .args(["--address", &server.address.to_string(), "--pid", &server.child.id().to_string()])
            .args(["--warm-up", &milliseconds(self.pace.warm_up)])
            .args(["--window", &milliseconds(self.pace.window)])
            .args(merged(load, contender.instead))
            .args(options)
            .stderr(Stdio::inherit())
            .output()
            .context("starting the load")?;
        ensure!(load.status.success(), "the load ended with {}", load.status);
        if let Some(status) = server.child.try_wait()? {
            bail!("the server ended with {status} while it was measured");
        }
        Ok(serde_json::from_slice(&load.stdout)?)
    }

    fn start(&self, server: &str) -> anyhow::Result<Server> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = self.program_on(SERVER_CORE);
        command.args(["serve", server, "--port", &port.to_string()]).stdin(Stdio::null());
        let child = command.spawn().with_context(|| format!("starting the server {server}"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut running = Server { child, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = running.child.try_wait()? {
                bail!("the server {server} ended with {status}");
            }
            ensure!(start.elapsed() < PATIENCE, "the server {server} does not listen after {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(running)
    }

    fn program_on(&self, core: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", WITH_FILES, "sh", "taskset", "-c", core]).arg(&self.program);
        command
    }
}

/// Options, in pairs of name and value, with some instead of others.
fn merged<'a>(options: &[&'a str], instead: &[&'a str]) -> Vec<&'a str> {
    let replaced = |name: &str| instead.chunks(2).any(|pair| pair[0] == name);
    let kept = options.chunks(2).filter(|pair| !replaced(pair[0])).flatten();
    kept.chain(instead).copied().collect()
}

/// A server that is ended when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
