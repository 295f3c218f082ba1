//! What is published on some connections, and arrives on others, each from one.

use std::time::Duration;

use anyhow::Context;

use super::engine::Engine;
use super::process::{Process, Window};
use super::{Measured, Options};
use crate::server::EACH;

const POLL: Duration = Duration::from_millis(20);

/// Publishes the next message for every one that arrived, on one of many channels of one server.
pub(crate) fn channels(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let [subscriber, publisher] =
        [options.peer.listener(options.calls), options.peer.spreader(options.calls)];
    let dialects = [(options.address, subscriber), (options.address, publisher)];
    let engine = Engine::connect(options.patience, dialects)?;
    run(engine, 1, 1, options, server)
}

/// Publishes on a server what arrives on another, where every [`EACH`]th message is sent on: counts all of them.
pub(crate) fn cluster(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let publishers = options.publisher.context("a cluster needs --publisher")?;
    let receivers = (0..options.connections).map(|index| (options.address, options.peer.receiver(index)));
    let publishers = (0..options.connections).map(|index| (publishers, options.peer.poster(index)));
    let engine = Engine::connect(options.patience, receivers.chain(publishers))?;
    run(engine, options.connections, EACH, options, server)
}

/// The first `receivers` connections get one answer to `each` messages of as many publishers behind them.
fn run(
    mut engine: Engine,
    receivers: usize,
    each: u64,
    options: &Options,
    server: &Process,
) -> anyhow::Result<Measured> {
    for receiver in 0..receivers {
        engine.expect(receiver, options.in_flight / each as usize);
        engine.publish(receivers + receiver, options.in_flight)?;
    }
    let mut window = Window::new(server, options.warm_up, options.window);
    let mut came = vec![0; receivers];
    let measured = loop {
        let answers = engine.turn(POLL, |index, answers| {
            came[index] += answers;
            0
        })?;
        if let Some(measured) = window.count(answers * each)? {
            break measured;
        }
        for (receiver, came) in came.iter_mut().enumerate().filter(|(_, came)| **came > 0) {
            engine.expect(receiver, *came);
            engine.publish(receivers + receiver, *came * each as usize)?;
            *came = 0;
        }
    };
    engine.drain()?;
    Ok(measured)
}
