//! Types in Rust.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use streampod_schema::{Class, Model, Schema, Type};

use super::{Options, names};

/// What is known of all models together.
pub(super) struct Types<'a> {
    pub(super) schema: &'a Schema,
    pub(super) options: &'a Options,
    /// The models that are elements of sets or keys of maps, or part of one: they are `Ord`.
    ordered: BTreeSet<&'a str>,
    imports: RefCell<BTreeSet<&'static str>>,
}

/// Where a type is written.
pub(super) struct Place<'a> {
    /// The model that it is in.
    pub(super) model: &'a str,
    /// The name for a record with named fields.
    pub(super) record: String,
    /// Whether it is to be `Ord`.
    ordered: bool,
}

/// What a type can do in Rust.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// `Eq` and `Hash`.
    Eq,
    /// `PartialOrd` and `Ord`.
    Ord,
}

impl<'a> Types<'a> {
    pub(super) fn of(schema: &'a Schema, options: &'a Options) -> Self {
        let mut types = Self { schema, options, ordered: BTreeSet::new(), imports: RefCell::default() };
        for field in schema.models.iter().filter_map(Model::as_class).flat_map(|class| &class.fields) {
            types.find_ordered(&field.ty, false);
        }
        for method in schema.endpoints.iter().flat_map(|endpoint| &endpoint.methods) {
            method.types().for_each(|ty| types.find_ordered(ty, false));
        }
        types
    }

    /// Whether something is generated for a model: neither for one of the user's own, nor for a sealed class that no other
    /// extends, of which there is no value.
    pub(super) fn has_values(&self, model: &Model) -> bool {
        match model {
            Model::Class(class) | Model::Exception(class) => {
                !class.sealed || !self.schema.members(&class.name).is_empty()
            }
            Model::Enum(_) => true,
            Model::Custom(_) => false,
        }
    }

