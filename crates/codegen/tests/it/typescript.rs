//! The TypeScript client.

use serde_json::{Value, json};
use streampod_codegen::typescript::{Flavour, Options, generate};
use streampod_schema::Schema;

use crate::kit::{check_golden, schema};

/// Checks the client of a schema in both flavours: `tests/golden/typescript/<flavour>/<name>`. The tests of the runtime
/// compile them and try them out.
fn check(name: &str, schema: &Schema) {
    for (folder, flavour) in [("ts", Flavour::TypeScript), ("js", Flavour::JavaScript)] {
        let options = Options { flavour, custom_types: "../../custom.js".into(), ..Options::default() };
        check_golden(&format!("typescript/{folder}/{name}"), &generate(schema, &options).unwrap());
    }
}

#[test]
fn the_fixture() {
    check("shop", &schema());
}

/// Names that JavaScript, the generated code or its imports need.
#[test]
fn names_that_are_taken() {
    let field = |name: &str, ty: &str| json!({ "name": name, "type": ty, "docs": "" });
    let class =
        |kind: &str, name: &str, fields: &[Value]| json!({ "kind": kind, "name": name, "fields": fields });
    let argument = |name: &str, ty: &str, named: bool| json!({ "name": name, "type": ty, "named": named, "kind": "argument" });
    let method = |name: &str, parameters: &[Value], returns: Value| json!({ "name": name, "docs": "", "parameters": parameters, "returns": returns });
    let nothing = || json!({ "kind": "value", "type": "void" });
    let schema = json!({
        "models": [
            class("class", "Map", &[
                field("constructor", "int"),
                field("__proto__", "String?"),
                field("class", "Node?"),
                field("toString", "String?"),
                field("size", "Map<String,int>"),
            ]),
            class("class", "Node", &[field("type", "Type"), field("parent", "Node?")]),
            json!({ "kind": "class", "name": "Leaf", "extends": "Node", "fields": [
                field("type", "Type"), field("parent", "Node?"), field("type_", "int?"),
            ] }),
            class("class", "Type", &[field("leaf", "Leaf?")]),
            class("class", "Client", &[]),
            class("class", "EndpointCall", &[]),
            class("class", "list", &[field("list", "List<list>")]),
            class("exception", "Error", &[field("message", "int")]),
            json!({ "kind": "enum", "name": "Enum", "docs": "", "encoding": "byIndex",
                "properties": [{ "name": "title", "type": "String" }],
                "values": [{ "name": "__proto__", "docs": "", "properties": ["\"x\""] }] }),
            json!({ "kind": "class", "name": "Date", "fields": [
                { "name": "at", "type": "DateTime", "docs": "", "default": "now" },
                { "name": "ids", "type": "List<int>", "docs": "", "default": { "json": "[1]" } },
            ] }),
        ],
        "endpoints": [{
            "name": "call", "docs": "It says */ and goes on.", "requireLogin": false, "scopes": [],
            "methods": [
                method("delete", &[
                    argument("class", "String", false),
                    argument("options", "int", false),
                    argument("named2", "int", false),
                    argument("constructor", "int?", true),
                    argument("named", "int", true),
                ], nothing()),
                method("constructor", &[], nothing()),
                method("then", &[argument("note", "Date?", false)], json!({ "kind": "value", "type": "Map?" })),
                method("default", &[argument("in", "Map<int,String>", false)], json!({ "kind": "stream", "type": "DateTime" })),
            ],
        }],
    });
    let schema = serde_json::from_value(schema).unwrap();
    check("names", &schema);
}

/// Parameters that may be left out before others that may not, and streams among those that are passed by name.
#[test]
fn parameters_of_all_kinds() {
    let argument = |name: &str, ty: &str, named: bool, default: Option<&str>| json!({ "name": name, "type": ty, "named": named, "kind": "argument", "default": default });
    let stream = |name: &str, named: bool, optional: bool| json!({ "name": name, "type": "int", "named": named, "kind": "stream", "optional": optional });
    let method = |name: &str, parameters: &[Value]| json!({ "name": name, "docs": "", "parameters": parameters, "returns": { "kind": "value", "type": "void" } });
    let schema = json!({
        "models": [],
        "endpoints": [{
            "name": "kinds", "docs": "", "requireLogin": false, "scopes": [],
            "methods": [
                method("positional", &[
                    argument("first", "int?", false, None),
                    argument("second", "int", false, Some("2")),
                    argument("third", "int", false, None),
                    argument("fourth", "int?", false, Some("4")),
                ]),
                method("named", &[argument("some", "dynamic", true, None), argument("other", "int", true, Some("1"))]),
                method("required", &[argument("first", "int?", false, None), argument("some", "int", true, None)]),
                method("streams", &[
                    stream("early", false, true),
                    stream("late", false, false),
                    argument("note", "String", true, Some("\"none\"")),
                    stream("more", true, true),
                ]),
                method("allNamed", &[stream("a", true, true), stream("b", true, true)]),
            ],
        }],
    });
    let schema = serde_json::from_value(schema).unwrap();
    check("parameters", &schema);
}

