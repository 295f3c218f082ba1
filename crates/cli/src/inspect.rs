//! `streampod inspect`: what a running server offers.

mod describe;
mod fetch;

use std::fmt::Write;

use anyhow::Context;

use crate::Outcome;
use crate::console::{NAME, styled};

/// What is asked of `inspect`.
#[derive(Debug)]
pub(crate) struct Request {
    /// Where the server's API is.
    pub(crate) url: String,
    /// What is shown of it.
    pub(crate) form: Form,
}

/// What is shown of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Its endpoints.
    Endpoints,
    /// Its endpoints and models.
    WithModels,
    /// The schema as JSON, from which clients can be generated.
    Json,
}

/// Shows what a server offers.
pub(crate) fn run(request: &Request) -> anyhow::Result<Outcome> {
    let schema = fetch::schema(&request.url)?;
    if request.form == Form::Json {
        let json = serde_json::to_string_pretty(&schema).context("the schema has no JSON")?;
        anstream::println!("{json}");
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    for endpoint in &schema.endpoints {
        describe::endpoint(&mut text, endpoint);
    }
    if request.form == Form::WithModels {
        for model in &schema.models {
            describe::model(&mut text, model);
        }
    }
    let methods = schema.endpoints.iter().map(|endpoint| endpoint.methods.len()).sum();
    let counts = [
        count(schema.endpoints.len(), "endpoint"),
        count(methods, "method"),
        count(schema.models.len(), "model"),
    ];
    let _ = write!(text, "{}", styled(NAME, counts.join(", ")));
    anstream::println!("{text}");
    Ok(Outcome::Done)
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
