//! Streampod's macros. Each reads its input into a model of its own, collecting every mistake, and renders that.

use proc_macro::TokenStream;

mod attributes;
mod docs;
mod endpoint;
mod errors;
mod model;
mod names;
mod render_class;
mod render_endpoint;
mod render_enum;
mod render_model;

/// Makes the methods of an `impl` block callable by clients.
///
/// ```text
/// #[endpoint]                                  // wire name: "example"
/// impl Example {
///     /// Greets someone.
///     async fn hello(&self, session: &Session, name: String) -> Result<String> { … }
///
///     fn echo_stream(&self, session: Session, messages: Input<Value>) -> impl Stream<Item = Result<Value>> { … }
/// }
/// ```
///
/// Every method takes `&self`, then `session: &Session` or `session: Session`, then its arguments. An `async fn` returns a
/// value, or a `Result<impl Stream>`; a plain `fn` returns a stream. An argument of type `Input<T>` is a stream that the
/// caller feeds, and `Option<…>` may be left out. Wire names are the camelCase form of the Rust ones; a type's suffix
/// `Endpoint` is left out.
///
/// - `#[endpoint(name = "…", require_login, scopes("…", …))]` on the block: another name, and who may call its methods.
/// - `#[method(name = "…")]` or `#[method(ignore)]` on a method: another name, or not for clients.
/// - `#[arg(name = "…", default = …, named)]` on an argument: another name, the value that stands in when it is left out,
///   and whether clients pass it by name.
#[proc_macro_attribute]
pub fn endpoint(attribute: TokenStream, item: TokenStream) -> TokenStream {
    render_endpoint::expand(attribute.into(), item.into()).into()
}

/// Makes a struct or an enum travel between client and server.
///
/// A struct travels as an object of its fields, in camelCase; a field that is `Option` may be left out. A struct of one
/// unnamed field travels as that. An enum of plain variants travels by name, in camelCase.
///
/// - `#[model(name = "…")]` on the type, a field or a variant: another name on the wire.
/// - `#[model(by_index)]` on an enum: it travels as the index of the variant.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(item: TokenStream) -> TokenStream {
    render_model::expand(item.into(), model::Kind::Model).into()
}

/// Makes a struct an exception: what a method can throw to its caller by `?`, and a caller into a stream.
///
/// It travels like a struct with `#[derive(Model)]`, and takes the same attributes. It must be `Debug`, and must not
/// implement `std::error::Error`: every type that does is an internal error, which callers do not see.
#[proc_macro_derive(Exception, attributes(model))]
pub fn derive_exception(item: TokenStream) -> TokenStream {
    render_model::expand(item.into(), model::Kind::Exception).into()
}
