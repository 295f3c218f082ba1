//! Endpoints and their methods, as the server runs them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;
use streampod_schema::{self as schema, Type};
use streampod_wire::{Arguments, Catalog, ElementType, Encode, Encoder, MethodHead, Model, Returned};

use crate::authentication::AuthenticationInfo;
use crate::call::CallCore;
use crate::driver::{Driver, Out};
use crate::input::{Input, InputSink};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::streaming_endpoints::StreamingEndpoints;

/// A type whose methods can be called by clients. `#[endpoint]` writes this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    note = "put #[endpoint] on the `impl` block with its methods"
)]
pub trait Endpoint: Send + Sync + 'static {
    /// Tells `builder` of the methods.
    fn describe(self: Arc<Self>, builder: &mut EndpointBuilder<'_>);
}

/// What a method is called with, before it runs.
pub struct Start<'a> {
    pub(crate) method: &'a Method,
    pub(crate) catalog: &'a Catalog,
    pub(crate) arguments: Arguments<'a>,
    pub(crate) session: Session,
    pub(crate) out: Out,
    pub(crate) streams: Option<Streams<'a>>,
    /// The connection's ends of the stream parameters; none for one that the caller does not feed.
    pub(crate) inputs: Inputs,
}

/// What stream parameters are made from.
pub(crate) struct Streams<'a> {
    pub(crate) call: Arc<CallCore>,
    pub(crate) feeds: &'a dyn Fn(&str) -> bool,
}

pub(crate) type Inputs = SmallVec<[Option<Arc<dyn InputSink>>; 1]>;

impl Start<'_> {
    /// The argument `name`.
    ///
    /// # Errors
    ///
    /// Fails if it is not there and cannot be left out, or is not a `T`.
    pub fn argument<T: Model>(&self, name: &'static str) -> Result<T, Refusal> {
        match self.find(name)? {
            Some(value) => Ok(value),
            None => T::absent().ok_or(Refusal::MissingArgument(name)),
        }
    }

    /// The argument `name`, or `default` if it is not there.
    ///
    /// # Errors
    ///
    /// Fails if it is not a `T`.
    pub fn argument_or<T: Model>(
        &self,
        name: &'static str,
        default: impl FnOnce() -> T,
    ) -> Result<T, Refusal> {
        Ok(self.find(name)?.unwrap_or_else(default))
    }

    fn find<T: Model>(&self, name: &'static str) -> Result<Option<T>, Refusal> {
        self.arguments.get(name, self.catalog).map_err(|error| Refusal::WrongArgument { name, error })
    }

    /// The next stream parameter.
    ///
    /// # Errors
    ///
    /// Fails if the caller does not feed it.
    pub fn input<T: Model>(&mut self, name: &'static str) -> Result<Input<T>, Refusal> {
        self.optional_input(name)?.ok_or(Refusal::MissingArgument(name))
    }

    /// The next stream parameter, if the caller feeds it.
    ///
    /// # Errors
    ///
    /// Fails if the call has no connection that could carry it.
    pub fn optional_input<T: Model>(&mut self, name: &'static str) -> Result<Option<Input<T>>, Refusal> {
        let streams = self.streams.as_ref().ok_or(Refusal::MissingArgument(name))?;
        let index = self.inputs.len();
        if !(streams.feeds)(name) {
            self.inputs.push(None);
            return Ok(None);
        }
        let element = Arc::clone(&self.method.inputs[index]);
        let (input, sink) = Input::new(element, Arc::clone(&streams.call), index);
        self.inputs.push(Some(sink));
        Ok(Some(input))
    }

    /// The session of this call.
    pub fn session(&self) -> Session {
        self.session.clone()
    }

    /// Where the answer goes.
    pub fn out(&self) -> Out {
        self.out.clone()
    }
}

/// A method of an endpoint.
pub(crate) struct Method {
    pub(crate) schema: schema::Method,
    /// The names, and what all frames of the method have in common.
    pub(crate) head: Arc<MethodHead>,
    access: Access,
    /// The element types of the stream parameters.
    inputs: Vec<Arc<ElementType>>,
    start: StartFn,
}

