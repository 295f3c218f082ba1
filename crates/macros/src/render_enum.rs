//! Enums as Rust code.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Path, Type};

use crate::errors::at;
use crate::model::{Kind, Member, Model, Variant};
use crate::render_class::{describe_fields, parent};
use crate::render_model::{Bodies, optional};

/// An enum of classes, or of exceptions.
pub(crate) fn sealed(
    model: &Model,
    kind: Kind,
    extends: Option<&Path>,
    fields: &[Member],
    variants: &[(Ident, Type)],
) -> Bodies {
    let p = quote!(::streampod::__private);
    let Model { ident, name, docs, file, server_only, .. } = model;
    let (idents, types): (Vec<_>, Vec<_>) = variants.iter().map(|(ident, ty)| (ident, ty)).unzip();
    let names: Vec<_> = types
        .iter()
        .map(|ty| quote_spanned!(at(ty)=> <#ty as ::streampod::__private::Class>::NAME))
        .collect();
    let expected = format!("{name}: an object whose __className__ is one of ");
    let decode = quote! {
        let tag = decoder.tag()?;
        #(if tag == #names {
            return #p::Decode::decode(decoder).map(Self::#idents);
        })*
        ::std::result::Result::Err(#p::DecodeError::mismatch(
            ::std::string::String::from(#expected) + &[#(#names),*].join(", "),
            tag,
        ))
    };
    let encode = quote!(match self { #(Self::#idents(value) => encoder.tagged(#names, value)),* });
    let (extends, file, described) = (parent(extends), optional(file.as_ref()), describe_fields(fields));
    let variant = match kind {
        Kind::Model => quote!(Class),
        Kind::Exception => quote!(Exception),
    };
    let schema = quote! {{
        #(catalog.member::<#types>(#name);)*
        #p::schema::Model::#variant(#p::schema::Class {
            name: #name.into(),
            #docs,
            file: #file,
            extends: #extends,
            sealed: true,
            immutable: false,
            server_only: #server_only,
            fields: #described,
        })
    }};
    let in_model = quote! {
        fn class_name(&self) -> #p::ClassName<'_> {
            #p::ClassName::Own(::std::borrow::Cow::Borrowed(match self { #(Self::#idents(_) => #names),* }))
        }

        fn from_wrapped(
            wrapped: &#p::Wrapped<'_>,
            element: &#p::ElementType,
            catalog: &#p::Catalog,
        ) -> ::std::result::Result<Self, #p::WrappedError> {
            #(if wrapped.class_name == #names {
                return ::std::result::Result::Ok(Self::#idents(wrapped.read(catalog)?));
            })*
            #p::from_wrapped(wrapped, element, catalog)
        }
    };
    let getters = fields.iter().map(|Member { ident, ty, .. }| {
        let docs = format!("The field `{ident}`, which all variants have.");
        quote_spanned! {at(ty)=>
            #[doc = #docs]
            #[must_use]
            pub fn #ident(&self) -> &#ty {
                match self { #(Self::#idents(value) => &value.#ident),* }
            }
        }
    });
    let more = quote! {
        #[automatically_derived]
        impl #ident {
            #(#getters)*
        }

        #(#[automatically_derived]
        impl ::std::convert::From<#types> for #ident {
            fn from(value: #types) -> Self {
                Self::#idents(value)
            }
        })*
    };
    Bodies { encode, decode, schema, has_identity: true, model: in_model, more }
}

/// An enum of plain variants.
pub(crate) fn plain(
    model: &Model,
    by_index: bool,
    properties: &[(Ident, Type)],
    variants: &[Variant],
) -> Bodies {
    let p = quote!(::streampod::__private);
    let Model { ident, name, docs, file, server_only, .. } = model;
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let indices: Vec<_> = (0_i64..).take(variants.len()).collect();
    let default = variants.iter().find(|variant| variant.is_default);
    let unknown = |expected: String, found: TokenStream| match default {
        Some(Variant { ident, .. }) => quote!(_ => ::std::result::Result::Ok(Self::#ident)),
        None => quote!(other => ::std::result::Result::Err(#p::DecodeError::mismatch(#expected, #found))),
    };
    let (encode, decode, encoding) = if by_index {
        let unknown =
            unknown(format!("{name}: an index below {}", variants.len()), quote!(other.to_string()));
        (
            quote!(encoder.int(match self { #(Self::#idents => #indices),* })),
            quote! {
                match decoder.int()? {
                    #(#indices => ::std::result::Result::Ok(Self::#idents),)*
                    #unknown,
                }
            },
            quote!(ByIndex),
        )
    } else {
        let allowed = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let unknown = unknown(format!("{name}: {allowed}"), quote!(other));
        (
            quote!(encoder.string(match self { #(Self::#idents => #names),* })),
            quote! {
                match &*decoder.string()? {
                    #(#names => ::std::result::Result::Ok(Self::#idents),)*
                    #unknown,
                }
            },
            quote!(ByName),
        )
    };
    let (file, default) = (optional(file.as_ref()), optional(default.map(|variant| &variant.name)));
    let (property_names, types): (Vec<_>, Vec<_>) = properties.iter().map(|(ident, ty)| (ident, ty)).unzip();
    let keys = property_names.iter().map(|ident| crate::names::member(ident));
    let values = variants.iter().map(|variant| {
        let Variant { name, docs, properties, .. } = variant;
        quote!(#p::schema::EnumValue {
            name: #name.into(),
            #docs,
            properties: ::std::vec![#(#p::property_json::<#types>(#properties)),*],
        })
    });
    let schema = quote! {{
        let _ = &catalog;
        #p::schema::Model::Enum(#p::schema::Enum {
            name: #name.into(),
            #docs,
            file: #file,
            server_only: #server_only,
            encoding: #p::schema::EnumEncoding::#encoding,
            default: #default,
            properties: ::std::vec![#(#p::schema::EnumProperty {
                name: #keys.into(),
                ty: #p::property_type::<#types>(),
            }),*],
            values: ::std::vec![#(#values),*],
        })
    }};
    let getters = properties.iter().enumerate().map(|(index, (name, ty))| {
        let values = variants.iter().map(|variant| &variant.properties[index]);
        let docs = format!("The property `{name}`.");
        quote_spanned! {at(ty)=>
            #[doc = #docs]
            #[must_use]
            pub const fn #name(&self) -> #ty {
                match self { #(Self::#idents => #values),* }
            }
        }
    });
    let more = (!properties.is_empty()).then(|| {
        quote! {
            #[automatically_derived]
            impl #ident {
                #(#getters)*
            }
        }
    });
    Bodies { encode, decode, schema, more: more.unwrap_or_default(), ..Bodies::default() }
}
