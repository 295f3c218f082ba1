//! The Dart client. What the golden packages do is tested by `cargo xtask test dart`, which runs them.

use streampod_codegen::SourceFile;
use streampod_codegen::dart::{ClientVersion, Module, Options, generate};
use streampod_schema::Schema;

use crate::kit;

fn options(package: &str, version: ClientVersion) -> Options {
    let mut options = Options::new(package, version);
    let library = "package:shop_shared/shop_shared.dart";
    options.custom_classes.insert("Money".to_owned(), library.to_owned());
    options
}

fn module_options(version: ClientVersion) -> Options {
    let mut options = Options::new("serverpod_auth_client", version);
    options.own_module = Some("serverpod_auth".to_owned());
    options
}

/// The text of one of the files.
fn text<'a>(files: &'a [SourceFile], path: &str) -> &'a str {
    &files.iter().find(|file| file.path == path).unwrap().text
}

/// The schema of these models and endpoints, given as JSON.
fn schema(models: &str, endpoints: &str) -> Schema {
    serde_json::from_str(&format!(r#"{{"models": [{models}], "endpoints": [{endpoints}]}}"#)).unwrap()
}

fn problems(schema: &Schema, options: &Options) -> Vec<String> {
    generate(schema, options).unwrap_err().problems
}

#[test]
fn the_package_for_2_9_is_golden() {
    let files = generate(&kit::schema(), &options("shop_client", ClientVersion::V2_9)).unwrap();
    kit::check_golden("dart/2_9/shop_client", &files);
}

#[test]
fn the_package_for_3_4_is_golden() {
    let files = generate(&kit::schema(), &options("shop_client", ClientVersion::V3_4)).unwrap();
    kit::check_golden("dart/3_4/shop_client", &files);
}

#[test]
fn the_package_of_a_module_is_golden() {
    for (version, folder) in [(ClientVersion::V2_9, "2_9"), (ClientVersion::V3_4, "3_4")] {
        let files = generate(&kit::schema(), &module_options(version)).unwrap();
        kit::check_golden(&format!("dart/{folder}/serverpod_auth_client"), &files);
    }
}

#[test]
fn a_module_can_have_other_names_than_the_usual() {
    let mut options = options("shop_client", ClientVersion::V3_4);
    options.modules.push(Module {
        prefix: "serverpod_auth".to_owned(),
        package: "my_auth".to_owned(),
        nickname: "people".to_owned(),
    });
    let files = generate(&kit::schema(), &options).unwrap();
    let client = text(&files, "lib/src/protocol/client.dart");
    assert!(client.contains("import 'package:my_auth/my_auth.dart'"));
    assert!(client.contains("'people': modules.people"));
    assert!(text(&files, "pubspec.yaml").contains("  my_auth: any\n"));
}

#[test]
fn a_client_without_anything_is_whole() {
    let files = generate(&Schema::default(), &Options::new("bare_client", ClientVersion::V3_4)).unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let expected = [
        "pubspec.yaml",
        "analysis_options.yaml",
        "lib/bare_client.dart",
        "lib/src/protocol/protocol.dart",
        "lib/src/protocol/client.dart",
    ];
    assert_eq!(paths, expected);
    assert!(!text(&files, "lib/src/protocol/client.dart").contains("Modules"));
}

#[test]
fn what_may_be_null_inside_records_is_checked() {
    let schema = schema(
        r#"{"kind": "class", "name": "A", "fields": [
               {"name": "a", "type": "(List<(int,)>?,Map<int,int>?)", "docs": ""}]}"#,
        "",
    );
    let files = generate(&schema, &Options::new("a_client", ClientVersion::V3_4)).unwrap();
    let protocol = text(&files, "lib/src/protocol/protocol.dart");
    assert!(protocol.contains("record.$1 == null ? null : mapContainerToJson(record.$1!)"));
    assert!(protocol.contains("record.$2 == null ? null : mapContainerToJson(record.$2!)"));
}

