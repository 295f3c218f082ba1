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
/// How often messages are due. The load sleeps between two ticks, unless an answer comes: one that never rests is interrupted by
/// whatever else wants its core, and for long.
const TICK: Duration = Duration::from_micros(100);
const SECOND_NANOS: u128 = 1_000_000_000;

fn connect(options: &Options) -> anyhow::Result<Engine> {
    let dialect = |connection| (options.address, options.peer.echo(options.payload, connection));
    Engine::connect(options.patience, (0..options.connections).map(dialect))
}

/// Sends the next message for every answer, so that the server is never without work.
pub(crate) fn closed(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let engine = connect(options)?;
    match options.active {
        Some(active) => in_turn(engine, active, options, server),
        None => all(engine, options, server),
    }
}

/// The same, on many calls of each connection.
pub(crate) fn interleaved(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let dialect =
        |connection| (options.address, options.peer.interleaved(options.payload, connection, options.calls));
    all(Engine::connect(options.patience, (0..options.connections).map(dialect))?, options, server)
}

fn all(mut engine: Engine, options: &Options, server: &Process) -> anyhow::Result<Measured> {
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

/// Only some connections have messages in flight. When one has all its answers, it rests until all others have had their turn.
fn in_turn(
    mut engine: Engine,
    active: usize,
    options: &Options,
    server: &Process,
) -> anyhow::Result<Measured> {
    let mut answered = vec![0; engine.len()];
    let mut next = 0;
    for _ in 0..active {
        engine.send(next % answered.len(), options.in_flight)?;
        next += 1;
    }
    let mut window = Window::new(server, options.warm_up, options.window);
    let measured = loop {
        let mut complete = 0;
        let answers = engine.turn(POLL, |index, answers| {
            answered[index] += answers;
            if answered[index] >= options.in_flight {
                answered[index] -= options.in_flight;
                complete += 1;
            }
            0
        })?;
        if let Some(measured) = window.count(answers)? {
            break measured;
        }
        for _ in 0..complete {
            engine.send(next % answered.len(), options.in_flight)?;
            next += 1;
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
    let mut lateness = latency.clone();
    let mut window = Window::new(server, options.warm_up, options.window);
    let start = Instant::now();
    engine.tick(TICK)?;
    let schedule = Schedule { start, rate: options.rate };
    let mut sent: u64 = 0;
    let measured = loop {
        let due_by_now = schedule.due_by(Instant::now());
        while sent < due_by_now {
            let index = sent as usize % due.len();
            let due_at = schedule.due_at(sent);
            due[index].push_back(due_at);
            if window.is_open() {
                lateness.saturating_record(nanos_since(due_at));
            }
            engine.send(index, 1)?;
            sent += 1;
        }
        let counts = window.is_open();
        let answers = engine.turn(POLL, |index, answers| {
            for due_at in due[index].drain(..answers) {
                if counts {
                    latency.saturating_record(nanos_since(due_at));
                }
            }
            0
        })?;
        if let Some(measured) = window.count(answers)? {
            break measured;
        }
    };
    engine.drain()?;
    let microseconds = |nanos: u64| nanos as f64 / 1000.0;
    let mut json = measured.json();
    json["p50Micros"] = json!(microseconds(latency.value_at_quantile(0.5)));
    json["p99Micros"] = json!(microseconds(latency.value_at_quantile(0.99)));
    json["sentLateP99Micros"] = json!(microseconds(lateness.value_at_quantile(0.99)));
    let in_time = lateness.count_between(0, TICK.as_nanos() as u64);
    json["sentLateShare"] = json!(1.0 - in_time as f64 / lateness.len().max(1) as f64);
    Ok(json)
}

fn nanos_since(instant: Instant) -> u64 {
    Instant::now().saturating_duration_since(instant).as_nanos() as u64
}

/// When messages are due: at ticks.
struct Schedule {
    start: Instant,
    /// Messages per second.
    rate: u64,
}

impl Schedule {
    /// How many messages are due.
    fn due_by(&self, now: Instant) -> u64 {
        let ticks = (now - self.start).as_nanos() / TICK.as_nanos();
        (ticks * TICK.as_nanos() * u128::from(self.rate) / SECOND_NANOS) as u64
    }

    /// When the message with this number, from 0 on, is due: at the first tick that has it.
    fn due_at(&self, number: u64) -> Instant {
        let per_tick = TICK.as_nanos() * u128::from(self.rate);
        let ticks = (u128::from(number + 1) * SECOND_NANOS).div_ceil(per_tick);
        self.start + TICK * ticks as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_due_at_the_tick_that_counts_them() {
        for rate in [1, 999, 10_000, 54_321, 1_000_000] {
            let schedule = Schedule { start: Instant::now(), rate };
            for number in [0, 1, 2, 76, 12_345] {
                let due_at = schedule.due_at(number);
                assert!(schedule.due_by(due_at) > number, "{rate}, {number}");
                assert!(schedule.due_by(due_at - TICK) <= number, "{rate}, {number}");
            }
        }
    }
}
