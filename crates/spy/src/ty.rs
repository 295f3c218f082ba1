//! Reading the types of fields.

use std::collections::{BTreeMap, BTreeSet};

use streampod_schema::Type;

use crate::options::Options;
use crate::reporter::Reporter;
use crate::source::{Span, Text};
use crate::{module, names};

/// How deep type arguments may nest, and how long the name of a type may be: what the schema's own reader takes.
const NESTING_MAX: usize = 16;
const NAME_MAX_BYTES: usize = 1024;

/// Every type that needs no arguments.
const BASIC: [(&str, Type); 11] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("double", Type::Double),
    ("String", Type::String),
    ("DateTime", Type::DateTime),
    ("Duration", Type::Duration),
    ("ByteData", Type::ByteData),
    ("UuidValue", Type::Uuid),
    ("Uri", Type::Uri),
    ("BigInt", Type::BigInt),
    ("dynamic", Type::Dynamic),
];

/// The names that a type may use.
pub(crate) struct Names<'a> {
    pub(crate) options: &'a Options,
    /// The models of all files.
    pub(crate) models: BTreeMap<&'a str, usize>,
    /// Models whose files cannot be read: their names are taken on trust, since the true problem is reported.
    pub(crate) broken: BTreeSet<&'a str>,
}

impl Names<'_> {
    /// Reads a type. `None` if it is none, which is reported; what uses models is added to `uses`, with the place.
    pub(crate) fn read(&self, text: Text<'_>, reporter: &mut Reporter, uses: &mut Vec<Use>) -> Option<Type> {
        let mut parser = Parser { names: self, text, position: 0, depth: 0, reporter, uses };
        let ty = parser.ty()?;
        parser.skip_spaces();
        if !parser.rest().is_empty() {
            return parser.expected("the end of the type, or `,` and a keyword");
        }
        if self.wire_name(&ty).len() > NAME_MAX_BYTES {
            reporter.error(
                text.span,
                "this type is too long",
                format!("expected at most {NAME_MAX_BYTES} bytes"),
            );
            return None;
        }
        Some(ty)
    }

    /// What a type is called on the wire.
    fn wire_name(&self, ty: &Type) -> String {
        let mut ty = ty.clone();
        if let Some(own) = &self.options.own_module {
            module::qualify_type(&mut ty, own);
        }
        ty.to_string()
    }
}

/// Where a type uses one of the models.
#[derive(Debug)]
pub(crate) struct Use {
    /// The model's place in [`Names::models`].
    pub(crate) model: usize,
    pub(crate) span: Span,
}

struct Parser<'a, 'r> {
    names: &'a Names<'a>,
    text: Text<'a>,
    position: usize,
    depth: usize,
    reporter: &'r mut Reporter,
    uses: &'r mut Vec<Use>,
}

