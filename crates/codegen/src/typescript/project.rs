//! What is generated, and under which names.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToLowerCamelCase, ToUpperCamelCase};
use streampod_schema::{Endpoint, Field, Model, Schema, Type};

use super::endpoints::method_name;
use super::signature::returned;
use super::{Flavour, Options, names};
use crate::GenerateError;

/// What modules call the models that belong to none.
pub(crate) const MAIN: &str = "main";

/// The schema with the names that its parts get.
pub(crate) struct Project<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) options: &'a Options,
    /// By their names on the wire.
    homes: BTreeMap<&'a str, Home<'a>>,
    modules: BTreeSet<&'a str>,
}

/// Where a model is declared, and as what.
#[derive(Debug)]
pub(crate) struct Home<'a> {
    pub(crate) module: Option<&'a str>,
    pub(crate) name: String,
    pub(crate) is_custom: bool,
}

impl<'a> Project<'a> {
    /// Finds a name for everything.
    pub(crate) fn new(schema: &'a Schema, options: &'a Options) -> Result<Self, GenerateError> {
        let problems = schema.contradictions();
        if !problems.is_empty() {
            return Err(GenerateError { problems });
        }
        let endpoints = schema.endpoints.iter().map(|endpoint| endpoint.name.as_str());
        let all = schema.models.iter().map(Model::name).chain(endpoints.clone());
        let modules: BTreeSet<_> = all.filter_map(|name| split(name).0).collect();
        let classes: BTreeSet<_> = endpoints.map(endpoint_class).collect();
        let namespaces: BTreeSet<_> = modules.iter().map(|module| namespace(module)).collect();
        let is_taken = |name: &str| {
            matches!(name, "Client" | "models") || classes.contains(name) || namespaces.contains(name)
        };
        let homes = schema.models.iter().map(|model| {
            let (module, name) = split(model.name());
            let name = names::variable(name, is_taken);
            (model.name(), Home { module, name, is_custom: matches!(model, Model::Custom(_)) })
        });
        let project = Self { schema, options, homes: homes.collect(), modules };
        let problems = project.problems();
        if problems.is_empty() { Ok(project) } else { Err(GenerateError { problems }) }
    }

