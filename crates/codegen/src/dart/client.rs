//! `client.dart`: the endpoints, and the `Client` that has them.

use heck::ToUpperCamelCase;
use streampod_schema::{Endpoint, Method, Parameter, ParameterKind, Returns, Type};

use super::ClientVersion;
use super::convert::{argument, list};
use super::declaration::{deprecated, docs, spaced};
use super::library::{Library, Siblings};
use super::package::{Package, library_uri};
use crate::SourceFile;

/// The file.
pub(super) fn file(package: &Package<'_>) -> SourceFile {
    let library = Library::new(package, "client", Siblings::Package);
    let mut declarations: Vec<String> =
        package.own_endpoints().map(|endpoint| endpoint_class(&library, endpoint)).collect();
    if package.options.own_module.is_some() {
        declarations.push(caller(&library));
    } else {
        declarations.push(modules(&library));
        declarations.push(client(&library));
    }
    library.file("", &(spaced(declarations) + "\n"))
}

fn endpoint_class(library: &Library<'_>, endpoint: &Endpoint) -> String {
    let docs = docs(&endpoint.docs);
    let deprecated = deprecated(endpoint.deprecated.as_deref());
    let class = class_name(library, endpoint);
    let parent = library.client("EndpointRef");
    let caller = library.client("EndpointCaller");
    let constructor = format!("{class}({caller} caller) : super(caller);");
    let name = format!("@override\nString get name => '{}';", endpoint.name);
    let methods = endpoint.methods.iter().map(|method| self::method(library, endpoint, method));
    let members = spaced([constructor, name].into_iter().chain(methods));
    format!("{docs}/// {{@category Endpoint}}\n{deprecated}class {class} extends {parent} {{\n{members}\n}}")
}

fn class_name(library: &Library<'_>, endpoint: &Endpoint) -> String {
    format!("Endpoint{}", library.package.dart_name(&endpoint.name).to_upper_camel_case())
}

fn method(library: &Library<'_>, endpoint: &Endpoint, method: &Method) -> String {
    let docs = docs(&method.docs);
    let deprecated = deprecated(method.deprecated.as_deref());
    let (container, item) = match &method.returns {
        Returns::Value(ty) => ("Future", ty),
        Returns::Stream(ty) => ("Stream", ty),
    };
    let container = library.symbol("dart:async", container);
    let item = library.ty(item);
    let parameters = parameters(library, method);
    let arguments: Vec<String> = method
        .arguments()
        .map(|parameter| {
            format!("'{0}': {1}", parameter.name, argument(library, &parameter.name, &parameter.ty))
        })
        .collect();
    let mut call = vec![
        format!("'{}'", endpoint.name),
        format!("'{}'", method.name),
        format!("{{{}}}", list(&arguments)),
    ];
    let target = if method.is_streaming() {
        call.push(format!("{{{}}}", list(&method.streams().map(stream_argument).collect::<Vec<_>>())));
        format!("callStreamingServerEndpoint<{container}<{item}>, {item}>")
    } else {
        format!("callServerEndpoint<{item}>")
    };
    let call = list(&call);
    // A parameter of that name hides the endpoint's.
    let hidden = method.parameters.iter().any(|parameter| parameter.name == "caller");
    let caller = if hidden { "this.caller" } else { "caller" };
    format!(
        "{docs}{deprecated}{container}<{item}> {}({parameters}) => {caller}.{target}({call});",
        method.name
    )
}

fn stream_argument(parameter: &Parameter) -> String {
    let name = &parameter.name;
    match parameter.kind {
        ParameterKind::Stream { optional: true } => format!("if ({name} != null) '{name}': {name}"),
        _ => format!("'{name}': {name}"),
    }
}

/// The parameters of a method. Those at the end that are passed by position and may be left out need not be given, but
/// Dart has no such parameters beside named ones.
fn parameters(library: &Library<'_>, method: &Method) -> String {
    let (named, positional): (Vec<_>, Vec<_>) =
        method.parameters.iter().partition(|parameter| parameter.named);
    let optional = positional.iter().rev().take_while(|parameter| named.is_empty() && may_be_null(parameter));
    let required = positional.len() - optional.count();
    let mut parameters: Vec<String> = Vec::new();
    for (index, parameter) in positional.iter().enumerate() {
        let open = if index == required { "[" } else { "" };
        parameters.push(format!("{open}{} {}", parameter_type(library, parameter), parameter.name));
    }
    for (index, parameter) in named.iter().enumerate() {
        let open = if index == 0 { "{" } else { "" };
        let required = if may_be_null(parameter) { "" } else { "required " };
        parameters.push(format!("{open}{required}{} {}", parameter_type(library, parameter), parameter.name));
    }
    let close = if !named.is_empty() {
        "}"
    } else if required < positional.len() {
        "]"
    } else {
        ""
    };
    list(&parameters) + close
}

