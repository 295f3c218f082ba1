//! What the operating system knows of a process.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::Measured;

/// Ticks of `/proc/<pid>/stat` in a second: the same on all machines that Linux runs on.
const TICKS: u64 = 100;

/// A process, by its id.
pub(crate) struct Process(String);

impl Process {
    pub(crate) fn of(pid: u32) -> Self {
        Self(pid.to_string())
    }

    fn own() -> Self {
        Self("self".to_owned())
    }

    /// The time that it has used, its own and the system's.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = self.read("stat")?;
        // The name may hold anything, and stands in parentheses.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }

    /// How many bytes of it are in memory.
    pub(crate) fn resident(&self) -> anyhow::Result<u64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kib.context("no VmRSS: has the server ended?")? * 1024)
    }

    fn read(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.0);
        fs::read_to_string(&path).with_context(|| format!("reading {path}: has the server ended?"))
    }
}

/// Counts in a window of time that follows a warm-up.
pub(crate) struct Window<'a> {
    server: &'a Process,
    opens: Instant,
    length: Duration,
    start: Option<(Instant, Duration, Duration)>,
    count: u64,
}

impl<'a> Window<'a> {
    pub(crate) fn new(server: &'a Process, warm_up: Duration, length: Duration) -> Self {
        Self { server, opens: Instant::now() + warm_up, length, start: None, count: 0 }
    }

    /// Counts what happened since the last time. Returns what was measured when the window is over.
    pub(crate) fn count(&mut self, count: u64) -> anyhow::Result<Option<Measured>> {
        let now = Instant::now();
        let Some((start, server, load)) = self.start else {
            if now >= self.opens {
                self.start = Some((now, self.server.cpu()?, Process::own().cpu()?));
            }
            return Ok(None);
        };
        self.count += count;
        let elapsed = now - start;
        if elapsed < self.length {
            return Ok(None);
        }
        let (server, load) = (self.server.cpu()? - server, Process::own().cpu()? - load);
        Ok(Some(Measured { count: self.count, elapsed, server, load }))
    }

    /// Whether what happens now counts.
    pub(crate) fn is_open(&self) -> bool {
        self.start.is_some()
    }
}
