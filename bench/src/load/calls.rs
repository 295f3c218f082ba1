//! Calls that answer once and end.

use std::time::Duration;

use super::engine::Engine;
use super::process::{Process, Window};
use super::{Measured, Options};

const POLL: Duration = Duration::from_millis(20);

/// Opens the next call for every one that ended.
pub(crate) fn run(options: &Options, server: &Process) -> anyhow::Result<Measured> {
    let dialects = (0..options.connections).map(|_| (options.address, options.peer.calls()));
    let mut engine = Engine::connect(options.patience, dialects)?;
    for index in 0..engine.len() {
        engine.send(index, options.in_flight)?;
    }
    let mut window = Window::new(server, options.warm_up, options.window);
    let measured = loop {
        let ended = engine.turn(POLL, |_, ended| ended)?;
        if let Some(measured) = window.count(ended)? {
            break measured;
        }
    };
    engine.drain()?;
    Ok(measured)
}
