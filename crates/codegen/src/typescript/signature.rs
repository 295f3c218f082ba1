//! What a method takes and returns.

use streampod_schema::{Method, Parameter, ParameterKind, Returns, Type};

use super::file::File;
use super::layout::{Brackets, Code, Item};
use super::names;

/// The object of the parameters that are passed by name.
const NAMED: &str = "named";
/// The options of the call.
const OPTIONS: &str = "options";

/// What a method takes and returns, in TypeScript's terms: positional parameters, then those that are passed by name in one
/// object, then the options of the call.
pub(crate) struct Signature {
    positional: Vec<Taken>,
    named: Vec<Taken>,
    options_type: String,
    returns: String,
    is_javascript: bool,
}

impl Signature {
    /// The signature of a method. Parameters are not called `constant`, which its body needs.
    pub(crate) fn of(file: &mut File<'_>, method: &Method, constant: &str) -> Self {
        let (named, positional): (Vec<_>, Vec<_>) =
            method.parameters.iter().partition(|parameter| parameter.named);
        let mut taken = |parameters: Vec<&Parameter>| -> Vec<_> {
            parameters.into_iter().map(|parameter| Taken::of(file, parameter, constant)).collect()
        };
        let (named, mut positional) = (taken(named), taken(positional));
        // A parameter has to be given if one that stands behind it has to be.
        let mut is_required = named.iter().any(|parameter| !parameter.is_optional);
        for parameter in positional.iter_mut().rev() {
            is_required |= !parameter.is_optional;
            if is_required {
                parameter.must_be_given();
            }
        }
        let ty = file.ty(returned(method));
        let returns = match method.returns {
            Returns::Stream(_) => format!("{}<{ty}>", file.global("AsyncIterable")),
            Returns::Value(_) => format!("{}<{ty}>", file.global("Promise")),
        };
        let options_type = file.runtime_type("CallOptions");
        Self { positional, named, options_type, returns, is_javascript: file.is_javascript() }
    }

    /// The head of the method, up to its brace.
    pub(crate) fn head(&self, name: &str) -> Code {
        let positional = self.positional.iter().map(|parameter| {
            Code::from(if self.is_javascript {
                parameter.variable.clone()
            } else {
                parameter.declared(&parameter.variable)
            })
        });
        let mut items: Vec<_> = positional.collect();
        if !self.named.is_empty() {
            let default = if self.needs_named() { "" } else { " = {}" };
            let fields = self
                .named
                .iter()
                .map(|parameter| Item::from(Code::from(parameter.declared(&parameter.name))));
            items.push(if self.is_javascript {
                format!("{NAMED}{default}").into()
            } else {
                Code::Group(Brackets::ObjectType, fields.collect()).between(format!("{NAMED}: "), default)
            });
        }
        let (options, end) = if self.is_javascript {
            (OPTIONS.to_owned(), " {".to_owned())
        } else {
            (format!("{OPTIONS}?: {}", self.options_type), format!(": {} {{", self.returns))
        };
        items.push(options.into());
        Code::call(name, items).between("", end)
    }

    /// What the comment says of it: in JavaScript all types, in TypeScript only what those do not.
    pub(crate) fn tags(&self) -> Vec<String> {
        let named = self.named.iter().map(|parameter| (format!("{NAMED}.{}", parameter.name), parameter));
        let positional = self.positional.iter().map(|parameter| (parameter.variable.clone(), parameter));
        if !self.is_javascript {
            return positional
                .chain(named)
                .filter_map(|(name, parameter)| parameter.default_tag(&name))
                .collect();
        }
        let mut tags: Vec<_> = positional.map(|(name, parameter)| parameter.tag(&name)).collect();
        if !self.named.is_empty() {
            let name = if self.needs_named() { NAMED.to_owned() } else { format!("[{NAMED}]") };
            tags.push(format!("@param {{object}} {name}"));
            tags.extend(named.map(|(name, parameter)| parameter.tag(&name)));
        }
        tags.push(format!("@param {{{}}} [{OPTIONS}]", self.options_type));
        tags.push(format!("@returns {{{}}}", self.returns));
        tags
    }

