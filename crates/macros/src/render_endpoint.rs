//! An endpoint as Rust code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Ident, Item, ItemImpl, Type};

use crate::endpoint::{self, Endpoint, Method, Parameter, ParameterKind, Returns, TakesSession};
use crate::errors::{Errors, at};

/// Expands `#[endpoint(attribute)]` on `item`.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut block = match syn::parse2(item.clone()) {
        Ok(Item::Impl(block)) if block.trait_.is_none() => block,
        Ok(other) => {
            let message =
                "#[endpoint] belongs on the `impl` block of a type itself, with the methods for clients";
            let mut errors = Errors::default();
            errors.at(name_of(&other).unwrap_or(item.clone()), message);
            let errors = errors.into_compile_errors();
            return quote!(#item #errors);
        }
        Err(error) => {
            let error = error.to_compile_error();
            return quote!(#item #error);
        }
    };
    let mut errors = Errors::default();
    let endpoint = Endpoint::read(attribute, &mut block, &mut errors);
    let errors = errors.into_compile_errors();
    let can_be_endpoint =
        block.generics.params.is_empty() && endpoint::last_segment(&block.self_ty).is_some();
    // Block and methods stay, so that the mistakes here bring no others about, and the compiler reports its own at once.
    let implementation = can_be_endpoint.then(|| implementation(&endpoint, &block));
    quote!(#block #implementation #errors)
}

fn implementation(endpoint: &Endpoint, block: &ItemImpl) -> TokenStream {
    let Endpoint { name, docs, access, methods } = endpoint;
    let ty = &block.self_ty;
    let access = access.calls();
    let methods = methods.iter().map(method);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::streampod::__private::Endpoint for #ty {
            fn describe(
                self: ::std::sync::Arc<Self>,
                builder: &mut ::streampod::__private::EndpointBuilder<'_>,
            ) {
                builder.endpoint(#name, ::streampod::__private::Docs { #docs });
                #(builder.#access;)*
                #(#methods)*
            }
        }
    }
}

