//! The client itself, and the file to import everything from.

use streampod_schema::Endpoint;

use super::file::File;
use super::layout::Code;
use super::project::{Project, endpoint_class, namespace, split};
use super::{comment, literal, names};
use crate::SourceFile;

/// What the runtime's client has already.
const MEMBERS: [&str; 9] =
    ["call", "close", "modules", "onStatus", "open", "openValue", "protocol", "status", "then"];

/// What the runtime's client has besides if there are streaming endpoints.
const STREAMING_MEMBERS: [&str; 7] = [
    "closeStreamingConnection",
    "onStreamingConnectionStatus",
    "openStreamingConnection",
    "sendStreamMessage",
    "streamOf",
    "streamingConnectionStatus",
    "updateStreamingConnectionAuthenticationKey",
];

/// The client.
pub(crate) fn client(project: &Project<'_>) -> SourceFile {
    let mut file = File::new(project, "client");
    file.import_from_models("models");
    let is_streaming = project.schema.endpoints.iter().any(|endpoint| endpoint.streaming);
    let base = file.runtime(if is_streaming { "StreamingEndpointsClient" } else { "StreampodClient" });
    let is_taken = |name: &str| MEMBERS.contains(&name) || is_streaming && STREAMING_MEMBERS.contains(&name);
    let (readonly, host, options) = if file.is_javascript() {
        ("", "host".to_owned(), "options".to_owned())
    } else {
        ("readonly ", "host: string".to_owned(), format!("options?: {}", file.runtime_type("ClientOptions")))
    };
    let mut members = Vec::new();
    for endpoint in project.endpoints(None) {
        let class = endpoint_class(&endpoint.name);
        file.import_from_endpoints(&class);
        let name = names::member(&endpoint.name, is_taken);
        let mut lines = comment::lines(&endpoint.docs, endpoint.deprecated.as_deref(), &[]);
        lines.push(format!("{readonly}{name} = new {class}({});", arguments(endpoint)));
        members.push(lines.join("\n"));
    }
    let modules: Vec<_> = project.modules().filter_map(|module| endpoints_of(&mut file, module)).collect();
    if !modules.is_empty() {
        let modules = Code::object(modules).between(format!("{readonly}modules = "), ";").print(1);
        members.push(format!("/** The endpoints of modules. */\n{modules}"));
    }
    let host_tag = "@param {string} host the URL of the API, such as `http://localhost:8080/`.";
    let mut constructor = if file.is_javascript() {
        let options = format!("@param {{{}}} [options]", file.runtime_type("ClientOptions"));
        comment::lines("", None, &[host_tag.into(), options])
    } else {
        comment::lines("", None, &[host_tag.replace("{string} ", "")])
    };
    constructor.push(format!("constructor({host}, {options}) {{"));
    constructor.push("  super(host, options, protocol);".into());
    constructor.push("}".into());
    members.push(constructor.join("\n"));
    file.source.line("/** The server. */");
    file.source.block(format!("export class Client extends {base} {{"), "}", |source| {
        source.line(members.join("\n\n"))
    });
    file.source.blank();
    let mut models = vec![Code::from("...models")];
    models.extend(project.modules().map(|module| format!("...{}", file.of_module(module, "models")).into()));
    let protocol = Code::call(format!("new {}", file.runtime("Protocol")), vec![Code::array(models)]);
    file.source.line(protocol.between("const protocol = ", ";").print(0));
    file.finish()
}

/// `auth: { status: new auth.EndpointStatus(this) }`
fn endpoints_of<'a>(file: &mut File<'a>, module: &'a str) -> Option<Code> {
    let endpoints = file.project.endpoints(Some(module)).map(|endpoint| {
        let class = file.of_module(module, &endpoint_class(&endpoint.name));
        let name = names::member(split(&endpoint.name).1, |_| false);
        Code::from(format!("{name}: new {class}({})", arguments(endpoint)))
    });
    let endpoints: Vec<_> = endpoints.collect();
    (!endpoints.is_empty()).then(|| Code::object(endpoints).between(format!("{}: ", namespace(module)), ""))
}

/// What an endpoint is made of.
fn arguments(endpoint: &Endpoint) -> String {
    if endpoint.streaming { format!("this, {}", literal::string(&endpoint.name)) } else { "this".to_owned() }
}

/// What users import from.
pub(crate) fn index(project: &Project<'_>) -> SourceFile {
    let mut file = File::new(project, "index");
    let suffix = &project.options.import_suffix;
    let has_endpoints = project.endpoints(None).next().is_some();
    for name in
        ["client", "endpoints", "models"].into_iter().filter(|name| has_endpoints || *name != "endpoints")
    {
        file.source.line(format!("export * from \"./{name}{suffix}\";"));
    }
    for module in project.modules() {
        file.source.line(format!("export * as {} from \"./modules/{module}{suffix}\";", namespace(module)));
    }
    file.finish()
}
