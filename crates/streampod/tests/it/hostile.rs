//! What a peer can send in the place of a model.

use std::fmt::Debug;

use streampod::prelude::*;
use streampod::wire::Decode;

use crate::kit::{json, read};

/// What a node is.
#[derive(Debug, Clone, PartialEq, Model)]
enum Node {
    Leaf(Leaf),
    Branch(Branch),
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(extends = Node)]
struct Leaf {
    text: String,
    #[model(default = 7)]
    count: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(extends = Node)]
struct Branch {
    child: Box<Node>,
    #[model(key = "the child's $name-ü")]
    name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(by_index)]
enum Level {
    Low,
    High,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(record)]
struct Record {
    #[model(positional)]
    field_1: i64,
    field1: i64,
}

fn leaf(text: &str) -> Leaf {
    Leaf { text: text.to_owned(), count: 7 }
}

#[track_caller]
fn check_error<T: Decode + Debug>(json: &str, expected: &str) {
    assert_eq!(read::<T>(json).expect_err("it is no such value"), expected);
}

#[test]
fn a_class_is_named_once_and_by_a_text() {
    let missing = "__className__: missing";
    check_error::<Node>("{}", missing);
    check_error::<Node>(r#"{"text":"a"}"#, missing);
    // Not that of another object.
    check_error::<Node>(r#"{"child":{"__className__":"Leaf","text":"a"}}"#, missing);
    check_error::<Node>(r#"["__className__"]"#, "expected an object, found a list");
    check_error::<Node>("null", "expected an object, found null");
    check_error::<Node>(r#"{"__className__":null}"#, "expected String, found null");
    check_error::<Node>(r#"{"__className__":["Leaf"]}"#, "expected String, found a list");
    check_error::<Node>(
        r#"{"__className__":"Node"}"#,
        "expected Node: an object whose __className__ is one of Leaf, Branch, found Node",
    );
    // The first one counts, wherever it stands.
    let json = r#"{"__className__":"Leaf","text":"a","__className__":"Branch"}"#;
    assert_eq!(read(json), Ok(Node::Leaf(leaf("a"))));
    let json = r#"{"text":"a","more":{"__className__":"Branch"},"\u005f_className__":"Leaf"}"#;
    assert_eq!(read(json), Ok(Node::Leaf(leaf("a"))));
}

#[test]
fn fields_are_what_they_are_said_to_be() {
    check_error::<Leaf>(r#"{"text":null}"#, "text: expected String, found null");
    check_error::<Leaf>(r#"{"text":"a","count":null}"#, "count: expected int, found null");
    check_error::<Leaf>(
        r#"{"text":"a","count":9223372036854775808}"#,
        "count: expected int (64 bits, no fraction), found 9223372036854775808",
    );
    check_error::<Leaf>(r#"{"text":"a"} {}"#, "not JSON: expected the end of the text at byte 13");
    // Of two with the same key, the second one counts; what is unknown is passed over.
    assert_eq!(read(r#"{"text":"a","text":"b","x":[{}],"":0}"#), Ok(leaf("b")));
    check_error::<Leaf>(r#"{"text":1,"text":"b"}"#, "text: expected String, found a number");
}

#[test]
fn an_index_is_one_of_those_there_are() {
    assert_eq!(read("1"), Ok(Level::High));
    for index in ["-1", "2", "9223372036854775807", "-9223372036854775808"] {
        check_error::<Level>(index, &format!("expected Level: an index below 2, found {index}"));
    }
    check_error::<Level>("0.5", "expected int (64 bits, no fraction), found 0.5");
    check_error::<Level>("\"low\"", "expected int, found a string");
}

#[test]
fn a_key_can_have_other_signs_than_a_name() {
    let branch = Branch { child: Box::new(leaf("a").into()), name: Some("b".to_owned()) };
    let expected = r#"{"child":{"__className__":"Leaf","text":"a","count":7},"the child's $name-ü":"b"}"#;
    assert_eq!(json(&branch), expected);
    assert_eq!(read(expected), Ok(branch));
}

#[test]
fn a_position_has_no_name() {
    let record = Record { field_1: 1, field1: 2 };
    assert_eq!(json(&record), r#"{"p":[1],"n":{"field1":2}}"#);
    assert_eq!(read(r#"{"n":{"field1":2},"p":[1]}"#), Ok(record));
}

/// The class of each level is named last, behind everything below it.
#[test]
fn what_nests_too_deep_is_refused() {
    let nested = |levels: usize| {
        let leaf = r#"{"text":"a","__className__":"Leaf"}"#;
        r#"{"child":"#.repeat(levels) + leaf + &r#","__className__":"Branch"}"#.repeat(levels)
    };
    assert!(read::<Node>(&nested(63)).is_ok());
    check_error::<Node>(&nested(64), "nested deeper than 64 levels");
    check_error::<Node>(&nested(100_000), "nested deeper than 64 levels");
}

#[test]
fn a_text_is_not_looked_through_for_every_level() {
    let first = |levels: usize| {
        let leaf = format!(r#"{{"__className__":"Leaf","text":"{}"}}"#, "a".repeat(100_000));
        r#"{"__className__":"Branch","child":"#.repeat(levels) + &leaf + &"}".repeat(levels)
    };
    let last = |levels: usize| {
        let leaf = format!(r#"{{"text":"{}","__className__":"Leaf"}}"#, "a".repeat(100_000));
        r#"{"child":"#.repeat(levels) + &leaf + &r#","__className__":"Branch"}"#.repeat(levels)
    };
    assert!(read::<Node>(&first(60)).is_ok());
    assert!(read::<Node>(&last(3)).is_ok());
    check_error::<Node>(
        &last(60),
        "child.child.child.child: expected objects that name their class first, found many that do not",
    );
}
