//! The models of all files together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use heck::ToSnakeCase;
use streampod_schema::{Class, Enum, Field, FieldDefault, Model, Schema, Type};

use crate::class::{ClassDeclaration, FieldDeclaration, Scope};
use crate::declaration::{Body, Declaration};
use crate::default::Refused;
use crate::hierarchy::Hierarchy;
use crate::options::Options;
use crate::reporter::Reporter;
use crate::source::{SourceText, Span, Text};
use crate::ty::{Names, Use};
use crate::{default, folder, module, relation};

/// A field of a class, and where it is declared.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) field: Field,
    pub(crate) at: Span,
}

/// Makes a schema of all models; what contradicts is reported.
pub(crate) fn schema<'a>(
    declarations: &'a [Declaration<'a>],
    broken: BTreeSet<&'a str>,
    sources: &[SourceText],
    options: &'a Options,
    reporter: &mut Reporter,
) -> Schema {
    let names = Names { options, models: by_name(declarations, options, reporter), broken };
    check_files(declarations, sources, reporter);
    let hierarchy = Hierarchy::of(declarations, &names, reporter);
    let mut builder = Builder { declarations, names: &names, reporter };
    let mut fields: Vec<_> = declarations.iter().map(|declaration| builder.own_fields(declaration)).collect();
    relation::add_implicit_fields(declarations, &hierarchy, &names, &mut fields, builder.reporter);
    inherit(declarations, &hierarchy, &mut fields, builder.reporter);
    let models = declarations.iter().zip(fields).enumerate().map(|(index, (declaration, fields))| {
        let parent = hierarchy.parent(index).map(|parent| declarations[parent].name.text);
        model(declaration, parent, fields, sources)
    });
    let mut schema = Schema { models: models.collect(), endpoints: Vec::new() };
    if let Some(own) = &options.own_module {
        module::check(own, reporter);
        module::qualify(&mut schema, own);
    }
    schema
}

fn by_name<'a>(
    declarations: &'a [Declaration<'a>],
    options: &Options,
    reporter: &mut Reporter,
) -> BTreeMap<&'a str, usize> {
    let mut names = BTreeMap::new();
    for (index, Text { text, span, .. }) in declarations.iter().map(|model| model.name).enumerate() {
        if let Some(first) = names.get(text) {
            let first: &Declaration<'_> = &declarations[*first];
            let message = format!("there are two models `{text}`");
            reporter.error(span, message, "the second one").related(first.name.span, "the first one");
            continue;
        }
        if options.custom.contains(text) {
            let message = format!("`{text}` is also the name of a class of your own");
            reporter.error(span, message, "it is listed among the custom classes");
        }
        names.insert(text, index);
    }
    names
}

/// The path without what makes it a model file.
fn stem(path: &str) -> &str {
    folder::SUFFIXES.iter().find_map(|suffix| path.strip_suffix(suffix)).unwrap_or(path)
}

/// Checks that clients can have a file for each.
fn check_files(declarations: &[Declaration<'_>], sources: &[SourceText], reporter: &mut Reporter) {
    let mut stems: HashMap<&str, Span> = HashMap::new();
    for Text { span, .. } in declarations.iter().map(|declaration| declaration.name) {
        let stem = stem(&sources[span.file].path);
        if matches!(stem, "client" | "protocol" | "endpoints") {
            let message = format!("a model file cannot be called `{stem}`");
            reporter.error(span, message, "clients have a file of this name already").help("rename the file");
        }
        if let Some(first) = stems.insert(stem, span) {
            let message = format!("two files are called `{stem}`");
            let label = "clients would have two files of this name";
            reporter.error(span, message, label).related(first, "the other one").help("rename one of them");
        }
    }
}

struct Builder<'a, 'r> {
    declarations: &'a [Declaration<'a>],
    names: &'a Names<'a>,
    reporter: &'r mut Reporter,
}

impl Builder<'_, '_> {
    /// The fields that a class declares itself, in their order, but with the id of a row first.
    fn own_fields(&mut self, model: &Declaration<'_>) -> Vec<Declared> {
        let Body::Class(class) = &model.body else { return Vec::new() };
        let fields = class.fields.iter().filter_map(|field| self.field(field, class, model));
        let mut fields: Vec<_> = fields.collect();
        if class.has_table {
            fields.sort_by_key(|declared| declared.field.name != "id");
        }
        fields
    }

    fn field(
        &mut self,
        declared: &FieldDeclaration<'_>,
        class: &ClassDeclaration<'_>,
        model: &Declaration<'_>,
    ) -> Option<Declared> {
        let mut uses = Vec::new();
        let ty = self.names.read(declared.ty, self.reporter, &mut uses)?;
        self.check_scope(declared, &ty, &uses, model);
        // The id of a row is made with it, not with its class.
        let is_constant = class.immutable && !(class.has_table && declared.name.text == "id");
        let default = declared.default.and_then(|text| self.default(&ty, text, is_constant));
        if let Some(at) = declared.required {
            let name = declared.name.text;
            if !ty.takes_null() {
                let message = format!("`{name}` is required anyway");
                let label = format!("a field of type `{ty}` always has a value");
                self.reporter.error(at, message, label).help(format!("remove `required`, or write `{ty}?`"));
            } else if let Some(default) = declared.default {
                let message = format!("`{name}` has a default and is required");
                self.reporter
                    .error(at, message, "whoever makes a value must give this field")
                    .related(default.span, "so this is never used");
            }
        }
        let field = Field {
            key: declared.key.map(|key| key.text.to_owned()).filter(|key| key != declared.name.text),
            docs: declared.docs.clone(),
            required: declared.required.is_some(),
            default,
            server_only: declared.scope == Scope::ServerOnly && !model.server_only,
            ..Field::new(declared.name.text, ty)
        };
        (declared.scope != Scope::None).then_some(Declared { field, at: declared.name.span })
    }

