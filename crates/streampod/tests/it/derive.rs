//! Models on the wire.

use std::collections::BTreeMap;
use std::fmt::Debug;

use streampod::prelude::*;
use streampod::wire::{Class, Decode, Encode};

use crate::kit::{json, read};

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    user_id: i64,
    r#type: String,
    #[model(name = "mail")]
    e_mail: Option<String>,
    tags: Vec<Tag>,
    best_friend: Option<Box<User>>,
    by_name: BTreeMap<String, Tag>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    text: Option<String>,
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Model)]
enum Color {
    Red,
    DarkBlue,
    #[model(name = "GREEN")]
    Green,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Model)]
#[model(by_index)]
enum Level {
    Low,
    High,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "Renamed")]
struct Id(String);

#[derive(Debug, Clone, PartialEq, Model)]
struct Wrapper(Option<Vec<Level>>);

#[derive(Debug, Clone, PartialEq, Model)]
struct Empty {}

#[derive(Debug, Clone, PartialEq, Exception)]
struct Failed {
    message: String,
    at_level: Option<Level>,
}

fn tag(color: Color) -> Tag {
    Tag { text: None, color }
}

/// The bytes of a value, and that they are read back as it.
#[track_caller]
fn check(value: &(impl Encode + Decode + PartialEq + Debug), expected: &str) {
    assert_eq!(json(value), expected);
    assert_eq!(read(expected).as_ref(), Ok(value));
}

/// That `json` is no `T`, and what is said of it.
#[track_caller]
fn check_error<T: Decode + Debug>(json: &str, expected: &str) {
    assert_eq!(read::<T>(json).expect_err("it is no such value"), expected);
}

#[test]
fn a_struct_travels_as_an_object_without_its_nulls() {
    let mut user = User {
        user_id: 1,
        r#type: "admin".into(),
        e_mail: None,
        tags: vec![tag(Color::Red)],
        best_friend: None,
        by_name: BTreeMap::new(),
    };
    check(&user, r#"{"userId":1,"type":"admin","tags":[{"color":"red"}],"byName":{}}"#);
    user.e_mail = Some("a@b".into());
    user.by_name.insert("x y".into(), tag(Color::Green));
    let friend = User { best_friend: Some(Box::new(user.clone())), tags: vec![], ..user };
    check(
        &friend,
        concat!(
            r#"{"userId":1,"type":"admin","mail":"a@b","tags":[],"#,
            r#""bestFriend":{"userId":1,"type":"admin","mail":"a@b","tags":[{"color":"red"}],"#,
            r#""byName":{"x y":{"color":"GREEN"}}},"byName":{"x y":{"color":"GREEN"}}}"#
        ),
    );
    check(&Empty {}, "{}");
}

#[test]
fn an_enum_travels_by_name_or_by_index() {
    check(&Color::DarkBlue, r#""darkBlue""#);
    check(&Color::Green, r#""GREEN""#);
    check(&vec![Level::High, Level::Low], "[1,0]");
}

#[test]
fn a_newtype_travels_as_what_it_wraps() {
    check(&Id("a".into()), r#""a""#);
    check(&Wrapper(None), "null");
    check(&Wrapper(Some(vec![Level::High])), "[1]");
}

#[test]
fn an_exception_travels_like_a_struct() {
    check(&Failed { message: "no".into(), at_level: Some(Level::High) }, r#"{"message":"no","atLevel":1}"#);
    let error = streampod::Error::from(Failed { message: "no".into(), at_level: None });
    assert_eq!(error.exception_ref::<Failed>().map(|failed| &*failed.message), Some("no"));
}

#[test]
fn names_are_those_of_the_types_or_given() {
    let names = [User::NAME, Color::NAME, Id::NAME, Failed::NAME];
    assert_eq!(names, ["User", "Color", "Renamed", "Failed"]);
}

#[test]
fn what_is_not_known_is_skipped_and_order_is_free() {
    let json =
        r#"{ "color" : "red", "__className__": "Tag", "extra": {"a": [1, null, {"b": "}"}]}, "text": null }"#;
    assert_eq!(read(json), Ok(tag(Color::Red)));
    // The last of two of the same name counts.
    assert_eq!(read(r#"{"color":"red","color":"GREEN"}"#), Ok(tag(Color::Green)));
    assert_eq!(read(r#"{"__className__":"Empty"}"#), Ok(Empty {}));
}

#[test]
fn an_error_names_the_field_by_its_path() {
    check_error::<Tag>("{}", "color: missing");
    check_error::<Tag>(r#"{"text":1,"color":"red"}"#, "text: expected String, found a number");
    let user = |tags: &str, friend: &str| {
        format!(r#"{{"userId":1,"type":"a","tags":{tags},"byName":{{}},"bestFriend":{friend}}}"#)
    };
    assert!(read::<User>(&user("[]", "null")).is_ok());
    check_error::<User>(&user(r#"[{"color":"red"},{"text":"x"}]"#, "null"), "tags[1].color: missing");
    check_error::<User>(
        &user("[]", &user(r#"[{"color":5}]"#, "null")),
        "bestFriend.tags[0].color: expected String, found a number",
    );
    check_error::<User>(&user("[]", "[]"), "bestFriend: expected an object, found a list");
}

#[test]
fn an_error_lists_the_values_of_an_enum() {
    check_error::<Color>(r#""blue""#, "expected Color: red, darkBlue, GREEN, found blue");
    check_error::<Color>(r#""Red""#, "expected Color: red, darkBlue, GREEN, found Red");
    check_error::<Color>("0", "expected String, found a number");
    check_error::<Level>("2", "expected Level: an index below 2, found 2");
    check_error::<Level>("-1", "expected Level: an index below 2, found -1");
    check_error::<Level>(r#""low""#, "expected int, found a string");
}