    /// What the method does: it calls what `descriptor` describes.
    pub(crate) fn body(&self, method: &Method, descriptor: String) -> Code {
        let mut arguments = vec![descriptor.into(), self.passed(false)];
        if method.is_streaming() {
            arguments.push(self.passed(true));
        }
        arguments.push(OPTIONS.into());
        let function = match (&method.returns, method.is_streaming()) {
            (_, false) => "call",
            (Returns::Stream(_), true) => "open",
            (Returns::Value(_), true) => "openValue",
        };
        Code::call(format!("return this.client.{function}"), arguments).between("", ";")
    }

    /// The object of the streams, or that of all else.
    fn passed(&self, streams: bool) -> Code {
        let is_meant = |parameter: &&Taken| parameter.is_stream == streams;
        let mut passed: Vec<_> = self.positional.iter().filter(is_meant).map(Taken::property).collect();
        if self.named.iter().all(|parameter| is_meant(&parameter)) && !self.named.is_empty() {
            if passed.is_empty() {
                return NAMED.into();
            }
            passed.push(format!("...{NAMED}").into());
        } else {
            let named = self.named.iter().filter(is_meant);
            passed.extend(named.map(|parameter| Code::from(format!("{0}: {NAMED}.{0}", parameter.name))));
        }
        Code::object(passed)
    }

    fn needs_named(&self) -> bool {
        self.named.iter().any(|parameter| !parameter.is_optional)
    }
}

/// A parameter.
struct Taken {
    /// The name of the variable, if it is positional.
    variable: String,
    /// The name among those that are passed together.
    name: String,
    ty: String,
    is_optional: bool,
    is_stream: bool,
    /// The JSON of what the server takes instead.
    default: Option<String>,
}

impl Taken {
    fn of(file: &mut File<'_>, parameter: &Parameter, constant: &str) -> Self {
        let name = argument_name(parameter);
        let variable = names::variable(&name, |name| [NAMED, OPTIONS, constant].contains(&name));
        let ty = file.ty(&parameter.ty);
        match &parameter.kind {
            ParameterKind::Argument { default } => Self {
                is_optional: default.is_some() || parameter.ty.takes_null(),
                is_stream: false,
                default: default.clone(),
                variable,
                name,
                ty,
            },
            ParameterKind::Stream { optional } => Self {
                is_optional: *optional,
                is_stream: true,
                default: None,
                variable,
                name,
                ty: format!("{}<{ty}>", file.runtime_type("Input")),
            },
        }
    }

    /// Makes it one that callers have to give, if only as `undefined`.
    fn must_be_given(&mut self) {
        if self.is_optional && self.ty != "unknown" {
            self.ty.push_str(" | undefined");
        }
        self.is_optional = false;
    }

    /// `name?: type`
    fn declared(&self, name: &str) -> String {
        format!("{name}{}: {}", if self.is_optional { "?" } else { "" }, self.ty)
    }

    /// `name: variable`
    fn property(&self) -> Code {
        if self.name == self.variable {
            self.name.as_str().into()
        } else {
            format!("{}: {}", self.name, self.variable).into()
        }
    }

    fn tag(&self, name: &str) -> String {
        let name = if self.is_optional { format!("[{name}]") } else { name.to_owned() };
        format!("@param {{{}}} {name}{}", self.ty, self.default_text().unwrap_or_default())
    }

    fn default_tag(&self, name: &str) -> Option<String> {
        self.default_text().map(|text| format!("@param {name}{text}"))
    }

    fn default_text(&self) -> Option<String> {
        self.default.as_ref().map(|json| format!(" `{json}` if it is left out."))
    }
}

/// The name of a parameter among those that are passed together.
pub(crate) fn argument_name(parameter: &Parameter) -> String {
    names::member(&parameter.name, |_| false)
}

/// The type of what a method returns, or of each element of it.
pub(crate) fn returned(method: &Method) -> &Type {
    let (Returns::Value(ty) | Returns::Stream(ty)) = &method.returns;
    ty
}