    /// The place of the field `name` of `class`.
    pub(super) fn place(&self, class: &'a Class, name: &str) -> Place<'a> {
        let record = names::base(&class.name).to_owned() + &name.to_upper_camel_case();
        Place { model: &class.name, record, ordered: self.ordered.contains(class.name.as_str()) }
    }

    /// What `path` is called: its last part, which is imported, or all of it if a model has that name.
    pub(super) fn import(&self, path: &'static str) -> String {
        let name = path.rsplit("::").next().unwrap_or(path);
        if self.schema.models.iter().any(|model| names::base(model.name()) == name) {
            return path.to_owned();
        }
        self.imports.borrow_mut().insert(path);
        name.to_owned()
    }

    /// The imports since the last call, as rustfmt sorts them.
    pub(super) fn take_imports(&self) -> Vec<String> {
        let mut grouped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in self.imports.take() {
            let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
            grouped.entry(module).or_default().push(name);
        }
        let lines = grouped.into_iter().map(|(module, names)| match names.as_slice() {
            [name] => format!("use {}::{name};", module.trim_start_matches(':')),
            names => format!("use {}::{{{}}};", module.trim_start_matches(':'), names.join(", ")),
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines
    }

    /// `ty` in Rust.
    pub(super) fn render(&self, ty: &Type, place: &Place<'_>) -> String {
        match ty {
            Type::Void => "()".to_owned(),
            Type::Dynamic => self.import("::streampod::Value"),
            Type::Bool => "bool".to_owned(),
            Type::Int => "i64".to_owned(),
            Type::Double if place.ordered => self.import("::streampod::types::OrderedFloat") + "<f64>",
            Type::Double => "f64".to_owned(),
            Type::String => "String".to_owned(),
            Type::DateTime => self.import("::streampod::types::UtcDateTime"),
            Type::Duration => self.import("::streampod::types::SignedDuration"),
            Type::ByteData => self.import("::streampod::types::Bytes"),
            Type::Uuid => self.import("::streampod::types::Uuid"),
            Type::Uri => self.import("::streampod::types::Uri"),
            Type::BigInt => self.import("::streampod::types::BigInt"),
            Type::List(item) => format!("Vec<{}>", self.render(item, place)),
            Type::Set(item) => {
                format!(
                    "{}<{}>",
                    self.import("::std::collections::BTreeSet"),
                    self.render(item, &place.ordered())
                )
            }
            Type::Map(key, value) => {
                let key = self.render(key, &place.ordered());
                let map = self.import("::std::collections::BTreeMap");
                format!("{map}<{key}, {}>", self.render(value, place))
            }
            Type::Record { positional, named } if named.is_empty() => {
                let items: Vec<_> = positional.iter().map(|item| self.render(item, place)).collect();
                if let [item] = items.as_slice() {
                    format!("({item},)")
                } else {
                    format!("({})", items.join(", "))
                }
            }
            Type::Record { .. } => place.record.clone(),
            Type::Named(name) => self.path(name, place.model),
            Type::Nullable(inner) => format!("Option<{}>", self.render(inner, place)),
        }
    }

    /// The type of a field: like [`render`](Self::render), but boxed where the class would hold itself.
    pub(super) fn render_field(&self, ty: &Type, place: &Place<'_>) -> String {
        match ty {
            Type::Nullable(inner) => format!("Option<{}>", self.render_field(inner, place)),
            Type::Named(name) if self.holds(name, place.model, &mut BTreeSet::new()) => {
                format!("Box<{}>", self.path(name, place.model))
            }
            _ => self.render(ty, place),
        }
    }

    /// The path of a model that is not generated.
    fn given_path(&self, name: &str) -> Option<String> {
        let in_module = || {
            let module = self.options.modules.get(names::module(name))?;
            Some(format!("{module}::{}", names::base(name)))
        };
        self.options.custom.get(name).cloned().or_else(in_module)
    }

    /// The path of the model `name` as it is seen from where the model `from` is.
    pub(super) fn path(&self, name: &str, from: &str) -> String {
        if let Some(path) = self.given_path(name) {
            return path;
        }
        let (module, base, from) = (names::module(name), names::base(name), names::module(from));
        let to_root = if from.is_empty() || from == module { "" } else { "super::" };
        if module.is_empty() || from == module {
            format!("{to_root}{base}")
        } else {
            format!("{to_root}{}::{base}", names::field(module).ident)
        }
    }

    /// The traits that a class or record of such fields derives.
    pub(super) fn traits<'t>(
        &self,
        place: &Place<'_>,
        fields: impl Iterator<Item = &'t Type> + Clone,
    ) -> String {
        let can = |wanted| fields.clone().all(|ty| self.can(ty, place.ordered, wanted, &mut BTreeSet::new()));
        let mut traits = String::from("Debug, Clone, PartialEq");
        if can(Trait::Eq) {
            traits += ", Eq, Hash";
        }
        if place.ordered && can(Trait::Ord) {
            traits += ", PartialOrd, Ord";
        }
        if self.options.serde {
            traits += &format!(", {}", self.serde());
        }
        traits
    }

    /// Serde's derives.
    pub(super) fn serde(&self) -> String {
        format!("{}, {}", self.import("::serde::Serialize"), self.import("::serde::Deserialize"))
    }

    /// What Rust has no words for, apart from names.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for class in self.schema.models.iter().filter_map(Model::as_class) {
            let ordered = self.ordered.contains(class.name.as_str());
            for field in &class.fields {
                let name = format!("{}.{}", class.name, field.name);
                if ordered && !self.can(&field.ty, true, Trait::Ord, &mut BTreeSet::new()) {
                    problems.push(format!(
                        "{name}: `{}` is an element of a set or a key of a map; Rust needs an order of its values, and \
                         `{}` has none",
                        class.name, field.ty
                    ));
                }
                self.check(&field.ty, &name, &mut problems);
            }
        }
        for endpoint in &self.schema.endpoints {
            for method in &endpoint.methods {
                let name = format!("{}.{}", endpoint.name, method.name);
                method.types().for_each(|ty| self.check(ty, &name, &mut problems));
            }
        }
        problems
    }

    fn check(&self, ty: &Type, field: &str, problems: &mut Vec<String>) {
        match ty {
            Type::Record { positional, named } => {
                if named.is_empty() && positional.len() > POSITIONAL_MAX {
                    problems.push(format!(
                        "{field}: a record has at most {POSITIONAL_MAX} positional fields in Rust"
                    ));
                }
                let named = named.iter().map(|(_, ty)| ty);
                positional.iter().chain(named).for_each(|ty| self.check(ty, field, problems));
            }
            Type::Set(item) | Type::Map(item, _)
                if !self.can(item, true, Trait::Ord, &mut BTreeSet::new()) =>
            {
                problems.push(format!(
                    "{field}: the elements of a set and the keys of a map need an order in Rust, and `{item}` has none"
                ));
            }
            Type::Nullable(inner) | Type::List(inner) | Type::Set(inner) => {
                self.check(inner, field, problems)
            }
            Type::Map(key, value) => {
                self.check(key, field, problems);
                self.check(value, field, problems);
            }
            Type::Dynamic if self.options.serde => {
                problems.push(format!(
                    "{field}: a dynamic value has no serde form; leave out the option `serde`"
                ));
            }
            Type::Named(name) if self.given_path(name).is_none() => match self.schema.model(name) {
                Some(Model::Custom(_)) => {
                    problems.push(format!("{field}: say by the option `custom` which Rust type `{name}` is"));
                }
                Some(model) if !self.has_values(model) => problems.push(format!(
                    "{field}: no class extends the sealed class `{name}`, so there is no value of it"
                )),
                Some(_) => {}
                None if !names::module(name).is_empty() => problems.push(format!(
                    "{field}: say by the option `modules` at which Rust path the models of `{}` are",
                    names::module(name)
                )),
                None => problems.push(format!("{field}: there is no model `{name}`")),
            },
            _ => {}
        }
    }