type StartFn = Box<dyn Fn(&mut Start<'_>) -> Result<Driver, Refusal> + Send + Sync>;

/// Who may call a method.
#[derive(Debug, Default)]
pub(crate) struct Access {
    pub(crate) require_login: bool,
    pub(crate) scopes: Vec<String>,
    /// Whether a call ends when its caller's sign-in is revoked, even if nobody has to sign in for it.
    pub(crate) revocable: bool,
}

impl Access {
    /// What an endpoint asks for, whichever method is called.
    pub(crate) fn of_endpoint(endpoint: &schema::Endpoint) -> Self {
        let scopes = endpoint.scopes.clone();
        Self { require_login: endpoint.require_login, scopes, revocable: false }
    }

    /// What a method and its endpoint ask for, both.
    fn of(endpoint: &schema::Endpoint, method: &schema::Method, revocable: bool) -> Self {
        let mut scopes = endpoint.scopes.clone();
        scopes.extend(method.scopes.iter().filter(|scope| !endpoint.scopes.contains(scope)).cloned());
        Self { require_login: endpoint.require_login || method.require_login, scopes, revocable }
    }

    /// Whether a call ends when its caller's sign-in does.
    pub(crate) fn ends_with_sign_in(&self) -> bool {
        self.revocable || !self.is_open()
    }

    /// Whether everybody may.
    fn is_open(&self) -> bool {
        !self.require_login && self.scopes.is_empty()
    }

    /// Lets in who may call; that is nobody in particular if there is no `caller`.
    ///
    /// # Errors
    ///
    /// Fails for anybody else.
    pub(crate) fn admits(&self, caller: Option<&AuthenticationInfo>) -> Result<(), Refusal> {
        match caller {
            None if self.is_open() => Ok(()),
            None => Err(Refusal::AuthenticationFailed),
            Some(info) if self.scopes.iter().all(|scope| info.scopes.contains(scope)) => Ok(()),
            Some(_) => Err(Refusal::AuthorizationDeclined),
        }
    }
}

impl Method {
    pub(crate) fn start(&self, start: &mut Start<'_>) -> Result<Driver, Refusal> {
        (self.start)(start)
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Whether it returns a stream: it is dropped when its caller wants it no more, while a method that returns a value
    /// runs to its end.
    pub(crate) fn returns_stream(&self) -> bool {
        matches!(self.schema.returns, schema::Returns::Stream(_))
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.head.endpoint(), self.head.method())
    }
}

/// The endpoints of a server and the models that travel.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    endpoints: HashMap<String, HashMap<String, Arc<Method>>>,
    schemas: Vec<schema::Endpoint>,
    /// Those that exchange messages over the deprecated streaming connection.
    pub(crate) streaming: StreamingEndpoints,
    /// Shared only once the server is complete.
    pub(crate) catalog: Arc<Catalog>,
    /// What is wrong with the endpoints, in words.
    problems: Vec<String>,
}

impl Registry {
    /// Adds an endpoint; what it says of itself.
    pub(crate) fn add(&mut self, endpoint: Arc<impl Endpoint>) -> &mut schema::Endpoint {
        let mut builder = EndpointBuilder {
            schema: schema::Endpoint::default(),
            catalog: Arc::make_mut(&mut self.catalog),
            problems: &mut self.problems,
            revocable: false,
            parts: Vec::new(),
        };
        endpoint.describe(&mut builder);
        let EndpointBuilder { schema, revocable, parts, .. } = builder;
        let methods = parts.into_iter().enumerate().map(|(index, part)| {
            let method = Method {
                schema: schema.methods[index].clone(),
                head: Arc::new(MethodHead::new(&schema, index)),
                access: Access::of(&schema, &schema.methods[index], revocable || part.revocable),
                inputs: part.inputs,
                start: part.start,
            };
            (schema.methods[index].name.clone(), Arc::new(method))
        });
        if self.endpoints.insert(schema.name.clone(), methods.collect()).is_some() {
            self.problems.push(format!("two endpoints are named `{}`", schema.name));
        }
        self.schemas.push_mut(schema)
    }

    /// The models, to add to them.
    pub(crate) fn catalog(&mut self) -> &mut Catalog {
        Arc::make_mut(&mut self.catalog)
    }

    /// What is wrong with the endpoints and models, in words.
    pub(crate) fn problems(&self) -> Vec<String> {
        let conflicts = self.catalog.conflicts().iter();
        let conflicts = conflicts.map(|name| format!("two types are models named `{name}`"));
        self.problems
            .iter()
            .cloned()
            .chain(conflicts)
            .chain(self.catalog.problems())
            .chain(self.schema().contradictions())
            .collect()
    }

    pub(crate) fn endpoint(&self, name: &str) -> Option<&HashMap<String, Arc<Method>>> {
        self.endpoints.get(name)
    }

    pub(crate) fn method(&self, endpoint: &str, method: &str) -> Option<&Arc<Method>> {
        self.endpoint(endpoint)?.get(method)
    }

    pub(crate) fn schema(&self) -> schema::Schema {
        let mut endpoints = self.schemas.clone();
        endpoints.sort_by(|a, b| a.name.cmp(&b.name));
        schema::Schema { models: self.catalog.models().cloned().collect(), endpoints }.for_clients()
    }
}

/// Collects what an endpoint says of itself.
pub struct EndpointBuilder<'a> {
    schema: schema::Endpoint,
    catalog: &'a mut Catalog,
    problems: &'a mut Vec<String>,
    revocable: bool,
    /// One for each method of the schema.
    parts: Vec<MethodParts>,
}

