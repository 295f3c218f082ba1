//! An endpoint, as it is read from an `impl` block.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use syn::{
    Expr, FnArg, GenericArgument, Ident, ImplItem, ImplItemFn, ItemImpl, Pat, PathArguments, PathSegment,
    Receiver, ReceiverKind, ReturnType, Type, TypeParamBound, parse_quote,
};

use crate::attributes::{ArgumentOptions, EndpointOptions, MethodOptions};
use crate::docs;
use crate::errors::Errors;
use crate::names;

/// The most stream parameters of a method: one bit for each.
const INPUTS_MAX: usize = 64;

/// An endpoint.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) require_login: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) methods: Vec<Method>,
}

/// A method for clients.
pub(crate) struct Method {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) deprecated: Option<String>,
    pub(crate) takes_session: TakesSession,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) is_async: bool,
    pub(crate) returns: Returns,
}

/// How a method takes its session.
#[derive(Clone, Copy)]
pub(crate) enum TakesSession {
    ByReference,
    Owned,
}

/// What a method takes after its session.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: ParameterKind,
}

pub(crate) enum ParameterKind {
    Argument {
        ty: Box<Type>,
        default: Option<Box<Expr>>,
        named: bool,
    },
    /// `element` is what stands in the angle brackets of `Input<…>`.
    Stream {
        element: Box<Type>,
        optional: bool,
    },
}

/// What a method returns.
pub(crate) enum Returns {
    /// A value, nothing, or a `Result` of either.
    Value(Box<Type>),
    /// A stream with items of this type; `fallible` if a `Result` of it is returned.
    Stream { item: Box<Type>, fallible: bool },
}

impl Endpoint {
    /// Reads an `impl` block and takes our attributes off it.
    pub(crate) fn read(attribute: TokenStream, block: &mut ItemImpl, errors: &mut Errors) -> Self {
        let options = errors.take(EndpointOptions::parse(attribute)).unwrap_or_default();
        if let Some((path, _)) = &block.trait_ {
            errors.at(path, "#[endpoint] belongs on an `impl` block of the type itself, not of a trait");
        }
        if !block.generics.params.is_empty() {
            errors.at(
                &block.generics,
                "an endpoint has no type parameters, because its clients could not name them",
            );
        }
        let type_name = match &*block.self_ty {
            Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.clone()),
            _ => None,
        };
        let type_name = type_name.unwrap_or_else(|| {
            errors.at(&block.self_ty, "an endpoint is a struct or an enum with a name");
            Ident::new("Endpoint", Span::call_site())
        });
        let mut methods = Vec::new();
        for item in &mut block.items {
            if let ImplItem::Fn(function) = item {
                methods.extend(Method::read(function, errors));
            }
        }
        check_names(&methods, errors);
        Self {
            name: options.name.unwrap_or_else(|| names::endpoint(&type_name)),
            docs: docs::docs(&block.attrs),
            require_login: options.require_login,
            scopes: options.scopes,
            methods,
        }
    }
}

fn check_names(methods: &[Method], errors: &mut Errors) {
    let mut seen = HashMap::new();
    for method in methods {
        if let Some(first) = seen.insert(&method.name, &method.ident) {
            let name = &method.name;
            errors.at(
                &method.ident,
                format!("the wire name `{name}` belongs to `{first}` already; give one of them another by #[method(name = \"…\")]"),
            );
        }
    }
}

