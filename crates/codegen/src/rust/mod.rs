//! The client in Rust: a crate over `streampod-client`.
//!
//! The generated code is thin: a struct for each endpoint, whose methods name what is called and with which types. Everything
//! else is the runtime's. `lib.rs` says what the crate is, `client.rs` has the `Client`, `endpoints/` a file for each endpoint,
//! and `models.rs` the models, unless they are those of another crate, such as the server's own.
//!
//! How a method looks:
//!
//! - what is sent whole is borrowed (`&str`, `&[T]`, `&Gadget`), or passed as it is where it is small;
//! - a dynamic argument is `impl Into<Value>`;
//! - a stream parameter is `impl Input<T>`: any stream of `T`, or of results of it;
//! - a parameter that may be left out is an `Option`. Those that clients pass by name are together in a struct
//!   `<Method>Options` with a `Default`, so that a server can get more of them without breaking its callers;
//! - what comes back is a `Call<T>`, a future, or a `CallStream<T>`. Neither borrows anything.

mod client;
mod endpoint;
mod layout;
mod method;
mod package;
mod types;

use std::collections::BTreeMap;

use streampod_schema::{Endpoint, Schema};

use crate::models::names::Names;
use crate::models::{self, names};
use crate::{GenerateError, SourceFile};

/// How a client in Rust looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name of the package: `shop-client`.
    pub package: String,
    /// Where Cargo finds `streampod`.
    pub streampod: Dependency,
    /// The crate that has the models, such as one that the server uses too. `None`: they are generated.
    pub models: Option<SharedModels>,
    /// The Rust paths of classes that are not generated, by wire name: `Money` → `my_money::Money`. The schema calls them
    /// custom.
    pub custom: BTreeMap<String, String>,
    /// What else the package depends on, by name: the crates of custom classes.
    pub dependencies: BTreeMap<String, Dependency>,
}

impl Options {
    /// A package of this name with models of its own.
    pub fn new(package: impl Into<String>, streampod: Dependency) -> Self {
        Self {
            package: package.into(),
            streampod,
            models: None,
            custom: BTreeMap::new(),
            dependencies: BTreeMap::new(),
        }
    }
}

/// Where Cargo finds a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependency {
    /// In the registry, in this version.
    Version(String),
    /// In a folder, by its path from that of the client.
    Path(String),
}

/// Models that the client does not generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedModels {
    /// The name of the package: `my-models`.
    pub package: String,
    /// Where Cargo finds it.
    pub dependency: Dependency,
    /// The Rust path of the module with the models: `my_models`, or `my_server::models`. The models of a module of Serverpod are
    /// in a Rust module of its name therein.
    pub path: String,
}

/// Generates a client of the server that reports `schema`, formatted as rustfmt leaves it.
///
/// # Errors
///
/// Fails if Rust has no words for something, such as two methods that would get the same name; the error lists everything
/// of that kind.
pub fn generate(schema: &Schema, options: &Options) -> Result<Vec<SourceFile>, GenerateError> {
    let mut problems = schema.contradictions();
    if !problems.is_empty() {
        return Err(GenerateError { problems });
    }
    let modules = modules(schema);
    check_names(&modules, &mut problems);
    let mut files = vec![
        package::manifest(options),
        package::root(options),
        client::render(schema, &modules, options),
        endpoint::list("src/endpoints.rs", &modules),
    ];
    for (module, endpoints) in &modules {
        if !module.is_empty() {
            files.push(endpoint::module(module, endpoints));
        }
        files.extend(
            endpoints.iter().map(|endpoint| endpoint::render(endpoint, schema, options, &mut problems)),
        );
    }
    if options.models.is_none() {
        let model_options = models::Options { custom: options.custom.clone(), ..models::Options::default() };
        match models::render(schema, &model_options) {
            Ok(text) => files.push(package::file("src/models.rs", text)),
            Err(error) => problems.extend(error.problems),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(GenerateError { problems }) }
}

/// The endpoints by the module of Serverpod that they belong to; the server's own by an empty name.
type Modules<'a> = BTreeMap<&'a str, Vec<&'a Endpoint>>;

fn modules(schema: &Schema) -> Modules<'_> {
    let mut modules: Modules<'_> = BTreeMap::new();
    for endpoint in &schema.endpoints {
        modules.entry(names::module(&endpoint.name)).or_default().push(endpoint);
    }
    modules
}

/// Reports endpoints that would get the same name.
fn check_names(modules: &Modules<'_>, problems: &mut Vec<String>) {
    for (module, endpoints) in modules {
        let mut names = Names::default();
        if module.is_empty() {
            names.add("runtime", "the runtime of the client");
            for module in modules.keys().filter(|module| !module.is_empty()) {
                names.add(&names::field(module).ident, &format!("the module `{module}`"));
            }
        }
        for endpoint in endpoints {
            let name = names::field(names::base(&endpoint.name)).ident;
            names.add(&name, &format!("the endpoint `{}`", endpoint.name));
        }
        problems.append(&mut names.problems);
    }
}