#[test]
fn names_that_generated_code_has_are_no_obstacle() {
    let schema = schema(
        r#"{"kind": "class", "name": "A", "immutable": true, "fields": [{"name": "other", "type": "int", "docs": ""}]}"#,
        r#"{"name": "a", "docs": "", "requireLogin": false, "scopes": [], "methods": [
               {"name": "b", "docs": "", "returns": {"kind": "value", "type": "void"}, "parameters": [
                   {"name": "caller", "type": "int", "named": false, "kind": "argument"}]}]}"#,
    );
    let files = generate(&schema, &Options::new("a_client", ClientVersion::V3_4)).unwrap();
    assert!(text(&files, "lib/src/protocol/a.dart").contains("other.other == this.other"));
    assert!(text(&files, "lib/src/protocol/client.dart").contains("this.caller.callServerEndpoint<void>("));
}

#[test]
fn keys_can_hold_what_means_something_in_dart() {
    let field = r#"{"name": "price", "key": "the $price's", "type": "int", "docs": ""}"#;
    let class = format!(r#"{{"kind": "class", "name": "Offer", "docs": "", "fields": [{field}]}}"#);
    let files = generate(&schema(&class, ""), &options("shop_client", ClientVersion::V3_4)).unwrap();
    let text = text(&files, "lib/src/protocol/offer.dart");
    assert!(text.contains(r"jsonSerialization['the \$price\'s'] as int"), "{text}");
    assert!(text.contains(r"'the \$price\'s': price"), "{text}");
}

#[test]
fn everything_that_dart_has_no_words_for_is_named_at_once() {
    let schema = schema(
        r#"{"kind": "class", "name": "Client", "fields": [{"name": "class", "type": "int", "docs": ""}]},
           {"kind": "class", "name": "Pair", "fields": []},
           {"kind": "class", "name": "PAIR", "file": "pair", "fields": []},
           {"kind": "custom", "name": "Money", "docs": ""}"#,
        r#"{"name": "shop", "docs": "", "requireLogin": false, "scopes": [], "methods": [
               {"name": "name", "docs": "", "returns": {"kind": "value", "type": "void"}, "parameters": [
                   {"name": "new", "type": "int", "named": false, "kind": "argument"}]}]}"#,
    );
    let problems = problems(&schema, &Options::new("shop_client", ClientVersion::V2_9));
    let expected = [
        "`Money` is a custom class: say from which library clients import it",
        "`class`, the name of a field of `Client`, is none that Dart allows: rename it",
        "`name`, the name of a method of `shop`, is none that Dart allows: rename it",
        "`new`, the name of a parameter of `shop.name`, is none that Dart allows: rename it",
        "`Client` is the name of something else in the package: rename the model",
        "`Client` would be in `client.dart`, where something else is: move or rename it",
        "`PAIR` would be in `pair.dart`, where something else is: move or rename it",
    ];
    assert_eq!(problems, expected);
}

/// An endpoint that exchanges messages over the deprecated streaming connection, without methods.
const STREAMING: &str =
    r#""docs": "", "requireLogin": false, "scopes": [], "streaming": true, "methods": []"#;

