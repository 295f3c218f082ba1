//! A model, as it is read from a struct or an enum.

use std::collections::HashMap;

use syn::{Attribute, Data, DataEnum, DeriveInput, Expr, Field, Fields, Ident, Path, Type};

use crate::attributes::{FieldDefault, FieldOptions, TypeOptions, VariantOptions};
use crate::docs::Docs;
use crate::errors::Errors;
use crate::names;

/// What is derived.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Model,
    Exception,
}

/// A model.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: Docs,
    pub(crate) file: Option<String>,
    pub(crate) server_only: bool,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    /// A struct with named fields.
    Class { extends: Option<Path>, immutable: bool, fields: Vec<Member> },
    /// A struct with named fields which travels without a name of its own.
    Record(Vec<Member>),
    /// A struct of one unnamed field, which travels as that.
    Newtype(Box<Type>),
    /// An enum of classes.
    Sealed { extends: Option<Path>, fields: Vec<Member>, variants: Vec<(Ident, Type)> },
    /// An enum of plain variants.
    Enum { by_index: bool, properties: Vec<(Ident, Type)>, variants: Vec<Variant> },
}

/// A field.
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    /// The key on the wire.
    pub(crate) key: String,
    pub(crate) docs: Docs,
    pub(crate) ty: Type,
    pub(crate) default: Option<FieldDefault>,
    pub(crate) required: bool,
    pub(crate) server_only: bool,
    pub(crate) positional: bool,
}

/// A plain variant.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: Docs,
    pub(crate) is_default: bool,
    /// The value of each property of the enum.
    pub(crate) properties: Vec<Expr>,
}

const NO_EXCEPTION: &str = "an exception is a struct with named fields, or an enum of such exceptions";

impl Model {
    pub(crate) fn read(input: &DeriveInput, kind: Kind, errors: &mut Errors) -> Option<Self> {
        let mut options = TypeOptions::of(&input.attrs, errors);
        if !input.generics.params.is_empty() {
            errors.at(
                &input.generics,
                "a model has no type parameters or lifetimes, because other languages could not name them",
            );
        }
        let (name, file, server_only) = (options.name.take(), options.file.take(), options.server_only);
        let shape = match &input.data {
            Data::Union(_) if matches!(kind, Kind::Exception) => {
                errors.at(&input.ident, NO_EXCEPTION);
                return None;
            }
            Data::Struct(data) => structure(&input.ident, &data.fields, &mut options, errors)?,
            Data::Enum(data) => enumeration(&input.ident, data, &mut options, errors),
            Data::Union(data) => {
                errors.at(data.union_token, "a model is a struct or an enum");
                return None;
            }
        };
        let is_class = matches!(shape, Shape::Class { .. });
        if matches!(kind, Kind::Exception) && !is_class && !matches!(shape, Shape::Sealed { .. }) {
            errors.at(&input.ident, NO_EXCEPTION);
        }
        let not_used = [
            (options.by_index, "#[model(by_index)] is for enums of plain variants"),
            (
                options.extends.is_some(),
                "#[model(extends)] is for structs with named fields and for enums of classes",
            ),
            (options.immutable && !is_class, "#[model(immutable)] is for structs with named fields"),
            (!options.fields.is_empty(), "#[model(fields)] is for enums of classes"),
            (!options.properties.is_empty(), "#[model(properties)] is for enums of plain variants"),
            (options.record, "#[model(record)] is for structs with named fields"),
        ];
        for (_, message) in not_used.into_iter().filter(|(found, _)| *found) {
            errors.at(&input.ident, message);
        }
        Some(Self {
            ident: input.ident.clone(),
            name: names::choose(name, names::model, &input.ident, "model", errors),
            docs: Docs::of(&input.attrs),
            file,
            server_only,
            shape,
        })
    }
}

/// Reads a struct; takes out of `options` what it uses.
fn structure(
    ident: &Ident,
    fields: &Fields,
    options: &mut TypeOptions,
    errors: &mut Errors,
) -> Option<Shape> {
    let members = match fields {
        Fields::Named(fields) => members(&fields.named, errors),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let field = fields.unnamed.first()?;
            if let Some(attribute) = field.attrs.iter().find(|attribute| attribute.path().is_ident("model")) {
                errors.at(attribute, "the only field of such a struct has no name on the wire");
            }
            return Some(Shape::Newtype(Box::new(field.ty.clone())));
        }
        Fields::Unnamed(_) => {
            errors.at(
                ident,
                "a model is a struct with named fields or with one unnamed field, or an enum of plain variants or of classes",
            );
            return None;
        }
    };
    // What has a position has no name on the wire.
    let named = members.iter().filter(|member| !member.positional);
    check_names(named.map(|member| (&member.ident, &member.key)), errors);
    let is_record = std::mem::take(&mut options.record);
    for member in members.iter().filter(|member| member.positional && !is_record) {
        errors.at(&member.ident, "#[model(positional)] is for the fields of a struct with #[model(record)]");
    }
    Some(if is_record {
        Shape::Record(members)
    } else {
        Shape::Class { extends: options.extends.take(), immutable: options.immutable, fields: members }
    })
}

