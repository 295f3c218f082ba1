//! Logging to the console.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use crate::config::{Config, LogFormat};
use crate::session_log;

/// Logs to standard error as configured, unless a subscriber is set already. `RUST_LOG` chooses other levels.
pub(crate) fn init(config: &Config) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(config))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Fails if a subscriber is set already, which then is the one that counts.
    let _ = match config.session_logs.console_log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

fn filter(config: &Config) -> EnvFilter {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(config.logging.level().as_str()));
    let without_sessions: Option<Directive> = format!("{}=off", session_log::TARGET).parse().ok();
    match without_sessions {
        Some(directive) if !config.session_logs.console_enabled => filter.add_directive(directive),
        _ => filter,
    }
}
