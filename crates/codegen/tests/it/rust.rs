//! The client in Rust.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use streampod_codegen::rust::{Dependency, Options, SharedModels, generate};
use streampod_codegen::{GenerateError, SourceFile};
use streampod_schema::{Class, Endpoint, Method, Model, Parameter, ParameterKind, Returns, Schema, Type};

use crate::kit;

fn path(path: &str) -> Dependency {
    Dependency::Path(path.to_owned())
}

/// The options of the golden files. Money is text, and so are integers of any size.
fn options(package: &str) -> Options {
    let custom = BTreeMap::from([("Money".to_owned(), "::streampod::types::BigInt".to_owned())]);
    Options { custom, ..Options::new(package, path("../../../../streampod")) }
}

#[test]
fn the_fixture_looks_as_it_did() {
    kit::check_golden("rust", &generate(&kit::schema(), &options("shop-client")).unwrap());
}

/// The same with the models of another crate.
#[test]
fn with_shared_models_it_looks_as_it_did() {
    let models = SharedModels {
        package: "shop-client".to_owned(),
        dependency: path("../rust"),
        path: "shop_client::models".to_owned(),
    };
    let options = Options { models: Some(models), ..options("shop-client-shared") };
    kit::check_golden("rust_shared", &generate(&kit::schema(), &options).unwrap());
}

#[test]
fn it_is_formatted_as_rustfmt_does() {
    for file in generate(&kit::schema(), &options("shop-client")).unwrap() {
        check_format(&file.path, &file.text);
    }
    // It has longer names.
    let conformance = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/client/src");
    let module = conformance.join("endpoints/serverpod_test_module");
    for folder in [conformance.clone(), conformance.join("endpoints"), module] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                check_format(&path.to_string_lossy(), &std::fs::read_to_string(&path).unwrap());
            }
        }
    }
}

#[track_caller]
fn check_format(path: &str, text: &str) {
    if !path.ends_with(".rs") {
        return;
    }
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--check", "--config", "max_width=100,use_small_heuristics=Default"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    rustfmt.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = rustfmt.wait_with_output().unwrap();
    // Of standard input, rustfmt tells a difference, but not by its status.
    let difference = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && difference.is_empty(), "{path}\n{difference}");
}

/// An endpoint with one method, which takes parameters like `int x`, `{int? x}`, `int x = 5` or `stream int x`.
fn endpoint(name: &str, method: &str, parameters: &[&str]) -> Endpoint {
    let parameters = parameters.iter().map(|text| parameter(text)).collect();
    let method = Method {
        name: method.to_owned(),
        docs: String::new(),
        deprecated: None,
        require_login: false,
        scopes: vec![],
        parameters,
        returns: Returns::Value(Type::Void),
    };
    Endpoint { name: name.to_owned(), methods: vec![method], ..Endpoint::default() }
}

fn parameter(text: &str) -> Parameter {
    let named = text.starts_with('{');
    let (text, default) = match text.trim_matches(['{', '}']).split_once(" = ") {
        Some((text, default)) => (text, Some(default.to_owned())),
        None => (text.trim_matches(['{', '}']), None),
    };
    let (text, kind) = match text.strip_prefix("stream ") {
        Some(text) => (text, ParameterKind::Stream { optional: false }),
        None => (text, ParameterKind::Argument { default }),
    };
    let (ty, name) = text.rsplit_once(' ').unwrap();
    Parameter { name: name.to_owned(), ty: ty.parse().unwrap(), named, kind }
}

fn generated(endpoints: Vec<Endpoint>) -> Result<Vec<SourceFile>, GenerateError> {
    generate(&Schema { models: vec![], endpoints }, &options("test"))
}

/// Checks that a method of such parameters is generated with `expected` in it.
#[track_caller]
fn check(parameters: &[&str], expected: &str) {
    let files = generated(vec![endpoint("a", "b", parameters)]).unwrap();
    let text = &files.iter().find(|file| file.path == "src/endpoints/a.rs").unwrap().text;
    assert!(text.contains(expected), "expected {expected:?} in\n{text}");
}

