//! Tables of what was measured.

use std::fmt::Write;
use std::fs;

use anyhow::Context;
use serde_json::Value;
use xshell::{Shell, cmd};

use super::chart::{self, Bar, Kind, Panel};
use super::runner::{Pace, Priority, Rounds};
use super::work::{Contender, Figure, Goal, Measure, Work};

/// The crates whose versions a reader wants to know.
const PEERS: [&str; 7] =
    ["tokio", "tokio-tungstenite", "tonic", "jsonrpsee", "axum", "socketioxide", "redis"];
/// Above this, the load may be what is measured.
const LOAD_SHARE_MAX: f64 = 0.95;

/// A Markdown page with a section for each work, and a chart.
pub(crate) struct Report {
    head: String,
    /// A line for each goal of all works.
    goals: String,
    sections: String,
    /// What the chart says of itself.
    subtitle: String,
    panels: Vec<Panel>,
}

impl Report {
    /// A page that says how and on what was measured.
    pub(crate) fn new(shell: &Shell, command: &str, pace: Pace) -> anyhow::Result<Self> {
        let lock = fs::read_to_string(shell.current_dir().join("bench/Cargo.lock"))
            .context("reading bench/Cargo.lock")?;
        let mut versions: Vec<_> =
            PEERS.iter().map(|name| format!("{name} {}", version(&lock, name))).collect();
        versions.push(format!("ws {} on Node.js {}", npm_version(shell)?, said(shell, "node --version")));
        versions
            .push(said(shell, "redis-server --version").split(" sha").next().unwrap_or_default().to_owned());
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let cpu = cpu.map_or("an unknown processor", |(_, model)| model);
        let cores = std::thread::available_parallelism()?;
        let (date, kernel) = (said(shell, "date -u +%F"), said(shell, "uname -sr"));
        let (rustc, commit) = (said(shell, "rustc --version"), said(shell, "git rev-parse --short HEAD"));
        let Pace { rounds, window, .. } = pace;
        let priority = match Priority::of(Measure::Latency) {
            Priority::RealTime => "Latency is measured with real-time priority.",
            Priority::Usual => {
                "This machine permits no real-time priority, so latency is also that of others' work."
            }
        };
        let head = format!(
            "# Benchmarks\n\n\
             Written by `{command} --write` on {date}; see [bench](../bench/README.md) for what is measured and how.\n\n\
             - {cpu}, {cores} cores, {kernel}\n\
             - {rustc}; commit {commit}\n\
             - {}\n\n\
             The server has one core, and the load another. Medians of {rounds} interleaved rounds of {window:?}, and in\n\
             parentheses the lowest and the highest. A ratio is that of the same round. {priority}\n\n\
             ![The medians as bars](benchmarks.svg)\n",
            versions.join(", ")
        );
        let subtitle = format!(
            "{cpu}, a core for the server; medians of {rounds} rounds, lines from lowest to highest; {date}"
        );
        Ok(Self { head, goals: String::new(), sections: String::new(), subtitle, panels: Vec::new() })
    }

    /// Says why a work was not measured.
    pub(crate) fn missing(&mut self, work: &Work, reason: &str) -> String {
        let section = format!("\n## {}\n\nNot measured: {reason}\n", work.title);
        self.sections.push_str(&section);
        section
    }

    /// The chart, as SVG.
    pub(crate) fn chart(&self) -> String {
        chart::draw("Streampod and its peers", &self.subtitle, &self.panels)
    }

    /// Adds a section, and returns it.
    pub(crate) fn section(&mut self, work: &Work, measured: &[Rounds]) -> String {
        let section = section(work, measured);
        self.panels.extend(panel(work, measured));
        self.sections.push_str(&section);
        for goal in work.goals {
            let _ = writeln!(self.goals, "| {} {}", work.name, goal_row(work, measured, goal));
        }
        section
    }

    /// A table of all goals.
    pub(crate) fn goals(&self) -> String {
        format!("\n## All goals\n\n| work | goal | found | |\n| --- | --- | --- | --- |\n{}", self.goals)
    }

