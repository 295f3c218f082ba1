//! What CI and the README call: `cargo xtask test`, `cargo xtask check`, `cargo xtask tidy`, `cargo xtask web`,
//! `cargo xtask autobahn`, `cargo xtask bench`, `cargo xtask counts`.

mod autobahn;
mod bench;
mod counts;
mod dart;
mod install;
mod server;
mod test;
mod tidy;

use std::path::Path;

use clap::{Arg, Command, builder::PossibleValuesParser};
use xshell::Shell;

fn main() -> anyhow::Result<()> {
    let suites = PossibleValuesParser::new(test::SUITES);
    let command = Command::new("cargo xtask")
        .about("Builds, checks and tests Streampod")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("test")
                .about("Installs what the tests need (on Debian) and runs all of them, or the named suites")
                .arg(
                    Arg::new("suite")
                        .num_args(0..)
                        .value_parser(suites)
                        .help("Which suites; all if none is named"),
                ),
        )
        .subcommand(Command::new("check").about("Formatting, lints and layers, without a test"))
        .subcommand(Command::new("tidy").about("Checks that every crate depends only on the layers below it"))
        .subcommand(
            Command::new("autobahn")
                .about("Runs the Autobahn test suite, with CPython 2.7, against the server's WebSockets")
                .arg(
                    Arg::new("section")
                        .num_args(0..)
                        .help("Which sections (7) or parts of them (9.1); all if none is named"),
                ),
        )
        .subcommand(
            Command::new("web").about("Builds the web pages of the examples into their folders `dist`"),
        );
    let command = command.subcommand(bench::command()).subcommand(counts::command());
    let matches = command.get_matches();
    let shell = Shell::new()?;
    // The manifest is in a folder of the workspace's root.
    shell.change_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    match matches.subcommand() {
        Some(("test", arguments)) => {
            let suites = arguments.get_many::<String>("suite").unwrap_or_default();
            test::run(&shell, &suites.map(String::as_str).collect::<Vec<_>>())
        }
        Some(("check", _)) => test::check(&shell),
        Some(("autobahn", arguments)) => {
            let sections = arguments.get_many::<String>("section").unwrap_or_default();
            autobahn::run(&shell, &sections.map(String::as_str).collect::<Vec<_>>())
        }
        Some(("bench", arguments)) => bench::run(&shell, arguments),
        Some(("counts", arguments)) => counts::run(&shell, arguments),
        Some(("tidy", _)) => tidy::check(&shell),
        _ => test::build_web(&shell),
    }
}
