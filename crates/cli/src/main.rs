//! The command line `streampod`.
//!
//! `commands.rs` is what it understands. Each command is a module whose `run` does it: `create.rs`, `generate.rs`,
//! `inspect.rs`. What a command is asked for goes to standard output, everything else that it says to standard error.

mod commands;
mod console;
mod create;
mod generate;
mod inspect;
mod project;

use std::process::ExitCode;

/// How a command ended.
enum Outcome {
    /// It did what it was asked for.
    Done,
    /// `generate --check` found that clients are not what they should be.
    NotUpToDate,
}

fn main() -> ExitCode {
    match commands::run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotUpToDate) => ExitCode::from(1),
        Err(error) => {
            console::error(&error);
            ExitCode::from(2)
        }
    }
}
