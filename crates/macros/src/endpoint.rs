//! An endpoint, as it is read from an `impl` block.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use syn::{
    Attribute, Expr, FnArg, GenericArgument, GenericParam, Ident, ImplItem, ImplItemFn, ItemImpl, Pat,
    PatIdent, PatType, PathArguments, PathSegment, Receiver, ReceiverKind, ReturnType, Safety, Signature,
    Type, TypeParamBound, parse_quote, parse_quote_spanned,
};

use crate::access::Access;
use crate::attributes::{ArgumentOptions, EndpointOptions, MethodOptions};
use crate::docs::Docs;
use crate::errors::{Errors, at};
use crate::names;

/// The most stream parameters of a method: one bit for each.
const INPUTS_MAX: usize = 64;

/// Types that a plain `fn` cannot mean as a stream, as the most likely mistakes.
const NO_STREAMS: [&str; 12] =
    ["Result", "Option", "Vec", "String", "Value", "Shared", "bool", "i64", "f64", "u32", "i32", "usize"];

/// An endpoint.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) docs: Docs,
    pub(crate) access: Access,
    pub(crate) methods: Vec<Method>,
}

/// A method for clients.
pub(crate) struct Method {
    pub(crate) ident: Ident,
    /// The conditions under which it is compiled.
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) name: String,
    pub(crate) docs: Docs,
    /// What it asks of its callers, beside what its endpoint does.
    pub(crate) access: Access,
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
    /// Whether clients pass it by name.
    pub(crate) named: bool,
    pub(crate) kind: ParameterKind,
}

pub(crate) enum ParameterKind {
    Argument {
        ty: Box<Type>,
        default: Option<Box<Expr>>,
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
        let options = EndpointOptions::parse(attribute, errors);
        if !block.generics.params.is_empty() {
            errors.at(
                &block.generics,
                "an endpoint has no type parameters, because its clients could not name them",
            );
        }
        let type_name = last_segment(&block.self_ty).map(|segment| segment.ident.clone());
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
            name: names::choose(options.name, names::endpoint, &type_name, "endpoint", errors),
            docs: Docs::of(&block.attrs),
            access: options.access,
            methods,
        }
    }
}

fn check_names(methods: &[Method], errors: &mut Errors) {
    let mut seen = HashMap::new();
    // Of methods with conditions, at most one may be left.
    for method in methods.iter().filter(|method| method.conditions.is_empty()) {
        let first = *seen.entry(&method.name).or_insert(&method.ident);
        if first != &method.ident {
            let name = &method.name;
            errors.at(
                &method.ident,
                format!("the wire name `{name}` belongs to `{first}` already; give one of them another by #[method(name = \"…\")]"),
            );
        }
    }
}

impl Method {
    /// Reads a method and takes our attributes off it; nothing if it is not for clients, or is wrong.
    fn read(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let mistakes_before = errors.count();
        let options = MethodOptions::take(&mut function.attrs, errors);
        let signature = &mut function.sig;
        let ident = signature.ident.clone();
        if !options.ignore {
            check_signature(signature, errors);
        }
        let mut inputs = signature.inputs.iter_mut().peekable();
        inputs.next_if(|input| matches!(input, FnArg::Receiver(_)));
        let takes_session = inputs.peek().and_then(|input| takes_session(input));
        inputs.next_if(|_| takes_session.is_some());
        let arguments = inputs.filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(argument) => {
                let options = ArgumentOptions::take(&mut argument.attrs, errors);
                Some((&*argument, options))
            }
        });
        let arguments: Vec<_> = arguments.collect();
        if options.ignore {
            return None;
        }
        // Without a session, one of the arguments may be meant as it.
        let parameters = match takes_session {
            Some(_) => Parameter::read_all(arguments, errors),
            None => Vec::new(),
        };
        let streams =
            parameters.iter().filter(|parameter| matches!(parameter.kind, ParameterKind::Stream { .. }));
        if streams.count() > INPUTS_MAX {
            errors.at(&ident, format!("a method has at most {INPUTS_MAX} stream parameters"));
        }
        let is_async = signature.asyncness.is_some();
        let returns = errors.take(Returns::read(&signature.output, is_async, &ident))?;
        let name = names::choose(options.name, names::member, &ident, "method", errors);
        if errors.count() > mistakes_before {
            return None;
        }
        let conditions = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        Some(Self {
            name,
            docs: Docs::of(&function.attrs),
            access: options.access,
            conditions: conditions.cloned().collect(),
            ident,
            takes_session: takes_session?,
            parameters,
            is_async,
            returns,
        })
    }
}

