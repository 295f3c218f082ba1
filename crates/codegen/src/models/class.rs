//! Classes and exceptions in Rust.

use streampod_schema::{Class, Field, Type};

use super::names::Names;
use super::types::{Place, Types};
use super::{attribute, defaults, derive, docs, names};
use crate::source::Source;

/// What a class derives.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Model,
    Exception,
}

impl Kind {
    fn derived(self, types: &Types<'_>) -> String {
        match self {
            Self::Model => types.import("::streampod::Model"),
            Self::Exception => types.import("::streampod::Exception"),
        }
    }
}

/// The fields of a struct that rustfmt leaves on one line, in characters.
const LITERAL_MAX: usize = 18;
/// Parameters beyond this many are hard to tell apart.
const PARAMETERS_MAX: usize = 7;

/// A class or an exception.
pub(super) fn render(
    source: &mut Source,
    class: &Class,
    kind: Kind,
    types: &Types<'_>,
    problems: &mut Vec<String>,
) {
    if class.sealed {
        render_sealed(source, class, kind, types, problems);
    } else {
        render_struct(source, class, kind, types, problems);
    }
}

/// A class of which there are values, as a struct.
fn render_struct(
    source: &mut Source,
    class: &Class,
    kind: Kind,
    types: &Types<'_>,
    problems: &mut Vec<String>,
) {
    docs(source, &class.docs, class.deprecated.as_ref());
    let place = types.place(class);
    let optional = class.fields.iter().all(|field| is_optional(field) && field.default.is_none());
    let default = if optional { ", Default" } else { "" };
    let traits = types.traits(&place, class.fields.iter().map(|field| &field.ty));
    derive(source, &format!("{traits}{default}, {}", kind.derived(types)));
    attribute(source, &options(class, types));
    if class.fields.is_empty() {
        source.line(format!("pub struct {} {{}}", names::base(&class.name)));
    } else {
        source.block(format!("pub struct {} {{", names::base(&class.name)), "}", |source| {
            for field in &class.fields {
                render_field(source, class, field, types, problems);
            }
        });
    }
    let mut idents = Names::default();
    for field in &class.fields {
        idents.add(&names::field(&field.name).ident, &format!("the field `{}.{}`", class.name, field.name));
    }
    problems.append(&mut idents.problems);
    if !optional {
        constructor(source, class, types);
    }
    records(source, class, types, problems);
}

/// A sealed class, as an enum of the classes that extend it.
fn render_sealed(
    source: &mut Source,
    class: &Class,
    kind: Kind,
    types: &Types<'_>,
    problems: &mut Vec<String>,
) {
    let members = types.schema.members(&class.name);
    docs(source, &class.docs, class.deprecated.as_ref());
    let place = types.place(class);
    let fields = members.iter().flat_map(|member| &member.fields).map(|field| &field.ty);
    let traits = types.traits(&place, fields);
    derive(source, &format!("{traits}, {}", kind.derived(types)));
    attribute(source, &options(class, types));
    source.block(format!("pub enum {} {{", names::base(&class.name)), "}", |source| {
        for member in members {
            docs(source, &member.docs, None);
            let path = types.render(&Type::Named(member.name.clone()), &place);
            source.line(format!("{}({path}),", names::base(&member.name)));
        }
    });
    records(source, class, types, problems);
}

/// The options of the type's `#[model(…)]`.
fn options(class: &Class, types: &Types<'_>) -> Vec<String> {
    let mut options = Vec::new();
    if names::base(&class.name) != class.name {
        options.push(format!("name = {:?}", class.name));
    }
    if let Some(file) = &class.file {
        options.push(format!("file = {file:?}"));
    }
    let place = types.place(class);
    if let Some(parent) = &class.extends {
        options.push(format!("extends = {}", types.render(&Type::Named(parent.clone()), &place)));
    }
    if class.sealed && !class.fields.is_empty() {
        let mut source = Source::new("    ");
        source.block("fields(", ")", |source| {
            for field in &class.fields {
                // What cannot be rendered was reported at the classes that have the field.
                render_field_as(source, class, field, "", types, &mut Vec::new());
            }
        });
        options.push(source.finish().trim_end().to_owned());
    }
    if class.immutable {
        options.push("immutable".to_owned());
    }
    if class.server_only {
        options.push("server_only".to_owned());
    }
    options
}

fn render_field(
    source: &mut Source,
    class: &Class,
    field: &Field,
    types: &Types<'_>,
    problems: &mut Vec<String>,
) {
    render_field_as(source, class, field, "pub ", types, problems);
}

