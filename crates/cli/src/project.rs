//! `streampod.yaml`: which clients a project has.

mod language;
mod runtime;
mod settings;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use streampod_codegen::{GenerateError, SourceFile, dart, rust, typescript};
use streampod_schema::Schema;

pub(crate) use language::Language;

/// The name of the file.
pub(crate) const FILE_NAME: &str = "streampod.yaml";

/// A project: what `streampod.yaml` says.
#[derive(Debug)]
pub(crate) struct Project {
    /// The folder of `streampod.yaml`. Paths in it begin there.
    pub(crate) folder: PathBuf,
    /// The Cargo package whose program tells the schema.
    pub(crate) server: Option<String>,
    /// The clients to be generated, by language.
    pub(crate) clients: Vec<Client>,
}

/// A client to be generated.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) language: Language,
    /// The folder that it is written to, as `streampod.yaml` names it.
    pub(crate) output: PathBuf,
    generator: Generator,
}

/// What generates a client, with its options.
#[derive(Debug)]
enum Generator {
    Dart(dart::Options),
    Rust(rust::Options),
    TypeScript(typescript::Options),
}

impl Project {
    /// The path of `streampod.yaml`: the given one, or that of the working directory, or of the nearest folder above.
    pub(crate) fn path(given: Option<&Path>) -> anyhow::Result<PathBuf> {
        match given {
            Some(path) => Ok(path.to_owned()),
            None => find_above(&std::env::current_dir().context("the working directory is gone")?),
        }
    }

    /// Reads a `streampod.yaml`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let settings = settings::parse(path, &text)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let project = Self {
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            server: settings.server.clone(),
            clients: settings.clients().with_context(|| path.display().to_string())?,
        };
        project.check(path)?;
        Ok(project)
    }

    /// Whether there is a client in this language.
    pub(crate) fn has(&self, language: Language) -> bool {
        self.clients.iter().any(|client| client.language == language)
    }

    /// Two clients in one folder would remove each other's files.
    fn check(&self, path: &Path) -> anyhow::Result<()> {
        for (index, client) in self.clients.iter().enumerate() {
            if let Some(other) = self.clients[..index].iter().find(|other| other.output == client.output) {
                bail!(
                    "{}: the clients `{}` and `{}` have the same output folder, {}; give each its own",
                    path.display(),
                    other.language,
                    client.language,
                    client.output.display()
                );
            }
        }
        Ok(())
    }
}

impl Client {
    /// The client's files.
    pub(crate) fn generate(&self, schema: &Schema) -> Result<Vec<SourceFile>, GenerateError> {
        match &self.generator {
            Generator::Dart(options) => dart::generate(schema, options),
            Generator::Rust(options) => rust::generate(schema, options),
            Generator::TypeScript(options) => {
                let mut files = typescript::generate(schema, options)?;
                if options.runtime == runtime::BESIDE {
                    files.extend(runtime::files());
                }
                Ok(files)
            }
        }
    }
}

/// The `streampod.yaml` of a folder, or of the nearest above it.
fn find_above(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut candidates = folder.ancestors().map(|folder| folder.join(FILE_NAME));
    candidates.find(|path| path.is_file()).with_context(|| {
        format!(
            "there is no {FILE_NAME} in {} or above; `streampod help generate` shows one",
            folder.display()
        )
    })
}
