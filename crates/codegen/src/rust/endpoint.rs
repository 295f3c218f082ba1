//! Endpoints.

use heck::ToUpperCamelCase;
use streampod_schema::{Endpoint, Schema};

use super::types::Types;
use super::{Modules, Options, layout, method, package};
use crate::SourceFile;
use crate::models::names::Names;
use crate::models::{deprecated, names};
use crate::source::Source;

/// The names that the files of endpoints import, or that Rust has everywhere.
const TAKEN: [&str; 32] = [
    "BTreeMap",
    "BTreeSet",
    "BigInt",
    "Bytes",
    "Call",
    "CallStream",
    "Client",
    "Clone",
    "Debug",
    "Default",
    "Encode",
    "Endpoint",
    "From",
    "Input",
    "Into",
    "Model",
    "None",
    "Option",
    "OrderedFloat",
    "PartialEq",
    "Result",
    "Self",
    "SignedDuration",
    "Some",
    "StreamingMessages",
    "StreamingSendError",
    "String",
    "Uri",
    "UtcDateTime",
    "Uuid",
    "Value",
    "Vec",
];

/// The struct of an endpoint.
pub(super) fn type_name(endpoint: &Endpoint) -> String {
    let name = names::base(&endpoint.name).to_upper_camel_case();
    if TAKEN.contains(&name.as_str()) { name + "Endpoint" } else { name }
}

/// The struct with the endpoints of a module.
pub(super) fn module_type_name(module: &str) -> String {
    module.to_upper_camel_case()
}

/// The Rust path of an endpoint's struct, from the root of the crate.
pub(super) fn path(endpoint: &Endpoint) -> String {
    let file = module_name(names::base(&endpoint.name));
    match names::module(&endpoint.name) {
        "" => format!("endpoints::{file}::{}", type_name(endpoint)),
        module => format!("endpoints::{}::{file}::{}", module_name(module), type_name(endpoint)),
    }
}

/// The file with an endpoint.
pub(super) fn render(
    endpoint: &Endpoint,
    schema: &Schema,
    options: &Options,
    problems: &mut Vec<String>,
) -> SourceFile {
    let mut types = Types::new(schema, options);
    let struct_name = type_name(endpoint);
    types.import("streampod::client", "Endpoint");
    types.import("streampod::client", "Client");
    let mut body = Source::new("    ");
    body.blank();
    let docs = if endpoint.docs.is_empty() {
        format!("The endpoint `{}`.", endpoint.name)
    } else {
        endpoint.docs.clone()
    };
    body.docs("///", &docs);
    body.line("#[derive(Debug, Clone)]");
    body.line(format!("pub struct {struct_name}(Endpoint);"));
    body.blank();

    let mut own = Names::default();
    let mut methods = Names::default();
    own.add(&struct_name, &format!("the endpoint `{}`", endpoint.name));
    let mut structs = Vec::new();
    body.block(format!("impl {struct_name} {{"), "}", |source| {
        for (index, method) in endpoint.methods.iter().enumerate() {
            let what = format!("the method `{}.{}`", endpoint.name, method.name);
            methods.add(&names::field(&method.name).ident, &what);
            let rendered = method::render(method, &endpoint.name, &mut types, source, problems);
            if index > 0 {
                source.blank();
            }
            source.append(rendered.text);
            if let Some(options) = rendered.options {
                own.add(&options.name, &format!("the options of {what}"));
                structs.push(options);
            }
        }
        if endpoint.streaming {
            if !endpoint.methods.is_empty() {
                source.blank();
            }
            let messages = format!("the messages of the streaming endpoint `{}`", endpoint.name);
            methods.add("stream", &messages);
            let sending = format!("what sends messages to the streaming endpoint `{}`", endpoint.name);
            methods.add("send_stream_message", &sending);
            streaming(source, &mut types);
        }
    });
    body.blank();
    from_client(&mut body, &struct_name, |source| {
        let made = if endpoint.streaming { "streaming_endpoint" } else { "endpoint" };
        source.line(format!("Self(client.{made}({:?}))", endpoint.name));
    });
    structs.iter().for_each(|options| options.declare(&struct_name, &mut body));
    types.declare_records(&mut body);
    for record in types.record_names() {
        if TAKEN.contains(&record) {
            problems.push(format!(
                "{}: a record would be `{record}`, which the generated code uses; rename the method or its parameter",
                endpoint.name
            ));
        }
        own.add(record, &format!("a record of the endpoint `{}`", endpoint.name));
    }
    problems.extend(own.problems.into_iter().chain(methods.problems));

    let mut source = Source::new("    ");
    types.write_imports(&mut source);
    source.append(body);
    let folder = match names::module(&endpoint.name) {
        "" => "src/endpoints".to_owned(),
        module => format!("src/endpoints/{}", file_name(module)),
    };
    package::file(&format!("{folder}/{}.rs", file_name(names::base(&endpoint.name))), source.finish())
}

