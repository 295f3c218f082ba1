//! Models in Rust.

use streampod_codegen::models::{self, Options};
use streampod_codegen::{GenerateError, SourceFile};
use streampod_schema::{Class, Field, Model, Schema};

use crate::kit;

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
        SourceFile::new("models_with_serde.rs", models::render(&less, &with_serde).unwrap()),
    ];
    kit::check_golden("models", &files);
    let GenerateError { problems } = models::render(&schema, &with_serde).unwrap_err();
    assert!(
        problems[0].starts_with("Collections.anything: a dynamic value has no serde form"),
        "{problems:?}"
    );
}

#[test]
fn it_is_formatted_as_rustfmt_does() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/models/models_with_serde.rs");
    let config = "max_width=100,use_small_heuristics=Default,reorder_imports=true";
    let output = std::process::Command::new("rustfmt")
        .args(["--edition", "2024", "--check", "--config", config, golden])
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
fn code_in_documentation_is_not_compiled() {
    let docs = "Text.\n```\nlet x;\n```\n```rust\nlet y;\n```\n```dart\nfinal z;\n```";
    let class = Class { name: "A".to_owned(), docs: docs.to_owned(), ..Class::default() };
    let schema = Schema { models: vec![Model::Class(class)], endpoints: vec![] };
    let text = models::render(&schema, &Options::default()).unwrap();
    let fences: Vec<_> = text.lines().filter(|line| line.contains("```")).collect();
    assert_eq!(fences, ["/// ```text", "/// ```", "/// ```rust,ignore", "/// ```", "/// ```dart", "/// ```"]);
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
