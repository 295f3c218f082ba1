//! The options of our attributes.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Expr, LitStr, Token, parenthesized, punctuated::Punctuated};

use crate::errors::Errors;
use crate::names;

/// The options of `#[endpoint(…)]`.
#[derive(Default)]
pub(crate) struct EndpointOptions {
    pub(crate) name: Option<String>,
    pub(crate) require_login: bool,
    pub(crate) scopes: Vec<String>,
}

impl EndpointOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let mut option = |meta: ParseNestedMeta<'_>| {
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
        };
        let parsed = syn::meta::parser(|meta| read(meta, &mut option, errors)).parse2(tokens);
        errors.take(parsed);
        options
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
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        take(attributes, "method", errors, |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("ignore") {
                options.ignore = true;
            } else {
                return Err(unknown(&meta, "name = \"…\", ignore"));
            }
            Ok(())
        });
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

/// The options of `#[model(…)]`.
#[derive(Default)]
pub(crate) struct ModelOptions {
    pub(crate) name: Option<String>,
    pub(crate) by_index: bool,
}

impl ModelOptions {
    /// Reads the options of a type.
    pub(crate) fn of_type(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        take(&mut attributes.to_vec(), "model", errors, |meta| {
            if meta.path.is_ident("name") {
                options.name = Some(name(&meta)?);
            } else if meta.path.is_ident("by_index") {
                options.by_index = true;
            } else {
                return Err(unknown(&meta, "name = \"…\", by_index"));
            }
            Ok(())
        });
        options
    }

    /// Reads the name that a field or variant is given.
    pub(crate) fn name_of(attributes: &[Attribute], errors: &mut Errors) -> Option<String> {
        let mut found = None;
        take(&mut attributes.to_vec(), "model", errors, |meta| {
            if !meta.path.is_ident("name") {
                return Err(unknown(&meta, "name = \"…\""));
            }
            found = Some(name(&meta)?);
            Ok(())
        });
        found
    }
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
    for attribute in ours {
        let parsed = attribute.parse_nested_meta(|meta| read(meta, &mut option, errors));
        errors.take(parsed);
    }
}

/// Reads one option. After a mistake it goes on with the next one.
fn read(
    meta: ParseNestedMeta<'_>,
    option: &mut impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let input = meta.input;
    if errors.take(option(meta)).is_none() {
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(())
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

fn unknown(meta: &ParseNestedMeta<'_>, allowed: &str) -> syn::Error {
    let found = meta.path.to_token_stream();
    meta.error(format!("unknown option `{found}`; allowed are: {allowed}"))
}
