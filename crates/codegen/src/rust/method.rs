//! The methods of an endpoint.

use heck::ToUpperCamelCase;
use streampod_schema::{Method, Parameter, ParameterKind, Returns, Type};

use super::layout::{self, Argument, Step};
use super::types::Types;
use crate::models::names::Names;
use crate::models::{deprecated, names};
use crate::source::Source;

/// A method with what it needs beside it.
pub(super) struct Rendered {
    /// The struct of the parameters that are passed by name and may be left out.
    pub(super) options: Option<OptionsStruct>,
    pub(super) text: Source,
}

/// The struct of the parameters that are passed by name and may be left out.
pub(super) struct OptionsStruct {
    pub(super) name: String,
    method: String,
    /// Name and type, with what is to be said of it.
    fields: Vec<(String, String, Option<String>)>,
}

/// A parameter as the method has it.
struct Shown<'a> {
    parameter: &'a Parameter,
    ident: String,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Always sent; null is a value.
    Argument,
    /// Sent if it is given, because null does not mean the default.
    Optional,
    /// Sent as it stands in the struct of options.
    Option,
    /// Sent if it is given in the struct of options.
    OptionalOption,
    Stream,
    OptionalStream,
}

impl<'a> Shown<'a> {
    fn of(parameter: &'a Parameter) -> Self {
        let form = match &parameter.kind {
            ParameterKind::Stream { optional: true } => Form::OptionalStream,
            ParameterKind::Stream { optional: false } => Form::Stream,
            ParameterKind::Argument { default: Some(_) } if parameter.named => Form::OptionalOption,
            ParameterKind::Argument { default: Some(_) } => Form::Optional,
            ParameterKind::Argument { default: None } if parameter.named && parameter.ty.takes_null() => {
                Form::Option
            }
            ParameterKind::Argument { default: None } => Form::Argument,
        };
        Self { parameter, ident: names::field(&parameter.name).ident, form }
    }

    fn in_options(&self) -> bool {
        matches!(self.form, Form::Option | Form::OptionalOption)
    }

    fn is_stream(&self) -> bool {
        matches!(self.form, Form::Stream | Form::OptionalStream)
    }

    fn wire(&self) -> &'a str {
        &self.parameter.name
    }
}

/// A method of the endpoint `endpoint`.
pub(super) fn render(
    method: &Method,
    endpoint: &str,
    types: &mut Types<'_>,
    source: &Source,
    problems: &mut Vec<String>,
) -> Rendered {
    let shown: Vec<_> = method.parameters.iter().map(Shown::of).collect();
    let mut taken = Names::default();
    for shown in &shown {
        taken.add(&shown.ident, &format!("{endpoint}.{}: the parameter `{}`", method.name, shown.wire()));
    }
    problems.append(&mut taken.problems);

    let options = options(method, &shown, types);
    let mut parameters = vec!["&self".to_owned()];
    for shown in shown.iter().filter(|shown| !shown.in_options()) {
        parameters.push(format!("{}: {}", shown.ident, parameter_type(shown, method, types)));
    }
    let options_ident = free("options", &shown);
    if let Some(options) = &options {
        parameters.push(format!("{options_ident}: {}", options.name));
    }
    let returns = match &method.returns {
        Returns::Value(ty) => {
            let result = types.owned(ty, &place(method, "result"));
            format!("{}<{result}>", types.import("streampod::client", "Call"))
        }
        Returns::Stream(ty) => {
            let element = types.owned(ty, &place(method, "element"));
            format!("{}<{element}>", types.import("streampod::client", "CallStream"))
        }
    };
    let mut text = source.empty();
    text.docs("///", &docs(method, &shown));
    deprecated(&mut text, method.deprecated.as_ref());
    let name = names::field(&method.name).ident;
    layout::function(&mut text, &name, &parameters, &returns, |source| {
        body(source, method, &shown, &options_ident, types);
    });
    Rendered { options, text }
}