/// What a method has beside its schema.
struct MethodParts {
    inputs: Vec<Arc<ElementType>>,
    revocable: bool,
    start: StartFn,
}

/// Documentation and deprecation of an endpoint or a method.
#[derive(Debug, Default)]
pub struct Docs {
    /// The documentation, as Markdown.
    pub docs: &'static str,
    /// Why not to use it any more, if it is deprecated.
    pub deprecated: Option<&'static str>,
}

/// Whether clients pass an argument by name or by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// By its place in the list.
    ByPosition,
    /// By its name.
    ByName,
}

impl EndpointBuilder<'_> {
    /// The endpoint's name on the wire and its documentation.
    pub fn endpoint(&mut self, name: &str, docs: Docs) {
        self.schema.name = name.to_owned();
        self.schema.docs = docs.docs.to_owned();
        self.schema.deprecated = docs.deprecated.map(ToOwned::to_owned);
    }

    /// Only users who are signed in and have all of `scopes` may call its methods.
    pub fn require_login(&mut self, scopes: &[&str]) {
        self.schema.require_login = true;
        self.schema.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    }

    /// Calls of its methods end when the sign-in that they carry is revoked, even if nobody has to sign in for them.
    pub fn revocable(&mut self) {
        self.revocable = true;
    }

    /// Begins a method.
    pub fn method(&mut self, name: &str, docs: Docs) -> MethodBuilder<'_> {
        let method = schema::Method {
            name: name.to_owned(),
            docs: docs.docs.to_owned(),
            deprecated: docs.deprecated.map(ToOwned::to_owned),
            require_login: false,
            scopes: Vec::new(),
            parameters: Vec::new(),
            returns: schema::Returns::Value(schema::Type::Void),
        };
        MethodBuilder {
            method,
            inputs: Vec::new(),
            revocable: false,
            catalog: self.catalog,
            problems: self.problems,
            methods: &mut self.schema.methods,
            parts: &mut self.parts,
        }
    }
}

/// Collects what a method says of itself.
#[must_use = "`start` ends the description of a method"]
pub struct MethodBuilder<'a> {
    method: schema::Method,
    inputs: Vec<Arc<ElementType>>,
    revocable: bool,
    catalog: &'a mut Catalog,
    problems: &'a mut Vec<String>,
    methods: &'a mut Vec<schema::Method>,
    parts: &'a mut Vec<MethodParts>,
}

impl MethodBuilder<'_> {
    /// Only users who are signed in and have all of `scopes`, and what the endpoint asks for, may call it.
    pub fn require_login(mut self, scopes: &[&str]) -> Self {
        self.method.require_login = true;
        self.method.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        self
    }

    /// Calls of it end when the sign-in that they carry is revoked, even if nobody has to sign in for them.
    pub fn revocable(mut self) -> Self {
        self.revocable = true;
        self
    }

    /// The next argument.
    pub fn argument<T: Model>(self, name: &str, passed: Passed, default: Option<T>) -> Self {
        let default = match default.map(|value| Encoder::encode(&value as &dyn Encode)).transpose() {
            Ok(default) => default.map(|json| String::from_utf8_lossy(&json).into_owned()),
            Err(error) => {
                let method = &self.method.name;
                self.problems.push(format!("the default of `{name}` of `{method}` cannot be sent: {error}"));
                None
            }
        };
        let ty = T::describe(self.catalog);
        self.parameter(name, ty, passed, schema::ParameterKind::Argument { default })
    }

    /// The next stream parameter.
    pub fn input<T: Model>(mut self, name: &str, passed: Passed, optional: bool) -> Self {
        let element = ElementType::of::<T>(self.catalog);
        let ty = element.ty.clone();
        self.inputs.push(Arc::new(element));
        self.parameter(name, ty, passed, schema::ParameterKind::Stream { optional })
    }

    fn parameter(mut self, name: &str, ty: Type, passed: Passed, kind: schema::ParameterKind) -> Self {
        let named = passed == Passed::ByName;
        self.method.parameters.push(schema::Parameter { name: name.to_owned(), ty, named, kind });
        self
    }

    /// The method returns one value, or nothing.
    pub fn returns_value<T: Returned>(mut self) -> Self {
        self.method.returns = schema::Returns::Value(T::describe(self.catalog));
        self
    }

    /// The method returns a stream.
    pub fn returns_stream<T: Model>(mut self) -> Self {
        self.method.returns = schema::Returns::Stream(T::describe(self.catalog));
        self
    }

    /// How the method is started; ends its description.
    pub fn start(self, start: impl Fn(&mut Start<'_>) -> Result<Driver, Refusal> + Send + Sync + 'static) {
        self.methods.push(self.method);
        let Self { inputs, revocable, .. } = self;
        self.parts.push(MethodParts { inputs, revocable, start: Box::new(start) });
    }
}
