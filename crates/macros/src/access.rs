//! Who may call, as endpoints and methods say it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token, parenthesized, punctuated::Punctuated};

use crate::attributes::word;
use crate::errors::Errors;

/// What an endpoint or a method asks of its callers.
#[derive(Default)]
pub(crate) struct Access {
    require_login: bool,
    scopes: Vec<String>,
    /// The option by which calls end when the sign-in that they carry is revoked, although nobody has to sign in.
    revocable: Option<Path>,
}

impl Access {
    /// Reads an option if it is about access, and tells whether it is.
    pub(crate) fn read(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<bool> {
        if meta.path.is_ident("require_login") {
            word(meta)?;
            self.require_login = true;
        } else if meta.path.is_ident("scopes") {
            self.scopes = scopes(meta)?;
            self.require_login = true;
        } else if meta.path.is_ident("revocable") {
            word(meta)?;
            self.revocable = Some(meta.path.clone());
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Finds mistakes in what its options say together.
    pub(crate) fn check(&self, errors: &mut Errors) {
        if let Some(revocable) = self.revocable.as_ref().filter(|_| self.require_login) {
            let message = "calls that need a login end with it anyway: `revocable` is for calls that do not";
            errors.at(revocable, message);
        }
    }

    /// Whether nothing is asked.
    pub(crate) fn is_default(&self) -> bool {
        !self.require_login && self.revocable.is_none()
    }

    /// How a builder is told, as calls of its methods.
    pub(crate) fn calls(&self) -> impl Iterator<Item = TokenStream> {
        let Self { require_login, scopes, revocable } = self;
        let require_login = require_login.then(|| quote!(require_login(&[#(#scopes),*])));
        let revocable = revocable.as_ref().map(|_| quote!(revocable()));
        require_login.into_iter().chain(revocable)
    }
}

fn scopes(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<String>> {
    const EXAMPLE: &str = "as in `scopes(\"admin\", \"billing\")`";
    if !meta.input.peek(syn::token::Paren) {
        let message = format!("expected the scopes in parentheses, {EXAMPLE}");
        return Err(syn::Error::new_spanned(&meta.path, message));
    }
    let content;
    parenthesized!(content in meta.input);
    let scope = |input: ParseStream<'_>| {
        let literal: syn::Result<LitStr> = input.parse();
        literal.map_err(|error| {
            syn::Error::new(error.span(), format!("expected a scope as a string, {EXAMPLE}"))
        })
    };
    // Read apart, so that what stands behind a mistake is not one more.
    let scopes = |input: ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(input, scope);
    let literals = scopes.parse2(content.parse()?)?;
    if literals.is_empty() {
        let message = "`scopes` names one at least; for everybody who is signed in, it is `require_login`";
        return Err(syn::Error::new_spanned(&meta.path, message));
    }
    let mut scopes = Vec::with_capacity(literals.len());
    for literal in literals {
        let scope = literal.value();
        if scope.is_empty() {
            return Err(syn::Error::new(literal.span(), "a scope is not empty"));
        }
        if scopes.contains(&scope) {
            return Err(syn::Error::new(literal.span(), format!("the scope `{scope}` is named twice")));
        }
        scopes.push(scope);
    }
    Ok(scopes)
}
