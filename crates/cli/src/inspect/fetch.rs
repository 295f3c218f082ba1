//! Asking a server for its schema.

use std::time::Duration;

use anyhow::{Context, bail};
use streampod_schema::Schema;

/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest schema that is read.
const SCHEMA_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How a Streampod server refuses to show its schema.
const NOT_EXPOSED: &str = "The schema is not exposed";

/// The schema of the server at `url`.
pub(super) fn schema(url: &str) -> anyhow::Result<Schema> {
    if url.starts_with("https://") {
        bail!("{url}: only http:// is spoken here; ask the server itself, behind the proxy that encrypts");
    }
    if !url.starts_with("http://") {
        bail!("{url}: a URL such as http://localhost:8080 is needed");
    }
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        // Mostly it is a server on this machine.
        .proxy(None)
        .build();
    let place = format!("{}/v1/schema", url.trim_end_matches('/'));
    let answer = config.new_agent().get(&place).call();
    let mut answer = answer
        .with_context(|| format!("cannot reach {url} (does the server run? is this the port of its API?)"))?;
    let body = answer.body_mut().with_config().limit(SCHEMA_MAX_BYTES).read_to_string();
    let body = body.with_context(|| format!("the answer of {url} cannot be read"))?;
    match answer.status().as_u16() {
        200 => serde_json::from_str(&body).with_context(|| {
            format!(
                "what {url} answers is no schema; it is not a Streampod server, or one of another version"
            )
        }),
        404 if body.starts_with(NOT_EXPOSED) => bail!(
            "{url} does not show its schema; set `exposeSchema: true` in its config/<run mode>.yaml, or \
             SERVERPOD_EXPOSE_SCHEMA=true in its environment (in development it is on by default)"
        ),
        status => bail!("{url} answers with status {status}: that is not the API of a Streampod server"),
    }
}