impl Method {
    fn read(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let options = errors.take(MethodOptions::take(&mut function.attrs)).unwrap_or_default();
        if options.ignore {
            return None;
        }
        let signature = &mut function.sig;
        let ident = signature.ident.clone();
        if !signature.generics.params.is_empty() {
            errors.at(
                &signature.generics,
                "an endpoint method has no type parameters, because its clients could not name them",
            );
            return None;
        }
        let mut inputs = signature.inputs.iter_mut();
        match inputs.next() {
            Some(FnArg::Receiver(receiver)) if is_shared_reference(receiver) => {}
            Some(FnArg::Receiver(receiver)) => {
                errors.at(receiver, "an endpoint method takes `&self`: many calls share the endpoint");
                return None;
            }
            _ => {
                errors.at(
                    &ident,
                    "an endpoint method takes `&self` and then `session: &Session`; a function that is not for clients is marked #[method(ignore)]",
                );
                return None;
            }
        }
        let takes_session = match inputs.next() {
            Some(FnArg::Typed(argument)) => takes_session(&argument.ty),
            _ => None,
        };
        let Some(takes_session) = takes_session else {
            let at: TokenStream = match signature.inputs.iter().nth(1) {
                Some(argument) => quote::quote!(#argument),
                None => quote::quote!(#ident),
            };
            errors.at(
                at,
                "an endpoint method takes a session after `&self`: `session: &Session` or `session: Session`",
            );
            return None;
        };
        let mut parameters: Vec<Parameter> = Vec::new();
        for input in inputs {
            if let FnArg::Typed(argument) = input {
                let options = errors.take(ArgumentOptions::take(&mut argument.attrs)).unwrap_or_default();
                let Pat::Ident(pattern) = &*argument.pat else {
                    errors.at(
                        &argument.pat,
                        "an argument of an endpoint method has a plain name, which clients see",
                    );
                    continue;
                };
                let parameter = Parameter::read(&pattern.ident, &argument.ty, options, errors);
                if parameters.iter().any(|other| other.name == parameter.name) {
                    errors.at(
                        &pattern.ident,
                        format!("another argument has the wire name `{}`", parameter.name),
                    );
                }
                parameters.push(parameter);
            }
        }
        let streams =
            parameters.iter().filter(|parameter| matches!(parameter.kind, ParameterKind::Stream { .. }));
        if streams.count() > INPUTS_MAX {
            errors.at(&ident, format!("a method has at most {INPUTS_MAX} stream parameters"));
        }
        let is_async = signature.asyncness.is_some();
        let returns = errors.take(Returns::read(&signature.output, is_async, &ident))?;
        Some(Self {
            name: options.name.unwrap_or_else(|| names::member(&ident)),
            docs: docs::docs(&function.attrs),
            deprecated: docs::deprecated(&function.attrs),
            ident,
            takes_session,
            parameters,
            is_async,
            returns,
        })
    }
}

impl Parameter {
    fn read(ident: &Ident, ty: &Type, options: ArgumentOptions, errors: &mut Errors) -> Self {
        let name = options.name.unwrap_or_else(|| names::member(ident));
        let stream = argument_of(ty, "Input").map(|element| (element, false));
        let stream = stream.or_else(|| Some((argument_of(argument_of(ty, "Option")?, "Input")?, true)));
        let kind = match stream {
            Some((element, optional)) => {
                if let Some(default) = &options.default {
                    errors
                        .at(default, "a stream parameter has no default; `Option<Input<…>>` may be left out");
                }
                ParameterKind::Stream { element: Box::new(element.clone()), optional }
            }
            None => {
                if name == "method" {
                    errors.at(ident, "an argument cannot have the wire name `method`, under which calls carry the method's own; give it another by #[arg(name = \"…\")]");
                }
                if let Type::Reference(reference) = ty {
                    errors.at(
                        reference,
                        "an argument is owned: it is read from what the caller sent (`String`, not `&str`)",
                    );
                }
                let default = options.default.map(Box::new);
                ParameterKind::Argument { ty: Box::new(ty.clone()), default, named: options.named }
            }
        };
        Self { name, kind }
    }
}

impl Returns {
    fn read(output: &ReturnType, is_async: bool, ident: &Ident) -> syn::Result<Self> {
        let ty: Type = match output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        if let Some(item) = stream_item(&ty)? {
            return Ok(Self::Stream { item, fallible: false });
        }
        if let Some(inner) = first_argument(&ty)
            && let Some(item) = stream_item(inner)?
        {
            return Ok(Self::Stream { item, fallible: true });
        }
        if is_async {
            return Ok(Self::Value(Box::new(ty)));
        }
        if last_segment(&ty).is_some_and(|segment| segment.ident != "Result") {
            // A stream type with a name, such as `MessageStream<T>` or `BoxStream<'static, Result<T>>`.
            let ty = with_static_lifetimes(ty);
            let item = parse_quote!(<#ty as ::streampod::__private::Stream>::Item);
            return Ok(Self::Stream { item: Box::new(item), fallible: false });
        }
        let message = "a plain `fn` returns a stream: `impl Stream<Item = Result<…>>`; a method that returns one value, or nothing, is an `async fn`";
        Err(match output {
            ReturnType::Default => syn::Error::new_spanned(ident, message),
            ReturnType::Type(_, ty) => syn::Error::new_spanned(ty, message),
        })
    }
}

/// Whether this is `&self`.
fn is_shared_reference(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Reference(_, _, None))
}

fn takes_session(ty: &Type) -> Option<TakesSession> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => {
            takes_session(&reference.elem).map(|_| TakesSession::ByReference)
        }
        _ => last_segment(ty).filter(|segment| segment.ident == "Session").map(|_| TakesSession::Owned),
    }
}

/// The type of the items, if `ty` is `impl Stream<Item = …>`.
fn stream_item(ty: &Type) -> syn::Result<Option<Box<Type>>> {
    let Type::ImplTrait(implementation) = ty else { return Ok(None) };
    let stream = implementation.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().filter(|segment| segment.ident == "Stream")
        }
        _ => None,
    });
    let item = stream.and_then(|segment| {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(item) if item.ident == "Item" => Some(Box::new(item.ty.clone())),
            _ => None,
        })
    });
    item.map(Some).ok_or_else(|| {
        syn::Error::new_spanned(ty, "a streaming method returns `impl Stream<Item = Result<…>>`")
    })
}

fn first_argument(ty: &Type) -> Option<&Type> {
    type_argument(last_segment(ty)?)
}

/// The last segment of a type's path, also of one that a macro passed on.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}

fn argument_of<'a>(ty: &'a Type, ident: &str) -> Option<&'a Type> {
    let segment = last_segment(ty)?;
    if segment.ident == ident { type_argument(segment) } else { None }
}

fn type_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The type as it can stand outside of a function: what it borrows does not matter to the type of its items.
fn with_static_lifetimes(mut ty: Type) -> Type {
    struct Statics;
    impl syn::visit_mut::VisitMut for Statics {
        fn visit_lifetime_mut(&mut self, lifetime: &mut syn::Lifetime) {
            *lifetime = parse_quote!('static);
        }
    }
    syn::visit_mut::VisitMut::visit_type_mut(&mut Statics, &mut ty);
    ty
}
