//! How many messages one subscriber receives a second, and what that costs: through the broker, and through the client library
//! alone, in turn.
//!
//! ```text
//! cargo run --release -p streampod-events-redis --example throughput -- <port of a Redis> [<messages> [<rounds>]]
//! ```
//!
//! Each round runs in a process of its own, which receives; this process sends.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, Value};
use streampod_events::{Broker, SubscribeOptions};
use streampod_events_redis::{RedisBroker, RedisSettings};
use streampod_wire::Catalog;
use tokio::sync::mpsc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CHANNEL: &str = "throughput";

/// How many messages are sent with one write.
const BATCH: usize = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let port = arguments.first().ok_or("which port does Redis have?")?.parse()?;
    let messages = arguments.get(1).map_or(Ok(500_000), |number| number.parse())?;
    match arguments.get(2).map(String::as_str) {
        Some("broker") => through_the_broker(port, messages).await,
        Some("library") => through_the_library(port, messages).await,
        rounds => {
            for round in 1..=rounds.map_or(Ok(5), str::parse)? {
                for receiver in ["library", "broker"] {
                    eprint!("round {round}, {receiver}: ");
                    send_to(receiver, port, messages).await?;
                }
            }
            Ok(())
        }
    }
}

/// Starts a process that receives, sends to it, and prints what it prints.
async fn send_to(receiver: &str, port: u16, messages: usize) -> Result<()> {
    let mut process = Command::new(env::current_exe()?)
        .args([&port.to_string(), &messages.to_string(), receiver])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
    let _ready = lines.next().ok_or("it ended")??;
    let mut connection = client(port)?.get_multiplexed_async_connection().await?;
    let text = format!(r#"{{"className":"String","data":"{}"}}"#, "x".repeat(200));
    let mut batch = redis::pipe();
    for _ in 0..BATCH {
        batch.publish(CHANNEL, &text).ignore();
    }
    for _ in 0..messages / BATCH {
        let () = batch.query_async(&mut connection).await?;
    }
    eprintln!("{}", lines.next().ok_or("it ended")??);
    process.wait()?;
    Ok(())
}

async fn through_the_broker(port: u16, messages: usize) -> Result<()> {
    let settings = RedisSettings { host: "127.0.0.1".to_owned(), port, ..RedisSettings::default() };
    let broker = RedisBroker::connect(settings, Arc::new(Catalog::new()));
    let options = SubscribeOptions { bound: 10_000, ..SubscribeOptions::default() };
    let mut subscription = broker.channels().subscribe::<String>(CHANNEL, options);
    subscription.ready().await;
    println!("ready");
    let mut measured = Measured::default();
    for _ in 0..messages {
        let text = subscription.next().await.ok_or("the end")??;
        measured.received(text.len());
    }
    measured.print()
}

async fn through_the_library(port: u16, messages: usize) -> Result<()> {
    let (sender, mut receiver) = mpsc::unbounded_channel::<PushInfo>();
    let config = AsyncConnectionConfig::new().set_push_sender(sender);
    let mut connection = client(port)?.get_multiplexed_async_connection_with_config(&config).await?;
    connection.subscribe(CHANNEL).await?;
    println!("ready");
    let mut measured = Measured::default();
    while measured.messages < messages {
        let PushInfo { kind, data } = receiver.recv().await.ok_or("the end")?;
        if let (PushKind::Message, Some(Value::BulkString(text))) = (kind, data.get(1)) {
            measured.received(text.len());
        }
    }
    measured.print()
}

fn client(port: u16) -> Result<Client> {
    let info: redis::ConnectionInfo = redis::IntoConnectionInfo::into_connection_info(("127.0.0.1", port))?;
    let login = redis::RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
    Ok(Client::open(info.set_redis_settings(login))?)
}

#[derive(Default)]
struct Measured {
    messages: usize,
    bytes: usize,
    started: Option<Instant>,
}

impl Measured {
    fn received(&mut self, bytes: usize) {
        self.started.get_or_insert_with(Instant::now);
        self.messages += 1;
        self.bytes += bytes;
    }

    fn print(&self) -> Result<()> {
        let seconds = self.started.ok_or("nothing came")?.elapsed().as_secs_f64();
        let millions = self.messages as f64 / 1e6;
        let rate = self.messages as f64 / seconds;
        println!("{rate:.0} messages/s, {:.2} CPU s per million", cpu_seconds()? / millions);
        Ok(())
    }
}

/// What this process has used so far; on Linux.
fn cpu_seconds() -> Result<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| {
        fields.get(index).ok_or("too few fields")?.parse::<f64>().map_err(Box::<dyn Error>::from)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}
