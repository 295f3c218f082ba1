//! The options of our attributes.

use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Expr, LitStr, Token, parenthesized, punctuated::Punctuated};

/// The options of `#[endpoint(…)]`.
#[derive(Default)]
pub(crate) struct EndpointOptions {
    pub(crate) name: Option<String>,
    pub(crate) require_login: bool,
    pub(crate) scopes: Vec<String>,
}

impl EndpointOptions {
    pub(crate) fn parse(tokens: proc_macro2::TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("require_login") {
                options.require_login = true;
            } else if meta.path.is_ident("scopes") {
                let content;
                parenthesized!(content in meta.input);
                let scopes = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
                options.scopes = scopes.iter().map(LitStr::value).collect();
                options.require_login = true;
            } else {
                return Err(unknown(&meta, "name = \"…\", require_login, scopes(\"…\", …)"));
            }
            Ok(())
        });
        parser.parse2(tokens)?;
        Ok(options)
    }
}

/// The options of `#[method(…)]`.
#[derive(Default)]
pub(crate) struct MethodOptions {
    pub(crate) name: Option<String>,
    pub(crate) ignore: bool,
}

impl MethodOptions {
    /// Takes the options out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>) -> syn::Result<Self> {
        let mut options = Self::default();
        take(attributes, "method", |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("ignore") {
                options.ignore = true;
            } else {
                return Err(unknown(&meta, "name = \"…\", ignore"));
            }
            Ok(())
        })?;
        Ok(options)
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
    pub(crate) fn take(attributes: &mut Vec<Attribute>) -> syn::Result<Self> {
        let mut options = Self::default();
        take(attributes, "arg", |meta| {
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
        })?;
        Ok(options)
    }
}

/// The options of `#[model(…)]`.
#[derive(Default)]
pub(crate) struct ModelOptions {
    pub(crate) name: Option<String>,
    pub(crate) by_index: bool,
}

impl ModelOptions {
    /// Reads the options of a type.
    pub(crate) fn of_type(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        take(&mut attributes.to_vec(), "model", |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("by_index") {
                options.by_index = true;
            } else {
                return Err(unknown(&meta, "name = \"…\", by_index"));
            }
            Ok(())
        })?;
        Ok(options)
    }

    /// Reads the name that a field or variant is given.
    pub(crate) fn name_of(attributes: &[Attribute]) -> syn::Result<Option<String>> {
        let mut found = None;
        take(&mut attributes.to_vec(), "model", |meta| {
            if !meta.path.is_ident("name") {
                return Err(unknown(&meta, "name = \"…\""));
            }
            found = Some(name(&meta)?);
            Ok(())
        })?;
        Ok(found)
    }
}

fn take(
    attributes: &mut Vec<Attribute>,
    ident: &str,
    mut option: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let (ours, others) = attributes.drain(..).partition(|attribute| attribute.path().is_ident(ident));
    *attributes = others;
    let ours: Vec<Attribute> = ours;
    ours.iter().try_for_each(|attribute| attribute.parse_nested_meta(&mut option))
}

/// A name on the wire: letters, digits and `_`, so that it needs no escapes in any client.
fn name(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    let literal: LitStr = meta.value()?.parse()?;
    let name = literal.value();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        Ok(name)
    } else {
        Err(syn::Error::new(
            literal.span(),
            "a wire name has letters, digits and `_` only, and begins with no digit",
        ))
    }
}

fn unknown(meta: &ParseNestedMeta<'_>, allowed: &str) -> syn::Error {
    meta.error(format!("unknown option; allowed are: {allowed}"))
}
