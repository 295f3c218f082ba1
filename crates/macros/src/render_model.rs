//! A model as Rust code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{DeriveInput, Ident, Type};

use crate::docs::Docs;
use crate::errors::{Errors, at};
use crate::model::{Kind, Member, Model, Shape};

/// Expands `#[derive(Model)]` or `#[derive(Exception)]`.
pub(crate) fn expand(item: TokenStream, kind: Kind) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let model = Model::read(&input, kind, &mut errors);
    match (errors.into_compile_errors(), model) {
        (None, Some(model)) => render(&model, kind),
        (errors, _) if input.generics.params.is_empty() => {
            let stub = stub(&input.ident, kind);
            quote!(#stub #errors)
        }
        (errors, _) => errors.unwrap_or_default(),
    }
}

fn render(model: &Model, kind: Kind) -> TokenStream {
    let Model { ident, name, docs, shape } = model;
    let bodies = match shape {
        Shape::Class(fields) => class(name, docs, fields, kind),
        Shape::Newtype(ty) => newtype(name, docs, ty),
        Shape::Enum { by_index, variants } => enumeration(name, docs, *by_index, variants),
    };
    implementations(ident, name, bodies, kind)
}

/// Stands in for what cannot be derived, so that what uses the type brings no mistakes of its own.
fn stub(ident: &Ident, kind: Kind) -> TokenStream {
    let bodies = Bodies {
        encode: quote!(let _ = encoder; ::std::unreachable!()),
        decode: quote!(let _ = decoder; ::std::unreachable!()),
        schema: quote!({
            let _ = catalog;
            ::std::unreachable!()
        }),
        has_identity: false,
    };
    implementations(ident, "", bodies, kind)
}

/// What differs between models.
struct Bodies {
    encode: TokenStream,
    decode: TokenStream,
    schema: TokenStream,
    /// Whether equal values are told apart by Dart.
    has_identity: bool,
}

fn implementations(ident: &Ident, name: &str, bodies: Bodies, kind: Kind) -> TokenStream {
    let Bodies { encode, decode, schema, has_identity } = bodies;
    let p = quote!(::streampod::__private);
    let exception = matches!(kind, Kind::Exception).then(|| {
        // The name of the trait is what the compiler shows of an exception that is an `Error` too.
        let apart = quote_spanned! {at(ident)=>
            const _: () = {
                #[allow(dead_code)]
                trait AnExceptionDoesNotImplementStdError {}
                impl<T: ::std::error::Error> AnExceptionDoesNotImplementStdError for T {}
                impl AnExceptionDoesNotImplementStdError for #ident {}
            };
        };
        quote! {
            #apart

            #[automatically_derived]
            impl #p::Exception for #ident {}

            #p::exception!(#ident);
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
            const HAS_IDENTITY: bool = #has_identity;

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

/// A struct with named fields.
fn class(name: &str, docs: &Docs, fields: &[Member<Type>], kind: Kind) -> Bodies {
    let p = quote!(::streampod::__private);
    let slots = fields.iter().enumerate();
    let slots: Vec<_> =
        slots.map(|(index, field)| format_ident!("field_{index}", span = at(&field.ty))).collect();
    let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let fields_docs = fields.iter().map(|field| &field.docs);
    // Each use of a field is placed at its type, where the mistake is if that cannot travel; and asks for `Model` first, in
    // the same words, so that the compiler says that once.
    let uses = |render: fn(&Member<Type>, &Ident) -> TokenStream| {
        let fields = fields.iter().zip(&slots);
        fields.map(|(field, slot)| render(field, slot)).collect::<Vec<_>>()
    };
    let encoded = uses(|Member { ident, name, ty, .. }, _| {
        let mut ident = ident.clone();
        ident.set_span(at(ty));
        let is_model = is_model(ty);
        quote_spanned!(at(ty)=> #is_model fields.field(#name, &self.#ident);)
    });
    let decoded = uses(|Member { name, ty, .. }, slot| {
        let is_model = is_model(ty);
        quote_spanned!(at(ty)=> #name => { #is_model decoder.field::<#ty>(#name, &mut #slot) })
    });
    let required = uses(|Member { ident, name, ty, .. }, slot| {
        let required = quote_spanned!(at(ty)=> ::streampod::__private::required::<#ty>(#name, #slot)?);
        quote!(#ident: #required)
    });
    let described = uses(
        |Member { ty, .. }, _| quote_spanned!(at(ty)=> <#ty as ::streampod::__private::Model>::describe(catalog)),
    );
    let encode = quote! {
        encoder.fields(|fields| {
            #(#encoded)*
            let _ = fields;
        });
    };
    let decode = quote! {
        #(let mut #slots = ::std::option::Option::None::<#types>;)*
        decoder.fields(|name, decoder| match name {
            #(#decoded,)*
            _ => decoder.skip(),
        })?;
        ::std::result::Result::Ok(Self { #(#required),* })
    };
    let variant = match kind {
        Kind::Model => quote!(Class),
        Kind::Exception => quote!(Exception),
    };
    let schema = quote! {
        #p::schema::Model::#variant(#p::schema::Class {
            name: #name.into(),
            #docs,
            fields: ::std::vec![
                #(#p::schema::Field {
                    #fields_docs,
                    ..#p::schema::Field::new(#names, #described)
                }),*
            ],
            ..::std::default::Default::default()
        })
    };
    Bodies { encode, decode, schema, has_identity: true }
}

/// Asks for `ty` to be a model.
fn is_model(ty: &Type) -> TokenStream {
    quote_spanned!(at(ty)=> let _ = <#ty as ::streampod::__private::Model>::IS_STRING;)
}

/// A struct that travels as its only field.
fn newtype(name: &str, docs: &Docs, ty: &Type) -> Bodies {
    let p = quote!(::streampod::__private);
    let is_model = is_model(ty);
    let encode = quote_spanned!(at(ty)=> #is_model <#ty as #p::Encode>::encode(&self.0, encoder));
    let decode = quote_spanned!(at(ty)=> #is_model <#ty as #p::Decode>::decode(decoder).map(Self));
    let schema = quote! {{
        let _ = catalog;
        #p::schema::Model::Custom(#p::schema::Custom { name: #name.into(), #docs })
    }};
    Bodies { encode, decode, schema, has_identity: true }
}

/// An enum.
fn enumeration(name: &str, docs: &Docs, by_index: bool, variants: &[Member<()>]) -> Bodies {
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
            #docs,
            file: ::std::option::Option::None,
            server_only: false,
            encoding: #p::schema::EnumEncoding::#encoding,
            default: ::std::option::Option::None,
            properties: ::std::vec::Vec::new(),
            values: ::std::vec![
                #(#p::schema::EnumValue {
                    name: #names.into(),
                    properties: ::std::vec::Vec::new(),
                    #variants_docs
                }),*
            ],
        })
    }};
    Bodies { encode, decode, schema, has_identity: false }
}