#[test]
fn parameters_in_the_form_that_is_pleasant() {
    check(&["int x"], "pub fn b(&self, x: i64) -> Call<()> {");
    check(&["String x"], "pub fn b(&self, x: &str) -> Call<()> {");
    check(&["String? x"], "pub fn b(&self, x: Option<&str>) -> Call<()> {");
    check(&["List<int?>? x"], "pub fn b(&self, x: Option<&[Option<i64>]>) -> Call<()> {");
    check(&["Set<double> x"], "pub fn b(&self, x: &BTreeSet<OrderedFloat<f64>>) -> Call<()> {");
    check(&["DateTime x", "(int,) y"], "pub fn b(&self, x: UtcDateTime, y: &(i64,)) -> Call<()> {");
    check(&["dynamic x"], "pub fn b(&self, x: impl Into<Value>) -> Call<()> {");
    check(&["dynamic x"], "let x: Value = x.into();");
    check(&["stream dynamic x"], "pub fn b(&self, x: impl Input<Value>) -> Call<()> {");
}

#[test]
fn parameters_that_may_be_left_out() {
    check(
        &["int x = 5"],
        "/// For `x`, `None` is the server's default, now `5`.\n    pub fn b(&self, x: Option<i64>)",
    );
    check(
        &["int x = 5"],
        "if let Some(value) = &x {\n            arguments.push((\"x\", value));\n        }",
    );
    check(&["{int x}"], "pub fn b(&self, x: i64) -> Call<()> {");
    check(&["{int? x}"], "pub fn b(&self, options: BOptions) -> Call<()> {");
    check(&["{int? x}"], "pub struct BOptions {\n    pub x: Option<i64>,\n}");
    check(&["{int? x = 5}"], "    pub x: Option<Option<i64>>,\n");
    check(&["{dynamic x}"], "    pub x: Option<Value>,\n");
    check(&["dynamic x = 5"], "x: Option<Value>)");
    check(&["int arguments = 5"], "let mut arguments_: Vec<(&str, &dyn Encode)> = Vec::new();");
    check(&["{int? x}"], "self.0.call(\"b\", &[(\"x\", &options.x)])");
    check(&["int options", "{int? x}"], "pub fn b(&self, options: i64, options_: BOptions) -> Call<()> {");
}

#[test]
fn records_with_named_fields_get_a_struct_each() {
    check(&["({int x}) r", "({int x}) s"], "pub fn b(&self, r: &BR, s: &BR) -> Call<()> {");
    check(&["({int x}) r"], "#[model(record)]\npub struct BR {\n    pub x: i64,\n}");
    check(&["({({int y}) type}) r"], "pub struct BR {\n    pub r#type: BRType,\n}");
}

#[test]
fn names_that_rust_keeps_to_itself() {
    check(&["int type", "int self"], "pub fn b(&self, r#type: i64, self_: i64) -> Call<()> {");
    let files = generated(vec![endpoint("type", "match", &[]), endpoint("call", "new", &[])]).unwrap();
    let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
    assert!(text("src/endpoints/type.rs").contains("pub fn r#match(&self) -> Call<()> {"));
    assert!(text("src/endpoints.rs").ends_with("pub mod call;\npub mod r#type;\n"));
    assert!(text("src/client.rs").contains("pub r#type: endpoints::r#type::Type,"));
    // `Call` is what every method returns.
    assert!(text("src/endpoints/call.rs").contains("pub struct CallEndpoint(Endpoint);"));
}

