//! Models in Rust.

use std::collections::BTreeMap;
use std::path::Path;

use streampod_codegen::models::{self, Options};
use streampod_codegen::{GenerateError, SourceFile};
use streampod_schema::{Class, Field, Model, Schema};
use streampod_spy::SourceText;

use crate::kit;

/// The schema that a model file for each of `texts` would mean.
fn read(texts: &[&str]) -> Schema {
    let sources = texts.iter().enumerate();
    let sources: Vec<_> = sources
        .map(|(index, text)| SourceText { path: format!("{index}.spy.yaml"), text: text.to_string() })
        .collect();
    streampod_spy::read(sources, &streampod_spy::Options::default()).unwrap().schema
}

/// The schema of a class `A` with the fields, and of a sealed class `S` with the member `M`.
fn schema(fields: &[(&str, &str)]) -> Schema {
    let field = |(name, ty): &(&str, &str)| Field::new(*name, ty.parse().unwrap());
    let class = |name: &str, fields: Vec<Field>| Class { name: name.to_owned(), fields, ..Class::default() };
    Schema {
        models: vec![
            Model::Class(class("A", fields.iter().map(field).collect())),
            Model::Class(Class { sealed: true, ..class("S", vec![]) }),
            Model::Class(Class { extends: Some("S".to_owned()), ..class("M", vec![field(&("a", "A?"))]) }),
        ],
        endpoints: vec![],
    }
}

fn check(fields: &[(&str, &str)], expected: &str) {
    let text = models::render(&schema(fields), &Options::default()).unwrap();
    assert!(text.contains(expected), "expected {expected:?} in\n{text}");
}

fn check_problem(fields: &[(&str, &str)], expected: &str) {
    let GenerateError { problems } = models::render(&schema(fields), &Options::default()).unwrap_err();
    assert!(
        problems.iter().any(|problem| problem.contains(expected)),
        "expected {expected:?} in {problems:?}"
    );
}

#[test]
fn the_fixture_looks_as_it_did() {
    let schema: Schema = serde_json::from_str(&kit::fixture("models.json")).unwrap();
    let text = models::render(&schema, &Options::default()).unwrap();
    let with_serde = Options { serde: true, ..Options::default() };
    let mut less = schema.clone();
    // Dynamic values have no serde form.
    less.models.retain(|model| model.name() != "Collections");
    let files = [
        SourceFile::new("models.rs", text),
        SourceFile::new("models_of_a_module.rs", models::render(&module(), &module_options()).unwrap()),
        SourceFile::new("models_with_serde.rs", models::render(&less, &with_serde).unwrap()),
    ];
    kit::check_golden("models", &files);
    let GenerateError { problems } = models::render(&schema, &with_serde).unwrap_err();
    assert!(
        problems[0].starts_with("Collections.anything: a dynamic value has no serde form"),
        "{problems:?}"
    );
}

