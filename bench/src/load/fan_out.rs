//! What one connection publishes, on all others.

use std::time::Duration;

use super::engine::Engine;
use super::process::{Process, Window};
use super::{Measured, Options};

const POLL: Duration = Duration::from_millis(20);

/// Publishes bursts, each when every subscriber has all of the last one.
pub(crate) fn run(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let publisher = options.connections;
    let subscribers = (0..options.connections).map(|connection| options.peer.subscriber(connection));
    let dialects = subscribers.chain(std::iter::once_with(|| options.peer.publisher(publisher)));
    let mut engine = Engine::connect(options.patience, dialects.map(|dialect| (options.address, dialect)))?;
    let mut window = Window::new(server, options.warm_up, options.window);
    loop {
        for index in 0..publisher {
            engine.expect(index, options.in_flight);
        }
        if options.peer.answers_publisher() {
            engine.send(publisher, options.in_flight)?;
        } else {
            engine.publish(publisher, options.in_flight)?;
        }
        let all = (options.connections * options.in_flight) as u64;
        let mut delivered = 0;
        while delivered < all {
            engine.turn(POLL, |index, answers| {
                delivered += if index == publisher { 0 } else { answers as u64 };
                0
            })?;
        }
        if let Some(measured) = window.count(all)? {
            return Ok(measured);
        }
    }
}
