//! The client itself.

use streampod_schema::{Model, Schema};

use super::{Modules, Options, endpoint, layout, package};
use crate::SourceFile;
use crate::models::{deprecated, names};
use crate::source::Source;

/// The file with the client.
pub(super) fn render(schema: &Schema, modules: &Modules<'_>, options: &Options) -> SourceFile {
    let fields = fields(modules);
    let mut source = Source::new("    ");
    source.line("use streampod::client::{self, ClientOptions, SetupError};");
    if options.models.is_some() {
        source.line("use streampod::wire::Catalog;");
    }
    source.blank();
    match (fields.is_empty(), options.models.is_some()) {
        (false, false) => source.line("use crate::{endpoints, models};"),
        (false, true) => source.line("use crate::endpoints;"),
        (true, false) => source.line("use crate::models;"),
        (true, true) => {}
    }
    source.blank();
    source.line("/// The client of one server: a field for each endpoint.");
    source.line("///");
    source.line("/// It is cheap to clone, and all clones share the WebSocket of their streaming calls.");
    source.line("#[derive(Debug, Clone)]");
    source.block("pub struct Client {", "}", |source| {
        for field in &fields {
            source.docs("///", &field.docs);
            deprecated(source, field.deprecated);
            layout::field(source, &field.name, &field.path);
        }
        source.line("runtime: client::Client,");
    });
    source.blank();
    source.block("impl Client {", "}", |source| {
        source.line("/// A client of the server at `url`, such as `http://localhost:8080/`. Nothing is sent before the first call.");
        source.line("///");
        source.line("/// # Errors");
        source.line("///");
        source.line("/// Fails if the URL cannot be read.");
        source.block("pub fn new(url: &str) -> Result<Self, SetupError> {", "}", |source| {
            source.line("Self::with_options(url, ClientOptions::default())");
        });
        source.blank();
        source.line("/// A client that behaves as `options` say. They need not know the models.");
        source.line("///");
        source.line("/// # Errors");
        source.line("///");
        source.line("/// Fails if the URL cannot be read, or a model of the options has the name of another.");
        let head = "pub fn with_options(url: &str, options: ClientOptions) -> Result<Self, SetupError> {";
        source.block(head, "}", |source| {
            source.line("let runtime = client::Client::new(url, Self::known(options))?;");
            source.line("Ok(Self::over(runtime))");
        });
        source.blank();
        source.line("/// A client over a runtime that was made otherwise, such as one of a server in memory or with a transport of its own.");
        source.line("/// Its options are to be [`known`](Self::known).");
        source.block("pub fn over(runtime: client::Client) -> Self {", "}", |source| {
            source.block("Self {", "}", |source| {
                for field in &fields {
                    source.line(format!("{}: From::from(&runtime),", field.name));
                }
                source.line("runtime,");
            });
        });
        source.blank();
        source.line("/// Options that know all models.");
        source.block("pub fn known(options: ClientOptions) -> ClientOptions {", "}", |source| {
            source.line(format!("options.models({})", if options.models.is_some() { "models" } else { "models::all" }));
        });
        source.blank();
        source.line("/// The runtime beneath: the state of the WebSocket, closing, and calls that have no method here.");
        if schema.endpoints.iter().any(|endpoint| endpoint.streaming) {
            source.line("/// It has the deprecated streaming connection too: `open_streaming_connection` and its like.");
        }
        source.block("pub fn runtime(&self) -> &client::Client {", "}", |source| {
            source.line("&self.runtime");
        });
    });
    if let Some(shared) = &options.models {
        source.blank();
        source.block("fn models(catalog: &mut Catalog) {", "}", |source| {
            for model in schema.models.iter().filter(|model| !matches!(model, Model::Custom(_))) {
                let name = names::base(model.name());
                match names::module(model.name()) {
                    "" => source.line(format!("catalog.add::<{}::{name}>();", shared.path)),
                    module => {
                        let module = names::field(module).ident;
                        source.line(format!("catalog.add::<{}::{module}::{name}>();", shared.path));
                    }
                }
            }
            for path in options.custom.values() {
                source.line(format!("catalog.add::<{path}>();"));
            }
        });
    }
    package::file("src/client.rs", source.finish())
}

struct Field<'a> {
    name: String,
    path: String,
    docs: String,
    deprecated: Option<&'a String>,
}

/// The endpoints in the order of the schema, then the modules.
fn fields<'a>(modules: &Modules<'a>) -> Vec<Field<'a>> {
    let own = modules.get("").into_iter().flatten().map(|endpoint| Field {
        name: names::field(&endpoint.name).ident,
        path: endpoint::path(endpoint),
        docs: endpoint.docs.clone(),
        deprecated: endpoint.deprecated.as_ref(),
    });
    let others = modules.keys().filter(|module| !module.is_empty()).map(|module| {
        let name = endpoint::module_name(module);
        Field {
            path: format!("endpoints::{name}::{}", endpoint::module_type_name(module)),
            name,
            docs: format!("The endpoints of the module `{module}`."),
            deprecated: None,
        }
    });
    own.chain(others).collect()
}