impl<'a> Parser<'a, '_> {
    fn ty(&mut self) -> Option<Type> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return self.expected("at most 16 levels of nesting");
        }
        let ty = if self.take('(') { self.record()? } else { self.named()? };
        self.depth -= 1;
        let ty = if self.take('?') { ty.nullable() } else { ty };
        Some(ty)
    }

    fn named(&mut self) -> Option<Type> {
        let name = self.word()?;
        if matches!(name.text, "Vector" | "HalfVector" | "SparseVector" | "Bit") {
            let message = format!("`{}` is not supported", name.text);
            let help = "it is made for searching in a database; `List<double>` carries the same numbers";
            self.reporter.error(name.span, message, "a type for databases").help(help);
            return None;
        }
        let arguments = if self.take('<') { self.arguments()? } else { Vec::new() };
        let count = arguments.len();
        let mut arguments = arguments.into_iter().map(Box::new);
        let ty = match (name.text, arguments.next(), arguments.next()) {
            ("List", Some(item), None) => Type::List(item),
            ("Set", Some(item), None) => Type::Set(item),
            ("Map", Some(key), Some(value)) if count == 2 => Type::Map(key, value),
            ("List" | "Set", ..) => {
                let message = format!("a {} needs the type of its items", name.text);
                self.reporter.error(
                    name.span,
                    message,
                    format!("expected `{}<String>`, for example", name.text),
                );
                return None;
            }
            ("Map", ..) => {
                let message = "a Map needs the types of its keys and of its values";
                self.reporter.error(name.span, message, "expected `Map<String, int>`, for example");
                return None;
            }
            (_, None, _) => return self.resolve(name),
            _ => {
                let message = format!("`{}` takes no types in `<>`", name.text);
                let label = match names::suggestion(name.text, ["List", "Set", "Map"]) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => "only `List`, `Set` and `Map` do".into(),
                };
                self.reporter.error(name.span, message, label);
                return None;
            }
        };
        Some(ty)
    }

    fn arguments(&mut self) -> Option<Vec<Type>> {
        let mut arguments = vec![self.ty()?];
        while self.take(',') {
            arguments.push(self.ty()?);
        }
        self.expect('>')?;
        Some(arguments)
    }

    /// What follows the opening parenthesis of a record.
    fn record(&mut self) -> Option<Type> {
        let (mut positional, mut named) = (Vec::new(), Vec::<(String, Type)>::new());
        let start = self.position - 1;
        while !self.rest().starts_with(')') {
            if self.take('{') {
                while !self.rest().starts_with('}') {
                    let ty = self.ty()?;
                    let name = self.word()?;
                    names::check(name, names::Purpose::Field, self.reporter);
                    if named.iter().any(|(other, _)| other == name.text) {
                        let message = format!("this record has two fields `{}`", name.text);
                        self.reporter.error(name.span, message, "the second one");
                    }
                    named.push((name.text.to_owned(), ty));
                    if !self.take(',') {
                        break;
                    }
                }
                self.expect('}')?;
                self.take(',');
                break;
            }
            positional.push(self.ty()?);
            // The name that a positional field may have is for readers alone.
            if self.rest().starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.word()?;
            }
            if !self.take(',') {
                break;
            }
        }
        self.expect(')')?;
        if positional.is_empty() && named.is_empty() {
            let span = self.text.slice(start..self.position).span;
            self.reporter.error(span, "this record is empty", "expected `(int, String)`, for example");
            return None;
        }
        Some(Type::Record { positional, named })
    }

    /// The type that a name without arguments stands for.
    fn resolve(&mut self, name: Text<'a>) -> Option<Type> {
        if let Some((_, ty)) = BASIC.iter().find(|(basic, _)| *basic == name.text) {
            return Some(ty.clone());
        }
        if name.text == "void" {
            self.reporter.error(name.span, "a field cannot be `void`", "expected a type that has values");
            return None;
        }
        if let Some(class) = name.text.strip_prefix("module:") {
            return self.of_module(name, class);
        }
        if name.text.starts_with("package:") || name.text.starts_with("project:") {
            let at = name.text.rfind(':').map_or(0, |at| at + 1);
            return self.custom(name.slice(at..name.text.len()));
        }
        let name = match name.text.strip_prefix("protocol:") {
            Some(class) => name.slice(name.text.len() - class.len()..name.text.len()),
            None => name,
        };
        self.own(name)
    }

    /// A class that these files declare, or one that has no file.
    fn own(&mut self, name: Text<'a>) -> Option<Type> {
        if let Some(model) = self.names.models.get(name.text) {
            self.uses.push(Use { model: *model, span: name.span });
        } else if !self.names.options.custom.contains(name.text) && !self.names.broken.contains(name.text) {
            self.unknown(name);
            return None;
        }
        Some(Type::Named(name.text.to_owned()))
    }

    /// `module:nickname:Class`
    fn of_module(&mut self, name: Text<'a>, class: &str) -> Option<Type> {
        let is_class = |class: &str| !class.is_empty() && class.chars().all(|c| c.is_ascii_alphanumeric());
        let Some((nickname, class)) = class.split_once(':').filter(|(_, class)| is_class(class)) else {
            let label = "expected `module:nickname:Class`";
            self.reporter.error(name.span, "this names no class of a module", label);
            return None;
        };
        let modules = &self.names.options.modules;
        if let Some(module) = modules.get(nickname) {
            if self.names.options.own_module.as_ref() == Some(module) {
                return self.own(name.slice(name.text.len() - class.len()..name.text.len()));
            }
            return Some(Type::Named(format!("{module}.{class}")));
        }
        let start = "module:".len();
        let span = name.slice(start..start + nickname.len()).span;
        let label = match names::suggestion(nickname, modules.keys().map(String::as_str)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "not a known nickname".into(),
        };
        let known = names::list(modules.keys().map(String::as_str));
        self.reporter.error(span, format!("there is no module `{nickname}`"), label).help(format!(
            "the known modules are: {known}; a module must be set up with its nickname and its name"
        ));
        None
    }

    /// A class that has no model file.
    fn custom(&mut self, class: Text<'a>) -> Option<Type> {
        let known = &self.names.options.custom;
        if known.contains(class.text) {
            return Some(Type::Named(class.text.to_owned()));
        }
        let known = names::list(known.iter().map(String::as_str));
        let message = format!("`{}` is a class of your own that is not set up", class.text);
        self.reporter
            .error(class.span, message, "unknown")
            .help(format!("list it among the custom classes; known are: {known}"));
        None
    }

    fn unknown(&mut self, name: Text<'a>) {
        let basic = BASIC.iter().map(|(name, _)| *name).chain(["List", "Set", "Map"]);
        let models = self.names.models.keys().copied();
        let custom = self.names.options.custom.iter().map(String::as_str);
        let known = names::suggestion(name.text, basic.chain(models).chain(custom));
        let label = match known {
            Some(known) => format!("did you mean `{known}`?"),
            None => "neither a type nor a model".into(),
        };
        let help = "a class without a model file must be listed among the custom classes";
        let diagnostic = self.reporter.error(name.span, format!("there is no type `{}`", name.text), label);
        if known.is_none() {
            diagnostic.help(help);
        }
    }

    /// A name, with all that a reference to a class may have before it.
    fn word(&mut self) -> Option<Text<'a>> {
        self.skip_spaces();
        let rest = self.rest();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | ':' | '.' | '/' | '-');
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if length == 0 {
            return self.expected("the name of a type");
        }
        let word = self.text.slice(self.position..self.position + length);
        self.position += length;
        Some(word)
    }

    fn rest(&self) -> &'a str {
        &self.text.text[self.position..]
    }

    fn skip_spaces(&mut self) {
        self.position += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, c: char) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(c);
        if found {
            self.position += c.len_utf8();
            self.skip_spaces();
        }
        found
    }

    fn expect(&mut self, c: char) -> Option<()> {
        if self.take(c) { Some(()) } else { self.expected(&format!("`{c}`")) }
    }

    /// Reports that something else stands here.
    fn expected<T>(&mut self, expected: &str) -> Option<T> {
        let rest = self.rest();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let found = match rest.chars().next() {
            Some(c) => format!("`{c}` cannot stand here in a type"),
            None => "a type is incomplete".into(),
        };
        let span = self.text.slice(self.position..self.position + length).span;
        self.reporter.error(span, found, format!("expected {expected}"));
        None
    }
}