/// What the fixture has no room for: sealed below sealed, sealed exceptions, a sealed class that holds itself, and a module
/// that builds on what belongs to none.
#[test]
fn hierarchies() {
    let field = |name: &str, ty: &str| json!({ "name": name, "type": ty, "docs": "" });
    let sealed = |kind: &str, name: &str, extends: Option<&str>, fields: &[Value]| json!({ "kind": kind, "name": name, "extends": extends, "sealed": true, "fields": fields });
    let class = |kind: &str, name: &str, extends: &str, fields: &[Value]| json!({ "kind": kind, "name": name, "extends": extends, "immutable": true, "fields": fields });
    let (value, pair) = (field("value", "int"), [field("left", "Term"), field("right", "Term?")]);
    let schema = json!({
        "models": [
            sealed("class", "Term", None, &[]),
            class("class", "Constant", "Term", std::slice::from_ref(&value)),
            sealed("class", "Operation", Some("Term"), &pair),
            class("class", "Sum", "Operation", &pair),
            class("class", "Product", "Operation", &pair),
            sealed("exception", "Failure", None, &[field("term", "Term")]),
            class("exception", "Overflow", "Failure", &[field("term", "Term"), field("message", "String")]),
            json!({ "kind": "class", "name": "Note", "fields": [field("text", "String")] }),
            sealed("class", "Remark", Some("Note"), &[field("text", "String")]),
            class("class", "Praise", "Remark", &[field("text", "String"), value]),
            sealed("class", "Nothing", None, &[]),
            json!({ "kind": "class", "name": "list.Term", "fields": [field("terms", "List<Term>")] }),
            json!({ "kind": "class", "name": "list.Main", "extends": "Note", "fields": [
                field("text", "String"), field("inner", "list.Term?"),
            ] }),
        ],
        "endpoints": [{
            "name": "terms", "docs": "", "requireLogin": false, "scopes": [],
            "methods": [{ "name": "main", "docs": "", "parameters": [], "returns": { "kind": "value", "type": "list.Main" } }],
        }],
    });
    let schema = serde_json::from_value(schema).unwrap();
    check("hierarchies", &schema);
}

/// Endpoints that exchange messages on the deprecated connection: with methods of their own, without, and of a module.
#[test]
fn streaming_endpoints() {
    let class = |name: &str| json!({ "kind": "class", "name": name, "fields": [{ "name": "text", "type": "String", "docs": "" }] });
    let method = |name: &str| json!({ "name": name, "docs": "", "parameters": [], "returns": { "kind": "value", "type": "int" } });
    let endpoint = |name: &str, streaming: bool, methods: &[Value]| {
        json!({ "name": name, "docs": format!("It is {name}."),
        "requireLogin": false, "scopes": [], "streaming": streaming, "methods": methods })
    };
    let schema = json!({
        "models": [class("Note"), class("talk.Note")],
        "endpoints": [
            endpoint("chat", true, &[method("count"), method("then"), method("sendMessage")]),
            endpoint("quiet", true, &[]),
            endpoint("plain", false, &[method("stream"), method("sendStreamMessage")]),
            endpoint("openStreamingConnection", false, &[]),
            endpoint("talk.chat", true, &[]),
        ],
    });
    check("streaming_endpoints", &serde_json::from_value(schema).unwrap());
}

#[test]
fn methods_with_the_names_of_what_streaming_endpoints_have_are_refused() {
    let method = |name: &str| json!({ "name": name, "docs": "", "parameters": [], "returns": { "kind": "value", "type": "int" } });
    let schema = json!({
        "models": [],
        "endpoints": [{ "name": "chat", "docs": "", "requireLogin": false, "scopes": [], "streaming": true,
            "methods": [method("stream"), method("sendStreamMessage"), method("client"), method("client_")] }],
    });
    let error = generate(&serde_json::from_value(schema).unwrap(), &Options::default()).unwrap_err();
    assert_eq!(
        error.problems,
        [
            "the method `chat.client_` and the method `chat.client` would both be `client_` in TypeScript; give one another name.",
            "the method `chat.sendStreamMessage` and what sends messages to the streaming endpoint `chat` would both be `sendStreamMessage` in TypeScript; give one another name.",
            "the method `chat.stream` and the stream of the streaming endpoint `chat` would both be `stream` in TypeScript; give one another name.",
        ]
    );
}

