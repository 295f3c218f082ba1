//! Types in the signatures of methods.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use streampod_schema::{Model, Schema, Type};

use super::{Options, layout};
use crate::models::names;
use crate::source::Source;

/// The types of one file: what it imports for them, and the records that it declares.
pub(super) struct Types<'a> {
    schema: &'a Schema,
    options: &'a Options,
    /// By module, the names.
    imports: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// The structs of the records with named fields, in the order in which they were met.
    records: Vec<Record>,
}

/// A struct of a record with named fields.
#[derive(Clone)]
struct Record {
    ty: Type,
    /// Whether it is an element of a set or a key of a map, or part of one.
    ordered: bool,
    name: String,
}

impl<'a> Types<'a> {
    pub(super) fn new(schema: &'a Schema, options: &'a Options) -> Self {
        Self { schema, options, imports: BTreeMap::new(), records: Vec::new() }
    }

    /// Imports a name.
    pub(super) fn import(&mut self, module: &'static str, name: &'static str) -> &'static str {
        self.imports.entry(module).or_default().insert(name);
        name
    }

    /// The type of a value. `place` is what a record with named fields is called there.
    pub(super) fn owned(&mut self, ty: &Type, place: &str) -> String {
        self.render(ty, place, false)
    }

    /// The type of an argument that is sent whole.
    pub(super) fn borrowed(&mut self, ty: &Type, place: &str) -> String {
        match ty {
            Type::Nullable(inner) => format!("Option<{}>", self.borrowed(inner, place)),
            Type::String => "&str".to_owned(),
            Type::List(item) => format!("&[{}]", self.owned(item, place)),
            Type::Dynamic => format!("impl Into<{}>", self.owned(ty, place)),
            _ if self.is_small(ty) => self.owned(ty, place),
            _ => format!("&{}", self.owned(ty, place)),
        }
    }

    /// Whether a value is passed as it is.
    fn is_small(&self, ty: &Type) -> bool {
        match ty {
            Type::Bool | Type::Int | Type::Double | Type::DateTime | Type::Duration | Type::Uuid => true,
            Type::Named(name) => matches!(self.schema.model(name), Some(Model::Enum(_))),
            _ => false,
        }
    }

    fn render(&mut self, ty: &Type, place: &str, ordered: bool) -> String {
        let import = match ty {
            Type::Void => return "()".to_owned(),
            Type::Bool => return "bool".to_owned(),
            Type::Int => return "i64".to_owned(),
            Type::String => return "String".to_owned(),
            Type::Double if !ordered => return "f64".to_owned(),
            Type::Double => return self.import("streampod::types", "OrderedFloat").to_owned() + "<f64>",
            Type::Dynamic => ("streampod", "Value"),
            Type::DateTime => ("streampod::types", "UtcDateTime"),
            Type::Duration => ("streampod::types", "SignedDuration"),
            Type::ByteData => ("streampod::types", "Bytes"),
            Type::Uuid => ("streampod::types", "Uuid"),
            Type::Uri => ("streampod::types", "Uri"),
            Type::BigInt => ("streampod::types", "BigInt"),
            Type::Nullable(inner) => return format!("Option<{}>", self.render(inner, place, ordered)),
            Type::List(item) => return format!("Vec<{}>", self.render(item, place, ordered)),
            Type::Set(item) => {
                let item = self.render(item, place, true);
                return format!("{}<{item}>", self.import("std::collections", "BTreeSet"));
            }
            Type::Map(key, value) => {
                let (key, value) = (self.render(key, place, true), self.render(value, place, ordered));
                return format!("{}<{key}, {value}>", self.import("std::collections", "BTreeMap"));
            }
            Type::Record { positional, named } if named.is_empty() => {
                let items: Vec<_> = positional.iter().map(|item| self.render(item, place, ordered)).collect();
                // A tuple of one keeps its comma.
                let comma = if items.len() == 1 { "," } else { "" };
                return format!("({}{comma})", items.join(", "));
            }
            Type::Record { .. } => return self.record(ty, place, ordered),
            Type::Named(name) => return self.model(name),
        };
        self.import(import.0, import.1).to_owned()
    }

    fn model(&mut self, name: &str) -> String {
        if let Some(path) = self.options.custom.get(name) {
            return path.clone();
        }
        self.import("crate", "models");
        match names::module(name) {
            "" => format!("models::{name}"),
            module => format!("models::{}::{}", names::field(module).ident, names::base(name)),
        }
    }

    /// The struct of a record with named fields.
    fn record(&mut self, ty: &Type, place: &str, ordered: bool) -> String {
        if let Some(known) = self.records.iter().find(|known| known.ty == *ty && known.ordered == ordered) {
            return known.name.clone();
        }
        let base = place.to_owned();
        let is_taken = |name: &String| self.records.iter().any(|known| known.name == *name);
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let name = std::iter::once(base.clone())
            .chain(numbered)
            .find(|name| !is_taken(name))
            .unwrap_or(base.clone());
        self.records.push(Record { ty: ty.clone(), ordered, name: name.clone() });
        name
    }

    /// Declares the records that were met.
    pub(super) fn declare_records(&mut self, source: &mut Source) {
        let mut index = 0;
        // A record may bring about others.
        while let Some(Record { ty, ordered, name }) = self.records.get(index).cloned() {
            let Type::Record { positional, named } = ty else { break };
            let order = if ordered { "Eq, PartialOrd, Ord, " } else { "" };
            let model = self.import("streampod", "Model");
            source.blank();
            source.line("/// A record.");
            source.line(format!("#[derive(Debug, Clone, PartialEq, {order}{model})]"));
            source.line("#[model(record)]");
            source.block(format!("pub struct {name} {{"), "}", |source| {
                for (index, ty) in positional.iter().enumerate() {
                    let field = format!("field_{}", index + 1);
                    source.line("#[model(positional)]");
                    source.line(format!(
                        "pub {field}: {},",
                        self.render(ty, &format!("{name}Field{}", index + 1), ordered)
                    ));
                }
                for (wire, ty) in &named {
                    let field = names::field(wire);
                    if !field.is_plain {
                        source.line(format!("#[model(name = {wire:?})]"));
                    }
                    source.line(format!(
                        "pub {}: {},",
                        field.ident,
                        self.render(ty, &format!("{name}{}", wire.to_upper_camel_case()), ordered)
                    ));
                }
            });
            index += 1;
        }
    }

    /// The names of the records that were met.
    pub(super) fn record_names(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(|record| record.name.as_str())
    }

    /// Writes the imports, as rustfmt sorts them: the standard library, streampod, this crate.
    pub(super) fn write_imports(&self, source: &mut Source) {
        let of = |prefix: &str| -> Vec<String> {
            let modules = self.imports.iter().filter(|(module, _)| module.split("::").next() == Some(prefix));
            let mut lines: Vec<_> = modules.map(|(module, names)| self.import_line(module, names)).collect();
            lines.sort();
            lines
        };
        for group in [of("std"), of("streampod"), of("crate")] {
            if !group.is_empty() {
                source.blank();
            }
            group.iter().for_each(|line| source.line(line));
        }
    }

    fn import_line(&self, module: &str, names: &BTreeSet<&str>) -> String {
        match (&self.options.models, module) {
            (Some(shared), "crate") if shared.path.ends_with("::models") => format!("use {};", shared.path),
            (Some(shared), "crate") => format!("use {} as models;", shared.path),
            _ if names.len() == 1 => format!("use {module}::{};", names.iter().copied().collect::<String>()),
            _ => layout::imports(module, names.iter().copied()),
        }
    }
}
