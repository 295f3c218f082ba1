//! The benchmark: builds it, runs servers and load on a core each, and compares.

mod chart;
mod plan;
mod report;
mod runner;
mod work;

use std::fs;

use anyhow::{Context, ensure};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use xshell::{Shell, cmd};

use crate::install;
use plan::PLAN;
use report::Report;
use runner::{Pace, Runner};

const FOLDER: &str = "bench";
/// The server that is a script.
const NODE: &str = "bench/node";
const RESULTS: &str = "docs/benchmarks.md";
const CHART: &str = "docs/benchmarks.svg";

/// What the command line takes.
pub(crate) fn command() -> Command {
    Command::new("bench")
        .about("Measures Streampod and its peers, and prints each goal beside its figure")
        .arg(
            Arg::new("quick")
                .long("quick")
                .action(ArgAction::SetTrue)
                .help("Three short rounds: a few minutes, and a wide spread"),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("NAME")
                .action(ArgAction::Append)
                .value_parser(PossibleValuesParser::new(PLAN.iter().map(|work| work.name)))
                .help("Measures only this; can be given several times"),
        )
        .arg(
            Arg::new("write")
                .long("write")
                .action(ArgAction::SetTrue)
                .help("Writes the tables into docs/benchmarks.md and a chart beside it, too"),
        )
}

/// Runs it.
pub(crate) fn run(shell: &Shell, arguments: &ArgMatches) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?.get();
    ensure!(cores >= 2, "the server and the load need a core each, and this machine has {cores}");
    let quick = arguments.get_flag("quick");
    let only: Vec<&String> = arguments.get_many("only").unwrap_or_default().collect();
    let pace = if quick { Pace::QUICK } else { Pace::FULL };
    let runner = Runner::new(build(shell)?, pace);
    let mut report = Report::new(shell, &invocation(quick, &only), pace)?;
    for work in PLAN.iter().filter(|work| only.is_empty() || only.iter().any(|name| *name == work.name)) {
        eprintln!("=== {}: {}", work.name, work.title);
        let section = match runner.why_not(work)? {
            Some(reason) => report.missing(work, &reason),
            None => report.section(work, &runner.measure(work)?),
        };
        println!("{section}");
        if arguments.get_flag("write") {
            // After each, so that a run that is interrupted leaves what it has.
            write(shell, &report)?;
        }
    }
    println!("{}", report.goals());
    Ok(())
}

fn write(shell: &Shell, report: &Report) -> anyhow::Result<()> {
    for (path, text) in [(RESULTS, report.text()), (CHART, report.chart())] {
        fs::write(shell.current_dir().join(path), text).with_context(|| format!("writing {path}"))?;
    }
    eprintln!("Written: {RESULTS} and {CHART}");
    Ok(())
}

/// Installs what the benchmark needs beside Rust.
pub(crate) fn prepare(shell: &Shell) -> anyhow::Result<()> {
    install::node(shell)?;
    install::redis(shell)?;
    install::npm_packages(shell, NODE)
}

/// Builds servers and load, one program.
fn build(shell: &Shell) -> anyhow::Result<std::path::PathBuf> {
    prepare(shell)?;
    let _folder = shell.push_dir(FOLDER);
    cmd!(shell, "cargo build --quiet --release --locked").run()?;
    Ok(crate::tidy::metadata(shell)?.target_directory().join("release/bench"))
}

fn invocation(quick: bool, only: &[&String]) -> String {
    let quick = if quick { " --quick" } else { "" };
    let only: String = only.iter().map(|name| format!(" --only {name}")).collect();
    format!("cargo xtask bench{quick}{only}")
}