#[test]
fn what_would_get_the_same_name() {
    let mut twice = endpoint("a", "getURL", &["int x", "int X"]);
    twice.methods.push(endpoint("a", "getUrl", &[]).methods.remove(0));
    let endpoints =
        vec![twice, endpoint("runtime", "b", &[]), endpoint("c.d", "e", &[]), endpoint("c", "e", &[])];
    let GenerateError { problems } = generated(endpoints).unwrap_err();
    let expected = [
        "the endpoint `runtime` and the runtime of the client would both be `runtime` in Rust; give one another name",
        "the endpoint `c` and the module `c` would both be `c` in Rust; give one another name",
        "a.getURL: the parameter `X` and a.getURL: the parameter `x` would both be `x` in Rust; give one another name",
        "the method `a.getUrl` and the method `a.getURL` would both be `get_url` in Rust; give one another name",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn streaming_endpoints_have_their_messages() {
    let streaming = |endpoint: Endpoint| Endpoint { streaming: true, ..endpoint };
    let bare = Endpoint { name: "c.bare".to_owned(), ..Endpoint::default() };
    let endpoints = vec![
        streaming(endpoint("a", "b", &["({int x}) r"])),
        endpoint("plain", "stream", &[]),
        streaming(bare),
    ];
    let files = generated(endpoints).unwrap();
    let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
    for path in ["src/endpoints/a.rs", "src/endpoints/c/bare.rs"] {
        for expected in [
            "    pub fn stream(&self) -> StreamingMessages {\n        self.0.stream()\n    }\n",
            "        self.0.send_stream_message(message).await\n",
            "    #[deprecated = ",
        ] {
            assert!(text(path).contains(expected), "expected {expected:?} in\n{}", text(path));
        }
    }
    assert!(!text("src/endpoints/plain.rs").contains("StreamingMessages"));
    assert!(text("src/client.rs").contains("`open_streaming_connection`"));
    assert!(text("src/lib.rs").contains("#![allow(deprecated)]"), "or it warned of itself");
    // There are no models to be laid out.
    let code = files.iter().filter(|file| file.path != "src/models.rs");
    code.for_each(|file| check_format(&file.path, &file.text));
    let without = generated(vec![endpoint("plain", "stream", &[])]).unwrap();
    assert!(without.iter().all(|file| !file.text.contains("streaming_connection")));
}

#[test]
fn many_imports_are_broken_as_rustfmt_does() {
    let mut all = endpoint(
        "a",
        "b",
        &["stream BigInt a", "DateTime b", "Duration c", "Uri d", "UuidValue e", "ByteData f"],
    );
    all.streaming = true;
    let mut stream = endpoint("a", "c", &[]).methods.remove(0);
    stream.returns = Returns::Stream(Type::Int);
    all.methods.push(stream);
    let files = generated(vec![all]).unwrap();
    let text = &files.iter().find(|file| file.path == "src/endpoints/a.rs").unwrap().text;
    assert!(text.contains("use streampod::client::{\n    Call, CallStream, "), "{text}");
    check_format("src/endpoints/a.rs", text);
}

#[test]
fn methods_with_the_names_of_what_streaming_endpoints_have_are_refused() {
    let mut clashing = endpoint("a", "stream", &[]);
    clashing.streaming = true;
    clashing.methods.push(endpoint("a", "sendStreamMessage", &[]).methods.remove(0));
    let GenerateError { problems } = generated(vec![clashing]).unwrap_err();
    let expected = [
        "the messages of the streaming endpoint `a` and the method `a.stream` would both be `stream` in Rust; give one another name",
        "what sends messages to the streaming endpoint `a` and the method `a.sendStreamMessage` would both be `send_stream_message` in Rust; give one another name",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn what_there_is_no_word_for() {
    let check = |parameters: &[&str], expected: &str| {
        let GenerateError { problems } = generated(vec![endpoint("a", "b", parameters)]).unwrap_err();
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{problems:?}");
    };
    let named = generated(vec![endpoint("a", "big", &["({int x}) int"])]).unwrap_err();
    assert!(named.problems[0].contains("a: a record would be `BigInt`"), "{named}");
    check(&["Unknown x"], "`a.b` uses `Unknown`");
    check(&["Set<dynamic> y"], "`dynamic` has none");
    check(&["int x", "int x_"], "would both be `x`");
}

#[test]
fn a_record_in_a_set_has_an_order() {
    let files = generated(vec![endpoint("a", "b", &["Map<({double x}),({double x})> y"])]).unwrap();
    let file = files.iter().find(|file| file.path == "src/endpoints/a.rs").unwrap();
    for expected in [
        "y: &BTreeMap<BY, BY2>",
        "Eq, PartialOrd, Ord, Model)]\n#[model(record)]\npub struct BY {\n    pub x: OrderedFloat<f64>,",
        "PartialEq, Model)]\n#[model(record)]\npub struct BY2 {\n    pub x: f64,",
    ] {
        assert!(file.text.contains(expected), "{}", file.text);
    }
}

#[test]
fn a_class_that_extends_itself_is_refused() {
    let class = Class { name: "A".to_owned(), extends: Some("A".to_owned()), ..Class::default() };
    let schema = Schema { models: vec![Model::Class(class)], endpoints: vec![] };
    let GenerateError { problems } = generate(&schema, &options("test")).unwrap_err();
    assert_eq!(problems, ["`A` extends itself, by way of others"]);
}

/// The file `mod.rs` would be that of the folder itself.
#[test]
fn an_endpoint_called_mod_has_a_file_of_its_own() {
    let files = generated(vec![endpoint("mod", "b", &[])]).unwrap();
    assert!(files.iter().any(|file| file.path == "src/endpoints/mod_.rs"));
    assert!(files.iter().any(|file| file.text.contains("pub mod mod_;")));
    assert!(files.iter().any(|file| file.text.contains("pub r#mod: endpoints::mod_::Mod,")));
}
