//! Collecting mistakes, so that one expansion reports all of them.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;
use syn::spanned::Spanned;

/// Where the compiler shows a mistake in what is rendered: at `tokens` of the user, with our names in scope.
pub(crate) fn at(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    /// Adds a mistake at `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.0.push(Error::new_spanned(tokens, message));
    }

    /// Adds a mistake, and gives what came of it otherwise.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The mistakes as compile errors; nothing if there are none.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        let mut errors = self.0.into_iter();
        let mut all = errors.next()?;
        all.extend(errors);
        Some(all.to_compile_error())
    }
}
