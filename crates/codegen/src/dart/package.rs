//! The package that is generated: what is in it, and what comes from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use streampod_schema::{Class, Endpoint, Enum, Method, Model, Schema, Type};

use super::{ClientVersion, Module, Options};
use crate::{GenerateError, SourceFile};

/// The package that is generated.
pub(super) struct Package<'a> {
    pub(super) schema: &'a Schema,
    pub(super) options: &'a Options,
    /// The modules that it uses: those of the options, then those that the schema alone mentions.
    pub(super) modules: Vec<Module>,
    /// The library that has a model which is not this package's, by the model's wire name.
    foreign: BTreeMap<&'a str, String>,
}

impl<'a> Package<'a> {
    /// Sorts out what belongs where.
    ///
    /// # Errors
    ///
    /// See [`generate`](super::generate).
    pub(super) fn new(schema: &'a Schema, options: &'a Options) -> Result<Self, GenerateError> {
        let mut package =
            Self { schema, options, modules: options.modules.clone(), foreign: BTreeMap::new() };
        for prefix in package.prefixes() {
            if !package.modules.iter().any(|module| module.prefix == prefix) {
                package.modules.push(Module::of(prefix));
            }
        }
        let mut problems = schema.contradictions();
        for model in &schema.models {
            let name = model.name();
            if let Some(uri) = options.custom_classes.get(name) {
                package.foreign.insert(name, uri.clone());
            } else if let Some(module) = package.module_of(name) {
                package.foreign.insert(name, library_uri(&module.package));
            } else if let (Model::Custom(_), true) = (model, package.is_own(name)) {
                problems
                    .push(format!("`{name}` is a custom class: say from which library clients import it"));
            }
        }
        problems.extend(package.reserved_names());
        problems.extend(package.collisions());
        problems.extend(package.strangers());
        if problems.is_empty() { Ok(package) } else { Err(GenerateError { problems }) }
    }

