//! Documentation and deprecation, as the user wrote them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta};

/// What the user wrote about an item. Rendered, it is the fields `docs` and `deprecated` of what describes that.
pub(crate) struct Docs {
    docs: String,
    deprecated: Option<String>,
}

impl Docs {
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        Self { docs: docs(attributes), deprecated: deprecated(attributes) }
    }
}

impl ToTokens for Docs {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { docs, deprecated } = self;
        let deprecated = match deprecated {
            Some(note) => quote!(::std::option::Option::Some(#note.into())),
            None => quote!(::std::option::Option::None),
        };
        tokens.extend(quote!(docs: #docs.into(), deprecated: #deprecated));
    }
}

/// The doc comments, as Markdown.
fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => text(&meta.value),
        _ => None,
    });
    let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// The note of a `#[deprecated]`; empty if it has none.
fn deprecated(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("deprecated"))?;
    Some(match &attribute.meta {
        Meta::NameValue(meta) => text(&meta.value).unwrap_or_default(),
        Meta::List(_) => {
            let mut note = String::new();
            // What is wrong with the attribute is the compiler's to say.
            let _ = attribute.parse_nested_meta(|meta| {
                let value: LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("note") {
                    note = value.value();
                }
                Ok(())
            });
            note
        }
        Meta::Path(_) => String::new(),
    })
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
