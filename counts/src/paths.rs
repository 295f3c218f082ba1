//! What is counted, by name.

use crate::stack::{Sample, calls, echo, fan_out, http};
use crate::wire::{WRITTEN, read, read_in_turn, write};

/// Something that is done in rounds, each like the other.
pub(crate) trait Path {
    /// Does it this often.
    fn run(&mut self, rounds: usize) -> anyhow::Result<()>;

    /// How often sockets would have been read and written so far.
    fn transfers(&self) -> Transfers {
        Transfers::default()
    }
}

/// How often bytes went in and out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Transfers {
    pub(crate) reads: usize,
    pub(crate) writes: usize,
}

/// A path, and how to begin with it.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    /// How many messages a round has. A figure is per message.
    pub(crate) messages: usize,
    pub(crate) prepare: fn() -> anyhow::Result<Box<dyn Path>>,
}

/// How many connections subscribe to a channel.
const SUBSCRIBERS: usize = 100;

/// All paths. What carries a text carries 200 bytes of it, and so has the model as JSON.
pub(crate) const PATHS: [Named; 14] = [
    // An element that comes in, from its frame's text to the value.
    Named { name: "read-text", messages: 1, prepare: || read::<String>("text") },
    Named { name: "read-sample", messages: 1, prepare: || read::<Sample>("sample") },
    // The same if the element before it was of another stream.
    Named { name: "read-text-in-turn", messages: 2, prepare: || read_in_turn::<String>("text") },
    // An element that goes out, from the value to the bytes of its WebSocket frame.
    Named { name: "write-text", messages: WRITTEN, prepare: || write::<String>("text") },
    Named { name: "write-sample", messages: WRITTEN, prepare: || write::<Sample>("sample") },
    // A method that sends its input back, through the whole server; many elements with one read, or each for itself.
    Named { name: "echo-text", messages: 16, prepare: || echo("text", 16) },
    Named { name: "echo-text-alone", messages: 1, prepare: || echo("text", 1) },
    Named { name: "echo-sample", messages: 16, prepare: || echo("sample", 16) },
    Named { name: "echo-sample-alone", messages: 1, prepare: || echo("sample", 1) },
    // A call of a streaming method that is opened, answers once and ends.
    Named { name: "call", messages: 16, prepare: || calls(16) },
    Named { name: "call-alone", messages: 1, prepare: || calls(1) },
    // What each subscriber costs, of one post and of sixteen.
    Named { name: "fan-out", messages: SUBSCRIBERS, prepare: || fan_out(SUBSCRIBERS, 1) },
    Named { name: "fan-out-burst", messages: 16 * SUBSCRIBERS, prepare: || fan_out(SUBSCRIBERS, 16) },
    // An ordinary call over HTTP.
    Named { name: "http", messages: 1, prepare: http },
];