    /// The prefixes of the other modules that the package uses: for an app, all that the schema mentions; for a module, those that
    /// it needs itself. Two modules of one server must not use each other only because that server has both.
    fn prefixes(&self) -> Vec<&'a str> {
        let schema = self.schema;
        let names: Vec<&str> = if self.options.own_module.is_some() {
            self.used_names().into_iter().collect()
        } else {
            let endpoints = schema.endpoints.iter().map(|endpoint| endpoint.name.as_str());
            schema.models.iter().map(Model::name).chain(endpoints).collect()
        };
        let prefixes = names.into_iter().filter_map(prefix);
        prefixes.filter(|prefix| self.options.own_module.as_deref() != Some(prefix)).collect()
    }

    /// The models that those of the package and its endpoints name.
    fn used_names(&self) -> BTreeSet<&'a str> {
        let own_models = self.schema.models.iter().filter(|model| self.is_own(model.name()));
        let fields = own_models.filter_map(Model::as_class).flat_map(|class| &class.fields);
        let methods = self.own_endpoints().flat_map(|endpoint| &endpoint.methods);
        let types = fields.map(|field| &field.ty).chain(methods.flat_map(Method::types));
        types.flat_map(Type::names).collect()
    }

    /// Whether the package is for the client of 2.9.
    pub(super) fn is_2_9(&self) -> bool {
        self.options.client_version == ClientVersion::V2_9
    }

    /// The models that the package declares.
    pub(super) fn own_models(&self) -> impl Iterator<Item = &'a Model> + '_ {
        let models = self.schema.models.iter();
        models.filter(|model| self.is_own(model.name()) && self.foreign_uri(model.name()).is_none())
    }

    /// The custom classes, if this is not the package of a module that leaves them to the app.
    pub(super) fn custom_classes(&self) -> impl Iterator<Item = &'a str> + '_ {
        let models = self.schema.models.iter().map(Model::name);
        models.filter(|name| self.is_custom(name) && self.is_own(name))
    }

    /// Whether a model is a custom class.
    pub(super) fn is_custom(&self, wire_name: &str) -> bool {
        self.options.custom_classes.contains_key(wire_name)
    }

    /// The endpoints that the package declares.
    pub(super) fn own_endpoints(&self) -> impl Iterator<Item = &'a Endpoint> + '_ {
        self.schema.endpoints.iter().filter(|endpoint| self.is_own(&endpoint.name))
    }

    /// The name of a model or an endpoint without the prefix of its module.
    pub(super) fn dart_name<'n>(&self, wire_name: &'n str) -> &'n str {
        wire_name.rsplit_once('.').map_or(wire_name, |(_, name)| name)
    }

    /// The library from which a model comes that the package does not declare.
    pub(super) fn foreign_uri(&self, wire_name: &str) -> Option<&str> {
        self.foreign.get(wire_name).map(String::as_str)
    }

    /// The URI of a library of the package, whose path is given below `lib/src/protocol/`.
    pub(super) fn uri(&self, path: &str) -> String {
        format!("package:{}/src/protocol/{path}.dart", self.options.package)
    }

    /// The path of the file that declares a model of the package.
    pub(super) fn path_of(&self, wire_name: &str) -> String {
        let file = self.schema.model(wire_name).and_then(Model::file);
        file.map_or_else(|| self.dart_name(wire_name).to_snake_case(), str::to_owned)
    }

    /// The path of the library that a model of the package is in: that of the sealed class at the top of its
    /// hierarchy, or its own.
    pub(super) fn library_of(&self, wire_name: &str) -> String {
        let top = self.schema.class(wire_name).and_then(|class| self.sealed_top(class));
        self.path_of(top.map_or(wire_name, |top| &top.name))
    }

    /// The sealed class at the top of the hierarchy that `class` belongs to.
    pub(super) fn sealed_top(&self, class: &'a Class) -> Option<&'a Class> {
        let ancestors = std::iter::successors(Some(class), |class| self.schema.parent(class));
        ancestors.filter(|class| class.sealed && self.foreign_uri(&class.name).is_none()).last()
    }

    /// The enum that a type is.
    pub(super) fn enumeration(&self, ty: &Type) -> Option<&'a Enum> {
        let Type::Named(name) = ty else { return None };
        match self.schema.model(name)? {
            Model::Enum(definition) => Some(definition),
            _ => None,
        }
    }

    /// The files that the user goes on with, as after `serverpod create`.
    pub(super) fn first_files(&self) -> Vec<SourceFile> {
        let package = &self.options.package;
        let library = "export 'src/protocol/protocol.dart';\nexport 'package:serverpod_client/serverpod_client.dart';\n";
        vec![
            SourceFile::once("pubspec.yaml", self.pubspec()),
            SourceFile::once("analysis_options.yaml", "formatter:\n  trailing_commas: preserve\n"),
            SourceFile::once(format!("lib/{package}.dart"), library),
        ]
    }

    fn pubspec(&self) -> String {
        let (sdk, version) = match self.options.client_version {
            ClientVersion::V2_9 => ("'>=3.5.0 <4.0.0'", "^2.9.1"),
            ClientVersion::V3_4 => ("^3.8.0", "^3.4.0"),
        };
        let mut dependencies = BTreeMap::from([("serverpod_client", version)]);
        for module in &self.modules {
            // Serverpod's own modules have the version of the client.
            let version = if module.package.starts_with("serverpod_") { version } else { "any" };
            dependencies.insert(&module.package, version);
        }
        for uri in self.options.custom_classes.values() {
            let package = uri.strip_prefix("package:").and_then(|path| path.split('/').next());
            if let Some(package) = package.filter(|package| *package != self.options.package) {
                dependencies.entry(package).or_insert("any");
            }
        }
        if self.is_2_9() && self.compares_collections() {
            dependencies.insert("collection", "^1.18.0");
        }
        let dependencies: String =
            dependencies.iter().map(|(name, version)| format!("  {name}: {version}\n")).collect();
        let name = &self.options.package;
        format!(
            "name: {name}\n\
             description: The client, generated by Streampod.\n\
             publish_to: none\n\
             \n\
             environment:\n  sdk: {sdk}\n\
             \n\
             dependencies:\n{dependencies}"
        )
    }

    /// Whether an immutable class has a collection among its fields.
    fn compares_collections(&self) -> bool {
        let classes = self.own_models().filter_map(Model::as_class).filter(|class| class.immutable);
        classes.flat_map(|class| &class.fields).any(|field| is_collection(&field.ty))
    }

    /// Whether a name is this package's: without a prefix, or with that of its own module.
    fn is_own(&self, wire_name: &str) -> bool {
        prefix(wire_name) == self.options.own_module.as_deref()
    }

    fn module_of(&self, wire_name: &str) -> Option<&Module> {
        let prefix = prefix(wire_name)?;
        self.modules.iter().find(|module| module.prefix == prefix)
    }

    /// Names that Dart does not allow.
    fn reserved_names(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |name: &str, what: &str, taken: &[&str]| {
            if !is_identifier(name) || taken.contains(&name) {
                problems.push(format!("`{name}`, the name of {what}, is none that Dart allows: rename it"));
            }
        };
        for model in self.own_models() {
            let name = self.dart_name(model.name());
            check(name, "a model", &[]);
            let fields = model.as_class().into_iter().flat_map(|class| &class.fields);
            fields.for_each(|field| check(&field.name, &format!("a field of `{name}`"), &FIELDS_TAKEN));
            if let Model::Enum(definition) = model {
                let what = format!("a value of `{name}`");
                definition.values.iter().for_each(|value| check(&value.name, &what, &VALUES_TAKEN));
            }
        }
        for endpoint in self.own_endpoints() {
            let name = self.dart_name(&endpoint.name);
            let taken: &[&str] =
                if self.options.own_module.is_some() { &CALLER_TAKEN } else { &CLIENT_TAKEN };
            check(name, "an endpoint", taken);
            for method in &endpoint.methods {
                check(&method.name, &format!("a method of `{name}`"), &METHODS_TAKEN);
                let what = format!("a parameter of `{name}.{}`", method.name);
                method.parameters.iter().for_each(|parameter| check(&parameter.name, &what, &[]));
            }
        }
        problems
    }

    /// Models that would get the name or the file of another one, or of what every package has.
    fn collisions(&self) -> Vec<String> {
        let client = if self.options.own_module.is_some() { "Caller" } else { "Client" };
        let mut names = BTreeSet::from(["Protocol", client]);
        let mut paths = BTreeSet::from(["protocol".to_owned(), "client".to_owned()]);
        let mut problems = Vec::new();
        for model in self.own_models() {
            let (name, path) = (self.dart_name(model.name()), self.path_of(model.name()));
            if !names.insert(name) {
                problems
                    .push(format!("`{name}` is the name of something else in the package: rename the model"));
            }
            if !paths.insert(path.clone()) {
                problems.push(format!(
                    "`{name}` would be in `{path}.dart`, where something else is: move or rename it"
                ));
            }
        }
        problems
    }

    /// Models that the package uses and that come from nowhere: those of the app whose module it is.
    fn strangers(&self) -> Vec<String> {
        let names = self.used_names().into_iter();
        let strangers = names.filter(|name| !self.is_own(name) && self.foreign_uri(name).is_none());
        strangers.map(|name| format!("`{name}` is used by the module, but belongs to no module")).collect()
    }
}

