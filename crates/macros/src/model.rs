//! A model, as it is read from a struct or an enum.

use std::collections::HashMap;

use syn::{Attribute, Data, DeriveInput, Fields, Ident, Type};

use crate::attributes::ModelOptions;
use crate::docs;
use crate::errors::Errors;
use crate::names;
use crate::render_model::Kind;

/// A model.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    /// A struct with named fields.
    Class(Vec<Member<Type>>),
    /// A struct of one unnamed field, which travels as that.
    Newtype(Box<Type>),
    Enum {
        by_index: bool,
        variants: Vec<Member<()>>,
    },
}

/// A field or a variant.
pub(crate) struct Member<T> {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) ty: T,
}

impl Model {
    pub(crate) fn read(input: &DeriveInput, kind: Kind, errors: &mut Errors) -> Option<Self> {
        let options = errors.take(ModelOptions::of_type(&input.attrs)).unwrap_or_default();
        if !input.generics.params.is_empty() {
            errors.at(
                &input.generics,
                "a model has no type parameters or lifetimes, because other languages could not name them",
            );
        }
        let shape = match &input.data {
            Data::Struct(data) => class(&input.ident, &data.fields, errors)?,
            Data::Enum(_) if matches!(kind, Kind::Exception) => {
                errors.at(&input.ident, "an exception is a struct with named fields");
                return None;
            }
            Data::Enum(data) => {
                for variant in data.variants.iter().filter(|variant| !matches!(variant.fields, Fields::Unit))
                {
                    errors.at(
                        &variant.fields,
                        "a variant of a model has no fields: it travels as its name or index",
                    );
                }
                let members =
                    data.variants.iter().map(|variant| member(&variant.ident, &variant.attrs, (), errors));
                Shape::Enum { by_index: options.by_index, variants: members.collect() }
            }
            Data::Union(data) => {
                errors.at(data.union_token, "a model is a struct or an enum");
                return None;
            }
        };
        if options.by_index && !matches!(shape, Shape::Enum { .. }) {
            errors.at(&input.ident, "#[model(by_index)] is for enums");
        }
        match &shape {
            Shape::Class(fields) => check_names(fields, errors),
            Shape::Enum { variants, .. } => check_names(variants, errors),
            Shape::Newtype(_) if matches!(kind, Kind::Exception) => {
                errors.at(&input.ident, "an exception is a struct with named fields");
            }
            Shape::Newtype(_) => {}
        }
        Some(Self {
            ident: input.ident.clone(),
            name: options.name.unwrap_or_else(|| names::model(&input.ident)),
            docs: docs::docs(&input.attrs),
            shape,
        })
    }
}

fn class(ident: &Ident, fields: &Fields, errors: &mut Errors) -> Option<Shape> {
    match fields {
        Fields::Named(fields) => {
            let members = fields.named.iter().filter_map(|field| {
                Some(member(field.ident.as_ref()?, &field.attrs, field.ty.clone(), errors))
            });
            Some(Shape::Class(members.collect()))
        }
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            fields.unnamed.first().map(|field| Shape::Newtype(Box::new(field.ty.clone())))
        }
        Fields::Unit => Some(Shape::Class(Vec::new())),
        _ => {
            errors.at(ident, "a model is a struct with named fields or with one unnamed field, or an enum of plain variants");
            None
        }
    }
}

fn member<T>(ident: &Ident, attributes: &[Attribute], ty: T, errors: &mut Errors) -> Member<T> {
    let name = errors.take(ModelOptions::name_of(attributes)).flatten();
    Member {
        ident: ident.clone(),
        name: name.unwrap_or_else(|| names::member(ident)),
        docs: docs::docs(attributes),
        ty,
    }
}

fn check_names<T>(members: &[Member<T>], errors: &mut Errors) {
    let mut seen = HashMap::new();
    for member in members {
        if let Some(first) = seen.insert(&member.name, &member.ident) {
            let name = &member.name;
            errors.at(
                &member.ident,
                format!("the wire name `{name}` belongs to `{first}` already; give one of them another by #[model(name = \"…\")]"),
            );
        }
    }
}
