//! Instruction counts of the hot paths, held against their budgets.

mod budgets;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::{install, tidy};
use budgets::Budgets;

/// The program that has the paths.
const PACKAGE: &str = "counts";
/// The function of which callgrind counts the instructions, with all that it calls.
const COUNTED: &str = "*counted_part*";

/// What a message costs.
#[derive(Debug, Clone, Copy)]
struct Count {
    instructions: f64,
    /// How often a socket is read for it.
    reads: f64,
    /// How often a socket is written for it.
    writes: f64,
}

/// What the command line takes.
pub(crate) fn command() -> Command {
    Command::new("counts")
        .about(
            "Counts the instructions of the hot paths, with callgrind, and compares them with their budgets",
        )
        .arg(Arg::new("path").num_args(0..).help("Which paths; all if none is named"))
        .arg(
            Arg::new("write")
                .long("write")
                .action(ArgAction::SetTrue)
                .help("Makes what is counted the budgets, in counts/budgets.json"),
        )
}

/// Does what the command line says.
pub(crate) fn run(shell: &Shell, arguments: &ArgMatches) -> anyhow::Result<()> {
    let only: Vec<&str> =
        arguments.get_many::<String>("path").unwrap_or_default().map(String::as_str).collect();
    check(shell, &only, arguments.get_flag("write"))
}

/// Counts these paths, or all if there are none, and compares them with their budgets, or makes them the budgets.
pub(crate) fn check(shell: &Shell, only: &[&str], write: bool) -> anyhow::Result<()> {
    install::valgrind(shell)?;
    // What is built incrementally is optimized less, or otherwise.
    cmd!(shell, "cargo build --quiet --release --package {PACKAGE}").env("CARGO_INCREMENTAL", "0").run()?;
    let target = tidy::metadata(shell)?.target_directory();
    let program = target.join("release").join(PACKAGE);
    let profiles = target.join(PACKAGE);
    fs::create_dir_all(&profiles)?;

    let known = cmd!(shell, "{program}").quiet().read()?;
    let known: Vec<_> = known.lines().collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(name)) {
        bail!("there is no path {unknown}; there are {}", known.join(", "));
    }
    let budgets = Budgets::read(shell)?;
    println!(
        "{:<20} {:>12} {:>12} {:>8} {:>8} {:>8}",
        "per message", "instructions", "budget", "", "reads", "writes"
    );
    let (mut counts, mut problems) = (BTreeMap::new(), Vec::new());
    for name in known.into_iter().filter(|name| only.is_empty() || only.contains(name)) {
        let profile = profiles.join(format!("{name}.callgrind"));
        let count = count(shell, &program, name, &profile).with_context(|| format!("counting {name}"))?;
        let Count { instructions, reads, writes } = count;
        let (budget, change) = match budgets.get(name) {
            Some(budget) => (
                format!("{:.0}", budget.instructions),
                format!("{:+.1} %", (instructions / budget.instructions - 1.0) * 100.0),
            ),
            None => Default::default(),
        };
        println!("{name:<20} {instructions:>12.0} {budget:>12} {change:>8} {reads:>8.3} {writes:>8.3}");
        problems.extend(budgets.problems(name, count));
        counts.insert(name.to_owned(), count);
    }
    println!("By function: callgrind_annotate {}", profiles.join("PATH.callgrind").display());
    if write {
        return budgets.write(shell, counts);
    }
    if let Some(caution) = budgets.caution() {
        println!("{caution}");
    }
    ensure!(
        problems.is_empty(),
        "the hot paths do not cost what they are to cost:\n  {}\n\
         If that is meant, `cargo xtask counts --write` makes it their budget; say why in the commit.",
        problems.join("\n  ")
    );
    Ok(())
}

/// Runs the program under callgrind.
fn count(shell: &Shell, program: &Path, name: &str, profile: &Path) -> anyhow::Result<Count> {
    let said = cmd!(
        shell,
        "valgrind --quiet --tool=callgrind --toggle-collect={COUNTED} --callgrind-out-file={profile} {program} {name}"
    );
    let said: Value = serde_json::from_str(&said.quiet().read()?)?;
    let number = |key: &str| said[key].as_f64().with_context(|| format!("no {key} in {said}"));
    let messages = number("messages")?;
    let profile = shell.read_file(profile)?;
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    let total: f64 = total.context("callgrind gives no total")?.trim().parse()?;
    ensure!(total > 0.0, "callgrind found no function {COUNTED} in {}", program.display());
    Ok(Count {
        instructions: total / messages,
        reads: number("reads")? / messages,
        writes: number("writes")? / messages,
    })
}