    /// Notes the models in `ty` that must have an order.
    fn find_ordered(&mut self, ty: &'a Type, ordered: bool) {
        match ty {
            Type::Nullable(inner) | Type::List(inner) => self.find_ordered(inner, ordered),
            Type::Set(item) => self.find_ordered(item, true),
            Type::Map(key, value) => {
                self.find_ordered(key, true);
                self.find_ordered(value, ordered);
            }
            Type::Record { positional, named } => {
                let named = named.iter().map(|(_, ty)| ty);
                positional.iter().chain(named).for_each(|ty| self.find_ordered(ty, ordered));
            }
            Type::Named(name) if ordered && self.ordered.insert(name) => {
                let schema = self.schema;
                for class in schema.class(name).into_iter().chain(schema.members(name)) {
                    self.ordered.insert(&class.name);
                    class.fields.iter().for_each(|field| self.find_ordered(&field.ty, true));
                }
            }
            _ => {}
        }
    }

    fn can<'t>(&'t self, ty: &'t Type, ordered: bool, wanted: Trait, seen: &mut BTreeSet<&'t str>) -> bool {
        match ty {
            Type::Dynamic => false,
            Type::Double => ordered,
            Type::Nullable(inner) | Type::List(inner) => self.can(inner, ordered, wanted, seen),
            Type::Set(item) => self.can(item, true, wanted, seen),
            Type::Map(key, value) => {
                self.can(key, true, wanted, seen) && self.can(value, ordered, wanted, seen)
            }
            Type::Record { positional, named } => {
                let named = named.iter().map(|(_, ty)| ty);
                positional.iter().chain(named).all(|ty| self.can(ty, ordered, wanted, seen))
            }
            Type::Named(name) if !seen.insert(name) => true,
            Type::Named(name) => match self.schema.model(name) {
                Some(Model::Enum(_)) => true,
                Some(Model::Class(class) | Model::Exception(class)) => {
                    let ordered = self.ordered.contains(name.as_str());
                    (wanted == Trait::Eq || ordered)
                        && std::iter::once(class)
                            .chain(self.schema.members(name))
                            .flat_map(|class| &class.fields)
                            .all(|field| self.can(&field.ty, ordered, wanted, seen))
                }
                // A class of the user's own is what the user says.
                Some(Model::Custom(_)) | None => wanted == Trait::Ord && ordered,
            },
            _ => true,
        }
    }

    /// Whether a value of `name` holds one of `target` in itself, without a list or map between.
    fn holds<'t>(&'t self, name: &'t str, target: &str, seen: &mut BTreeSet<&'t str>) -> bool {
        if name == target {
            return true;
        }
        if !seen.insert(name) {
            return false;
        }
        let members = if self.schema.class(name).is_some_and(|class| class.sealed) {
            self.schema.members(name)
        } else {
            self.schema.class(name).into_iter().collect()
        };
        members.iter().any(|member| {
            member.name == target
                || member.fields.iter().any(|field| self.type_holds(&field.ty, target, seen))
        })
    }

    fn type_holds<'t>(&'t self, ty: &'t Type, target: &str, seen: &mut BTreeSet<&'t str>) -> bool {
        match ty {
            Type::Nullable(inner) => self.type_holds(inner, target, seen),
            Type::Record { positional, named } => {
                let named = named.iter().map(|(_, ty)| ty);
                positional.iter().chain(named).any(|ty| self.type_holds(ty, target, seen))
            }
            Type::Named(name) => self.holds(name, target, seen),
            _ => false,
        }
    }
}

impl Place<'_> {
    fn ordered(&self) -> Place<'_> {
        Place { model: self.model, record: self.record.clone(), ordered: true }
    }
}

/// How many positional fields a record can have, as a tuple.
const POSITIONAL_MAX: usize = 6;
