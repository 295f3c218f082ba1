//! `streampod.yaml` as it is written.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use streampod_codegen::{dart, rust, typescript};

use super::{Client, Generator, Language, runtime};

/// Reads the text of the file at `path`, whose name and line an error shows.
pub(super) fn parse(path: &Path, text: &str) -> anyhow::Result<Settings> {
    let name = path.display().to_string();
    let render = |error: serde_saphyr::Error| {
        let options = serde_saphyr::render_options! { source_name: Some(name.as_str()) };
        let text = error.render_with_options(options);
        anyhow::Error::msg(text.strip_prefix("error: ").unwrap_or(&text).to_owned())
    };
    serde_saphyr::from_str(text).map_err(render)
}

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Settings {
    /// The Cargo package whose program tells the schema.
    pub(super) server: Option<String>,
    dart: Option<Dart>,
    javascript: Option<Web>,
    rust: Option<Rust>,
    typescript: Option<Web>,
}

/// The client in Dart.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dart {
    output: PathBuf,
    /// The name of the package. The default is that of the output folder.
    package: Option<String>,
    /// The version of `serverpod_client` that the app uses.
    #[serde(default)]
    serverpod: Serverpod,
    /// The modules by their prefix on the wire.
    #[serde(default)]
    modules: BTreeMap<String, DartModule>,
    /// The prefix of the module whose own client this is.
    own_module: Option<String>,
    /// Where custom classes come from: the URI of a library for each.
    #[serde(default)]
    custom_classes: BTreeMap<String, String>,
}

/// A module of the client in Dart.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DartModule {
    package: Option<String>,
    nickname: Option<String>,
}

/// A version of `serverpod_client`.
#[derive(Debug, Default, Deserialize)]
enum Serverpod {
    #[serde(rename = "2.9")]
    V2_9,
    #[default]
    #[serde(rename = "3.4")]
    V3_4,
}

/// The client in TypeScript or JavaScript.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Web {
    output: PathBuf,
    /// Where the runtime is imported from. [`runtime::BESIDE`] has it written there; so it is by default in JavaScript.
    runtime: Option<String>,
    /// Where custom classes are imported from.
    custom_types: Option<String>,
    /// What the paths of imported files end with.
    import_suffix: Option<String>,
}

/// The client in Rust.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rust {
    output: PathBuf,
    /// The name of the package. The default is that of the output folder.
    package: Option<String>,
    /// Where Cargo finds Streampod. The default is the published version that this program has.
    streampod: Option<Dependency>,
    /// The package that has the models. Without one, they are generated.
    models: Option<Models>,
    /// The Rust paths of custom classes.
    #[serde(default)]
    custom_classes: BTreeMap<String, String>,
    /// What else the package depends on, for custom classes.
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
}

/// Where Cargo finds a package: one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dependency {
    version: Option<String>,
    /// The folder of the package.
    path: Option<PathBuf>,
}

/// A package with models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Models {
    package: String,
    version: Option<String>,
    path: Option<PathBuf>,
    /// The Rust path of the models. The default is the root of the package.
    module: Option<String>,
}

impl Settings {
    /// The clients, in the order of their languages' names.
    pub(super) fn clients(self) -> anyhow::Result<Vec<Client>> {
        let dart = self.dart.map(Dart::client);
        let javascript = self.javascript.map(|web| web.client(Language::JavaScript));
        let rust = self.rust.map(Rust::client).transpose()?;
        let typescript = self.typescript.map(|web| web.client(Language::TypeScript));
        Ok([dart, javascript, rust, typescript].into_iter().flatten().collect())
    }
}

impl Dart {
    fn client(self) -> Client {
        let package = self.package.unwrap_or_else(|| folder_name(&self.output));
        let version = match self.serverpod {
            Serverpod::V2_9 => dart::ClientVersion::V2_9,
            Serverpod::V3_4 => dart::ClientVersion::V3_4,
        };
        let mut options = dart::Options::new(package, version);
        options.modules = self.modules.into_iter().map(|(prefix, module)| module.named(prefix)).collect();
        options.own_module = self.own_module;
        options.custom_classes = self.custom_classes;
        Client { language: Language::Dart, output: self.output, generator: Generator::Dart(options) }
    }
}

impl DartModule {
    fn named(self, prefix: String) -> dart::Module {
        let usual = dart::Module::of(prefix);
        dart::Module {
            package: self.package.unwrap_or(usual.package),
            nickname: self.nickname.unwrap_or(usual.nickname),
            prefix: usual.prefix,
        }
    }
}

impl Web {
    fn client(self, language: Language) -> Client {
        let mut usual = typescript::Options::default();
        if language == Language::JavaScript {
            usual.flavour = typescript::Flavour::JavaScript;
            // A browser finds no packages.
            usual.runtime = runtime::BESIDE.into();
        }
        let options = typescript::Options {
            flavour: usual.flavour,
            runtime: self.runtime.unwrap_or(usual.runtime),
            custom_types: self.custom_types.unwrap_or(usual.custom_types),
            import_suffix: self.import_suffix.unwrap_or(usual.import_suffix),
        };
        Client { language, output: self.output, generator: Generator::TypeScript(options) }
    }
}

impl Rust {
    fn client(self) -> anyhow::Result<Client> {
        let output = self.output;
        let streampod = match self.streampod {
            Some(streampod) => streampod.from(&output).context("rust.streampod")?,
            None => rust::Dependency::Version(env!("CARGO_PKG_VERSION").into()),
        };
        let package = self.package.unwrap_or_else(|| folder_name(&output));
        let mut options = rust::Options::new(package, streampod);
        if let Some(models) = self.models {
            let dependency = Dependency { version: models.version, path: models.path };
            options.models = Some(rust::SharedModels {
                dependency: dependency.from(&output).context("rust.models")?,
                path: models.module.unwrap_or_else(|| models.package.replace('-', "_")),
                package: models.package,
            });
        }
        options.custom = self.custom_classes;
        for (name, dependency) in self.dependencies {
            let dependency = dependency.from(&output).with_context(|| format!("rust.dependencies.{name}"))?;
            options.dependencies.insert(name, dependency);
        }
        Ok(Client { language: Language::Rust, output, generator: Generator::Rust(options) })
    }
}

impl Dependency {
    /// As the manifest in the folder `output` says it.
    fn from(self, output: &Path) -> anyhow::Result<rust::Dependency> {
        match (self.version, self.path) {
            (Some(version), None) => Ok(rust::Dependency::Version(version)),
            (None, Some(path)) => Ok(rust::Dependency::Path(path_from(output, &path)?)),
            _ => bail!("either `version:` or `path:` is needed"),
        }
    }
}

/// The path `to` as it is from inside the folder `from`, both of which begin at `streampod.yaml`.
fn path_from(from: &Path, to: &Path) -> anyhow::Result<String> {
    let depth = from.components().filter(|part| matches!(part, Component::Normal(_))).count();
    let path: PathBuf = if to.is_absolute() {
        to.to_owned()
    } else if from.is_absolute() || from.components().any(|part| part == Component::ParentDir) {
        bail!("`path:` has to be absolute, because `output:` is not below streampod.yaml");
    } else {
        std::iter::repeat_n(Path::new(".."), depth).chain([to]).collect()
    };
    Ok(path.to_string_lossy().replace('\\', "/"))
}

/// What a package in this folder is called, unless it is said.
fn folder_name(output: &Path) -> String {
    output.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
