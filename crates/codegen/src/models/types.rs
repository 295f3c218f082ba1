//! Types in Rust.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use streampod_schema::{Class, Field, Model, Schema, Type};

use super::{Options, names};

/// What is known of all models together.
pub(super) struct Types<'a> {
    pub(super) schema: &'a Schema,
    pub(super) options: &'a Options,
    /// The models that are elements of sets or keys of maps, or part of one: they must be `Ord`.
    keys: BTreeSet<&'a str>,
    /// The same with all that share fields with one of them: their doubles have an order.
    ordered: BTreeSet<&'a str>,
    /// What models and records are called: nothing else goes by one of these names.
    names: BTreeSet<String>,
    imports: RefCell<BTreeSet<&'static str>>,
}

/// Where a type is written.
pub(super) struct Place<'a> {
    /// The model that it is in.
    pub(super) model: &'a str,
    /// The name for the first record with named fields.
    record: String,
    /// All records with named fields there, and whether they are `Ord`.
    records: Vec<(&'a Type, bool)>,
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
        let (keys, ordered) = (BTreeSet::new(), BTreeSet::new());
        let (names, imports) = (BTreeSet::new(), RefCell::default());
        let mut types = Self { schema, options, keys, ordered, names, imports };
        for field in schema.models.iter().filter_map(Model::as_class).flat_map(|class| &class.fields) {
            types.find_ordered(&field.ty, false);
        }
        for method in schema.endpoints.iter().flat_map(|endpoint| &endpoint.methods) {
            method.types().for_each(|ty| types.find_ordered(ty, false));
        }
        let records = schema.models.iter().filter_map(Model::as_class).flat_map(|class| types.records(class));
        let models = schema.models.iter().map(|model| names::base(model.name()).to_owned());
        types.names = records.map(|(_, name)| name).chain(models).collect();
        types
    }

    /// The fields that `class` declares, with the name of each record that one has.
    pub(super) fn records<'c>(&self, class: &'c Class) -> Vec<(&'c Field, String)> {
        let own = self.schema.own_fields(class).iter();
        let named = own.flat_map(|field| {
            let place = self.field_place(class, field);
            let names: Vec<_> = place.records().map(|(ty, place)| (field, place.record_of(ty))).collect();
            names
        });
        named.collect()
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

    /// The place of `class` itself.
    pub(super) fn place<'c>(&self, class: &'c Class) -> Place<'c> {
        let ordered = self.ordered.contains(class.name.as_str());
        Place { model: &class.name, record: String::new(), records: Vec::new(), ordered }
    }

    /// The place of a field of `class`. Its records are named by the class that declares it.
    pub(super) fn field_place<'c>(&self, class: &'c Class, field: &'c Field) -> Place<'c> {
        let declaring = names::base(&self.declaring(class, field).name);
        let mut place = self.place(class);
        place.record = declaring.to_owned() + &field.name.to_upper_camel_case();
        find_records(&field.ty, place.ordered, &mut place.records);
        place
    }

    /// The class that declares a field of `class`.
    fn declaring<'c>(&'c self, class: &'c Class, field: &Field) -> &'c Class {
        let ancestors = std::iter::successors(Some(class), |class| self.schema.parent(class));
        let having = ancestors.take_while(|class| class.fields.iter().any(|other| other.name == field.name));
        having.last().unwrap_or(class)
    }

    /// What `path` is called: its last part, which is imported, or all of it if a model or a record has that name.
    pub(super) fn import(&self, path: &'static str) -> String {
        let name = path.rsplit("::").next().unwrap_or(path);
        if self.names.contains(name) {
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
                tuple(positional.iter().map(|item| self.render(item, place)))
            }
            Type::Record { .. } => place.record_of(ty),
            Type::Named(name) => self.path(name, place.model),
            Type::Nullable(inner) => format!("Option<{}>", self.render(inner, place)),
        }
    }

    /// The type of a field: like [`render`](Self::render), but boxed where the class would hold itself. A field that is
    /// inherited is boxed if one of those that have it would.
    pub(super) fn render_field(&self, field: &Field, class: &Class) -> String {
        let having = self.with_descendants(self.declaring(class, field));
        self.render_held(&field.ty, &self.field_place(class, field), &having)
    }

    /// What a record holds that is a part of the class at `place`.
    pub(super) fn render_in_record(&self, ty: &Type, place: &Place<'_>) -> String {
        let having = self.schema.class(place.model).map(|class| self.with_descendants(class));
        self.render_held(ty, place, &having.unwrap_or_default())
    }

    /// A type that is boxed where it holds one of `classes`.
    fn render_held(&self, ty: &Type, place: &Place<'_>, classes: &[&Class]) -> String {
        match ty {
            Type::Nullable(inner) => format!("Option<{}>", self.render_held(inner, place, classes)),
            Type::Named(name)
                if classes.iter().any(|class| self.holds(name, &class.name, &mut BTreeSet::new())) =>
            {
                format!("Box<{}>", self.path(name, place.model))
            }
            Type::Record { positional, named } if named.is_empty() => {
                tuple(positional.iter().map(|item| self.render_held(item, place, classes)))
            }
            _ => self.render(ty, place),
        }
    }

    /// A class and all that extend it, directly or not.
    fn with_descendants<'c>(&'c self, class: &'c Class) -> Vec<&'c Class> {
        let below = self.schema.children(&class.name).flat_map(|child| self.with_descendants(child));
        std::iter::once(class).chain(below).collect()
    }

    /// The path of a model that is not generated.
    fn given_path(&self, name: &str) -> Option<String> {
        let in_module = || {
            let module = self.options.modules.get(self.module(name))?;
            Some(format!("{module}::{}", names::base(name)))
        };
        self.options.custom.get(name).cloned().or_else(in_module)
    }

    /// The module of a model; empty for an app's, and for that of the module whose own models these are.
    pub(super) fn module<'n>(&self, name: &'n str) -> &'n str {
        let module = names::module(name);
        if self.options.own_module.as_deref() == Some(module) { "" } else { module }
    }

    /// The path of the model `name` as it is seen from where the model `from` is.
    pub(super) fn path(&self, name: &str, from: &str) -> String {
        if let Some(path) = self.given_path(name) {
            return path;
        }
        let (module, base, from) = (self.module(name), names::base(name), self.module(from));
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
            let ordered = self.keys.contains(class.name.as_str());
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
                None if !self.module(name).is_empty() => problems.push(format!(
                    "{field}: say by the option `modules` at which Rust path the models of `{}` are",
                    self.module(name)
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
            Type::Named(name) if ordered && self.keys.insert(name) => {
                let schema = self.schema;
                for class in schema.class(name).into_iter().chain(schema.members(name)) {
                    self.keys.insert(&class.name);
                    self.order_family(class);
                    class.fields.iter().for_each(|field| self.find_ordered(&field.ty, true));
                }
            }
            _ => {}
        }
    }

    /// Notes that the doubles of `class` have an order, and so those of all that share a field with it.
    fn order_family(&mut self, class: &'a Class) {
        let schema = self.schema;
        let mut waiting: Vec<_> = std::iter::successors(Some(class), |class| schema.parent(class)).collect();
        while let Some(class) = waiting.pop() {
            if self.ordered.insert(&class.name) {
                waiting.extend(schema.children(&class.name));
            }
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
        self.with_order(true)
    }

    fn with_order(&self, ordered: bool) -> Self {
        Place { model: self.model, record: self.record.clone(), records: self.records.clone(), ordered }
    }

    /// The places of the records with named fields, and what they are.
    pub(super) fn records(&self) -> impl Iterator<Item = (&Type, Self)> {
        self.records.iter().map(|(ty, ordered)| (*ty, self.with_order(*ordered)))
    }

    /// The name of one of the records. The first one has none of its own.
    pub(super) fn record_of(&self, ty: &Type) -> String {
        match self.records.iter().position(|known| *known == (ty, self.ordered)) {
            None | Some(0) => self.record.clone(),
            Some(index) => format!("{}{}", self.record, index + 1),
        }
    }
}

/// Finds the records with named fields in `ty`, each once.
fn find_records<'t>(ty: &'t Type, ordered: bool, found: &mut Vec<(&'t Type, bool)>) {
    match ty {
        Type::Record { positional, named } => {
            if !named.is_empty() && !found.contains(&(ty, ordered)) {
                found.push((ty, ordered));
            }
            let named = named.iter().map(|(_, ty)| ty);
            positional.iter().chain(named).for_each(|ty| find_records(ty, ordered, found));
        }
        Type::Nullable(inner) | Type::List(inner) => find_records(inner, ordered, found),
        Type::Set(item) => find_records(item, true, found),
        Type::Map(key, value) => {
            find_records(key, true, found);
            find_records(value, ordered, found);
        }
        _ => {}
    }
}

fn tuple(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    // A tuple of one keeps its comma.
    let comma = if items.len() == 1 { "," } else { "" };
    format!("({}{comma})", items.join(", "))
}

/// How many positional fields a record can have, as a tuple.
const POSITIONAL_MAX: usize = 6;
