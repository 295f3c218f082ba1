//! Logging to the console.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Logs to standard error as configured, unless a subscriber is set already. `RUST_LOG` chooses other levels.
pub(crate) fn init(config: &Config) {
    if !config.session_logs.console_enabled {
        return;
    }
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(config.logging.level().as_str()));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Fails if a subscriber is set already, which then is the one that counts.
    let _ = match config.session_logs.console_log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