fn method(method: &Method) -> TokenStream {
    let Method { ident, name, docs, access, parameters, returns, conditions, .. } = method;
    let private = quote!(::streampod::__private);
    let parameters: Vec<_> = parameters.iter().enumerate().map(Variables::of).collect();
    let defaults = parameters.iter().map(Variables::default);
    let access = access.calls();
    let described = parameters.iter().map(Variables::describe);
    let read = parameters.iter().map(Variables::read);
    let returned = match returns {
        Returns::Value(ty) => {
            quote_spanned!(value_span(ty)=> .returns_value::<<#ty as ::streampod::__private::IntoResult>::Value>())
        }
        Returns::Stream { item, .. } => {
            quote_spanned!(value_span(item)=> .returns_stream::<<#item as ::streampod::__private::IntoResult>::Value>())
        }
    };
    let driven = driven(method, &parameters);
    // Placed at the method's name, so that the error of a method that is not `Send` points there.
    let boxed = quote_spanned! {at(ident)=>
        ::streampod::__private::boxed(async move {
            ::streampod::__private::open(&out, &session).await?;
            #driven
        })
    };
    quote! {
        #(#conditions)*
        {
            let endpoint = ::std::sync::Arc::clone(&self);
            #(#defaults)*
            builder
                .method(#name, #private::Docs { #docs })
                #(.#access)*
                #(#described)*
                #returned
                .start(move |start| {
                    #(#read)*
                    let (endpoint, session, out) = (::std::sync::Arc::clone(&endpoint), start.session(), start.out());
                    ::std::result::Result::Ok(#boxed)
                });
        }
    }
}

/// The call of the method, and what sends its answer.
fn driven(method: &Method, parameters: &[Variables<'_>]) -> TokenStream {
    let Method { ident, takes_session, is_async, returns, .. } = method;
    let session = match takes_session {
        TakesSession::ByReference => quote_spanned!(at(ident)=> &session),
        TakesSession::Owned => quote_spanned!(at(ident)=> session.clone()),
    };
    let variables = parameters.iter().map(|parameter| &parameter.variable);
    // By its path: what derefs to the endpoint has methods too, such as `clone`.
    let call = quote_spanned!(at(ident)=> Self::#ident(&endpoint, #session #(, #variables)*));
    match returns {
        Returns::Value(ty) => {
            let value = quote_spanned!(value_span(ty)=> ::std::future::ready(value));
            let sent =
                quote_spanned!(value_span(ty)=> ::streampod::__private::drive_value(&out, #value).await);
            quote_spanned!(at(ident)=> let value = #call.await; #sent)
        }
        Returns::Stream { item, fallible } => {
            let span = value_span(item);
            let call = if *is_async { quote!(#call.await) } else { call };
            let stream = if *fallible {
                quote_spanned!(span=> ::streampod::__private::into_result(#call)?)
            } else {
                call
            };
            quote_spanned! {span=>
                let stream = ::std::pin::pin!(#stream);
                ::streampod::__private::drive_stream(&out, stream).await
            }
        }
    }
}

/// A parameter and the variables that it has in the code.
struct Variables<'a> {
    parameter: &'a Parameter,
    variable: Ident,
    default: Ident,
}

impl<'a> Variables<'a> {
    fn of((index, parameter): (usize, &'a Parameter)) -> Self {
        let span = match &parameter.kind {
            ParameterKind::Argument { ty, .. } => at(ty),
            ParameterKind::Stream { element, .. } => at(element),
        };
        let variable = format_ident!("argument_{index}", span = span);
        Self { parameter, variable, default: format_ident!("default_{index}") }
    }

    /// What makes the default.
    fn default(&self) -> Option<TokenStream> {
        let Self { parameter, default, .. } = self;
        match &parameter.kind {
            ParameterKind::Argument { ty, default: Some(value), .. } => {
                Some(quote!(let #default = || -> #ty { #value };))
            }
            _ => None,
        }
    }

    /// Describes it. Placed at its type, where the mistake is if that cannot travel, as is [`Self::read`].
    fn describe(&self) -> TokenStream {
        let Self { parameter: Parameter { name, named, kind }, default: value, .. } = self;
        let passed = if *named { quote!(ByName) } else { quote!(ByPosition) };
        match kind {
            ParameterKind::Argument { ty, default } => {
                let default = match default {
                    Some(_) => quote!(::std::option::Option::Some(#value())),
                    None => quote!(::std::option::Option::None),
                };
                quote_spanned! {at(ty)=>
                    .argument::<#ty>(#name, ::streampod::__private::Passed::#passed, #default)
                }
            }
            ParameterKind::Stream { element, optional } => {
                quote_spanned! {at(element)=>
                    .input::<#element>(#name, ::streampod::__private::Passed::#passed, #optional)
                }
            }
        }
    }

    /// Reads it from what the caller sent.
    fn read(&self) -> TokenStream {
        let Self { parameter: Parameter { name, kind, .. }, variable, default: value } = self;
        match kind {
            ParameterKind::Argument { ty, default: Some(_), .. } => {
                quote_spanned!(at(ty)=> let #variable = start.argument_or::<#ty>(#name, #value)?;)
            }
            ParameterKind::Argument { ty, default: None, .. } => {
                quote_spanned!(at(ty)=> let #variable = start.argument::<#ty>(#name)?;)
            }
            ParameterKind::Stream { element, optional } => {
                let input = if *optional { quote!(optional_input) } else { quote!(input) };
                quote_spanned!(at(element)=> let #variable = start.#input::<#element>(#name)?;)
            }
        }
    }
}

/// Where the compiler shows a mistake in what is returned: at the value's type, also inside a `Result`.
fn value_span(ty: &Type) -> Span {
    at(endpoint::result_value(ty).unwrap_or(ty))
}

/// The name of an item that cannot be an endpoint.
fn name_of(item: &Item) -> Option<TokenStream> {
    Some(match item {
        Item::Impl(item) => item.trait_.as_ref()?.0.to_token_stream(),
        Item::Struct(item) => item.ident.to_token_stream(),
        Item::Enum(item) => item.ident.to_token_stream(),
        Item::Trait(item) => item.ident.to_token_stream(),
        Item::Fn(item) => item.sig.ident.to_token_stream(),
        Item::Mod(item) => item.ident.to_token_stream(),
        _ => return None,
    })
}
