//! A schema in words.

use std::fmt::Write;

use streampod_schema::{
    Class, Endpoint, Enum, EnumEncoding, Field, Method, Model, Parameter, ParameterKind, Returns,
};

use crate::console::{ASIDE, NAME, styled};

/// Describes an endpoint with its methods.
pub(super) fn endpoint(text: &mut String, endpoint: &Endpoint) {
    let mut notes = access(endpoint.require_login, &endpoint.scopes);
    notes.extend(endpoint.streaming.then(|| "streaming endpoint".to_owned()));
    notes.extend(endpoint.deprecated.as_deref().map(deprecated));
    heading(text, &endpoint.name, &notes);
    docs(text, "  ", &endpoint.docs);
    for method in &endpoint.methods {
        describe_method(text, method);
    }
    text.push('\n');
}

/// Describes a model with its fields.
pub(super) fn model(text: &mut String, model: &Model) {
    match model {
        Model::Class(class) => describe_class(text, "class", class),
        Model::Exception(class) => describe_class(text, "exception", class),
        Model::Enum(definition) => describe_enum(text, definition),
        Model::Custom(custom) => heading(text, &format!("custom class {}", custom.name), &[]),
    }
    text.push('\n');
}

fn describe_method(text: &mut String, method: &Method) {
    let parameters: Vec<_> = method.parameters.iter().map(parameter).collect();
    let returns = match &method.returns {
        Returns::Value(ty) => ty.to_string(),
        Returns::Stream(ty) => format!("Stream<{ty}>"),
    };
    let mut notes = Vec::new();
    if method.is_streaming() {
        notes.push("streaming".to_owned());
    }
    notes.extend(access(method.require_login, &method.scopes));
    notes.extend(method.deprecated.as_deref().map(deprecated));
    let signature = format!("({}): {returns}", parameters.join(", "));
    let _ = writeln!(text, "  {}{signature}{}", styled(NAME, &method.name), aside(&notes));
    docs(text, "      ", &method.docs);
}

/// Who may call.
fn access(require_login: bool, scopes: &[String]) -> Vec<String> {
    let mut notes: Vec<_> = require_login.then(|| "login".to_owned()).into_iter().collect();
    if !scopes.is_empty() {
        notes.push(format!("scopes: {}", scopes.join(", ")));
    }
    notes
}

fn parameter(parameter: &Parameter) -> String {
    let Parameter { name, ty, named, kind } = parameter;
    let mut text = match kind {
        ParameterKind::Argument { default: None } => format!("{name}: {ty}"),
        ParameterKind::Argument { default: Some(default) } => format!("{name}: {ty} = {default}"),
        ParameterKind::Stream { optional: false } => format!("{name}: Stream<{ty}>"),
        ParameterKind::Stream { optional: true } => format!("{name}: Stream<{ty}>?"),
    };
    if *named {
        text = format!("{{{text}}}");
    }
    text
}

fn describe_class(text: &mut String, kind: &str, class: &Class) {
    let sealed = if class.sealed { "sealed " } else { "" };
    let extends = class.extends.as_ref().map(|parent| format!(" extends {parent}")).unwrap_or_default();
    let mut notes: Vec<_> = class.immutable.then(|| "immutable".to_owned()).into_iter().collect();
    notes.extend(class.deprecated.as_deref().map(deprecated));
    heading(text, &format!("{sealed}{kind} {}{extends}", class.name), &notes);
    docs(text, "  ", &class.docs);
    for field in &class.fields {
        let Field { ty, docs: field_docs, deprecated: reason, .. } = field;
        let notes: Vec<_> = reason.as_deref().map(deprecated).into_iter().collect();
        let _ = writeln!(text, "  {}: {ty}{}", styled(NAME, field.key()), aside(&notes));
        docs(text, "      ", field_docs);
    }
}

fn describe_enum(text: &mut String, definition: &Enum) {
    let encoding = match definition.encoding {
        EnumEncoding::ByIndex => "by index",
        EnumEncoding::ByName => "by name",
    };
    let mut notes = vec![encoding.to_owned()];
    notes.extend(definition.deprecated.as_deref().map(deprecated));
    heading(text, &format!("enum {}", definition.name), &notes);
    docs(text, "  ", &definition.docs);
    for value in &definition.values {
        let _ = writeln!(text, "  {}", styled(NAME, &value.name));
        docs(text, "      ", &value.docs);
    }
}

fn heading(text: &mut String, name: &str, notes: &[String]) {
    let _ = writeln!(text, "{}{}", styled(NAME, name), aside(notes));
}

/// The first paragraph of a documentation.
fn docs(text: &mut String, indentation: &str, docs: &str) {
    for line in docs.lines().take_while(|line| !line.trim().is_empty()) {
        let _ = writeln!(text, "{indentation}{}", styled(ASIDE, line));
    }
}

fn aside(notes: &[String]) -> String {
    if notes.is_empty() {
        String::new()
    } else {
        format!("  {}", styled(ASIDE, format!("[{}]", notes.join("; "))))
    }
}

fn deprecated(reason: &str) -> String {
    if reason.is_empty() { "deprecated".into() } else { format!("deprecated: {reason}") }
}