#[test]
fn a_streaming_endpoint_is_left_to_the_runtime() {
    let schema =
        schema("", &format!(r#"{{"name": "chat", {STREAMING}}}, {{"name": "people.chat", {STREAMING}}}"#));
    let app = generate(&schema, &Options::new("shop_client", ClientVersion::V2_9)).unwrap();
    let class = "extends _i1.EndpointRef {\n  EndpointChat(_i1.EndpointCaller caller) : super(caller);\n\n  @override\n  \
                 String get name =>";
    let client = text(&app, "lib/src/protocol/client.dart");
    assert!(client.contains(&format!("class EndpointChat {class} 'chat';\n}}\n")), "{client}");
    assert!(client.contains("get endpointRefLookup => {'chat': chat};"), "{client}");
    assert!(client.contains("get moduleLookup => {\n    'people': modules.people,\n"), "{client}");
    let mut options = Options::new("people_client", ClientVersion::V2_9);
    options.own_module = Some("people".to_owned());
    let module = generate(&schema, &options).unwrap();
    let client = text(&module, "lib/src/protocol/client.dart");
    assert!(client.contains(&format!("class EndpointChat {class} 'people.chat';\n}}\n")), "{client}");
    assert!(client.contains("get endpointRefLookup => {'people.chat': chat};"), "{client}");
}

#[test]
fn what_the_runtime_has_is_no_name_of_a_method_or_an_endpoint() {
    let method = |name: &str| {
        format!(
            r#"{{"name": "{name}", "docs": "", "returns": {{"kind": "value", "type": "void"}}, "parameters": []}}"#
        )
    };
    let names = ["client", "resetStream", "sendStreamMessage", "stream", "streams"];
    let methods = names.map(method).join(", ");
    let endpoint = format!(
        r#"{{"name": "chat", "docs": "", "requireLogin": false, "scopes": [], "methods": [{methods}]}}"#
    );
    let app = Options::new("a_client", ClientVersion::V3_4);
    let expected = ["client", "resetStream", "sendStreamMessage", "stream"]
        .map(|name| format!("`{name}`, the name of a method of `chat`, is none that Dart allows: rename it"));
    assert_eq!(problems(&schema("", &endpoint), &app), expected);

    let endpoints = |module: &str| {
        let names = ["client", "close", "host", "openStreamingConnection", "securityContext"];
        schema("", &names.map(|name| format!(r#"{{"name": "{module}{name}", {STREAMING}}}"#)).join(", "))
    };
    let expected = ["close", "host", "openStreamingConnection", "securityContext"]
        .map(|name| format!("`{name}`, the name of an endpoint, is none that Dart allows: rename it"));
    assert_eq!(problems(&endpoints(""), &app), expected);
    let module = Options { own_module: Some("people".to_owned()), ..app };
    let expected = ["`client`, the name of an endpoint, is none that Dart allows: rename it"];
    assert_eq!(problems(&endpoints("people."), &module), expected);
}

#[test]
fn modules_of_one_server_do_not_use_each_other_for_that() {
    let schema = schema(
        r#"{"kind": "class", "name": "chat.Line", "fields": [{"name": "by", "type": "List<people.Person>", "docs": ""}]},
           {"kind": "class", "name": "people.Person", "fields": []}"#,
        r#"{"name": "people.names", "docs": "", "requireLogin": false, "scopes": [], "methods": []}"#,
    );
    let files = |module: &str| {
        let mut options = Options::new(format!("{module}_client"), ClientVersion::V3_4);
        options.own_module = Some(module.to_owned());
        generate(&schema, &options).unwrap()
    };
    assert!(text(&files("chat"), "pubspec.yaml").contains("people_client"));
    for file in files("people") {
        assert!(!file.text.contains("chat"), "{}:\n{}", file.path, file.text);
    }
    let app = generate(&schema, &Options::new("app_client", ClientVersion::V3_4)).unwrap();
    let client = text(&app, "lib/src/protocol/client.dart");
    assert!(
        client.contains("'chat': modules.chat") && client.contains("'people': modules.people"),
        "{client}"
    );
}

#[test]
fn a_module_uses_nothing_of_an_app() {
    let schema = schema(
        r#"{"kind": "class", "name": "App", "fields": []},
           {"kind": "class", "name": "chat.Line", "fields": [{"name": "app", "type": "App?", "docs": ""}]}"#,
        "",
    );
    let mut options = Options::new("chat_client", ClientVersion::V3_4);
    options.own_module = Some("chat".to_owned());
    assert_eq!(problems(&schema, &options), ["`App` is used by the module, but belongs to no module"]);
}