    /// Checks that who sees the class can see the field, and can do without it if it cannot.
    fn check_scope(
        &mut self,
        declared: &FieldDeclaration<'_>,
        ty: &Type,
        uses: &[Use],
        model: &Declaration<'_>,
    ) {
        let name = declared.name.text;
        if model.server_only {
            if let Some(at) = declared.scope_at.filter(|_| declared.scope == Scope::All) {
                let message = format!("clients cannot see `{name}`");
                self.reporter
                    .error(at, message, "`serverOnly` or `none`, or no scope")
                    .related(model.name.span, "this class never leaves the server");
            }
            return;
        }
        if let Some(at) = declared.scope_at.filter(|_| declared.scope != Scope::All) {
            if !ty.takes_null() && declared.default.is_none() {
                let message = format!("clients do not know `{name}` and cannot give it a value");
                let label = "so it needs a value without them";
                let help = format!("write `{ty}?`, or give it a default");
                self.reporter.error(at, message, label).help(help);
            }
            return;
        }
        for Use { model: used, span } in uses {
            let used = &self.declarations[*used];
            if used.server_only {
                let message = format!("clients see `{name}` and do not know its type");
                self.reporter.error(*span, message, "this type never leaves the server").help(format!(
                    "add `, scope=serverOnly` to the field, or take `serverOnly` from `{}`",
                    used.name.text
                ));
            }
        }
    }

    /// The value that `text` is for a field of type `ty`; `is_constant` forbids one that differs each time.
    fn default(&mut self, ty: &Type, text: Text<'_>, is_constant: bool) -> Option<FieldDefault> {
        match default::read(ty, self.enum_of(ty), text.text) {
            Ok(default) => {
                if is_constant && !matches!(default, FieldDefault::Json(_)) {
                    let message = format!("`{}` is another value each time", text.text);
                    let label = "a class that is immutable has constant defaults";
                    self.reporter.error(text.span, message, label);
                }
                Some(default)
            }
            Err(Refused::Expected(expected)) => {
                let message = format!("`{}` is no default for a field of type `{ty}`", text.text);
                self.reporter.error(text.span, message, format!("expected {expected}"));
                None
            }
            Err(Refused::NeverTaken) => {
                let message = format!("a field of type `{ty}` cannot have a default");
                self.reporter.error(text.span, message, "remove it");
                None
            }
        }
    }

    fn enum_of(&self, ty: &Type) -> Option<&Enum> {
        let name = match ty {
            Type::Nullable(inner) => return self.enum_of(inner),
            Type::Named(name) => name.as_str(),
            _ => return None,
        };
        match &self.declarations[*self.names.models.get(name)?].body {
            Body::Enum(definition) => Some(definition),
            Body::Class(_) => None,
        }
    }
}

/// Puts the inherited fields before the own ones of each class.
fn inherit(
    declarations: &[Declaration<'_>],
    hierarchy: &Hierarchy,
    fields: &mut [Vec<Declared>],
    reporter: &mut Reporter,
) {
    for index in hierarchy.parents_first() {
        let parent = hierarchy.parent(index);
        let inherited = parent.map(|parent| fields[parent].clone()).unwrap_or_default();
        let own = std::mem::take(&mut fields[index]);
        let mut by_name: HashMap<_, _> =
            inherited.iter().map(|other| (other.field.name.clone(), other.at)).collect();
        let mut by_key: HashMap<_, _> =
            inherited.iter().map(|other| (other.field.key().to_owned(), other.at)).collect();
        for Declared { field, at } in &own {
            if let (Some(first), Some(parent)) = (by_name.insert(field.name.clone(), *at), parent) {
                let parent = declarations[parent].name.text;
                let message = format!("`{}` has a field `{}` already", parent, field.name);
                reporter.error(*at, message, "this one would hide it").related(first, "the inherited field");
            } else if let Some(first) = by_key.insert(field.key().to_owned(), *at) {
                let message = format!("two fields have the key `{}`", field.key());
                reporter.error(*at, message, "the second one").related(first, "the first one");
            }
            if field.key() == "__className__" {
                reporter.error(*at, "the key `__className__` is taken", "it holds the name of the class");
            }
        }
        fields[index] = inherited;
        fields[index].extend(own);
    }
}

fn model(
    declaration: &Declaration<'_>,
    parent: Option<&str>,
    fields: Vec<Declared>,
    sources: &[SourceText],
) -> Model {
    let name = declaration.name.text;
    let stem = stem(&sources[declaration.name.span.file].path);
    let file = (stem != name.to_snake_case()).then(|| stem.to_owned());
    let class = match &declaration.body {
        Body::Enum(definition) => return Model::Enum(Enum { file, ..definition.clone() }),
        Body::Class(class) => class,
    };
    let is_exception = class.is_exception;
    let class = Class {
        name: name.to_owned(),
        docs: declaration.docs.clone(),
        deprecated: None,
        file,
        extends: parent.map(str::to_owned),
        sealed: class.sealed,
        immutable: class.immutable,
        server_only: declaration.server_only,
        fields: fields.into_iter().map(|declared| declared.field).collect(),
    };
    if is_exception { Model::Exception(class) } else { Model::Class(class) }
}
