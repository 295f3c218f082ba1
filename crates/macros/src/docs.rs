//! Documentation and deprecation, as the user wrote them.

use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta};

/// The doc comments, as Markdown.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => text(&meta.value),
        _ => None,
    });
    let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// The note of a `#[deprecated]`; empty if it has none.
pub(crate) fn deprecated(attributes: &[Attribute]) -> Option<String> {
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
