//! What the user sees. Colours are shown only where a terminal shows them, and not if `NO_COLOR` is set.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const PROGRESS: Style = AnsiColor::Green.on_default().bold();
/// What a reader of a list looks for.
pub(crate) const NAME: Style = Style::new().bold();
/// What a reader may skip.
pub(crate) const ASIDE: Style = Style::new().dimmed();

/// Says what a command is about to do, which takes a while: `verb` in colour, then `what`.
pub(crate) fn progress(verb: &str, what: impl Display) {
    anstream::eprintln!("{} {what}", styled(PROGRESS, verb));
}

/// Says what the user has to care for.
pub(crate) fn warning(what: impl Display) {
    anstream::eprintln!("{} {what}", styled(WARNING, "warning:"));
}

/// Says why a command failed.
pub(crate) fn error(error: &anyhow::Error) {
    anstream::eprintln!("{} {error:#}", styled(ERROR, "error:"));
}

/// `text` in a style.
pub(crate) fn styled(style: Style, text: impl Display) -> impl Display {
    format!("{style}{text}{style:#}")
}
