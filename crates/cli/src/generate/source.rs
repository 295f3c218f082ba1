//! Where the schema is from.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use streampod_schema::Schema;

use super::cargo;
use crate::console;
use crate::project::{FILE_NAME, Project};

/// Where the schema is from.
#[derive(Debug)]
pub(crate) enum SchemaSource {
    /// The project's server: it is built and asked.
    Server,
    /// A file that holds what a server said.
    File(PathBuf),
    /// Standard input.
    StandardInput,
}

impl SchemaSource {
    /// Gets the schema.
    pub(crate) fn read(&self, project: &Project) -> anyhow::Result<Schema> {
        let (json, origin) = match self {
            Self::Server => {
                let package = project.server.as_deref().with_context(|| {
                    format!("{FILE_NAME} does not say which server to ask; add `server:` with the name of its Cargo package")
                })?;
                (ask(package, &project.folder)?, format!("what `{package} --print-schema` printed"))
            }
            Self::File(path) => {
                let json = std::fs::read_to_string(path);
                (
                    json.with_context(|| format!("{} cannot be read", path.display()))?,
                    path.display().to_string(),
                )
            }
            Self::StandardInput => {
                let mut json = String::new();
                std::io::stdin().read_to_string(&mut json).context("standard input cannot be read")?;
                (json, "what came in".into())
            }
        };
        let schema: Schema =
            serde_json::from_str(&json).with_context(|| format!("{origin} is not a schema"))?;
        let schema = schema.for_clients();
        let contradictions = schema.contradictions();
        if !contradictions.is_empty() {
            bail!("{origin} contradicts itself:\n  {}", contradictions.join("\n  "));
        }
        Ok(schema)
    }
}

/// Builds the server and has it print its schema. What Cargo says, such as an error of the compiler, is shown as it comes.
fn ask(package: &str, folder: &Path) -> anyhow::Result<String> {
    console::progress("asking", format!("{package} for its schema"));
    let mut command = cargo::command(folder);
    command.arg("run");
    // On a terminal Cargo shows how far it is; elsewhere that is noise.
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let output = command
        .args(["--package", package, "--", "--print-schema"])
        .stderr(Stdio::inherit())
        .output()
        .context("Cargo cannot be run; is Rust installed?")?;
    if !output.status.success() {
        bail!("{package} could not be built, or did not say its schema");
    }
    String::from_utf8(output.stdout).context("the schema is not UTF-8 text")
}
