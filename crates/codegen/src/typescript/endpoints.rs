//! Endpoints, as classes whose methods call through the client.

use streampod_schema::{Endpoint, Method, Parameter, ParameterKind};

use super::file::{File, key};
use super::layout::{Brackets, Code};
use super::project::{Project, endpoint_class, split};
use super::signature::{Signature, argument_name, returned};
use super::{comment, literal, names};
use crate::SourceFile;

/// The endpoints that belong to no module.
pub(crate) fn main(project: &Project<'_>) -> SourceFile {
    let mut file = File::new(project, "endpoints");
    write_all(&mut file);
    file.finish()
}

/// Writes the endpoints of the file's module.
pub(crate) fn write_all(file: &mut File<'_>) {
    for (index, endpoint) in file.project.endpoints(file.module).enumerate() {
        if index > 0 || file.module.is_some() {
            file.source.blank();
        }
        write(file, endpoint);
    }
}

fn write(file: &mut File<'_>, endpoint: &Endpoint) {
    let constant = format!("{}Methods", split(&endpoint.name).1);
    let methods: Vec<_> = endpoint.methods.iter().map(|method| render(file, method, &constant)).collect();
    let base = file.runtime(if endpoint.streaming { "StreamingEndpointRef" } else { "EndpointRef" });
    for line in comment::lines(&endpoint.docs, endpoint.deprecated.as_deref(), &[]) {
        file.source.line(line);
    }
    let head = format!("export class {} extends {base} {{", endpoint_class(&endpoint.name));
    if methods.is_empty() {
        file.source.line(head + "}");
        return;
    }
    file.source.block(head, "}", |source| source.line(methods.join("\n\n")));
    file.source.blank();
    let descriptors = endpoint.methods.iter().map(|method| descriptor(file, endpoint, method).into());
    let descriptors = Code::Group(Brackets::Object, descriptors.collect());
    file.source.line(descriptors.between(format!("const {constant} = "), ";").print(0));
}

/// A method of the class, with its comment.
fn render(file: &mut File<'_>, method: &Method, constant: &str) -> String {
    let signature = Signature::of(file, method, constant);
    let name = method_name(method);
    let mut lines = comment::lines(&method.docs, method.deprecated.as_deref(), &signature.tags());
    lines.push(signature.head(&name).print(1));
    let body = signature.body(method, format!("{constant}.{}", method.name)).print(2);
    lines.extend(body.lines().map(|line| format!("  {line}")));
    lines.push("}".into());
    lines.join("\n")
}

/// The name of a method in TypeScript.
pub(crate) fn method_name(method: &Method) -> String {
    names::member(&method.name, |name| matches!(name, "then" | "client"))
}

/// What the runtime has to know of a method.
fn descriptor(file: &mut File<'_>, endpoint: &Endpoint, method: &Method) -> Code {
    let arguments: Vec<_> = method.arguments().map(|parameter| descriptor_of(file, parameter)).collect();
    let streams: Vec<_> = method.streams().map(|parameter| descriptor_of(file, parameter)).collect();
    let mut entries = vec![
        Code::from(format!("endpoint: {}", literal::string(&endpoint.name))),
        format!("method: {}", literal::string(&method.name)).into(),
        Code::object(arguments).between("args: ", ""),
    ];
    if method.is_streaming() {
        entries.push(Code::object(streams).between("inputs: ", ""));
    }
    entries.push(file.descriptor(returned(method)).between("returns: ", ""));
    Code::object(entries).between(format!("{}: ", key(&method.name)), "")
}

/// What the runtime has to know of a parameter.
fn descriptor_of(file: &mut File<'_>, parameter: &Parameter) -> Code {
    let name = argument_name(parameter);
    let mut options = Vec::new();
    if name != parameter.name {
        options.push(Code::from(format!("key: {}", literal::string(&parameter.name))));
    }
    let is_optional = match &parameter.kind {
        ParameterKind::Argument { default } => default.is_some(),
        ParameterKind::Stream { optional } => *optional,
    };
    if is_optional {
        options.push("optional: true".into());
    }
    file.field(&parameter.ty, options).between(format!("{name}: "), "")
}
