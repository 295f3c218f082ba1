//! Where a configuration is read from.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::Arguments;

/// Where a configuration is read from; the default is the folder `config` and nothing else.
///
/// [`Source::of_process`] adds the environment of the process. Its `Debug` output shows no value of the environment.
#[derive(Clone, PartialEq)]
pub struct Source {
    /// The folder of `<mode>.yaml` and `passwords.yaml`; neither has to exist. Default: `config`, in the working directory.
    pub folder: PathBuf,
    /// Environment variables by name. Default: none.
    pub environment: BTreeMap<OsString, OsString>,
    /// The command line, which wins over files and environment. Default: empty.
    pub arguments: Arguments,
}

impl Source {
    /// The folder `config` of the working directory, the environment of the process and these arguments.
    pub fn of_process(arguments: Arguments) -> Self {
        Self { environment: std::env::vars_os().collect(), arguments, ..Self::default() }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

impl Default for Source {
    fn default() -> Self {
        Self { folder: "config".into(), environment: BTreeMap::new(), arguments: Arguments::default() }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.keys().collect();
        f.debug_struct("Source")
            .field("folder", &self.folder)
            .field("environment", &names)
            .field("arguments", &self.arguments)
            .finish()
    }
}
