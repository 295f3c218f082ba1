//! Where a created project finds Streampod.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Where a created project finds Streampod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Streampod {
    /// In the registry, in this version.
    Version(String),
    /// In a checkout of its repository.
    Checkout(PathBuf),
}

impl Streampod {
    /// What the user gave. `None` is the checkout that this program was built from, if it is still there, or else the
    /// published version of this program.
    pub(crate) fn find(given: Option<&str>) -> anyhow::Result<Self> {
        let Some(given) = given else {
            let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            return match Self::checkout(&checkout) {
                Some(checkout) => Ok(checkout),
                None => Ok(Self::Version(env!("CARGO_PKG_VERSION").into())),
            };
        };
        if given.starts_with(|c: char| c.is_ascii_digit()) && !Path::new(given).exists() {
            return Ok(Self::Version(given.into()));
        }
        if !Path::new(given).is_dir() {
            bail!("--streampod {given}: there is no such folder, and a version would begin with a digit");
        }
        Self::checkout(Path::new(given)).with_context(|| {
            format!("--streampod {given}: that is no checkout of Streampod; it would have a folder crates/streampod")
        })
    }

    /// The dependency on a package as a manifest says it, or `streampod.yaml` with `:` in place of ` =`.
    pub(crate) fn dependency(&self, package: &str, equals: &str) -> String {
        match self {
            Self::Version(version) => format!("version{equals} {version:?}"),
            Self::Checkout(root) => {
                let folder = root.join("crates").join(package.trim_start_matches("streampod-"));
                // Both TOML and YAML would take a backslash for the beginning of something else.
                format!("path{equals} {:?}", folder.to_string_lossy().replace('\\', "/"))
            }
        }
    }

    /// The command that installs this program.
    pub(crate) fn installation(&self) -> String {
        match self {
            Self::Version(version) => format!("cargo install streampod-cli@{version}"),
            Self::Checkout(root) => format!("cargo install --path {:?}", root.join("crates/cli")),
        }
    }

    fn checkout(root: &Path) -> Option<Self> {
        // Without `..`, which would have to be understood by whoever reads the manifest.
        let root = root.canonicalize().ok()?;
        root.join("crates/streampod/Cargo.toml").is_file().then_some(Self::Checkout(root))
    }
}