/// `name`, unless a parameter has it.
fn free(name: &str, shown: &[Shown<'_>]) -> String {
    let is_taken = shown.iter().any(|shown| shown.ident == name);
    if is_taken { format!("{name}_") } else { name.to_owned() }
}

/// The documentation, with what is to be said of parameters that may be left out.
fn docs(method: &Method, shown: &[Shown<'_>]) -> String {
    let mut paragraphs = vec![method.docs.clone()];
    for shown in shown.iter().filter(|shown| shown.form == Form::Optional) {
        if let Some(default) = default_of(shown) {
            paragraphs.push(format!("For `{}`, {default}", shown.ident));
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

/// What `None` means where there is a default.
fn default_of(shown: &Shown<'_>) -> Option<String> {
    match &shown.parameter.kind {
        ParameterKind::Argument { default: Some(json) } => {
            Some(format!("`None` is the server's default, now `{json}`."))
        }
        _ => None,
    }
}

/// What a record with named fields is called where `part` of the method has it.
fn place(method: &Method, part: &str) -> String {
    method.name.to_upper_camel_case() + &part.to_upper_camel_case()
}

fn parameter_type(shown: &Shown<'_>, method: &Method, types: &mut Types<'_>) -> String {
    let (ty, place) = (&shown.parameter.ty, place(method, shown.wire()));
    match shown.form {
        Form::Argument | Form::Option | Form::OptionalOption => types.borrowed(ty, &place),
        // What is turned into one has no type of its own.
        Form::Optional if *ty == Type::Dynamic => format!("Option<{}>", types.owned(ty, &place)),
        Form::Optional => format!("Option<{}>", types.borrowed(ty, &place)),
        Form::Stream | Form::OptionalStream => {
            let input = types.import("streampod::client", "Input");
            let input = format!("impl {input}<{}>", types.owned(ty, &place));
            if shown.form == Form::Stream { input } else { format!("Option<{input}>") }
        }
    }
}

fn options(method: &Method, shown: &[Shown<'_>], types: &mut Types<'_>) -> Option<OptionsStruct> {
    let mut fields = Vec::new();
    for shown in shown.iter().filter(|shown| shown.in_options()) {
        let ty = types.owned(&shown.parameter.ty, &place(method, shown.wire()));
        let docs = default_of(shown);
        // A dynamic value has no default of its own.
        let wraps = docs.is_some() || shown.parameter.ty == Type::Dynamic;
        let ty = if wraps { format!("Option<{ty}>") } else { ty };
        fields.push((shown.ident.clone(), ty, docs));
    }
    let name = format!("{}Options", method.name.to_upper_camel_case());
    (!fields.is_empty()).then(|| OptionsStruct { name, method: names::field(&method.name).ident, fields })
}

impl OptionsStruct {
    /// Declares it; `endpoint` is the struct of its method.
    pub(super) fn declare(&self, endpoint: &str, source: &mut Source) {
        source.blank();
        source.line(format!("/// What may be left out of [`{endpoint}::{}`].", self.method));
        source.line("#[derive(Debug, Clone, PartialEq, Default)]");
        source.block(format!("pub struct {} {{", self.name), "}", |source| {
            for (name, ty, docs) in &self.fields {
                source.docs("///", docs.as_deref().unwrap_or_default());
                layout::field(source, name, ty);
            }
        });
    }
}

fn body(source: &mut Source, method: &Method, shown: &[Shown<'_>], options: &str, types: &mut Types<'_>) {
    let mut sent = Vec::new();
    let mut given = Vec::new();
    for shown in shown.iter().filter(|shown| !shown.is_stream()) {
        let (wire, ident) = (shown.wire(), &shown.ident);
        if shown.form == Form::Argument && shown.parameter.ty == Type::Dynamic {
            let value = types.import("streampod", "Value");
            source.line(format!("let {ident}: {value} = {ident}.into();"));
        }
        match shown.form {
            Form::Option => sent.push(format!("({wire:?}, &{options}.{ident})")),
            Form::Optional => given.push((wire, ident.clone())),
            Form::OptionalOption => given.push((wire, format!("{options}.{ident}"))),
            _ => sent.push(format!("({wire:?}, &{ident})")),
        }
    }
    let arguments = if given.is_empty() {
        Argument::Array(sent)
    } else {
        let list = free("arguments", shown);
        let encode = types.import("streampod::wire", "Encode");
        layout::vec(source, &format!("let mut {list}: Vec<(&str, &dyn {encode})>"), &sent);
        for (wire, value) in given {
            let open = format!("if let Some(value) = &{value} {{");
            source.block(open, "}", |source| layout::push(source, &list, wire));
        }
        Argument::Plain(format!("&{list}"))
    };
    let name = Argument::Plain(format!("{:?}", method.name));
    let step = |name: &str, arguments| Step { name: name.to_owned(), arguments };
    let mut steps = vec![step(if method.is_streaming() { "open" } else { "call" }, vec![name, arguments])];
    for shown in shown.iter().filter(|shown| shown.is_stream()) {
        let input = if shown.form == Form::Stream { "input" } else { "optional_input" };
        // The type is not always told by the stream's elements.
        let element = types.owned(&shown.parameter.ty, &place(method, shown.wire()));
        let arguments =
            vec![Argument::Plain(format!("{:?}", shown.wire())), Argument::Plain(shown.ident.clone())];
        steps.push(step(&format!("{input}::<{element}>"), arguments));
    }
    if method.is_streaming() {
        let last = if matches!(method.returns, Returns::Stream(_)) { "stream" } else { "value" };
        steps.push(step(last, vec![]));
    }
    layout::chain(source, &steps);
}
