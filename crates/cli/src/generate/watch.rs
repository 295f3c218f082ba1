//! `--watch`: clients that follow their sources.

mod sources;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::Context;
use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, Watcher};

use super::Request;
use crate::Outcome;
use crate::console::{self, ASIDE, styled};
use sources::Sources;

/// How long it must be quiet after a change: an editor writes in several steps, and Git many files.
const QUIET: Duration = Duration::from_millis(100);

/// What is waited for.
enum Event {
    /// Something happened in a folder that is watched.
    Change(notify::Result<notify::Event>),
    /// The user has had enough.
    Stop,
}

/// Generates clients, and again whenever a source changes, until Ctrl-C or SIGTERM. A failure, such as an error of the
/// compiler, is told and ends nothing.
pub(super) fn run(request: &Request) -> anyhow::Result<Outcome> {
    let (sender, events) = channel();
    let stop = sender.clone();
    ctrlc::set_handler(move || {
        let _ = stop.send(Event::Stop);
    })
    .context("Ctrl-C cannot be caught")?;
    let mut watcher = watcher(sender)?;
    let mut sources = Sources::default();
    loop {
        // Before anything is read, so that no change falls between the two; and each time, because a project grows.
        sources.update(request);
        for (folder, mode) in sources.folders() {
            // A folder that has just gone is no source any more.
            let _ = watcher.watch(&folder, mode);
        }
        if let Err(error) = super::write(request) {
            console::error(&error);
        }
        anstream::println!("{}", styled(ASIDE, "waiting for changes; Ctrl-C ends it"));
        if !wait_for_change(&events, &sources) {
            return Ok(Outcome::Done);
        }
    }
}

fn watcher(events: Sender<Event>) -> anyhow::Result<RecommendedWatcher> {
    let send = move |event| {
        let _ = events.send(Event::Change(event));
    };
    notify::recommended_watcher(send).context("files cannot be watched")
}

/// Waits until a source has changed and then nothing for a moment. `false` if the user wants to stop.
fn wait_for_change(events: &Receiver<Event>, sources: &Sources) -> bool {
    let mut is_changed = false;
    loop {
        let event = if is_changed {
            events.recv_timeout(QUIET)
        } else {
            events.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match event {
            Ok(Event::Change(event)) => is_changed |= concerns(&event, sources),
            Err(RecvTimeoutError::Timeout) => return true,
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Whether it means that a source has another content now.
fn concerns(event: &notify::Result<notify::Event>, sources: &Sources) -> bool {
    // What the system lost may have been a change.
    let Ok(event) = event else { return true };
    let is_change = match event.kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    };
    event.need_rescan() || (is_change && event.paths.iter().any(|path| sources.contains(path)))
}
