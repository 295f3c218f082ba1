//! Tables of what was measured.

use std::fmt::Write;
use std::fs;

use anyhow::Context;
use serde_json::Value;
use xshell::{Shell, cmd};

use super::plan::{Contender, Figure, Goal, Work};
use super::runner::{Pace, Rounds};

/// The crates whose versions a reader wants to know.
const PEERS: [&str; 5] = ["tokio", "tokio-tungstenite", "tonic", "jsonrpsee", "axum"];
/// Above this, the load may be what is measured.
const LOAD_SHARE_MAX: f64 = 0.95;

/// A Markdown page with a section for each work.
pub(crate) struct Report {
    text: String,
}

impl Report {
    /// A page that says how and on what was measured.
    pub(crate) fn new(shell: &Shell, command: &str, pace: Pace) -> anyhow::Result<Self> {
        let lock = fs::read_to_string(shell.current_dir().join("bench/Cargo.lock"))
            .context("reading bench/Cargo.lock")?;
        let versions: Vec<_> = PEERS.iter().map(|name| format!("{name} {}", version(&lock, name))).collect();
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let cpu = cpu.map_or("an unknown processor", |(_, model)| model);
        let cores = std::thread::available_parallelism()?;
        let kernel = cmd!(shell, "uname -sr").quiet().read()?;
        let rustc = cmd!(shell, "rustc --version").quiet().read()?;
        let commit = cmd!(shell, "git rev-parse --short HEAD").quiet().ignore_stderr().read();
        let commit = commit.unwrap_or_else(|_| "unknown".into());
        let Pace { rounds, window, .. } = pace;
        let text = format!(
            "# Benchmarks\n\n\
             Written by `{command} --write`; see [bench](../bench/README.md) for what is measured and how.\n\n\
             {cpu}, {cores} cores, {kernel}. {rustc}; {}. Commit {commit}.\n\
             The server has one core, and the load another. Medians of {rounds} interleaved rounds of {window:?}, and in\n\
             parentheses the lowest and the highest. A ratio is that of the same round.\n",
            versions.join(", ")
        );
        Ok(Self { text })
    }

    /// Adds a section, and returns it.
    pub(crate) fn section(&mut self, work: &Work, measured: &[Rounds]) -> String {
        let section = section(work, measured);
        self.text.push_str(&section);
        section
    }

    /// The whole page.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

fn section(work: &Work, measured: &[Rounds]) -> String {
    let mut out = format!("\n## {}\n\n`cargo xtask bench --only {}`\n\n", work.title, work.name);
    let figures = work.measure.figures();
    let titles: Vec<_> = figures.iter().map(|figure| figure.title()).collect();
    let _ = writeln!(out, "| | {} | server's core | load's core | others |", titles.join(" | "));
    let _ = writeln!(out, "| --- |{} --- | --- | --- |", " --- |".repeat(figures.len()));
    for (Contender { label, .. }, rounds) in work.contenders.iter().zip(measured) {
        let cells: Vec<_> = figures.iter().map(|figure| spread(&values(rounds, figure.key()), 0)).collect();
        let share = |key| Spread::of(&values(rounds, key)).map(|share| share.median);
        let percent =
            |share: Option<f64>| share.map_or("–".into(), |share| format!("{:.0} %", share * 100.0));
        let (server, load, others) = (share("serverShare"), share("loadShare"), share("othersShare"));
        // A load that sends at a fixed rate never rests.
        let mark = match load {
            Some(load) if load > LOAD_SHARE_MAX && figures[0] == Figure::PerCpuSecond => " (!)",
            _ => "",
        };
        let _ = writeln!(
            out,
            "| {label} | {} | {} | {}{mark} | {} |",
            cells.join(" | "),
            percent(server),
            percent(load),
            percent(others)
        );
    }
    out.push_str("\n| goal | found | |\n| --- | --- | --- |\n");
    for goal in work.goals {
        let (text, found, reached) = judge(work, measured, goal);
        let _ =
            writeln!(out, "| {text} | {found} | {} |", if reached { "reached" } else { "**not reached**" });
    }
    out
}

/// A goal in words, what was found, and whether that is enough.
fn judge(work: &Work, measured: &[Rounds], goal: &Goal) -> (String, String, bool) {
    let first = work.measure.figures()[0];
    let (figure, against) = match goal {
        Goal::AtLeast(_, label) => (first, Some(*label)),
        Goal::AtMost(figure, _, label) => (*figure, Some(*label)),
        Goal::Below(_) => (first, None),
    };
    let ours = values(&measured[0], figure.key());
    let found = match work.contenders.iter().position(|contender| Some(contender.label) == against) {
        Some(index) => {
            let theirs = values(&measured[index], figure.key());
            ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect()
        }
        None => ours,
    };
    let median = Spread::of(&found).map_or(f64::NAN, |spread| spread.median);
    match goal {
        Goal::AtLeast(times, label) => (format!("≥ {times} × {label}"), spread(&found, 2), median >= *times),
        Goal::AtMost(figure, times, label) => {
            (format!("{} ≤ {times} × {label}", figure.title()), spread(&found, 2), median <= *times)
        }
        Goal::Below(most) => (format!("≤ {most} {}", figure.title()), spread(&found, 0), median <= *most),
    }
}

fn values(rounds: &Rounds, key: &str) -> Vec<f64> {
    rounds.iter().filter_map(|round: &Value| round[key].as_f64()).collect()
}

struct Spread {
    median: f64,
    lowest: f64,
    highest: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            0 => (sorted.get(middle.checked_sub(1)?)? + sorted[middle]) / 2.0,
            _ => sorted[middle],
        };
        Some(Self { median, lowest: *sorted.first()?, highest: *sorted.last()? })
    }
}

fn spread(values: &[f64], decimals: usize) -> String {
    let Some(Spread { median, lowest, highest }) = Spread::of(values) else { return "–".into() };
    let number = |number: f64| match decimals {
        0 => thousands(number),
        _ => format!("{number:.decimals$}"),
    };
    format!("{} ({} to {})", number(median), number(lowest), number(highest))
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The version of a crate in a lock file.
fn version<'a>(lock: &'a str, name: &str) -> &'a str {
    let package = format!("name = \"{name}\"\nversion = \"");
    let found = lock.split_once(&package).and_then(|(_, rest)| rest.split_once('"'));
    found.map_or("of unknown version", |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_has_its_spread() {
        assert_eq!(spread(&[3.0, 1.0, 2.0], 2), "2.00 (1.00 to 3.00)");
        assert_eq!(spread(&[1_234_567.0, 999.0], 0), "617,783 (999 to 1,234,567)");
        assert_eq!(spread(&[], 2), "–");
    }
}