/// Reads an enum; takes out of `options` what it uses.
fn enumeration(ident: &Ident, data: &DataEnum, options: &mut TypeOptions, errors: &mut Errors) -> Shape {
    if data.variants.is_empty() {
        errors.at(ident, "an enum that travels has at least one variant");
    }
    let is_sealed = data.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit));
    if is_sealed { sealed(data, options, errors) } else { plain_enum(data, options, errors) }
}

fn sealed(data: &DataEnum, options: &mut TypeOptions, errors: &mut Errors) -> Shape {
    let mut variants = Vec::new();
    for variant in &data.variants {
        match &variant.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                variants.extend(fields.unnamed.first().map(|field| (variant.ident.clone(), field.ty.clone())));
            }
            _ => errors.at(
                variant,
                "a variant of a model is either plain, and travels as its name or index, as all the others then do, or holds \
                 one class, as in `Circle(Circle)`",
            ),
        }
    }
    let fields = members(&std::mem::take(&mut options.fields), errors);
    check_names(fields.iter().map(|field| (&field.ident, &field.key)), errors);
    Shape::Sealed { extends: options.extends.take(), fields, variants }
}

fn plain_enum(data: &DataEnum, options: &mut TypeOptions, errors: &mut Errors) -> Shape {
    let by_index = std::mem::take(&mut options.by_index);
    let properties = std::mem::take(&mut options.properties);
    let properties: Vec<_> =
        properties.into_iter().filter_map(|field| Some((field.ident?, field.ty))).collect();
    let mut default = None;
    let mut variants = Vec::new();
    for variant in &data.variants {
        if let Some((_, discriminant)) = variant.discriminant.as_ref().filter(|_| by_index) {
            errors.at(
                discriminant,
                "the index of a variant is its place in the enum, from 0 on, and not its number",
            );
        }
        let options = VariantOptions::of(&variant.attrs, errors);
        if options.default && default.replace(&variant.ident).is_some() {
            errors.at(&variant.ident, "one variant alone can be the default");
        }
        for (property, _) in
            options.properties.iter().filter(|(found, _)| properties.iter().all(|(name, _)| name != found))
        {
            let names: Vec<_> = properties.iter().map(|(name, _)| name.to_string()).collect();
            errors.at(
                property,
                format!(
                    "unknown property `{property}`; #[model(properties(…))] of the enum has: {}",
                    names.join(", ")
                ),
            );
        }
        let mut values = Vec::new();
        for (property, _) in &properties {
            match options.properties.iter().find(|(name, _)| name == property) {
                Some((_, value)) => values.push(value.clone()),
                None => errors.at(
                    &variant.ident,
                    format!("the property `{property}` is missing: #[model(properties({property} = …))]"),
                ),
            }
        }
        variants.push(Variant {
            ident: variant.ident.clone(),
            name: names::choose(options.name, names::member, &variant.ident, "model", errors),
            docs: Docs::of(&variant.attrs),
            is_default: options.default,
            properties: values,
        });
    }
    check_names(variants.iter().map(|variant| (&variant.ident, &variant.name)), errors);
    Shape::Enum { by_index, properties, variants }
}

fn members<'a>(fields: impl IntoIterator<Item = &'a Field>, errors: &mut Errors) -> Vec<Member> {
    fields
        .into_iter()
        .filter_map(|field| Some(member(field.ident.as_ref()?, &field.attrs, &field.ty, errors)))
        .collect()
}

fn member(ident: &Ident, attributes: &[Attribute], ty: &Type, errors: &mut Errors) -> Member {
    let FieldOptions { name, key, default, required, server_only, positional } =
        FieldOptions::of(attributes, errors);
    let name = names::choose(name, names::member, ident, "model", errors);
    Member {
        ident: ident.clone(),
        key: key.unwrap_or_else(|| name.clone()),
        name,
        docs: Docs::of(attributes),
        ty: ty.clone(),
        default,
        required,
        server_only,
        positional,
    }
}

fn check_names<'a>(members: impl Iterator<Item = (&'a Ident, &'a String)>, errors: &mut Errors) {
    let mut seen = HashMap::new();
    for (ident, name) in members {
        let first = *seen.entry(name).or_insert(ident);
        if first != ident {
            errors.at(
                ident,
                format!("the wire name `{name}` belongs to `{first}` already; give one of them another by #[model(name = \"…\")]"),
            );
        }
    }
}