#[test]
fn what_cannot_be_generated_is_told_at_once() {
    let schema = json!({
        "models": [
            { "kind": "class", "name": "Here", "fields": [{ "name": "there", "type": "away.There", "docs": "" }] },
            { "kind": "class", "name": "away.There", "fields": [{ "name": "far", "type": "far.Away", "docs": "" }] },
            { "kind": "class", "name": "far.Away", "fields": [{ "name": "here", "type": "List<Here>", "docs": "" }] },
            { "kind": "class", "name": "Client", "fields": [] },
            { "kind": "class", "name": "Client_", "fields": [
                { "name": "toString", "type": "int", "docs": "" },
                { "name": "toString_", "type": "int", "docs": "" },
            ] },
        ],
        "endpoints": [
            { "name": "shop_a", "docs": "", "requireLogin": false, "scopes": [], "methods": [] },
            { "name": "shopA", "docs": "", "requireLogin": false, "scopes": [], "methods": [] },
        ],
    });
    let error = generate(&serde_json::from_value(schema).unwrap(), &Options::default()).unwrap_err();
    assert_eq!(
        error.problems,
        [
            "The module `away` and what belongs to no module use each other: one has to come first.",
            "The module `far` and the module `away` use each other: one has to come first.",
            "the endpoint `shopA` and the endpoint `shop_a` would both be `EndpointShopA` in TypeScript; give one another name.",
            "the field `Client_.toString_` and the field `Client_.toString` would both be `toString_` in TypeScript; give one another name.",
            "the model `Client_` and the model `Client` would both be `Client_` in TypeScript; give one another name.",
        ]
    );
}

#[test]
fn models_that_contradict_each_other_are_refused() {
    let schema = json!({
        "models": [
            { "kind": "class", "name": "Child", "extends": "Nobody", "fields": [] },
            { "kind": "class", "name": "Loop", "extends": "Loop", "fields": [{ "name": "a", "type": "Thing", "docs": "" }] },
        ],
        "endpoints": [],
    });
    let error = generate(&serde_json::from_value(schema).unwrap(), &Options::default()).unwrap_err();
    assert_eq!(
        error.problems,
        [
            "`Child` extends `Nobody`, which is no class",
            "`Loop` extends itself, by way of others",
            "`Loop.a` uses `Thing`, which is no model that clients know",
        ]
    );
}

#[test]
fn imports_lead_where_the_options_say() {
    let options = Options {
        runtime: "./streampod-client.js".into(),
        custom_types: "@shop/money".into(),
        import_suffix: ".ts".into(),
        ..Options::default()
    };
    let files = generate(&schema(), &options).unwrap();
    let imports = |path: &str| -> Vec<String> {
        let text = &files.iter().find(|file| file.path == path).unwrap().text;
        let from = text.lines().filter_map(|line| line.rsplit_once(" from "));
        from.map(|(_, path)| path.to_owned()).collect()
    };
    assert_eq!(
        imports("client.ts"),
        [
            "\"./streampod-client.js\";",
            "\"./streampod-client.js\";",
            "\"./endpoints.ts\";",
            "\"./models.ts\";",
            "\"./modules/serverpod_auth.ts\";"
        ]
    );
    assert_eq!(
        imports("models.ts"),
        ["\"./streampod-client.js\";", "\"./streampod-client.js\";", "\"@shop/money\";"]
    );
    assert_eq!(imports("modules/serverpod_auth.ts"), ["\"../streampod-client.js\";"; 2]);
}

/// An `int` beyond 2^53 is a `bigint`, although its type is `number`.
#[test]
fn a_large_default_is_exact() {
    let field =
        json!({ "name": "a", "type": "int?", "docs": "", "default": { "json": "-9223372036854775808" } });
    let schema = json!({ "models": [{ "kind": "class", "name": "A", "fields": [field] }], "endpoints": [] });
    let check = |flavour, expected: &str| {
        let options = Options { flavour, ..Options::default() };
        let files = generate(&serde_json::from_value(schema.clone()).unwrap(), &options).unwrap();
        assert!(files.iter().any(|file| file.text.contains(expected)), "{files:?}");
    };
    check(Flavour::TypeScript, "{ default: -9223372036854775808n as unknown as number }");
    check(Flavour::JavaScript, "{ default: /** @type {any} */ (-9223372036854775808n) }");
}