    /// The whole page.
    pub(crate) fn text(&self) -> String {
        [&*self.head, &self.goals(), &self.sections].concat()
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
    if work.measure == Measure::Latency {
        sent_late(&mut out, work, measured);
    }
    out.push_str("\n| goal | found | |\n| --- | --- | --- |\n");
    for goal in work.goals {
        out.push_str(&goal_row(work, measured, goal));
        out.push('\n');
    }
    out
}

/// A goal, what was found and whether it is reached, as cells of a table.
fn goal_row(work: &Work, measured: &[Rounds], goal: &Goal) -> String {
    let (text, found, reached) = judge(work, measured, goal);
    let reached = match reached {
        Some(true) => "reached",
        Some(false) => "**not reached**",
        None => "to compare with",
    };
    format!("| {text} | {found} | {reached} |")
}

/// What of a latency may be the load's own.
fn sent_late(out: &mut String, work: &Work, measured: &[Rounds]) {
    out.push_str("\nThe load itself was late:\n\n| | sent late, p99, µs | sent more than 100 µs late |\n| --- | --- | --- |\n");
    for (Contender { label, .. }, rounds) in work.contenders.iter().zip(measured) {
        let percent: Vec<_> = values(rounds, "sentLateShare").iter().map(|share| share * 100.0).collect();
        let late = spread(&values(rounds, "sentLateP99Micros"), 0);
        let _ = writeln!(out, "| {label} | {late} | {} % |", spread(&percent, 2));
    }
}

/// What the chart shows of a work.
fn panel(work: &Work, measured: &[Rounds]) -> Option<Panel> {
    let figure = work.measure.figures()[0];
    let ours = values(&measured[0], figure.key());
    let bars = work.contenders.iter().zip(measured).enumerate().filter_map(|(index, (contender, rounds))| {
        let found = values(rounds, figure.key());
        let Spread { median, lowest, highest } = Spread::of(&found)?;
        let ratio = Spread::of(&ratios(&found, &ours))?.median;
        let kind = match contender.server {
            server if server.starts_with("streampod") => Kind::Ours,
            "floor" => Kind::Limit,
            _ => Kind::Peer,
        };
        let ratio = if index == 0 { String::new() } else { format!("{ratio:.2} ×") };
        let (label, value) = (contender.label.to_owned(), short(median));
        Some(Bar { label, kind, median, lowest, highest, value, ratio })
    });
    let better = match work.measure {
        Measure::PerCpuSecond => "longer is better",
        _ => "shorter is better",
    };
    let unit = format!("{}; {better}", figure.unit());
    Some(Panel { title: work.panel?.to_owned(), unit, bars: bars.collect() })
}

fn ratios(numerators: &[f64], denominators: &[f64]) -> Vec<f64> {
    numerators.iter().zip(denominators).map(|(one, other)| one / other).collect()
}

/// A number in a few characters.
fn short(number: f64) -> String {
    match number {
        1e6.. => format!("{:.2} M", number / 1e6),
        1e4.. => format!("{:.0} k", number / 1e3),
        1e3.. => format!("{:.1} k", number / 1e3),
        _ => format!("{number:.0}"),
    }
}

/// What a program says of itself.
fn said(shell: &Shell, command: &str) -> String {
    let said = cmd!(shell, "sh -c {command}").quiet().ignore_stderr().read();
    said.unwrap_or_else(|_| "unknown".into())
}

/// The version of `ws`.
fn npm_version(shell: &Shell) -> anyhow::Result<String> {
    let package = shell.read_file("bench/node/package.json")?;
    let package: Value = serde_json::from_str(&package).context("reading bench/node/package.json")?;
    Ok(package["dependencies"]["ws"].as_str().unwrap_or("of unknown version").to_owned())
}

/// A goal in words, what was found, and whether that is enough, if it is a goal.
fn judge(work: &Work, measured: &[Rounds], goal: &Goal) -> (String, String, Option<bool>) {
    let first = work.measure.figures()[0];
    let found = |figure: Figure, label: &str| {
        let index = work.contenders.iter().position(|contender| contender.label == label);
        index.map(|index| values(&measured[index], figure.key())).unwrap_or_default()
    };
    let against = |figure: Figure, label| ratios(&values(&measured[0], figure.key()), &found(figure, label));
    let median = |values: &[f64]| Spread::of(values).map_or(f64::NAN, |spread| spread.median);
    let growth = |labels: &[&str]| {
        let sizes: Vec<_> = labels.iter().map(|label| found(first, label)).collect();
        let rounds = 0..sizes.iter().map(Vec::len).min().unwrap_or(0);
        rounds
            .map(|round| sizes.iter().map(|size| sizes[0][round] / size[round]).fold(1.0, f64::max))
            .collect()
    };
    let (text, found, decimals, reached) = match goal {
        Goal::AtLeast(times, label) => {
            let found = against(first, label);
            let reached = median(&found) >= *times;
            (format!("≥ {times} × {label}"), found, 2, Some(reached))
        }
        Goal::AtMost(figure, times, label) => {
            let found = against(*figure, label);
            let reached = median(&found) <= *times;
            (format!("{} ≤ {times} × {label}", figure.title()), found, 2, Some(reached))
        }
        Goal::Below(most) => {
            let found = values(&measured[0], first.key());
            let reached = median(&found) <= *most;
            (format!("≤ {most} {}", first.title()), found, 0, Some(reached))
        }
        Goal::Growth(times, labels) => {
            let found: Vec<f64> = growth(labels);
            let reached = median(&found) <= *times;
            (format!("CPU for each ≤ {times} × that with {}", labels[0]), found, 2, Some(reached))
        }
        Goal::Compare(labels) => (format!("the same, {}", labels[0]), growth(labels), 2, None),
    };
    (text, spread(&found, decimals), reached)
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
    use serde_json::json;

    use super::super::plan::PLAN;
    use super::*;

    #[test]
    fn a_median_has_its_spread() {
        assert_eq!(spread(&[3.0, 1.0, 2.0], 2), "2.00 (1.00 to 3.00)");
        assert_eq!(spread(&[1_234_567.0, 999.0], 0), "617,783 (999 to 1,234,567)");
        assert_eq!(spread(&[], 2), "–");
    }

    #[test]
    fn growth_is_the_highest_cost_of_any_size() {
        let work = PLAN.iter().find(|work| work.name == "growth-calls").unwrap();
        let rounds =
            |per_second: [f64; 2]| per_second.map(|number| json!({ "perCpuSecond": number })).to_vec();
        let found = |measured: [[f64; 2]; 4]| {
            let (_, found, reached) = judge(work, &measured.map(rounds), &work.goals[0]);
            (found, reached)
        };
        let steep = found([[20.0, 20.0], [10.0, 8.0], [40.0, 40.0], [16.0, 16.0]]);
        assert_eq!(steep, ("2.25 (2.00 to 2.50)".to_owned(), Some(false)));
        let flat = found([[20.0, 20.0], [16.0, 20.0], [40.0, 40.0], [20.0, 16.0]]);
        assert_eq!(flat, ("1.25 (1.25 to 1.25)".to_owned(), Some(true)));
    }
}
