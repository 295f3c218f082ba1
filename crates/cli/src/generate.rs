//! `streampod generate`: clients from what the server says of itself.

mod cargo;
mod folder;
mod source;
mod watch;

use std::path::{Path, PathBuf};

use anstyle::Style;
use anyhow::{Context, bail};

use crate::Outcome;
use crate::console::{self, ASIDE, NAME, styled};
use crate::project::{Client, FILE_NAME, Language, Project};
use folder::Change;
pub(crate) use folder::Changes;
pub(crate) use source::SchemaSource;

/// What is asked of `generate`.
#[derive(Debug)]
pub(crate) struct Request {
    /// The path of `streampod.yaml`. `None` is that of the working directory, or the nearest above.
    pub(crate) config: Option<PathBuf>,
    /// Where the schema is from.
    pub(crate) schema: SchemaSource,
    /// Only the clients in these languages. Empty: all.
    pub(crate) languages: Vec<Language>,
    /// What is done with the clients.
    pub(crate) mode: Mode,
}

/// What is done with the clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write them.
    Write,
    /// Compare them with the files that are there.
    Check,
    /// Write them now, and again whenever a source changes.
    Watch,
}

/// Generates clients.
pub(crate) fn run(request: &Request) -> anyhow::Result<Outcome> {
    match request.mode {
        Mode::Write => write(request),
        Mode::Check => check(request),
        Mode::Watch if matches!(request.schema, SchemaSource::StandardInput) => {
            bail!("standard input comes once, so there is nothing to watch; give `--schema` a file")
        }
        Mode::Watch => watch::run(request),
    }
}

fn write(request: &Request) -> anyhow::Result<Outcome> {
    let project = request.project()?;
    let mut is_changed = false;
    for (client, changes) in plan(request, &project)? {
        changes.apply()?;
        for (change, path) in changes.iter() {
            let done = match change {
                Change::Missing | Change::Different => "wrote",
                Change::Surplus => "removed",
            };
            list(ASIDE, done, &client.output.join(path));
            is_changed = true;
        }
    }
    if !is_changed {
        anstream::println!("{}", styled(ASIDE, "all clients were up to date"));
    }
    Ok(Outcome::Done)
}

fn check(request: &Request) -> anyhow::Result<Outcome> {
    let project = request.project()?;
    let mut count = 0;
    for (client, changes) in plan(request, &project)? {
        for (change, path) in changes.iter() {
            let found = match change {
                Change::Missing => "missing",
                Change::Different => "stale",
                Change::Surplus => "surplus",
            };
            list(NAME, found, &client.output.join(path));
            count += 1;
        }
    }
    if count == 0 {
        anstream::println!("{}", styled(ASIDE, "all clients are up to date"));
        return Ok(Outcome::Done);
    }
    let files = if count == 1 { "1 file is".into() } else { format!("{count} files are") };
    console::warning(format!("{files} not as the server's schema has it; run `streampod generate`"));
    Ok(Outcome::NotUpToDate)
}

/// Lists a file.
fn list(style: Style, what: &str, path: &Path) {
    anstream::println!("{} {}", styled(style, format!("{what:>7}")), path.display());
}

impl Request {
    /// The project, with the clients that are asked for.
    fn project(&self) -> anyhow::Result<Project> {
        let mut project = Project::read(&Project::path(self.config.as_deref())?)?;
        if let Some(language) = self.languages.iter().find(|language| !project.has(**language)) {
            bail!(
                "{FILE_NAME} says nothing of a client in `{language}`; add a section `{language}:` with its `output:`"
            );
        }
        if !self.languages.is_empty() {
            project.clients.retain(|client| self.languages.contains(&client.language));
        }
        if project.clients.is_empty() {
            bail!(
                "{FILE_NAME} says nothing of a client; add a section, such as `typescript:` with its `output:`"
            );
        }
        Ok(project)
    }
}

/// What there is to be done to each client. Nothing is written yet: if one cannot be generated, all stay as they are.
fn plan<'a>(request: &Request, project: &'a Project) -> anyhow::Result<Vec<(&'a Client, Changes)>> {
    let schema = request.schema.read(project)?;
    let plan = project.clients.iter().map(|client| {
        let files = client.generate(&schema).map_err(|error| {
            anyhow::anyhow!(
                "the client in `{}` cannot be generated:\n  {}",
                client.language,
                error.problems.join("\n  ")
            )
        })?;
        let folder = project.folder.join(&client.output);
        let changes = Changes::between(folder, files)
            .with_context(|| format!("the client in `{}` cannot be written", client.language))?;
        Ok((client, changes))
    });
    plan.collect()
}
