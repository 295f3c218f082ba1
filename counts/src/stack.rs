//! Paths through the whole server, from the bytes that a socket receives to those that it sends.

use std::time::Duration;

use anyhow::{anyhow, ensure};
use streampod::prelude::*;
use streampod::{Config, Handle, RunMode};
use tokio::runtime::{Builder, Runtime};

use crate::client::{Answer, Client};
use crate::frames::{Call, masked, plain, text, wrapped};
use crate::paths::{Path, Transfers};
use crate::pipe::Pipe;

const CHANNEL: &str = "news";
/// The stream parameter of the methods that have one.
pub(crate) const INPUT: &str = "messages";

/// A model like many.
#[derive(Debug, Clone, PartialEq, Model)]
pub(crate) struct Sample {
    id: i64,
    at: UtcDateTime,
    x: f64,
    y: f64,
    name: String,
    tags: Vec<String>,
}

/// The methods that are called.
pub(crate) struct Counted;

#[endpoint]
impl Counted {
    /// Sends every String back.
    fn text(&self, _session: &Session, messages: Input<String>) -> impl Stream<Item = Result<String>> {
        messages
    }

    /// Sends every model back.
    fn sample(&self, _session: &Session, messages: Input<Sample>) -> impl Stream<Item = Result<Sample>> {
        messages
    }

    /// Sends one String back, and ends.
    fn once(&self, _session: &Session, text: String) -> impl Stream<Item = Result<String>> {
        stream! {
            yield Ok(text);
        }
    }

    /// Returns a String, over HTTP.
    async fn same(&self, _session: &Session, text: String) -> Result<String> {
        Ok(text)
    }

    /// Whatever is posted.
    fn subscribe(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        session.messages().stream::<String>(CHANNEL)
    }
}

/// Elements that a method sends back, so many at once.
pub(crate) fn echo(method: &'static str, batch: usize) -> anyhow::Result<Box<dyn Path>> {
    let call = Call::new(method, 1);
    let (request, answer) = (call.element(INPUT, &wrapped(method)), call.answer(&wrapped(method)));
    let exchange = Exchange::begin(
        Some((call.open(Some(INPUT), "{}"), call.opened())),
        masked(&request).repeat(batch),
        Answer::exactly(plain(&answer).repeat(batch)),
    )?;
    Ok(Box::new(exchange))
}

/// Calls that answer once and end, so many at once.
pub(crate) fn calls(batch: usize) -> anyhow::Result<Box<dyn Path>> {
    let calls: Vec<_> = (0..batch).map(|number| Call::new("once", number)).collect();
    let arguments = format!(r#"{{"text":"{}"}}"#, text());
    let requests = calls.iter().flat_map(|call| masked(&call.open(None, &arguments)));
    let answer = |call: &Call| [call.opened(), call.answer(&wrapped("once")), call.done()];
    let answers = calls.iter().flat_map(answer).flat_map(|answer| plain(&answer));
    Ok(Box::new(Exchange::begin(None, requests.collect(), Answer::exactly(answers.collect()))?))
}

/// Ordinary calls over HTTP, one after the other.
pub(crate) fn http() -> anyhow::Result<Box<dyn Path>> {
    let body = format!(r#"{{"method":"same","text":"{}"}}"#, text());
    let request = format!(
        "POST /counted HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let stack = Stack::start()?;
    let client = stack.connect();
    let answer = stack.runtime.block_on(client.ask(request.as_bytes()));
    let body = format!("\"{}\"", text()).into_bytes();
    ensure!(answer.ends_with(&body), "the server answered {}", answer.escape_ascii());
    // The time is in the middle.
    let answer = Answer { start: b"HTTP/1.1 200 OK\r\n".to_vec(), end: body, length: answer.len() };
    Ok(Box::new(Exchange { stack, client, request: request.into_bytes(), answer }))
}

/// So many posts at once, to so many connections that subscribe.
pub(crate) fn fan_out(subscribers: usize, burst: usize) -> anyhow::Result<Box<dyn Path>> {
    let stack = Stack::start()?;
    let call = Call::new("subscribe", 1);
    let clients = stack.runtime.block_on(async {
        let mut clients = Vec::new();
        for _ in 0..subscribers {
            let client = stack.connect();
            client.upgrade().await?;
            client.exchange_text(&call.open(None, "{}"), &call.opened()).await?;
            clients.push(client);
        }
        anyhow::Ok(clients)
    })?;
    let answer = Answer::exactly(plain(&call.answer(&wrapped("subscribe"))).repeat(burst));
    Ok(Box::new(FanOut { stack, clients, burst, text: text(), answer }))
}

/// A server on one thread.
struct Stack {
    runtime: Runtime,
    handle: Handle,
}

impl Stack {
    fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let mut config = Config::for_mode(RunMode::Production);
        // Never while it is counted.
        config.websocket_ping_interval = Duration::from_secs(3600);
        let (_, handle) = Server::new(config).endpoint(Counted).into_router()?;
        Ok(Self { runtime, handle })
    }

    fn connect(&self) -> Client {
        let _runtime = self.runtime.enter();
        let pipe = Pipe::default();
        self.handle.serve(pipe.clone());
        Client::new(pipe)
    }
}

/// Requests that a client sends at once, again when all are answered.
struct Exchange {
    stack: Stack,
    client: Client,
    request: Vec<u8>,
    answer: Answer,
}

impl Exchange {
    /// On a WebSocket; `opening` is what is sent at first, and what answers that.
    fn begin(opening: Option<(String, String)>, request: Vec<u8>, answer: Answer) -> anyhow::Result<Self> {
        let stack = Stack::start()?;
        let client = stack.connect();
        stack.runtime.block_on(async {
            client.upgrade().await?;
            if let Some((open, opened)) = opening {
                client.exchange_text(&open, &opened).await?;
            }
            anyhow::Ok(())
        })?;
        Ok(Self { stack, client, request, answer })
    }
}

impl Path for Exchange {
    fn run(&mut self, rounds: usize) -> anyhow::Result<()> {
        let Self { stack, client, request, answer } = self;
        stack.runtime.block_on(async {
            for _ in 0..rounds {
                client.exchange(request, answer).await?;
            }
            Ok(())
        })
    }

    fn transfers(&self) -> Transfers {
        self.client.transfers()
    }
}

struct FanOut {
    stack: Stack,
    clients: Vec<Client>,
    burst: usize,
    text: String,
    answer: Answer,
}

impl Path for FanOut {
    fn run(&mut self, rounds: usize) -> anyhow::Result<()> {
        let Self { stack, clients, burst, text, answer } = self;
        stack.runtime.block_on(async {
            let session = stack.handle.create_session();
            for _ in 0..rounds {
                for _ in 0..*burst {
                    let posted = session.messages().post(CHANNEL, text.clone()).await;
                    posted.map_err(|error| anyhow!("the post failed: {error:?}"))?;
                }
                // The last one first: when it has everything, the others mostly have, too.
                for client in clients.iter().rev() {
                    client.receive(answer).await?;
                }
            }
            Ok(())
        })
    }

    fn transfers(&self) -> Transfers {
        let each = self.clients.iter().map(Client::transfers);
        each.fold(Transfers::default(), |all, one| Transfers {
            reads: all.reads + one.reads,
            writes: all.writes + one.writes,
        })
    }
}
