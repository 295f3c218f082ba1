//! The load: one thread that sends, and checks what comes back.

mod calls;
mod dialect;
mod echo;
mod engine;
mod fan_out;
mod grpc;
mod grpc_calls;
mod grpc_client;
mod http;
mod http2;
mod idle;
mod many_calls;
mod opening;
mod peer;
mod process;
mod relay;
mod socket_io;
mod template;
#[cfg(test)]
mod tests;
mod ticker;
mod websocket;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use peer::Peer;
pub(crate) use template::{SLOT, Template, first_id, frame_head};

use crate::payload::Payload;
use process::Process;

/// What is measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Scenario {
    /// Every connection has some messages in flight; each answer is followed by the next message.
    Echo,
    /// The same on many calls of each connection, one message after the other on each.
    Interleaved,
    /// Messages are sent at a fixed rate, whatever the server does, and their latency counts from when they were due.
    Latency,
    /// One connection publishes, and all others get what it published.
    FanOut,
    /// One connection publishes on many channels in turn, and another has a call on each.
    Channels,
    /// Connections publish on another server, and as many get some of it from this one.
    Cluster,
    /// Connections are opened, and nothing happens on them.
    Idle,
    /// Every connection opens calls that answer once and end.
    Calls,
}

/// How much of it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Where the server listens.
    #[arg(long)]
    pub(crate) address: SocketAddr,
    /// The server's process, whose time and memory are read.
    #[arg(long)]
    pub(crate) pid: u32,
    /// What the server speaks.
    #[arg(long)]
    pub(crate) peer: Peer,
    /// How many connections; of a fan-out, how many subscribers.
    #[arg(long, default_value_t = 1)]
    pub(crate) connections: usize,
    /// How many messages or calls each connection has in flight, how many are published together, or how many calls are idle.
    #[arg(long, default_value_t = 1)]
    pub(crate) in_flight: usize,
    /// How many calls are interleaved on a connection, or how many channels there are.
    #[arg(long, default_value_t = 1)]
    pub(crate) calls: usize,
    /// How many connections have messages in flight at a time; when one has all its answers, the next follows. All, by default.
    #[arg(long)]
    pub(crate) active: Option<usize>,
    /// The server on which a cluster publishes.
    #[arg(long)]
    pub(crate) publisher: Option<SocketAddr>,
    /// What is sent.
    #[arg(long, default_value = "text")]
    pub(crate) payload: Payload,
    /// Messages per second, for latency.
    #[arg(long, default_value_t = 1000)]
    pub(crate) rate: u64,
    /// Milliseconds before anything is counted.
    #[arg(long, default_value = "300", value_parser = milliseconds)]
    pub(crate) warm_up: Duration,
    /// Milliseconds that count.
    #[arg(long, default_value = "1000", value_parser = milliseconds)]
    pub(crate) window: Duration,
    /// Milliseconds after which a server that owes something is found to have lost it.
    #[arg(long, default_value = "10000", value_parser = milliseconds)]
    pub(crate) patience: Duration,
}

fn milliseconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_millis)
}

/// Runs a scenario, and returns what was measured.
///
/// # Errors
///
/// Fails if the server does not answer, or wrongly.
pub(crate) fn run(scenario: Scenario, options: &Options) -> anyhow::Result<Value> {
    let server = Process::of(options.pid);
    match scenario {
        _ if options.peer == Peer::GrpcClient && !matches!(scenario, Scenario::Echo) => {
            anyhow::bail!("tonic's own client is for echoes alone")
        }
        Scenario::Echo if options.peer == Peer::GrpcClient => {
            grpc_client::closed(options, &server).map(Measured::json)
        }
        Scenario::Echo => echo::closed(options, &server).map(Measured::json),
        Scenario::Interleaved => echo::interleaved(options, &server).map(Measured::json),
        Scenario::Channels => relay::channels(options, &server).map(Measured::json),
        Scenario::Cluster => relay::cluster(options, &server).map(Measured::json),
        Scenario::Latency => echo::fixed_rate(options, &server),
        Scenario::FanOut => fan_out::run(options, &server).map(Measured::json),
        Scenario::Idle => idle::run(options, &server),
        Scenario::Calls => calls::run(options, &server).map(Measured::json),
    }
}

/// What a window has brought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Answers, deliveries or calls.
    pub(crate) count: u64,
    pub(crate) elapsed: Duration,
    /// The server's time on its core.
    pub(crate) server: Duration,
    /// Ours.
    pub(crate) load: Duration,
    /// That of all other processes, on all cores.
    pub(crate) others: Duration,
}

impl Measured {
    fn json(self) -> Value {
        let seconds = self.elapsed.as_secs_f64();
        json!({
            "count": self.count,
            "seconds": seconds,
            "perCpuSecond": self.count as f64 / self.server.as_secs_f64(),
            "serverShare": self.server.as_secs_f64() / seconds,
            "loadShare": self.load.as_secs_f64() / seconds,
            "othersShare": self.others.as_secs_f64() / seconds,
        })
    }
}