/// The models of the module `shop_shared`: those of `fixture/module`.
fn module() -> Schema {
    let options = streampod_spy::Options {
        own_module: Some("shop_shared".to_owned()),
        modules: [("auth".to_owned(), "serverpod_auth".to_owned())].into(),
        custom: ["Money".to_owned()].into(),
        ..streampod_spy::Options::default()
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/module");
    streampod_spy::read_folder(folder, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}")).schema
}

fn module_options() -> Options {
    Options {
        own_module: Some("shop_shared".to_owned()),
        modules: [("serverpod_auth".to_owned(), "super::auth".to_owned())].into(),
        custom: [("shop_shared.Money".to_owned(), "super::Money".to_owned())].into(),
        ..Options::default()
    }
}

#[test]
fn the_models_of_a_module_are_in_a_rust_module_elsewhere() {
    let options = Options { own_module: None, ..module_options() };
    let text = models::render(&module(), &options).unwrap();
    assert!(text.contains("pub mod shop_shared {"), "{text}");
    let text = models::render(&module(), &module_options()).unwrap();
    assert!(!text.contains("mod shop_shared"), "{text}");
}

#[test]
fn what_a_module_lacks_is_named() {
    let options = Options { custom: BTreeMap::new(), ..module_options() };
    let GenerateError { problems } = models::render(&module(), &options).unwrap_err();
    assert_eq!(problems, ["shop_shared.TooDear.budget: there is no model `shop_shared.Money`"]);
}

#[test]
fn it_is_formatted_as_rustfmt_does() {
    let golden = |name: &str| format!("{}/tests/golden/models/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    let config = "max_width=100,use_small_heuristics=Default,reorder_imports=true";
    let output = std::process::Command::new("rustfmt")
        .args(["--edition", "2024", "--check", "--config", config])
        .args(["models_with_serde", "models_of_a_module"].map(golden))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_class_that_holds_itself_is_boxed() {
    check(&[("next", "A?")], "pub next: Option<Box<A>>");
    check(&[("all", "List<A>")], "pub all: Vec<A>");
    check(&[("s", "S?")], "pub s: Option<Box<S>>");
}

#[test]
fn a_record_that_holds_its_class_is_boxed() {
    check(&[("r", "(int,A?)")], "pub r: (i64, Option<Box<A>>)");
    check(&[("r", "({A? a})")], "pub a: Option<Box<A>>");
    check(&[("r", "List<(int,A?)>")], "pub r: Vec<(i64, Option<A>)>");
}

/// Each has a name of its own, and the same record is declared once.
#[test]
fn records_of_one_field_are_told_apart() {
    let fields = [("m", "({int x})"), ("n", "Map<({int x}),List<(({int x}),({String y}))>>")];
    check(&fields, "pub m: AM,");
    check(&fields, "pub n: BTreeMap<AN, Vec<(AN2, AN3)>>");
    check(&fields, "PartialOrd, Ord, Model)]\n#[model(record)]\npub struct AN {\n    pub x: i64,");
    check(&fields, "Hash, Model)]\n#[model(record)]\npub struct AN2 {\n    pub x: i64,");
    check(&fields, "pub struct AN3 {\n    pub y: String,");
}

/// The enum of a sealed class lends what its variants have: so that must be of one type.
#[test]
fn inherited_fields_are_alike() {
    let schema = read(&[
        "class: S\nsealed: true\nfields:\n  weight: double\n  size: ({int w, Two? two})\n  other: Other?\n",
        "class: One\nextends: S\n",
        "class: Two\nextends: S\n",
        "class: Other\nfields:\n  one: One?\n  keys: Set<One>\n",
    ]);
    let text = models::render(&schema, &Options::default()).unwrap();
    // In both structs, and in what the enum says of them.
    for field in ["weight: OrderedFloat<f64>,", "size: SSize,", "other: Option<Box<Other>>,"] {
        assert_eq!(text.matches(&format!("    pub {field}\n")).count(), 2, "{field} in\n{text}");
        assert_eq!(text.matches(&format!("        {field}\n")).count(), 1, "{field} in\n{text}");
    }
    assert!(text.contains("    pub two: Option<Box<Two>>,"), "{text}");
    assert_eq!(text.matches("pub struct SSize {").count(), 1, "{text}");
}

#[test]
fn names_that_would_be_the_same() {
    check_problem(
        &[("a_b", "int"), ("aB", "int")],
        "the field `A.aB` and the field `A.a_b` would both be `a_b`",
    );
    check_problem(
        &[("r", "(int,{int field_1})")],
        "the field `field_1` of the record `AR` and a field without a name of the record `AR` would both be `field_1`",
    );
    let problems = |texts: &[&str]| models::render(&read(texts), &Options::default()).unwrap_err().problems;
    assert_eq!(
        problems(&[
            "enum: E\nproperties:\n  p: int\n  P: int\nvalues:\n  - aB: {p: 1, P: 2}\n  - a_b: {p: 1, P: 2}\n"
        ]),
        [
            "the property `E.P` and the property `E.p` would both be `p` in Rust; give one another name",
            "the value `E.a_b` and the value `E.aB` would both be `AB` in Rust; give one another name",
        ]
    );
    assert_eq!(
        problems(&["class: Foo\nfields:\n  bar: ({int a})\n", "class: FooBar\n"]),
        [
            "the model `FooBar` and a record in `Foo.bar` would both be `FooBar` in Rust; give one another name"
        ]
    );
}

#[test]
fn what_is_in_a_set_has_an_order() {
    check(&[("s", "Set<double>")], "pub s: BTreeSet<OrderedFloat<f64>>");
    check(&[("m", "Map<(int,double),double>")], "BTreeMap<(i64, OrderedFloat<f64>), f64>");
    check(&[("s", "Set<M>?"), ("x", "double")], "pub x: OrderedFloat<f64>");
    check(&[("x", "double")], "derive(Debug, Clone, PartialEq, Model)");
    check(&[("x", "int")], "derive(Debug, Clone, PartialEq, Eq, Hash, Model)");
    check_problem(&[("s", "Set<dynamic>")], "A.s: the elements of a set");
    check_problem(&[("s", "Set<M>"), ("d", "dynamic")], "A.d: `A` is an element of a set");
}

#[test]
fn names_that_rust_keeps_to_itself() {
    check(&[("type", "int")], "pub r#type: i64");
    check(&[("self", "int")], "#[model(name = \"self\")]\n    pub self_: i64");
    check(&[("aURL", "int")], "#[model(name = \"aURL\")]\n    pub a_url: i64");
}

#[test]
fn values_that_begin_with_no_letter() {
    let schema = read(&["enum: E\nvalues: [_1, __, self]\n"]);
    let text = models::render(&schema, &Options::default()).unwrap();
    for value in ["name = \"_1\")]\n    _1,", "name = \"__\")]\n    Value_,", "name = \"self\")]\n    Self_,"]
    {
        assert!(text.contains(value), "{text}");
    }
}

/// Rust does not compile it.
#[test]
fn no_carriage_return_is_in_documentation() {
    let class = Class { name: "A".to_owned(), docs: "One.\rTwo.\r\nThree.".to_owned(), ..Class::default() };
    let schema = Schema { models: vec![Model::Class(class)], endpoints: vec![] };
    let text = models::render(&schema, &Options::default()).unwrap();
    assert!(text.contains("/// One.\n/// Two.\n/// Three.\n"), "{text}");
}

#[test]
fn code_in_documentation_is_not_compiled() {
    let docs = "Text.\n```\nlet x;\n```\n```rust\nlet y;\n```\n```dart\nfinal z;\n```\n~~~\nlet w;\n~~~";
    let class = Class { name: "A".to_owned(), docs: docs.to_owned(), ..Class::default() };
    let schema = Schema { models: vec![Model::Class(class)], endpoints: vec![] };
    let text = models::render(&schema, &Options::default()).unwrap();
    let fences: Vec<_> = text.lines().filter(|line| line.contains("```") || line.contains("~~~")).collect();
    assert_eq!(
        fences,
        [
            "/// ```text",
            "/// ```",
            "/// ```rust,ignore",
            "/// ```",
            "/// ```dart",
            "/// ```",
            "/// ~~~text",
            "/// ~~~"
        ]
    );
}

#[test]
fn what_there_is_no_word_for() {
    check_problem(&[("m", "Money")], "A.m: there is no model `Money`");
    check_problem(
        &[("u", "auth.User")],
        "A.u: say by the option `modules` at which Rust path the models of `auth` are",
    );
    check_problem(&[("r", "(int,int,int,int,int,int,int)")], "at most 6 positional fields");
}
