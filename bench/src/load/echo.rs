//! Messages that come back.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::Context;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::engine::Engine;
use super::process::{Process, Window};
use super::{Measured, Options};

const POLL: Duration = Duration::from_millis(20);
/// The longest latency that is told apart from longer ones.
const LATENCY_MAX_NANOS: u64 = 60_000_000_000;

fn connect(options: &Options) -> anyhow::Result<Engine> {
    let dialects = (0..options.connections).map(|connection| options.peer.echo(options.payload, connection));
    Engine::connect(options.address, options.patience, dialects)
}

/// Sends the next message for every answer, so that the server is never without work.
pub(crate) fn closed(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let mut engine = connect(options)?;
    for index in 0..engine.len() {
        engine.send(index, options.in_flight)?;
    }
    let mut window = Window::new(server, options.warm_up, options.window);
    let measured = loop {
        let answers = engine.turn(POLL, |_, answers| answers)?;
        if let Some(measured) = window.count(answers)? {
            break measured;
        }
    };
    engine.drain()?;
    Ok(measured)
}

/// Sends at a fixed rate, one connection after the other. A message's latency begins when it was due, not when it was sent: a
/// server, or a load, that falls behind makes all messages late that were due meanwhile.
pub(crate) fn fixed_rate(options: &Options, server: &Process) -> anyhow::Result<Value> {
    let mut engine = connect(options)?;
    let mut due: Vec<VecDeque<Instant>> = vec![VecDeque::new(); engine.len()];
    let mut latency = Histogram::<u64>::new_with_max(LATENCY_MAX_NANOS, 3).context("a histogram")?;
    let mut window = Window::new(server, options.warm_up, options.window);
    let start = Instant::now();
    let mut sent: u64 = 0;
    let mut latest_send = Duration::ZERO;
    let measured = loop {
        let now = Instant::now();
        let reached = (now - start).as_nanos() * u128::from(options.rate) / 1_000_000_000;
        while u128::from(sent) < reached {
            let index = sent as usize % due.len();
            let due_at = start
                + Duration::from_nanos(
                    (u128::from(sent + 1) * 1_000_000_000 / u128::from(options.rate)) as u64,
                );
            due[index].push_back(due_at);
            if window.is_open() {
                latest_send = latest_send.max(now - due_at.min(now));
            }
            engine.send(index, 1)?;
            sent += 1;
        }
        let counts = window.is_open();
        // Without waiting: the load has its core for itself, and a timer would be late by more than a server.
        let answers = engine.turn(Duration::ZERO, |index, answers| {
            let now = Instant::now();
            for due_at in due[index].drain(..answers) {
                if counts {
                    latency.saturating_record((now - due_at.min(now)).as_nanos() as u64);
                }
            }
            0
        })?;
        if let Some(measured) = window.count(answers)? {
            break measured;
        }
    };
    engine.drain()?;
    let microseconds = |quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    let mut json = measured.json();
    json["p50Micros"] = json!(microseconds(0.5));
    json["p99Micros"] = json!(microseconds(0.99));
    json["latestSendMicros"] = json!(latest_send.as_secs_f64() * 1e6);
    Ok(json)
}