/// The file that lists the endpoints.
pub(super) fn list(path: &str, modules: &Modules<'_>) -> SourceFile {
    let mut source = Source::new("    ");
    source.line("//! The endpoints, each with its options and records.");
    source.blank();
    let own = modules.get("").into_iter().flatten().map(|endpoint| names::base(&endpoint.name));
    let mut names: Vec<_> = own.chain(modules.keys().copied().filter(|module| !module.is_empty())).collect();
    names.sort_by_key(|name| file_name(name));
    for name in names {
        source.line(format!("pub mod {};", module_name(name)));
    }
    package::file(path, source.finish())
}

/// The file with the endpoints of a module.
pub(super) fn module(module: &str, endpoints: &[&Endpoint]) -> SourceFile {
    let mut source = Source::new("    ");
    source.line(format!("//! The endpoints of the module `{module}`."));
    source.blank();
    let mut files: Vec<_> = endpoints.iter().map(|endpoint| names::base(&endpoint.name)).collect();
    files.sort_by_key(|name| file_name(name));
    for file in files {
        source.line(format!("pub mod {};", module_name(file)));
    }
    source.blank();
    source.line("use streampod::client::Client;");
    source.blank();
    source.line(format!("/// The endpoints of the module `{module}`."));
    source.line("#[derive(Debug, Clone)]");
    let fields: Vec<_> = endpoints.iter().map(|endpoint| field(endpoint)).collect();
    source.block(format!("pub struct {} {{", module_type_name(module)), "}", |source| {
        for (endpoint, (name, path)) in endpoints.iter().zip(&fields) {
            source.docs("///", &endpoint.docs);
            deprecated(source, endpoint.deprecated.as_ref());
            layout::field(source, name, path);
        }
    });
    source.blank();
    from_client(&mut source, &module_type_name(module), |source| {
        source.block("Self {", "}", |source| {
            for (name, _) in &fields {
                source.line(format!("{name}: From::from(client),"));
            }
        });
    });
    package::file(&format!("src/endpoints/{}.rs", file_name(module)), source.finish())
}

/// What an endpoint has that exchanges messages over the deprecated streaming connection.
fn streaming(source: &mut Source, types: &mut Types<'_>) {
    let messages = types.import("streampod::client", "StreamingMessages");
    let error = types.import("streampod::client", "StreamingSendError");
    let model = types.import("streampod::wire", "Model");
    source.line("/// The messages that the endpoint sends over the deprecated streaming connection, which the client's runtime opens.");
    source.line("#[deprecated = \"use a method that returns a stream\"]");
    source.block(format!("pub fn stream(&self) -> {messages} {{"), "}", |source| {
        source.line("self.0.stream()");
    });
    source.blank();
    source.line("/// Sends a message to the endpoint over that connection.");
    source.line("///");
    source.line("/// # Errors");
    source.line("///");
    source.line("/// Fails if there is no connection, or if the message cannot be sent.");
    source.line("#[deprecated = \"use a method that takes a stream\"]");
    source.line(format!("pub async fn send_stream_message<T: {model}>("));
    source.indented(|source| {
        source.line("&self,");
        source.line("message: T,");
    });
    source.block(format!(") -> Result<(), {error}> {{"), "}", |source| {
        source.line("self.0.send_stream_message(message).await");
    });
}

/// Makes a struct of the runtime.
fn from_client(source: &mut Source, name: &str, body: impl FnOnce(&mut Source)) {
    source.block(format!("impl From<&Client> for {name} {{"), "}", |source| {
        source.block("fn from(client: &Client) -> Self {", "}", body);
    });
}

/// The field of an endpoint in the struct of its module: its name and its type.
fn field(endpoint: &Endpoint) -> (String, String) {
    let name = names::base(&endpoint.name);
    (names::field(name).ident, format!("{}::{}", module_name(name), type_name(endpoint)))
}

/// The name of the Rust module of an endpoint or of a module of Serverpod.
pub(super) fn module_name(wire: &str) -> String {
    match names::field(wire).ident {
        // Its file would be that of the folder.
        ident if ident == "r#mod" => "mod_".to_owned(),
        ident => ident,
    }
}

/// The name of the file of a Rust module.
fn file_name(wire: &str) -> String {
    module_name(wire).trim_start_matches("r#").to_owned()
}
