//! The options of our attributes.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Expr, Field, Ident, LitStr, Path, Token, parenthesized};

use crate::access::Access;
use crate::errors::Errors;
use crate::names;

/// The options of `#[endpoint(…)]`.
#[derive(Default)]
pub(crate) struct EndpointOptions {
    pub(crate) name: Option<String>,
    pub(crate) access: Access,
}

impl EndpointOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let mut option = |meta: ParseNestedMeta<'_>| {
            if meta.path.is_ident("name") {
                options.name = Some(qualified_name(&meta)?);
            } else if !options.access.read(&meta)? {
                return Err(unknown(&meta, "name = \"…\", require_login, scopes(\"…\", …), revocable"));
            }
            Ok(())
        };
        let mut seen = Vec::new();
        let parsed = syn::meta::parser(|meta| read(meta, &mut seen, &mut option, errors)).parse2(tokens);
        errors.take(parsed);
        options.access.check(errors);
        options
    }
}

/// The options of `#[method(…)]`.
#[derive(Default)]
pub(crate) struct MethodOptions {
    pub(crate) name: Option<String>,
    pub(crate) access: Access,
    pub(crate) ignore: bool,
}

impl MethodOptions {
    /// Takes the options out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let mut ignore = None;
        take(attributes, "method", errors, |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("ignore") {
                word(&meta)?;
                ignore = Some(meta.path.clone());
            } else if !options.access.read(&meta)? {
                return Err(unknown(
                    &meta,
                    "name = \"…\", require_login, scopes(\"…\", …), revocable, ignore",
                ));
            }
            Ok(())
        });
        options.access.check(errors);
        if let Some(ignore) = ignore {
            options.ignore = true;
            if !options.access.is_default() {
                errors.at(ignore, "no client calls a method with `ignore`, so who may call it is not asked");
            }
        }
        options
    }
}

/// The options of `#[arg(…)]`.
#[derive(Default)]
pub(crate) struct ArgumentOptions {
    pub(crate) name: Option<String>,
    pub(crate) default: Option<Expr>,
    pub(crate) named: bool,
}

impl ArgumentOptions {
    /// Takes the options out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        take(attributes, "arg", errors, |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("default") {
                options.default = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("named") {
                options.named = true;
            } else {
                return Err(unknown(&meta, "name = \"…\", default = …, named"));
            }
            Ok(())
        });
        options
    }
}

/// The options of `#[model(…)]` on a type.
#[derive(Default)]
pub(crate) struct TypeOptions {
    pub(crate) name: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) extends: Option<Path>,
    /// The fields that all variants of a sealed class have.
    pub(crate) fields: Vec<Field>,
    /// The name and type of what every variant of an enum has.
    pub(crate) properties: Vec<Field>,
    pub(crate) by_index: bool,
    pub(crate) immutable: bool,
    pub(crate) server_only: bool,
    pub(crate) record: bool,
}

impl TypeOptions {
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        take(&mut attributes.to_vec(), "model", errors, |meta| {
            let path = &meta.path;
            if path.is_ident("name") {
                options.name = Some(qualified_name(&meta)?);
            } else if path.is_ident("file") {
                options.file = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if path.is_ident("extends") {
                options.extends = Some(meta.value()?.parse().map_err(|error| {
                    syn::Error::new(
                        error.span(),
                        "expected the class that is extended, as in `extends = Shape`",
                    )
                })?);
            } else if path.is_ident("fields") {
                options.fields = named_fields(&meta)?;
            } else if path.is_ident("properties") {
                options.properties = named_fields(&meta)?;
            } else if path.is_ident("by_index") {
                options.by_index = true;
            } else if path.is_ident("immutable") {
                options.immutable = true;
            } else if path.is_ident("server_only") {
                options.server_only = true;
            } else if path.is_ident("record") {
                options.record = true;
            } else {
                return Err(unknown(
                    &meta,
                    "name = \"…\", file = \"…\", extends = …, fields(…), properties(…), by_index, immutable, server_only, record",
                ));
            }
            Ok(())
        });
        options
    }
}

/// The options of `#[model(…)]` on a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) default: Option<FieldDefault>,
    pub(crate) required: bool,
    pub(crate) server_only: bool,
    pub(crate) positional: bool,
}

/// What a field is when it is left out.
pub(crate) enum FieldDefault {
    Value(Box<Expr>),
    Now,
    RandomUuid,
    RandomUuidV7,
}

impl FieldOptions {
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        take(&mut attributes.to_vec(), "model", errors, |meta| {
            let path = &meta.path;
            if path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if path.is_ident("key") {
                options.key = Some(key(&meta)?);
            } else if path.is_ident("default") {
                options.default = Some(field_default(&meta)?);
            } else if path.is_ident("required") {
                options.required = true;
            } else if path.is_ident("server_only") {
                options.server_only = true;
            } else if path.is_ident("positional") {
                options.positional = true;
            } else {
                return Err(unknown(
                    &meta,
                    "name = \"…\", key = \"…\", default = …, default(now), default(random_uuid), default(random_uuid_v7), required, server_only, positional",
                ));
            }
            Ok(())
        });
        options
    }
}