/// The prefix of the module that a name on the wire belongs to.
fn prefix(wire_name: &str) -> Option<&str> {
    wire_name.rsplit_once('.').map(|(prefix, _)| prefix)
}

/// The library of a package that has everything.
pub(super) fn library_uri(package: &str) -> String {
    format!("package:{package}/{package}.dart")
}

/// Whether values of this type are compared by what is in them.
pub(super) fn is_collection(ty: &Type) -> bool {
    match ty {
        Type::Nullable(inner) => is_collection(inner),
        ty => matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(..)),
    }
}

/// Words that Dart never takes for a name.
const RESERVED: [&str; 33] = [
    "assert", "break", "case", "catch", "class", "const", "continue", "default", "do", "else", "enum",
    "extends", "false", "final", "finally", "for", "if", "in", "is", "new", "null", "rethrow", "return",
    "super", "switch", "this", "throw", "true", "try", "var", "void", "while", "with",
];

/// What models, enums and endpoints have by themselves.
const FIELDS_TAKEN: [&str; 7] =
    ["copyWith", "fromJson", "hashCode", "noSuchMethod", "runtimeType", "toJson", "toString"];
const VALUES_TAKEN: [&str; 8] =
    ["fromJson", "hashCode", "index", "noSuchMethod", "runtimeType", "toJson", "toString", "values"];
const METHODS_TAKEN: [&str; 10] = [
    "caller",
    "client",
    "hashCode",
    "name",
    "noSuchMethod",
    "resetStream",
    "runtimeType",
    "sendStreamMessage",
    "stream",
    "toString",
];

/// What the `Client` of an app has by itself, and what its constructor is given.
const CLIENT_TAKEN: [&str; 30] = [
    "addStreamingConnectionStatusListener",
    "authKeyProvider",
    "authenticationKeyManager",
    "callServerEndpoint",
    "callStreamingServerEndpoint",
    "close",
    "closeStreamingConnection",
    "closeStreamingMethodConnections",
    "connectionTimeout",
    "connectivityMonitor",
    "disconnectStreamsOnLostInternetConnection",
    "endpointRefLookup",
    "getEndpointOfType",
    "hashCode",
    "host",
    "moduleLookup",
    "modules",
    "noSuchMethod",
    "onFailedCall",
    "onSucceededCall",
    "openStreamingConnection",
    "removeStreamingConnectionStatusListener",
    "runtimeType",
    "securityContext",
    "serializationManager",
    "streamingConnectionStatus",
    "streamingConnectionTimeout",
    "toString",
    "updateStreamingConnectionAuthenticationKey",
    "websocketHost",
];

/// The same of the `Caller` of a module.
const CALLER_TAKEN: [&str; 8] = [
    "callServerEndpoint",
    "callStreamingServerEndpoint",
    "client",
    "endpointRefLookup",
    "hashCode",
    "noSuchMethod",
    "runtimeType",
    "toString",
];

/// Whether a name can be one in Dart that others may use.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '$')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
        && !RESERVED.contains(&name)
}
