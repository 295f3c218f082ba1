//! A model, as it is read from a struct or an enum.

use std::collections::HashMap;

use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Ident, Type};

use crate::attributes::ModelOptions;
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
    pub(crate) docs: Docs,
    pub(crate) ty: T,
}

impl Model {
    pub(crate) fn read(input: &DeriveInput, kind: Kind, errors: &mut Errors) -> Option<Self> {
        let options = ModelOptions::of_type(&input.attrs, errors);
        if !input.generics.params.is_empty() {
            errors.at(
                &input.generics,
                "a model has no type parameters or lifetimes, because other languages could not name them",
            );
        }
        let shape = match &input.data {
            Data::Enum(_) | Data::Union(_) if matches!(kind, Kind::Exception) => {
                errors.at(&input.ident, "an exception is a struct with named fields");
                return None;
            }
            Data::Struct(data) => class(&input.ident, &data.fields, errors)?,
            Data::Enum(data) => enumeration(&input.ident, data, options.by_index, errors),
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
            name: names::choose(options.name, names::model, &input.ident, "model", errors),
            docs: Docs::of(&input.attrs),
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
            let field = fields.unnamed.first()?;
            if let Some(attribute) = field.attrs.iter().find(|attribute| attribute.path().is_ident("model")) {
                errors.at(attribute, "the only field of such a struct has no name on the wire");
            }
            Some(Shape::Newtype(Box::new(field.ty.clone())))
        }
        Fields::Unit => Some(Shape::Class(Vec::new())),
        _ => {
            errors.at(ident, "a model is a struct with named fields or with one unnamed field, or an enum of plain variants");
            None
        }
    }
}

fn enumeration(ident: &Ident, data: &DataEnum, by_index: bool, errors: &mut Errors) -> Shape {
    if data.variants.is_empty() {
        errors.at(ident, "an enum that travels has at least one variant");
    }
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.at(&variant.fields, "a variant of a model has no fields: it travels as its name or index");
        }
        if let Some((_, discriminant)) = variant.discriminant.as_ref().filter(|_| by_index) {
            errors.at(
                discriminant,
                "the index of a variant is its place in the enum, from 0 on, and not its number",
            );
        }
    }
    let variants = data.variants.iter();
    let variants = variants.map(|variant| member(&variant.ident, &variant.attrs, (), errors)).collect();
    Shape::Enum { by_index, variants }
}

fn member<T>(ident: &Ident, attributes: &[Attribute], ty: T, errors: &mut Errors) -> Member<T> {
    let name = ModelOptions::name_of(attributes, errors);
    Member {
        ident: ident.clone(),
        name: names::choose(name, names::member, ident, "model", errors),
        docs: Docs::of(attributes),
        ty,
    }
}

fn check_names<T>(members: &[Member<T>], errors: &mut Errors) {
    let mut seen = HashMap::new();
    for member in members {
        let first = *seen.entry(&member.name).or_insert(&member.ident);
        if first != &member.ident {
            let name = &member.name;
            errors.at(
                &member.ident,
                format!("the wire name `{name}` belongs to `{first}` already; give one of them another by #[model(name = \"…\")]"),
            );
        }
    }
}
