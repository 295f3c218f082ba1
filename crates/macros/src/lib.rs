//! Streampod's macros. Each reads its input into a model of its own, collecting every mistake, and renders that.

use proc_macro::TokenStream;

mod access;
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
/// - `#[endpoint(name = "…")]` on the block, `#[method(name = "…")]` on a method: another name.
/// - `#[method(ignore)]` on a method: not for clients.
/// - `#[arg(name = "…", default = …, named)]` on an argument: another name, the value that stands in when it is left out,
///   and whether clients pass it by name.
///
/// # Who may call
///
/// ```text
/// #[endpoint]
/// impl Articles {
///     async fn read(&self, session: &Session, id: i64) -> Result<Article> { … }         // everybody
///
///     #[method(require_login)]
///     async fn comment(&self, session: &Session, text: String) -> Result<()> { … }      // who is signed in
///
///     #[method(scopes("editor"))]
///     async fn publish(&self, session: &Session, id: i64) -> Result<()> { … }           // who has the scope
/// }
/// ```
///
/// These stand in `#[endpoint(…)]`, for all of its methods, or in `#[method(…)]`. A method asks for what it says and for what its
/// endpoint says, both. By default everybody may call.
///
/// - `require_login`: callers are signed in.
/// - `scopes("…", …)`: callers are signed in and have these scopes, all of them.
/// - `revocable`: a call that nobody has to sign in for ends too when the sign-in that it carried is revoked. Calls that need a
///   login always do.
#[proc_macro_attribute]
pub fn endpoint(attribute: TokenStream, item: TokenStream) -> TokenStream {
    render_endpoint::expand(attribute.into(), item.into()).into()
}

/// Makes a struct or an enum travel between client and server.
///
/// A struct travels as an object of its fields, in camelCase; a field that is `Option` may be left out. A struct of one
/// unnamed field travels as that. An enum of plain variants travels by name, in camelCase.
///
/// An enum whose variants hold one class each, as in `Circle(Circle)`, is a **sealed class**: a value travels as that of its
/// variant, which says `#[model(extends = …)]`, and names its class. It can be made `From` each variant.
///
/// On a type:
///
/// - `#[model(name = "…")]`: another name on the wire, also with a module before it, as in `serverpod_auth.UserInfo`.
/// - `#[model(extends = Parent)]`: the class that a struct or a sealed class extends. Its fields come first, and alike.
/// - `#[model(fields(name: String, …))]` on a sealed class: the fields that all variants have; there is a method for each.
/// - `#[model(by_index)]` on an enum: it travels as the index of the variant.
/// - `#[model(properties(title: &'static str, …))]` on an enum: what each variant has beside its name, by a method for each.
/// - `#[model(record)]`: the struct travels as a record with named fields; those with `#[model(positional)]` come before them.
/// - `#[model(immutable)]`: clients cannot change the fields of a value.
/// - `#[model(server_only)]`: it travels between servers alone, as does a field with it.
/// - `#[model(file = "board/pixel")]`: the path of the files that declare it in clients.
///
/// On a field:
///
/// - `#[model(name = "…")]`: another name on the wire. `#[model(key = "…")]`: another name on the wire, but not in clients.
/// - `#[model(default = …)]`: the value that stands in when it is left out, of the field's type; also `default(now)`,
///   `default(random_uuid)` and `default(random_uuid_v7)`.
/// - `#[model(required)]`: clients must say what it is, although it may be null.
///
/// On a plain variant:
///
/// - `#[model(name = "…")]`: another name on the wire.
/// - `#[model(default)]`: a reader takes it for one that it does not know.
/// - `#[model(properties(title = "…", …))]`: the values of the enum's properties, as literals.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(item: TokenStream) -> TokenStream {
    render_model::expand(item.into(), model::Kind::Model).into()
}

/// Makes a struct an exception: what a method can throw to its caller by `?`, and a caller into a stream.
///
/// It travels like a struct with `#[derive(Model)]`, or like a sealed class of exceptions, and takes the same attributes. It must be `Debug`, and must not
/// implement `std::error::Error`: every type that does is an internal error, which callers do not see.
#[proc_macro_derive(Exception, attributes(model))]
pub fn derive_exception(item: TokenStream) -> TokenStream {
    render_model::expand(item.into(), model::Kind::Exception).into()
}
