//! A model as Rust code.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Ident, Type};

use crate::errors::{Errors, at};
use crate::model::{Kind, Model, Shape};
use crate::{render_class, render_enum};

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
    let bodies = match &model.shape {
        Shape::Class { extends, immutable, fields } => {
            render_class::class(model, kind, extends.as_ref(), *immutable, fields)
        }
        Shape::Record(fields) => return render_class::record(&model.ident, fields),
        Shape::Newtype(ty) => render_class::newtype(model, ty),
        Shape::Sealed { extends, fields, variants } => {
            render_enum::sealed(model, kind, extends.as_ref(), fields, variants)
        }
        Shape::Enum { by_index, properties, variants } => {
            render_enum::plain(model, *by_index, properties, variants)
        }
    };
    implementations(&model.ident, &model.name, bodies, kind)
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
        ..Bodies::default()
    };
    implementations(ident, "", bodies, kind)
}

/// What differs between models.
#[derive(Default)]
pub(crate) struct Bodies {
    pub(crate) encode: TokenStream,
    pub(crate) decode: TokenStream,
    pub(crate) schema: TokenStream,
    /// Whether equal values are told apart by Dart.
    pub(crate) has_identity: bool,
    /// What else `Model` is to have.
    pub(crate) model: TokenStream,
    /// What else there is for the type.
    pub(crate) more: TokenStream,
}

fn implementations(ident: &Ident, name: &str, bodies: Bodies, kind: Kind) -> TokenStream {
    let Bodies { encode, decode, schema, has_identity, model, more } = bodies;
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
    let travels = travels(ident, &encode, &decode);
    quote! {
        #travels

        #[automatically_derived]
        impl #p::Model for #ident {
            const HAS_IDENTITY: bool = #has_identity;

            fn describe(catalog: &mut #p::Catalog) -> #p::schema::Type {
                catalog.class::<Self>(|catalog| #schema)
            }

            #model
        }

        #[automatically_derived]
        impl #p::Class for #ident {
            const NAME: &'static str = #name;
        }

        #exception

        #more
    }
}

/// `Encode` and `Decode`.
pub(crate) fn travels(ident: &Ident, encode: &TokenStream, decode: &TokenStream) -> TokenStream {
    let p = quote!(::streampod::__private);
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
    }
}

/// Asks for `ty` to be a model.
pub(crate) fn is_model(ty: &Type) -> TokenStream {
    quote_spanned!(at(ty)=> let _ = <#ty as ::streampod::__private::Model>::IS_STRING;)
}

/// An `Option<String>` with the text.
pub(crate) fn optional(text: Option<&String>) -> TokenStream {
    match text {
        Some(text) => quote!(::std::option::Option::Some(#text.into())),
        None => quote!(::std::option::Option::None),
    }
}