    /// Where the model of this wire name is.
    pub(crate) fn home(&self, name: &str) -> &Home<'a> {
        // Everything that a schema names was looked up in `new`.
        &self.homes[name]
    }

    /// Whether a model or a module goes by this name in some file.
    pub(crate) fn has(&self, name: &str) -> bool {
        name == MAIN
            || self.homes.values().any(|home| home.name == name)
            || self.modules.iter().any(|module| namespace(module) == name)
    }

    /// The modules, by name.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &'a str> {
        self.modules.iter().copied()
    }

    /// The models of a module, or those of none.
    pub(crate) fn models(&self, module: Option<&'a str>) -> impl Iterator<Item = &'a Model> {
        self.schema.models.iter().filter(move |model| split(model.name()).0 == module)
    }

    /// The endpoints of a module, or those of none.
    pub(crate) fn endpoints(&self, module: Option<&'a str>) -> impl Iterator<Item = &'a Endpoint> {
        self.schema.endpoints.iter().filter(move |endpoint| split(&endpoint.name).0 == module)
    }

    /// The extension of the files.
    pub(crate) fn extension(&self) -> &'static str {
        match self.options.flavour {
            Flavour::TypeScript => "ts",
            Flavour::JavaScript => "js",
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = BTreeSet::new();
        // By module: the modules whose models its file needs.
        let mut imports: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (user, name, is_endpoint) in self.uses() {
            let module = split(user).0;
            match self.homes.get(name) {
                // Endpoints that belong to no module have a file of their own, which no file of models needs.
                Some(_) if is_endpoint && module.is_none() => {}
                Some(home) => _ = imports.entry(module).or_default().insert(home.module),
                // Every model was looked up in `Schema::contradictions`.
                None => {}
            }
        }
        self.find_same_names(&mut problems);
        for (&user, used) in &imports {
            for &used in used.iter().filter(|used| **used > user && reaches(&imports, **used, user)) {
                let user =
                    user.map_or("what belongs to no module".into(), |user| format!("the module `{user}`"));
                let used = used.unwrap_or_default();
                problems
                    .insert(format!("The module `{used}` and {user} use each other: one has to come first."));
            }
        }
        problems.into_iter().collect()
    }

    /// Finds what would get the name of something else.
    fn find_same_names(&self, problems: &mut BTreeSet<String>) {
        let mut known = BTreeMap::new();
        let mut add = |place: String, name: String, what: String| {
            if let Some(other) = known.insert((place, name.clone()), what.clone()) {
                let problem = format!("{what} and {other} would both be `{name}` in TypeScript");
                problems.insert(format!("{problem}; give one another name."));
            }
        };
        for (wire, home) in &self.homes {
            let module = home.module.unwrap_or_default().to_owned();
            add(module, home.name.clone(), format!("the model `{wire}`"));
        }
        for model in &self.schema.models {
            let is_exception = matches!(model, Model::Exception(_));
            for field in model.as_class().into_iter().flat_map(|class| &class.fields) {
                let what = format!("the field `{}.{}`", model.name(), field.name);
                add(format!("model {}", model.name()), field_name(field, is_exception), what);
            }
        }
        for endpoint in &self.schema.endpoints {
            let module = split(&endpoint.name).0.unwrap_or_default().to_owned();
            add(module, endpoint_class(&endpoint.name), format!("the endpoint `{}`", endpoint.name));
        }
        for endpoint in self.schema.endpoints.iter().filter(|endpoint| endpoint.streaming) {
            let (place, name) = (format!("endpoint {}", endpoint.name), &endpoint.name);
            add(place.clone(), "stream".into(), format!("the stream of the streaming endpoint `{name}`"));
            let sends = format!("what sends messages to the streaming endpoint `{name}`");
            add(place.clone(), "sendStreamMessage".into(), sends);
            for method in &endpoint.methods {
                add(place.clone(), method_name(method), format!("the method `{name}.{}`", method.name));
            }
        }
    }

    /// Every use of a model: by whom, its name, and whether the user is an endpoint.
    fn uses(&self) -> Vec<(&'a str, &'a str, bool)> {
        let mut uses = Vec::new();
        for class in self.schema.models.iter().filter_map(Model::as_class) {
            uses.extend(class.extends.as_deref().map(|parent| (&class.name[..], parent, false)));
            for field in self.schema.own_fields(class) {
                names_in(&field.ty, &mut |name| uses.push((&class.name, name, false)));
            }
        }
        for endpoint in &self.schema.endpoints {
            for method in &endpoint.methods {
                for ty in method.parameters.iter().map(|parameter| &parameter.ty).chain([returned(method)]) {
                    names_in(ty, &mut |name| uses.push((&endpoint.name, name, true)));
                }
            }
        }
        uses
    }
}

/// Whether `from` imports `to`, directly or not.
fn reaches<T: Ord>(imports: &BTreeMap<T, BTreeSet<T>>, from: T, to: T) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![&from]);
    while let Some(next) = waiting.pop() {
        if *next == to {
            return true;
        }
        if seen.insert(next) {
            waiting.extend(imports.get(next).into_iter().flatten());
        }
    }
    false
}

/// The module and the name of something whose full name is `name`.
pub(crate) fn split(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once('.') {
        Some((module, name)) => (Some(module), name),
        None => (None, name),
    }
}

/// The name of an endpoint's class.
pub(crate) fn endpoint_class(endpoint: &str) -> String {
    format!("Endpoint{}", split(endpoint).1.to_upper_camel_case())
}

/// The name under which a module is imported.
pub(crate) fn namespace(module: &str) -> String {
    names::variable(&module.to_lower_camel_case(), |_| false)
}

/// The name of a field in JavaScript.
pub(crate) fn field_name(field: &Field, is_exception: bool) -> String {
    names::member(&field.name, |name| {
        is_exception && matches!(name, "name" | "message" | "stack") && field.ty != Type::String
    })
}

/// Calls `found` with the name of every model in a type.
pub(crate) fn names_in<'a>(ty: &'a Type, found: &mut dyn FnMut(&'a str)) {
    match ty {
        Type::Named(name) => found(name),
        Type::List(item) | Type::Set(item) | Type::Nullable(item) => names_in(item, found),
        Type::Map(key, value) => {
            names_in(key, found);
            names_in(value, found);
        }
        Type::Record { positional, named } => {
            for ty in positional.iter().chain(named.iter().map(|(_, ty)| ty)) {
                names_in(ty, found);
            }
        }
        _ => {}
    }
}
