//! Models in Rust.

mod class;
mod defaults;
mod enums;
pub(crate) mod names;
mod types;

use std::collections::BTreeMap;

use streampod_schema::{Model, Schema};

use crate::error::GenerateError;
use crate::source::Source;
use names::Names;
use types::Types;

/// How models look in Rust.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether models get serde's `Serialize` and `Deserialize` too, for uses of their own: their JSON has the names of Rust and
    /// is not that of the wire. The crate then depends on serde, and on streampod with the feature `serde`. Default: no.
    pub serde: bool,
    /// The paths of classes that are not generated, by wire name: `Money` → `crate::money::Money`.
    pub custom: BTreeMap<String, String>,
    /// The paths at which the models of modules are that the schema does not have: `serverpod_auth` → `::my_auth::models`.
    pub modules: BTreeMap<String, String>,
    /// The module whose own models these are: they are not in a Rust module of its name. Default: none, they are an app's.
    pub own_module: Option<String>,
}

/// The models of `schema` as one Rust source text, formatted as rustfmt leaves it. Those of another module than
/// [`Options::own_module`] are in a Rust module of its name.
///
/// # Errors
///
/// Fails if Rust has no words for something; the error lists everything of that kind.
pub fn render(schema: &Schema, options: &Options) -> Result<String, GenerateError> {
    let types = Types::of(schema, options);
    let mut problems = types.problems();
    let mut source = Source::new("    ");
    let mut modules: BTreeMap<&str, Vec<&Model>> = BTreeMap::new();
    for model in schema.models.iter().filter(|model| types.has_values(model)) {
        modules.entry(types.module(model.name())).or_default().push(model);
    }
    let mut is_first = true;
    for (module, models) in modules {
        if !std::mem::take(&mut is_first) {
            source.blank();
        }
        if module.is_empty() {
            render_module(&mut source, &models, &types, &mut problems);
        } else {
            source.line(format!("/// The models of the module `{module}`."));
            source.block(format!("pub mod {} {{", names::field(module).ident), "}", |source| {
                render_module(source, &models, &types, &mut problems);
            });
        }
    }
    render_all(&mut source, schema, &types);
    if problems.is_empty() { Ok(source.finish()) } else { Err(GenerateError { problems }) }
}

/// Writes models after what they import.
fn render_module(source: &mut Source, models: &[&Model], types: &Types<'_>, problems: &mut Vec<String>) {
    check_names(models, types, problems);
    let mut bodies = source.empty();
    for model in models {
        bodies.blank();
        match model {
            Model::Class(class) => class::render(&mut bodies, class, class::Kind::Model, types, problems),
            Model::Exception(class) => {
                class::render(&mut bodies, class, class::Kind::Exception, types, problems)
            }
            Model::Enum(definition) => enums::render(&mut bodies, definition, types, problems),
            Model::Custom(_) => {}
        }
    }
    types.take_imports().into_iter().for_each(|import| source.line(import));
    source.append(bodies);
}

/// Reports models and records whose name is taken: by another one, or by what the code of all of them uses.
fn check_names(models: &[&Model], types: &Types<'_>, problems: &mut Vec<String>) {
    let mut known = Names::default();
    for model in models {
        let (wire, name) = (model.name(), names::base(model.name()));
        if names::TAKEN.contains(&name) {
            problems.push(format!(
                "{wire}: Rust has a type of this name, which the generated code uses; choose another"
            ));
        }
        known.add(name, &format!("the model `{wire}`"));
        for (field, record) in model.as_class().into_iter().flat_map(|class| types.records(class)) {
            known.add(&record, &format!("a record in `{wire}.{}`", field.name));
        }
    }
    problems.append(&mut known.problems);
}

/// Writes the function that makes all models known.
fn render_all(source: &mut Source, schema: &Schema, types: &Types<'_>) {
    source.blank();
    source.line("/// Makes all of these models known: what `Server::models` takes.");
    let known =
        schema.models.iter().filter(|model| types.has_values(model) || matches!(model, Model::Custom(_)));
    source.block("pub fn all(catalog: &mut ::streampod::wire::Catalog) {", "}", |source| {
        for model in known {
            source.line(format!("catalog.add::<{}>();", types.path(model.name(), "")));
        }
    });
}

/// Writes documentation and, if there is one, the note of a deprecation.
fn docs(source: &mut Source, docs: &str, deprecated: Option<&String>) {
    source.docs("///", docs);
    self::deprecated(source, deprecated);
}

/// Writes the note of a deprecation, if there is one.
pub(crate) fn deprecated(source: &mut Source, deprecated: Option<&String>) {
    match deprecated.map(String::as_str) {
        Some("") => source.line("#[deprecated]"),
        Some(note) => source.line(format!("#[deprecated = {note:?}]")),
        None => {}
    }
}

/// Writes `#[derive(…)]`: on one line, or on three if rustfmt would find it too long.
fn derive(source: &mut Source, traits: &str) {
    let line = format!("#[derive({traits})]");
    if source.fits(&format!("{line}....")) {
        source.line(line);
    } else {
        source.block("#[derive(", ")]", |source| source.line(format!("{traits},")));
    }
}

/// Writes an attribute `#[model(…)]` if it has options: on one line, or on one for each.
fn attribute(source: &mut Source, options: &[String]) {
    if options.is_empty() {
        return;
    }
    let line = format!("#[model({})]", options.join(", "));
    if source.fits(&line) && !line.contains('\n') {
        source.line(line);
    } else {
        source.block("#[model(", ")]", |source| {
            for option in options {
                source.line(format!("{option},"));
            }
        });
    }
}
