//! An endpoint as Rust code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ItemImpl;

use crate::endpoint::{Endpoint, Method, Parameter, ParameterKind, Returns, TakesSession};
use crate::errors::{Errors, at};

/// Expands `#[endpoint(attribute)]` on `item`.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut block: ItemImpl = match syn::parse2(item) {
        Ok(block) => block,
        Err(error) => {
            let message = "#[endpoint] belongs on an `impl` block with methods";
            return syn::Error::new(error.span(), message).to_compile_error();
        }
    };
    let mut errors = Errors::default();
    let endpoint = Endpoint::read(attribute, &mut block, &mut errors);
    if let Some(errors) = errors.into_compile_errors() {
        // The methods stay, so that the mistakes here bring no others about.
        return quote!(#block #errors);
    }
    let implementation = implementation(&endpoint, &block);
    quote!(#block #implementation)
}

fn implementation(endpoint: &Endpoint, block: &ItemImpl) -> TokenStream {
    let Endpoint { name, docs, require_login, scopes, methods } = endpoint;
    let ty = &block.self_ty;
    let require_login = require_login.then(|| quote!(builder.require_login(&[#(#scopes),*]);));
    let methods = methods.iter().map(method);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::streampod::__private::Endpoint for #ty {
            fn describe(
                self: ::std::sync::Arc<Self>,
                builder: &mut ::streampod::__private::EndpointBuilder<'_>,
            ) {
                builder.endpoint(#name, #docs);
                #require_login
                #(#methods)*
            }
        }
    }
}

fn method(method: &Method) -> TokenStream {
    let Method { ident, name, docs, deprecated, takes_session, parameters, is_async, returns } = method;
    let private = quote!(::streampod::__private);
    let deprecated = match deprecated {
        Some(note) => quote!(::std::option::Option::Some(#note)),
        None => quote!(::std::option::Option::None),
    };
    let described = parameters.iter().map(describe);
    let variables: Vec<_> = (0..parameters.len()).map(|index| format_ident!("argument_{index}")).collect();
    let read = parameters.iter().map(read);
    let session = match takes_session {
        TakesSession::ByReference => quote!(&session),
        TakesSession::Owned => quote!(session.clone()),
    };
    let call = quote!(endpoint.#ident(#session #(, #variables)*));
    let (returned, driven) = match returns {
        Returns::Value(ty) => (
            quote_spanned!(at(ty)=> .returns_value::<<#ty as #private::IntoResult>::Value>()),
            quote!(#private::drive_value(&out, #call).await),
        ),
        Returns::Stream { item, fallible } => {
            let call = if *is_async { quote!(#call.await) } else { call };
            let stream = if *fallible { quote!(#private::into_result(#call)?) } else { call };
            (
                quote_spanned!(at(item)=> .returns_stream::<<#item as #private::IntoResult>::Value>()),
                quote! {
                    let stream = ::std::pin::pin!(#stream);
                    #private::drive_stream(&out, stream).await
                },
            )
        }
    };
    // Placed at the method's name, so that the error of a method that is not `Send` points there.
    let boxed = quote_spanned! {at(ident)=>
        #private::boxed(async move {
            #private::open(&out, &session).await?;
            #driven
        })
    };
    quote! {
        {
            let endpoint = ::std::sync::Arc::clone(&self);
            builder
                .method(#name, #private::MethodDocs { docs: #docs, deprecated: #deprecated })
                #(#described)*
                #returned
                .start(move |start| {
                    #(let #variables = #read;)*
                    let (endpoint, session, out) = (::std::sync::Arc::clone(&endpoint), start.session(), start.out());
                    ::std::result::Result::Ok(#boxed)
                });
        }
    }
}

fn describe(parameter: &Parameter) -> TokenStream {
    let name = &parameter.name;
    match &parameter.kind {
        ParameterKind::Argument { ty, default, named } => {
            let default = match default {
                Some(default) => quote!(::std::option::Option::Some(#default)),
                None => quote!(::std::option::Option::None),
            };
            let passed = if *named { quote!(ByName) } else { quote!(ByPosition) };
            quote_spanned! {at(ty)=>
                .argument::<#ty>(#name, ::streampod::__private::Passed::#passed, #default)
            }
        }
        ParameterKind::Stream { element, optional } => {
            quote_spanned!(at(element)=> .input::<#element>(#name, #optional))
        }
    }
}

fn read(parameter: &Parameter) -> TokenStream {
    let name = &parameter.name;
    match &parameter.kind {
        ParameterKind::Argument { ty, default: Some(default), .. } => {
            quote!(start.argument_or::<#ty>(#name, || #default)?)
        }
        ParameterKind::Argument { ty, default: None, .. } => quote!(start.argument::<#ty>(#name)?),
        ParameterKind::Stream { element, optional: false } => quote!(start.input::<#element>(#name)?),
        ParameterKind::Stream { element, optional: true } => quote!(start.optional_input::<#element>(#name)?),
    }
}