/// The options of `#[model(…)]` on a variant.
#[derive(Default)]
pub(crate) struct VariantOptions {
    pub(crate) name: Option<String>,
    /// Whether a reader takes this variant for one that it does not know.
    pub(crate) default: bool,
    pub(crate) properties: Vec<(Ident, Expr)>,
}

impl VariantOptions {
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        take(&mut attributes.to_vec(), "model", errors, |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("default") {
                options.default = true;
            } else if meta.path.is_ident("properties") {
                meta.parse_nested_meta(|property| {
                    options
                        .properties
                        .push((property.path.require_ident()?.clone(), property.value()?.parse()?));
                    Ok(())
                })?;
            } else {
                return Err(unknown(&meta, "name = \"…\", default, properties(… = …)"));
            }
            Ok(())
        });
        options
    }
}

fn field_default(meta: &ParseNestedMeta<'_>) -> syn::Result<FieldDefault> {
    if meta.input.peek(Token![=]) {
        return Ok(FieldDefault::Value(meta.value()?.parse()?));
    }
    const EXPECTED: &str = "expected a default: now, random_uuid or random_uuid_v7";
    let mut default = None;
    if meta.input.cursor().group(proc_macro2::Delimiter::Parenthesis).is_some_and(|(inside, ..)| inside.eof())
    {
        return Err(meta.error(EXPECTED));
    }
    meta.parse_nested_meta(|word| {
        default = Some(if word.path.is_ident("now") {
            FieldDefault::Now
        } else if word.path.is_ident("random_uuid") {
            FieldDefault::RandomUuid
        } else if word.path.is_ident("random_uuid_v7") {
            FieldDefault::RandomUuidV7
        } else {
            return Err(unknown(&word, "now, random_uuid, random_uuid_v7"));
        });
        Ok(())
    })?;
    default.ok_or_else(|| meta.error(EXPECTED))
}

fn named_fields(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Field>> {
    let content;
    parenthesized!(content in meta.input);
    let fields = content.parse_terminated(Field::parse_named, Token![,])?;
    Ok(fields.into_iter().collect())
}

fn take(
    attributes: &mut Vec<Attribute>,
    ident: &str,
    errors: &mut Errors,
    mut option: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    let (ours, others) = attributes.drain(..).partition(|attribute| attribute.path().is_ident(ident));
    *attributes = others;
    let ours: Vec<Attribute> = ours;
    let mut seen = Vec::new();
    for attribute in ours {
        let parsed = attribute.parse_nested_meta(|meta| read(meta, &mut seen, &mut option, errors));
        errors.take(parsed);
    }
}

/// Reads one option. After a mistake it goes on with the next one. `seen` are the options before it.
fn read(
    meta: ParseNestedMeta<'_>,
    seen: &mut Vec<String>,
    option: &mut impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let (input, path) = (meta.input, meta.path.clone());
    let name = path.to_token_stream().to_string();
    if errors.take(option(meta)).is_none() {
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<TokenTree>()?;
        }
    } else if seen.contains(&name) {
        errors.at(path, format!("the option `{name}` is given twice"));
    }
    seen.push(name);
    Ok(())
}

/// Reads an option that is a word alone.
pub(crate) fn word(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.is_empty() || meta.input.peek(Token![,]) {
        return Ok(());
    }
    let found = meta.path.to_token_stream();
    Err(syn::Error::new_spanned(&meta.path, format!("`{found}` is a word alone, without a value")))
}

fn name(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    let literal: LitStr = meta.value()?.parse()?;
    let name = literal.value();
    if names::is_wire_name(&name) {
        Ok(name)
    } else {
        let message = "a wire name has ASCII letters, digits and `_` only, and begins with no digit";
        Err(syn::Error::new(literal.span(), message))
    }
}

/// A key of an object, which can be other than a name: nothing in it needs an escape.
fn key(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    let literal: LitStr = meta.value()?.parse()?;
    let key = literal.value();
    if key.is_empty() || key.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        let message = "a key is not empty, and has no control characters, `\"` or `\\` in it";
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(key)
}

/// A wire name, or one with the name of its module before it.
fn qualified_name(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    let literal: LitStr = meta.value()?.parse()?;
    let name = literal.value();
    let parts: Vec<_> = name.split('.').collect();
    if parts.len() <= 2 && parts.iter().all(|part| names::is_wire_name(part)) {
        return Ok(name);
    }
    let message = "a wire name has ASCII letters, digits and `_` only, and begins with no digit; before it the name of its \
                   module may stand, with a `.` between";
    Err(syn::Error::new(literal.span(), message))
}

fn unknown(meta: &ParseNestedMeta<'_>, allowed: &str) -> syn::Error {
    let found = meta.path.to_token_stream();
    meta.error(format!("unknown option `{found}`; allowed are: {allowed}"))
}
