//! Servers and load as processes.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::plan::HIGHEST_RATE;
use super::work::{Contender, Measure, Setting, Work};

const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";
/// The server that publishes for another one.
const STREAMPOD: &str = "streampod";
/// Starts a program before which all others give way.
const REAL_TIME: [&str; 3] = ["chrt", "-f", "1"];
/// How many messages, of 1, the load may send late before a latency is measured again, and how often it is measured at most.
const SENT_LATE_MAX: f64 = 0.03;
const LATENCY_ATTEMPTS: usize = 3;
/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);
/// Starts a program with as many open files as it may have, under the same process id.
const WITH_FILES: &str = r#"ulimit -n "$(ulimit -Hn)" && exec "$@""#;

/// How often and how long it is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) rounds: usize,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

impl Pace {
    pub(crate) const FULL: Self =
        Self { rounds: 5, warm_up: Duration::from_millis(400), window: Duration::from_millis(1500) };
    pub(crate) const QUICK: Self =
        Self { rounds: 3, warm_up: Duration::from_millis(150), window: Duration::from_millis(500) };
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

    /// Why a work cannot be measured in this run, if that is so.
    pub(crate) fn why_not(&self, work: &Work) -> anyhow::Result<Option<String>> {
        let Setting::Crowded(files) = work.setting else { return Ok(None) };
        if self.pace == Pace::QUICK {
            return Ok(Some("Only full runs measure this.".to_owned()));
        }
        let limit = Command::new("sh").args(["-c", "ulimit -Hn"]).output().context("asking for limits")?;
        let limit = String::from_utf8_lossy(&limit.stdout).trim().to_owned();
        // What is no number is `unlimited`.
        let permitted = limit.parse::<u64>().unwrap_or(u64::MAX);
        let missing = format!("It takes {files} open files, and this machine permits a process {limit}.");
        Ok((permitted < files).then_some(missing))
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
                let measured = match work.setting {
                    Setting::Cluster => self.in_cluster(contender, work.load),
                    _ if work.measure == Measure::Latency => self.in_time(contender, work.load, &options),
                    _ => self.once(contender, work.load, &options, Priority::Usual),
                };
                let measured = measured.with_context(|| format!("measuring {}", contender.label))?;
                eprintln!("    {} {}: {measured}", round + 1, contender.label);
                rounds[index].push(measured);
            }
        }
        Ok(rounds)
    }

    fn half_rate(&self) -> anyhow::Result<u64> {
        let (contender, load) = HIGHEST_RATE;
        let measured = self.once(contender, load, &[], Priority::of(Measure::Latency))?;
        let number = |key: &str| measured[key].as_f64().with_context(|| format!("no {key} in {measured}"));
        Ok((number("count")? / number("seconds")? / 2.0) as u64)
    }

    /// Measures a latency, again if the load itself was late, and returns the attempt in which it was that least.
    fn in_time(&self, contender: &Contender, load: &[&str], options: &[String]) -> anyhow::Result<Value> {
        let late = |measured: &Value| measured["sentLateShare"].as_f64().unwrap_or(1.0);
        let mut best = Value::Null;
        for _ in 0..LATENCY_ATTEMPTS {
            let measured = self.once(contender, load, options, Priority::of(Measure::Latency))?;
            if late(&measured) <= late(&best) {
                best = measured;
            }
            if late(&best) <= SENT_LATE_MAX {
                break;
            }
        }
        Ok(best)
    }

    fn once(
        &self,
        contender: &Contender,
        load: &[&str],
        options: &[String],
        priority: Priority,
    ) -> anyhow::Result<Value> {
        let server = self.start(contender.server, SERVER_CORE, &[], priority)?;
        self.load(contender, load, options, server, priority)
    }

    /// With another server and a Redis, which share the core of the load.
    fn in_cluster(&self, contender: &Contender, load: &[&str]) -> anyhow::Result<Value> {
        let redis = redis()?;
        let port = ["--redis".to_owned(), redis.address.port().to_string()];
        let publisher = self.start(STREAMPOD, LOAD_CORE, &port, Priority::Usual)?;
        let server = self.start(contender.server, SERVER_CORE, &port, Priority::Usual)?;
        let options = ["--publisher".to_owned(), publisher.address.to_string()];
        self.load(contender, load, &options, server, Priority::Usual)
    }

    fn load(
        &self,
        contender: &Contender,
        load: &[&str],
        options: &[String],
        mut server: Server,
        priority: Priority,
    ) -> anyhow::Result<Value> {
        let (scenario, load) = load.split_first().context("a work without a scenario")?;
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let load = self
            .program_on(LOAD_CORE, priority)
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

    fn start(
        &self,
        server: &str,
        core: &str,
        options: &[String],
        priority: Priority,
    ) -> anyhow::Result<Server> {
        let mut command = self.program_on(core, priority);
        Server::start(server, |port| command.args(["serve", server, "--port", port]).args(options))
    }

    fn program_on(&self, core: &str, priority: Priority) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", WITH_FILES, "sh"]);
        if priority == Priority::RealTime {
            command.args(REAL_TIME);
        }
        command.args(["taskset", "-c", core]).arg(&self.program);
        command
    }
}

/// Who runs when others on the machine want to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Everybody in turn.
    Usual,
    /// Server and load first: a latency is to be theirs alone.
    RealTime,
}

impl Priority {
    /// What a measurement needs, as far as this machine permits it.
    pub(crate) fn of(measure: Measure) -> Self {
        let try_out = || Command::new(REAL_TIME[0]).args(&REAL_TIME[1..]).arg("true").output();
        let is_permitted = || try_out().is_ok_and(|output| output.status.success());
        if measure == Measure::Latency && is_permitted() { Self::RealTime } else { Self::Usual }
    }
}

/// A Redis that keeps nothing.
fn redis() -> anyhow::Result<Server> {
    let mut command = Command::new("taskset");
    command.args([
        "-c",
        LOAD_CORE,
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    Server::start("redis-server", |port| command.args(["--loglevel", "warning", "--port", port]))
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

impl Server {
    /// Starts a server on a free port, and waits until it listens.
    fn start<'a>(name: &str, command: impl FnOnce(&str) -> &'a mut Command) -> anyhow::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = command(&port.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.with_context(|| format!("starting the server {name}"))?;
        let mut server = Self { child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) };
        let start = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server {name} ended with {status}");
            }
            ensure!(start.elapsed() < PATIENCE, "the server {name} does not listen after {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
