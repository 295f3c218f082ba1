//! The hot paths, each as a run of messages whose instructions callgrind counts: `cargo xtask counts`.
//!
//! Without an argument it lists the paths. With the name of one it runs that, and says how many messages were in the part
//! that is counted.
//!
//! What is counted is what a server does for a message in its own process, on one thread: reading and writing frames, the
//! calls, the tasks, and the allocator. Paths through the whole server end in a [pipe] instead of a socket. So system
//! calls are not counted as instructions; how often a socket would have been read and written is said beside them. What the
//! pipe and the client at its other end cost is counted too: some hundred instructions for each read and write, and a copy
//! of the bytes.
//!
//! The figures are to be the same on every machine with the same compiler. Therefore the allocator is not that of the C
//! library. What remains of it copies and compares memory.

mod client;
mod frames;
mod paths;
mod pipe;
mod stack;
mod wire;

use anyhow::Context;

use crate::paths::{PATHS, Path};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// How many messages are counted, about.
const MESSAGES: usize = 4096;

fn main() -> anyhow::Result<()> {
    let Some(name) = std::env::args().nth(1) else {
        for named in PATHS {
            println!("{}", named.name);
        }
        return Ok(());
    };
    let named = PATHS.into_iter().find(|named| named.name == name);
    let named = named.with_context(|| format!("there is no path {name}"))?;
    let mut path = (named.prepare)()?;
    let rounds = MESSAGES.div_ceil(named.messages);
    // Until every buffer has its size.
    path.run(rounds / 4 + 1)?;
    let before = path.transfers();
    counted_part(&mut *path, rounds)?;
    let after = path.transfers();
    let (reads, writes) = (after.reads - before.reads, after.writes - before.writes);
    println!(r#"{{"messages":{},"reads":{reads},"writes":{writes}}}"#, rounds * named.messages);
    Ok(())
}

/// What callgrind counts: it finds this function by its name.
#[inline(never)]
fn counted_part(path: &mut dyn Path, rounds: usize) -> anyhow::Result<()> {
    let result = path.run(rounds);
    // So that the call is not the last thing, which would make a jump of it.
    std::hint::black_box(&result);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_gets_the_right_answers() {
        for named in PATHS {
            let mut path = (named.prepare)().expect(named.name);
            path.run(3).expect(named.name);
        }
    }
}