/// Checks what stands before the arguments: `&self`, a session, and nothing that a client could not name.
fn check_signature(signature: &Signature, errors: &mut Errors) {
    let types = signature.generics.params.iter();
    for parameter in types.filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_))) {
        errors.at(
            parameter,
            "an endpoint method has no type parameters, because its clients could not name them",
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, "an endpoint method is safe: everybody may call it with anything");
    }
    let mut inputs = signature.inputs.iter().peekable();
    match inputs.next_if(|input| matches!(input, FnArg::Receiver(_))) {
        Some(FnArg::Receiver(receiver)) if is_shared_reference(receiver) => {}
        Some(receiver) => {
            errors.at(receiver, "an endpoint method takes `&self`: many calls share the endpoint");
        }
        None => {
            let message = "an endpoint method takes `&self` and then `session: &Session`; a function that is not for clients is marked #[method(ignore)]";
            errors.at(&signature.ident, message);
            return;
        }
    }
    let message =
        "an endpoint method takes a session after `&self`: `session: &Session` or `session: Session`";
    match inputs.next() {
        Some(input) if takes_session(input).is_some() => {}
        Some(input) => errors.at(input, message),
        None => errors.at(&signature.ident, message),
    }
}

impl Parameter {
    fn read_all(arguments: Vec<(&PatType, ArgumentOptions)>, errors: &mut Errors) -> Vec<Self> {
        let mut parameters: Vec<Self> = Vec::new();
        for (argument, options) in arguments {
            let Pat::Ident(PatIdent { ident, .. }) = &*argument.pat else {
                let message = "an argument of an endpoint method has a plain name, which clients see";
                errors.at(&argument.pat, message);
                continue;
            };
            let parameter = Self::read(ident, &argument.ty, options, errors);
            if parameters.iter().any(|other| other.name == parameter.name) {
                let name = &parameter.name;
                errors.at(
                    ident,
                    format!("another argument has the wire name `{name}`; give one of them another by #[arg(name = \"…\")]"),
                );
            }
            parameters.push(parameter);
        }
        parameters
    }

    fn read(ident: &Ident, ty: &Type, options: ArgumentOptions, errors: &mut Errors) -> Self {
        let name = names::choose(options.name, names::member, ident, "arg", errors);
        let stream = argument_of(ty, "Input").map(|element| (element, false));
        let stream = stream.or_else(|| Some((argument_of(argument_of(ty, "Option")?, "Input")?, true)));
        let kind = match stream {
            Some((element, optional)) => {
                if let Some(default) = &options.default {
                    let message = "a stream parameter has no default; `Option<Input<…>>` may be left out";
                    errors.at(default, message);
                }
                ParameterKind::Stream { element: Box::new(element.clone()), optional }
            }
            None => {
                if name == "method" {
                    errors.at(ident, "an argument cannot have the wire name `method`, under which calls carry the method's own; give it another by #[arg(name = \"…\")]");
                }
                match ty {
                    Type::Reference(_) => errors.at(
                        ty,
                        "an argument is owned: it is read from what the caller sent (`String`, not `&str`)",
                    ),
                    Type::ImplTrait(_) => errors.at(
                        ty,
                        "an argument has one type, which clients know; a stream that the caller feeds is an `Input<…>`",
                    ),
                    _ => {}
                }
                let default = options.default.map(Box::new);
                ParameterKind::Argument { ty: Box::new(ty.clone()), default }
            }
        };
        Self { name, named: options.named, kind }
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
        if last_segment(&ty).is_some_and(|segment| !NO_STREAMS.iter().any(|name| segment.ident == name)) {
            // A stream type with a name, such as `MessageStream<T>` or `BoxStream<'static, Result<T>>`.
            let ty = with_static_lifetimes(ty);
            let item = parse_quote_spanned!(at(&ty)=> <#ty as ::streampod::__private::Stream>::Item);
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

/// How `input` takes a session, if it does.
fn takes_session(input: &FnArg) -> Option<TakesSession> {
    let FnArg::Typed(PatType { ty, .. }) = input else { return None };
    match &**ty {
        Type::Reference(reference) if reference.mutability.is_none() => {
            has_session_type(&reference.elem).then_some(TakesSession::ByReference)
        }
        ty => has_session_type(ty).then_some(TakesSession::Owned),
    }
}

fn has_session_type(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "Session")
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

/// The `T` of a `Result<T>`.
pub(crate) fn result_value(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Result")
}

fn first_argument(ty: &Type) -> Option<&Type> {
    type_argument(last_segment(ty)?)
}

/// The last segment of a type's path, also of one that a macro passed on.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
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
