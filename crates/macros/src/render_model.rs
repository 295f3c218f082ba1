//! A model as Rust code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{DeriveInput, Type};

use crate::errors::{Errors, at};
use crate::model::{Member, Model, Shape};

/// What is derived.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Model,
    Exception,
}

/// Expands `#[derive(Model)]` or `#[derive(Exception)]`.
pub(crate) fn expand(item: TokenStream, kind: Kind) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let model = Model::read(&input, kind, &mut errors);
    if let Some(errors) = errors.into_compile_errors() {
        return errors;
    }
    model.map(|model| render(&model, kind)).unwrap_or_default()
}

fn render(model: &Model, kind: Kind) -> TokenStream {
    let Model { ident, name, docs, shape } = model;
    let p = quote!(::streampod::__private);
    let (encode, decode, schema) = match shape {
        Shape::Class(fields) => class(name, docs, fields, kind),
        Shape::Newtype(ty) => newtype(name, docs, ty),
        Shape::Enum { by_index, variants } => enumeration(name, docs, *by_index, variants),
    };
    let exception = matches!(kind, Kind::Exception).then(|| {
        quote! {
            #[automatically_derived]
            impl #p::Exception for #ident {}

            #[automatically_derived]
            impl ::std::convert::From<#ident> for #p::Error {
                fn from(exception: #ident) -> Self {
                    #p::Error::exception(exception)
                }
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #p::Encode for #ident {
            fn encode(&self, encoder: &mut #p::Encoder<'_>) {
                #encode
            }
        }

        #[automatically_derived]
        impl #p::Decode for #ident {
            fn decode(decoder: &mut #p::Decoder<'_>) -> ::std::result::Result<Self, #p::DecodeError> {
                #decode
            }
        }

        #[automatically_derived]
        impl #p::Model for #ident {
            fn describe(catalog: &mut #p::Catalog) -> #p::schema::Type {
                catalog.class::<Self>(|catalog| #schema)
            }
        }

        #[automatically_derived]
        impl #p::Class for #ident {
            const NAME: &'static str = #name;
        }

        #exception
    }
}

/// Encoding, decoding and schema of a struct with named fields.
fn class(
    name: &str,
    docs: &str,
    fields: &[Member<Type>],
    kind: Kind,
) -> (TokenStream, TokenStream, TokenStream) {
    let p = quote!(::streampod::__private);
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let slots: Vec<_> = (0..fields.len()).map(|index| format_ident!("field_{index}")).collect();
    let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let fields_docs = fields.iter().map(|field| &field.docs);
    // Placed at the field's type, so that the error of a type that cannot travel points there.
    let described = types.iter().map(|ty| quote_spanned!(at(ty)=> <#ty as #p::Model>::describe(catalog)));
    let encode = quote! {
        encoder.fields(|fields| {
            #(fields.field(#names, &self.#idents);)*
            let _ = fields;
        });
    };
    let decode = quote! {
        #(let mut #slots = ::std::option::Option::None::<#types>;)*
        decoder.fields(|name, decoder| match name {
            #(#names => decoder.field(#names, &mut #slots),)*
            _ => decoder.skip(),
        })?;
        ::std::result::Result::Ok(Self { #(#idents: #p::required(#names, #slots)?),* })
    };
    let variant = match kind {
        Kind::Model => quote!(Class),
        Kind::Exception => quote!(Exception),
    };
    let schema = quote! {
        #p::schema::Model::#variant(#p::schema::Class {
            name: #name.into(),
            docs: #docs.into(),
            fields: ::std::vec![
                #(#p::schema::Field { name: #names.into(), ty: #described, docs: #fields_docs.into() }),*
            ],
        })
    };
    (encode, decode, schema)
}

/// Encoding, decoding and schema of a struct that travels as its only field.
fn newtype(name: &str, docs: &str, ty: &Type) -> (TokenStream, TokenStream, TokenStream) {
    let p = quote!(::streampod::__private);
    let decode = quote_spanned!(at(ty)=> <#ty as #p::Decode>::decode(decoder).map(Self));
    let schema = quote! {{
        let _ = catalog;
        #p::schema::Model::Custom { name: #name.into(), docs: #docs.into() }
    }};
    (quote!(#p::Encode::encode(&self.0, encoder)), decode, schema)
}

/// Encoding, decoding and schema of an enum.
fn enumeration(
    name: &str,
    docs: &str,
    by_index: bool,
    variants: &[Member<()>],
) -> (TokenStream, TokenStream, TokenStream) {
    let p = quote!(::streampod::__private);
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let indices: Vec<_> = (0_i64..).take(variants.len()).collect();
    let variants_docs = variants.iter().map(|variant| &variant.docs);
    let allowed = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let (encode, decode, encoding) = if by_index {
        let expected = format!("{name}: an index below {}", variants.len());
        (
            quote!(encoder.int(match self { #(Self::#idents => #indices),* })),
            quote! {
                match decoder.int()? {
                    #(#indices => ::std::result::Result::Ok(Self::#idents),)*
                    other => ::std::result::Result::Err(#p::DecodeError::mismatch(#expected, other.to_string())),
                }
            },
            quote!(ByIndex),
        )
    } else {
        let expected = format!("{name}: {allowed}");
        (
            quote!(encoder.string(match self { #(Self::#idents => #names),* })),
            quote! {
                match &*decoder.string()? {
                    #(#names => ::std::result::Result::Ok(Self::#idents),)*
                    other => ::std::result::Result::Err(#p::DecodeError::mismatch(#expected, other)),
                }
            },
            quote!(ByName),
        )
    };
    let schema = quote! {{
        let _ = catalog;
        #p::schema::Model::Enum(#p::schema::Enum {
            name: #name.into(),
            docs: #docs.into(),
            encoding: #p::schema::EnumEncoding::#encoding,
            values: ::std::vec![#(#p::schema::EnumValue { name: #names.into(), docs: #variants_docs.into() }),*],
        })
    }};
    (encode, decode, schema)
}
