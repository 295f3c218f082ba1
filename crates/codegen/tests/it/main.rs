//! The generators' tests.
#![allow(clippy::unwrap_used, missing_docs)]

mod dart;
mod kit;
mod models;
mod modules;
mod rust;
mod typescript;

/// The fixture says what its reader understood.
#[test]
fn the_fixture_is_read_whole() {
    let text = kit::fixture("schema.json");
    let schema = kit::schema();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&schema).unwrap()["endpoints"], read["endpoints"]);
    assert_eq!(schema.models.len(), read["models"].as_array().unwrap().len());
}
