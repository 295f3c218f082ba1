//! The client in TypeScript, over the runtime `@streampod/client`; or the same in JavaScript, with its types in comments.
//!
//! | file | holds |
//! | --- | --- |
//! | `index.ts` | all of it, to import from |
//! | `client.ts` | `Client`, with an endpoint as each property |
//! | `endpoints.ts` | a class for each endpoint |
//! | `models.ts` | classes, exceptions and enums |
//! | `modules/<module>.ts` | models and endpoints of a module, which `index.ts` exports as a namespace |
//!
//! A name that JavaScript or the client itself needs gets an underscore: a field `constructor_`, a model `Client_`. On the
//! wire it stays what it is.

mod client;
mod comment;
mod endpoints;
mod file;
mod layout;
mod literal;
mod models;
mod names;
mod project;
mod signature;

use streampod_schema::Schema;

use crate::{GenerateError, SourceFile};

use self::project::Project;

/// How a client is written.
#[derive(Debug, Clone)]
pub struct Options {
    /// TypeScript by default.
    pub flavour: Flavour,
    /// Where the runtime is imported from, as seen from the output folder. `@streampod/client` by default.
    pub runtime: String,
    /// Where custom classes are imported from, as seen from the output folder: a module of the user's own that exports a
    /// `Type` under the name of each. `../custom.js` by default; no matter if the schema has none.
    pub custom_types: String,
    /// What the paths of imported files end with. `.js` by default, also in TypeScript.
    pub import_suffix: String,
}

/// The language of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// TypeScript.
    TypeScript,
    /// Modules that browsers run as they are, with their types in comments.
    JavaScript,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            flavour: Flavour::TypeScript,
            runtime: "@streampod/client".into(),
            custom_types: "../custom.js".into(),
            import_suffix: ".js".into(),
        }
    }
}

/// Writes the client of a server.
///
/// # Errors
///
/// Fails if models contradict each other, such as a class that extends itself, if two things would get the same name, or if
/// files would have to import each other.
pub fn generate(schema: &Schema, options: &Options) -> Result<Vec<SourceFile>, GenerateError> {
    let project = Project::new(schema, options)?;
    let mut files = vec![client::index(&project), client::client(&project), models::main(&project)];
    if project.endpoints(None).next().is_some() {
        files.push(endpoints::main(&project));
    }
    files.extend(project.modules().map(|module| models::module(&project, module)));
    Ok(files)
}
