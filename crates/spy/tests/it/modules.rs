//! The models of a module, whose name stands before theirs on the wire.

use streampod_schema::Schema;
use streampod_spy::{Diagnostics, Options, SourceText, read};

/// Reads texts as files of the module `shop_shared`, which knows itself as `shared` too.
fn try_read(module: &str, texts: &[&str]) -> Result<Schema, Diagnostics> {
    let options = Options {
        own_module: Some(module.to_owned()),
        modules: [("auth".into(), "serverpod_auth".into()), ("shared".into(), "shop_shared".into())].into(),
        custom: ["Money".into(), "serverpod_auth.Key".into()].into(),
        ..Options::default()
    };
    let sources = texts
        .iter()
        .zip('a'..)
        .map(|(text, letter)| SourceText { path: format!("{letter}.spy.yaml"), text: (*text).to_owned() });
    read(sources.collect(), &options).map(|models| models.schema)
}

/// What is said about texts that are wrong.
#[track_caller]
fn problem(texts: &[&str]) -> String {
    try_read("shop_shared", texts).unwrap_err().to_string()
}

#[test]
fn every_model_has_the_name_of_the_module() {
    let schema = try_read(
        "shop_shared",
        &[
            "class: Base\nsealed: true\nfields:\n  size: Size, default=large\n",
            "class: Child\nextends: Base\nfields:\n  next: Child?\n",
            "exception: Failure\nfields:\n  x: int\n",
            "enum: Size\nserialized: byName\nvalues: [small, large]\n",
        ],
    )
    .unwrap();
    let names: Vec<_> = schema.models.iter().map(|model| model.name()).collect();
    assert_eq!(names, ["shop_shared.Base", "shop_shared.Child", "shop_shared.Failure", "shop_shared.Size"]);
    assert_eq!(schema.class("shop_shared.Child").unwrap().extends.as_deref(), Some("shop_shared.Base"));
    // In clients, a file is called as the model is there.
    assert!(schema.models.iter().all(|model| model.file().is_some()), "{:?}", schema.models);
    assert_eq!(schema.contradictions(), [""; 0]);
}

#[test]
fn a_file_that_is_called_as_its_model_is_not_mentioned() {
    let options = Options { own_module: Some("shop_shared".to_owned()), ..Options::default() };
    let source = SourceText { path: "price.spy.yaml".to_owned(), text: "class: Price\n".to_owned() };
    let models = read(vec![source], &options).unwrap().schema.models;
    assert_eq!(models[0].file(), None);
}

/// Checks which type the field of this type has.
#[track_caller]
fn check_type(text: &str, expected: &str) {
    let class = format!("class: Price\nfields:\n  field: {text}\n");
    let schema = try_read("shop_shared", &[&class]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    assert_eq!(schema.models[0].as_class().unwrap().fields[0].ty.to_string(), expected);
}

#[test]
fn types_have_it_wherever_they_name_a_model() {
    check_type("Price", "shop_shared.Price");
    check_type("List<Price?>?", "List<shop_shared.Price?>?");
    check_type("Map<Price, Set<Price>>", "Map<shop_shared.Price,Set<shop_shared.Price>>");
    check_type("(Price, {Price? by})", "(shop_shared.Price,{shop_shared.Price? by})");
    check_type("protocol:Price", "shop_shared.Price");
    check_type("module:shared:Price", "shop_shared.Price");
    check_type("Money", "shop_shared.Money");
    check_type("package:shop_shared/money.dart:Money?", "shop_shared.Money?");
    check_type("List<int>", "List<int>");
}

#[test]
fn models_of_other_modules_keep_their_names() {
    check_type("module:auth:UserInfo?", "serverpod_auth.UserInfo?");
    check_type("serverpod_auth.Key", "serverpod_auth.Key");
}

/// As the files have them: without the module.
#[test]
fn diagnostics_show_names_as_they_are_written() {
    let found = problem(&["class: Price\nfields:\n  next: Price, default=1\n"]);
    assert!(found.contains("a field of type `Price` cannot have a default"), "{found}");
    let found = problem(&["class: Price\nfields:\n  next: Pric\n"]);
    assert!(found.contains("there is no type `Pric`") && found.contains("did you mean `Price`?"), "{found}");
    let found = problem(&["class: Price\n", "class: Price\n"]);
    assert!(found.contains("there are two models `Price`"), "{found}");
}

#[test]
fn a_module_that_names_itself_must_have_the_model() {
    let found = problem(&["class: Price\nfields:\n  next: module:shared:Pric\n"]);
    assert!(found.contains("there is no type `Pric`") && found.contains("a.spy.yaml:3:23"), "{found}");
}

#[test]
fn names_are_as_long_as_they_are_on_the_wire() {
    let text = |count: usize| {
        let types = vec!["Price"; count].join(", ");
        format!("class: Price\nfields:\n  field: ({types})\n")
    };
    // Each is 18 bytes long with its comma, and 6 without the module.
    assert!(try_read("shop_shared", &[&text(56)]).is_ok());
    assert!(problem(&[&text(57)]).contains("this type is too long"));
}

#[test]
fn a_module_has_a_name_that_clients_can_use() {
    for module in ["", "Shop", "shop.shared", "1shop", "shop-shared", "größe"] {
        let found = try_read(module, &["class: Price\n"]).unwrap_err().to_string();
        let expected = format!("`{module}` cannot be the name of a module");
        assert!(found.contains(&expected), "{found}");
    }
    assert!(try_read("shop2", &["class: Price\n"]).is_ok());
}
