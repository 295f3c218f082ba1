//! Wire names, made from the names of Rust in this one place.

use heck::ToLowerCamelCase;
use syn::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;

/// The wire name of a method, an argument, a field or a variant.
pub(crate) fn member(ident: &Ident) -> String {
    ident.unraw().to_string().to_lower_camel_case()
}

/// The wire name of an endpoint: that of its type without the suffix `Endpoint`.
pub(crate) fn endpoint(type_name: &Ident) -> String {
    let name = type_name.unraw().to_string();
    let stem = name.strip_suffix("Endpoint").filter(|stem| !stem.is_empty());
    stem.unwrap_or(&name).to_lower_camel_case()
}

/// The wire name of a model.
pub(crate) fn model(type_name: &Ident) -> String {
    type_name.unraw().to_string()
}

/// Letters, digits and `_`, so that it needs no escapes in any client.
pub(crate) fn is_wire_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The wire name that was `given`, or else the one that is `made` of `ident`.
pub(crate) fn choose(
    given: Option<String>,
    made: fn(&Ident) -> String,
    ident: &Ident,
    attribute: &str,
    errors: &mut Errors,
) -> String {
    given.unwrap_or_else(|| {
        let name = made(ident);
        if !is_wire_name(&name) {
            errors.at(
                ident,
                format!(
                    "a wire name has ASCII letters, digits and `_` only, and begins with no digit; this would be `{name}`: give it another by #[{attribute}(name = \"…\")]"
                ),
            );
        }
        name
    })
}