fn render_field_as(
    source: &mut Source,
    class: &Class,
    field: &Field,
    visibility: &str,
    types: &Types<'_>,
    problems: &mut Vec<String>,
) {
    docs(source, &field.docs, field.deprecated.as_ref());
    let name = names::field(&field.name);
    let place = types.field_place(class, field);
    let mut options = Vec::new();
    if !name.is_plain {
        options.push(format!("name = {:?}", field.name));
    }
    if let Some(key) = &field.key {
        options.push(format!("key = {key:?}"));
    }
    if let Some(default) = &field.default {
        match defaults::attribute(default, field, types, &place) {
            Ok(option) => options.push(option),
            Err(problem) => problems.push(format!("{}.{}: {problem}", class.name, field.name)),
        }
    }
    if field.required {
        options.push("required".to_owned());
    }
    if field.server_only {
        options.push("server_only".to_owned());
    }
    attribute(source, &options);
    source.line(format!("{visibility}{}: {},", name.ident, types.render_field(field, class)));
}

/// `Default` if every field may be left out, else `new` with those that may not.
fn constructor(source: &mut Source, class: &Class, types: &Types<'_>) {
    let required: Vec<_> = class.fields.iter().filter(|field| !is_optional(field)).collect();
    if required.len() == class.fields.len() || required.len() > PARAMETERS_MAX {
        return;
    }
    let name = names::base(&class.name);
    let fields: Vec<_> = class.fields.iter().map(|field| initial(class, field, types)).collect();
    let make = |source: &mut Source| {
        let line = fields.join(", ");
        if line.len() <= LITERAL_MAX {
            source.line(format!("Self {{ {line} }}"));
        } else {
            source.block("Self {", "}", |source| {
                fields.iter().for_each(|field| source.line(format!("{field},")))
            });
        }
    };
    source.blank();
    if required.is_empty() {
        source.block(format!("impl Default for {name} {{"), "}", |source| {
            source.block("fn default() -> Self {", "}", make);
        });
        return;
    }
    let parameters: Vec<_> = required
        .iter()
        .map(|field| format!("{}: {}", names::field(&field.name).ident, types.render_field(field, class)))
        .collect();
    source.block(format!("impl {name} {{"), "}", |source| {
        source.line("/// A value of these fields; the others have their defaults.");
        let line = format!("pub fn new({}) -> Self {{", parameters.join(", "));
        if source.fits(&line) {
            source.block(line, "}", make);
        } else {
            source.block("pub fn new(", ") -> Self {", |source| {
                for parameter in &parameters {
                    source.line(format!("{parameter},"));
                }
            });
            source.indented(make);
            source.line("}");
        }
    });
}

/// A field where a value is made of the fields that may not be left out.
fn initial(class: &Class, field: &Field, types: &Types<'_>) -> String {
    let ident = names::field(&field.name).ident;
    match &field.default {
        _ if !is_optional(field) => ident,
        None => format!("{ident}: None"),
        Some(default) => {
            let value = defaults::value(default, field, types, &types.field_place(class, field));
            // What has no words was reported at the field.
            format!("{ident}: {}", value.unwrap_or_default())
        }
    }
}

/// The structs of the records with named fields that `class` declares.
fn records(source: &mut Source, class: &Class, types: &Types<'_>, problems: &mut Vec<String>) {
    for field in types.schema.own_fields(class) {
        for (ty, place) in types.field_place(class, field).records() {
            record(source, ty, &place, types, problems);
        }
    }
}

fn record(source: &mut Source, ty: &Type, place: &Place<'_>, types: &Types<'_>, problems: &mut Vec<String>) {
    let Type::Record { positional, named } = ty else { return };
    let name = place.record_of(ty);
    let mut idents = Names::default();
    source.blank();
    source.line(format!("/// A record of [`{}`].", names::base(place.model)));
    let traits = types.traits(place, positional.iter().chain(named.iter().map(|(_, ty)| ty)));
    derive(source, &format!("{traits}, {}", types.import("::streampod::Model")));
    source.line("#[model(record)]");
    source.block(format!("pub struct {name} {{"), "}", |source| {
        for (index, ty) in positional.iter().enumerate() {
            let ident = format!("field_{}", index + 1);
            idents.add(&ident, &format!("a field without a name of the record `{name}`"));
            source.line("#[model(positional)]");
            source.line(format!("pub {ident}: {},", types.render_in_record(ty, place)));
        }
        for (wire, ty) in named {
            let field = names::field(wire);
            idents.add(&field.ident, &format!("the field `{wire}` of the record `{name}`"));
            if !field.is_plain {
                source.line(format!("#[model(name = {wire:?})]"));
            }
            source.line(format!("pub {}: {},", field.ident, types.render_in_record(ty, place)));
        }
    });
    problems.append(&mut idents.problems);
}

/// Whether whoever makes a value may leave the field out.
fn is_optional(field: &Field) -> bool {
    field.default.is_some() || (field.ty.takes_null() && !field.required && field.ty != Type::Dynamic)
}