fn may_be_null(parameter: &Parameter) -> bool {
    match parameter.kind {
        ParameterKind::Argument { .. } => matches!(parameter.ty, Type::Nullable(_)),
        ParameterKind::Stream { optional } => optional,
    }
}

fn parameter_type(library: &Library<'_>, parameter: &Parameter) -> String {
    match parameter.kind {
        ParameterKind::Argument { .. } => library.ty(&parameter.ty),
        ParameterKind::Stream { optional } => {
            let stream = library.symbol("dart:async", "Stream");
            let mark = if optional { "?" } else { "" };
            format!("{stream}<{}>{mark}", library.ty(&parameter.ty))
        }
    }
}

/// What `client.modules` is; nothing if there are none.
fn modules(library: &Library<'_>) -> String {
    let modules = &library.package.modules;
    if modules.is_empty() {
        return String::new();
    }
    let caller = |package: &str| library.symbol(&library_uri(package), "Caller");
    let assignments: String = modules
        .iter()
        .map(|module| format!("{} = {}(client);\n", module.nickname, caller(&module.package)))
        .collect();
    let constructor = format!("Modules(Client client) {{\n{assignments}}}");
    let fields =
        modules.iter().map(|module| format!("late final {} {};", caller(&module.package), module.nickname));
    format!("class Modules {{\n{}\n}}", spaced(std::iter::once(constructor).chain(fields)))
}

fn client(library: &Library<'_>) -> String {
    let parent = library.client("ServerpodClientShared");
    let context = library.client("MethodCallContext");
    let protocol = library.symbol("protocol.dart", "Protocol");
    // 3.4 has deprecated this one, and does not want it declared with a type of its own.
    let (key_manager, passed) = match library.package.options.client_version {
        ClientVersion::V2_9 => (
            format!("{}? authenticationKeyManager", library.client("AuthenticationKeyManager")),
            "authenticationKeyManager: authenticationKeyManager, ",
        ),
        ClientVersion::V3_4 => (
            "@Deprecated('Use authKeyProvider instead.')\n\
             super.authenticationKeyManager"
                .to_owned(),
            "",
        ),
    };
    let constructor = format!(
        "Client(String host, {{dynamic securityContext, {key_manager}, Duration? streamingConnectionTimeout, \
         Duration? connectionTimeout, Function({context}, Object, StackTrace,)? onFailedCall, \
         Function({context})? onSucceededCall, bool? disconnectStreamsOnLostInternetConnection,}}) \
         : super(host, {protocol}(), securityContext: securityContext, {passed}\
         streamingConnectionTimeout: streamingConnectionTimeout, connectionTimeout: connectionTimeout, \
         onFailedCall: onFailedCall, onSucceededCall: onSucceededCall, \
         disconnectStreamsOnLostInternetConnection: disconnectStreamsOnLostInternetConnection,)"
    );
    let package = library.package;
    let (set_modules, modules) = if package.modules.is_empty() {
        ("", String::new())
    } else {
        ("modules = Modules(this);\n", "late final Modules modules;".to_owned())
    };
    let lookup: Vec<String> =
        package.modules.iter().map(|module| format!("'{0}': modules.{0}", module.nickname)).collect();
    let lookup = format!(
        "@override\nMap<String, {}> get moduleLookup => {{{}}};",
        library.client("ModuleEndpointCaller"),
        list(&lookup)
    );
    let members = endpoints(library, &constructor, set_modules, modules, lookup);
    format!("class Client extends {parent} {{\n{members}\n}}")
}

/// The `Caller` of a module, which is what an app has of it in `client.modules`.
fn caller(library: &Library<'_>) -> String {
    let parent = library.client("ModuleEndpointCaller");
    let constructor = format!("Caller({} client) : super(client)", library.client("ServerpodClientShared"));
    let members = endpoints(library, &constructor, "", String::new(), String::new());
    format!("class Caller extends {parent} {{\n{members}\n}}")
}

/// The constructor, whose body makes the endpoints, their fields and the look-ups.
fn endpoints(
    library: &Library<'_>,
    constructor: &str,
    set_modules: &str,
    modules: String,
    module_lookup: String,
) -> String {
    let package = library.package;
    let mut assignments = String::new();
    let (mut fields, mut lookup) = (Vec::new(), Vec::new());
    for endpoint in package.own_endpoints() {
        let (name, class) = (package.dart_name(&endpoint.name), class_name(library, endpoint));
        assignments.push_str(&format!("{name} = {class}(this);\n"));
        fields.push(format!("late final {class} {name};"));
        lookup.push(format!("'{}': {name}", endpoint.name));
    }
    let body = assignments + set_modules;
    let constructor =
        if body.is_empty() { format!("{constructor};") } else { format!("{constructor} {{\n{body}}}") };
    let lookup = format!(
        "@override\nMap<String, {}> get endpointRefLookup => {{{}}};",
        library.client("EndpointRef"),
        list(&lookup)
    );
    spaced(std::iter::once(constructor).chain(fields).chain([modules, lookup, module_lookup]))
}
