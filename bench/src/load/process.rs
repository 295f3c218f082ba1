//! What the operating system knows of a process.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::Measured;

/// Ticks of `/proc/stat` and `/proc/<pid>/stat` in a second: the same on all machines that Linux runs on.
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
        // The first is exact, but forgets threads that ended; the second knows them, and is up to two ticks behind.
        Ok(self.threads()?.max(self.ticks()?))
    }

    /// The time of the threads that it has.
    fn threads(&self) -> anyhow::Result<Duration> {
        let folder = format!("/proc/{}/task", self.0);
        let threads =
            fs::read_dir(&folder).with_context(|| format!("reading {folder}: has the server ended?"))?;
        let nanos = threads.filter_map(|thread| {
            let schedule = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            schedule.split_whitespace().next()?.parse::<u64>().ok()
        });
        Ok(Duration::from_nanos(nanos.sum()))
    }

    /// The time in ticks, rounded down.
    fn ticks(&self) -> anyhow::Result<Duration> {
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

    /// The time that all processes have used, on all cores.
    fn all() -> anyhow::Result<Duration> {
        let stat = fs::read_to_string("/proc/stat").context("reading /proc/stat")?;
        let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
        // user, nice, system, idle, iowait, irq, softirq
        let fields: Vec<u64> = fields.take(7).filter_map(|field| field.parse().ok()).collect();
        let ticks: u64 = fields.iter().sum::<u64>() - fields.iter().skip(3).take(2).sum::<u64>();
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
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
    start: Option<Start>,
    count: u64,
}

/// What the clocks showed when the window opened.
struct Start {
    at: Instant,
    server: Duration,
    load: Duration,
    all: Duration,
}

impl<'a> Window<'a> {
    pub(crate) fn new(server: &'a Process, warm_up: Duration, length: Duration) -> Self {
        Self { server, opens: Instant::now() + warm_up, length, start: None, count: 0 }
    }

    /// Counts what happened since the last time. Returns what was measured when the window is over.
    pub(crate) fn count(&mut self, count: u64) -> anyhow::Result<Option<Measured>> {
        let now = Instant::now();
        let Some(Start { at, server, load, all }) = self.start else {
            if now >= self.opens {
                self.start = Some(self.clocks(now)?);
            }
            return Ok(None);
        };
        self.count += count;
        let elapsed = now - at;
        if elapsed < self.length {
            return Ok(None);
        }
        let end = self.clocks(now)?;
        // A thread that ends takes up to two ticks with it.
        let (server, load) = (end.server.saturating_sub(server), end.load.saturating_sub(load));
        let others = (end.all - all).saturating_sub(server + load);
        Ok(Some(Measured { count: self.count, elapsed, server, load, others }))
    }

    fn clocks(&self, at: Instant) -> anyhow::Result<Start> {
        Ok(Start { at, server: self.server.cpu()?, load: Process::own().cpu()?, all: Process::all()? })
    }

    /// Whether what happens now counts.
    pub(crate) fn is_open(&self) -> bool {
        self.start.is_some()
    }
}
