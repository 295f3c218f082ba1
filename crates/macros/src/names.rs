//! Wire names, made from the names of Rust in this one place.

use heck::ToLowerCamelCase;
use syn::Ident;
use syn::ext::IdentExt;

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
