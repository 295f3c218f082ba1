//! A load with tonic's own client, to see which of the hand-built ones is like it. It costs more than the server does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::uri::PathAndQuery;
use prost::Message;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::Request;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

use super::process::{Process, Window};
use super::websocket::difference;
use super::{Measured, Options};
use crate::payload::{Numbered, Payload, SampleMessage, TextMessage};

/// How often the counts are looked at.
const PULSE: Duration = Duration::from_millis(10);

/// What all connections share with who counts.
#[derive(Default)]
struct Progress {
    answers: AtomicU64,
    is_over: AtomicBool,
}

/// Sends the next message for every answer, on one thread.
pub(crate) fn closed(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match options.payload {
            Payload::Text => measure::<TextMessage>(options, server).await,
            Payload::Sample => measure::<SampleMessage>(options, server).await,
        }
    })
}

async fn measure<M: Numbered>(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let progress = Arc::new(Progress::default());
    let mut connections = JoinSet::new();
    for index in 0..options.connections {
        let channel = Endpoint::from_shared(format!("http://{}", options.address))?.tcp_nodelay(true);
        let channel = channel.connect().await.with_context(|| format!("opening connection {index}"))?;
        let path = PathAndQuery::from_static(options.payload.path());
        let (progress, in_flight) = (progress.clone(), options.in_flight);
        connections.spawn(async move {
            let outcome = converse::<M>(channel, path, index, in_flight, &progress).await;
            outcome.with_context(|| format!("on connection {index}"))
        });
    }
    let mut window = Window::new(server, options.warm_up, options.window);
    let (mut counted, mut last_answer) = (0, Instant::now());
    let mut measured = None;
    // First all that is measured, then what is still missing.
    while !connections.is_empty() {
        tokio::select! {
            Some(ended) = connections.join_next() => {
                ended??;
                ensure!(measured.is_some(), "a connection ended before all was measured");
            }
            () = tokio::time::sleep(PULSE) => {}
        }
        let answers = progress.answers.load(Ordering::Relaxed);
        if answers > counted {
            last_answer = Instant::now();
        } else if last_answer.elapsed() > options.patience {
            bail!("no answer for {:?}, although some are missing", options.patience);
        }
        if measured.is_none() {
            measured = window.count(answers - counted)?;
            progress.is_over.store(measured.is_some(), Ordering::Relaxed);
        }
        counted = answers;
    }
    measured.context("there is no connection")
}

/// One connection with one call: as many messages as may be in flight, then one for each answer.
async fn converse<M: Numbered>(
    channel: Channel,
    path: PathAndQuery,
    connection: usize,
    in_flight: usize,
    progress: &Progress,
) -> anyhow::Result<()> {
    let (sender, receiver) = mpsc::channel(in_flight);
    let message = M::of(connection);
    let mut sent = 0;
    while sent < in_flight as u64 {
        sender.send(message.with(sent)).await?;
        sent += 1;
    }
    let mut client = Grpc::new(channel);
    client.ready().await?;
    let codec = ProstCodec::<M, M>::default();
    let answers = client.streaming(Request::new(elements(receiver)), path, codec).await?;
    let mut answers = answers.into_inner();
    let mut received = 0;
    while received < sent {
        let answer = answers.next().await.context("the server ended the call")??;
        let expected = message.with(received);
        ensure!(answer == expected, "{}", difference(&encoded(&expected), &encoded(&answer)));
        received += 1;
        progress.answers.fetch_add(1, Ordering::Relaxed);
        if !progress.is_over.load(Ordering::Relaxed) {
            sender.send(message.with(sent)).await?;
            sent += 1;
        }
    }
    Ok(())
}

fn elements<M: Send>(receiver: mpsc::Receiver<M>) -> impl Stream<Item = M> + Send {
    stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))
}

fn encoded(message: &impl Message) -> Bytes {
    message.encode_to_vec().into()
}
