//! Values that other servers sent: read when somebody wants them, and passed on to clients as they came only if that is the same.

use std::sync::Arc;

use streampod::prelude::*;
use streampod::wire::{Audience, Catalog, EncodeError, Encoder, WrappedError};
use streampod::{Object, Value};
use streampod_wire::Received;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    text: String,
    pinned: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Account {
    name: String,
    #[model(server_only)]
    secret: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Page {
    #[model(default = 7)]
    size: i64,
    notes: Vec<Note>,
    account: Option<Account>,
}

#[derive(Debug, Clone, PartialEq, Model)]
enum Shape {
    Dot(Dot),
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(extends = Shape)]
struct Dot {
    x: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tree {
    children: Vec<Tree>,
}

fn catalog() -> Arc<Catalog> {
    let mut catalog = Catalog::new();
    catalog.add::<Page>();
    catalog.add::<Shape>();
    Arc::new(catalog)
}

fn received(text: &'static str) -> Received {
    Received::new(Bytes::from_static(text.as_bytes()), &catalog()).unwrap()
}

fn for_clients<T: streampod::wire::Model>(value: &T) -> String {
    let mut out = bytes::BytesMut::new();
    let mut encoder = Encoder::new(&mut out);
    value.encode_data(&mut encoder);
    encoder.finish().unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

fn to_servers(value: impl streampod::wire::Model) -> String {
    String::from_utf8(value.into_object().to_servers().unwrap().to_vec()).unwrap()
}

/// What a server posts is what others read, with the fields that clients do not see.
#[test]
fn the_whole_model_travels_between_servers_and_no_client_sees_it() {
    let account = Account { name: "Ada".into(), secret: Some("lovelace".into()) };
    let page = Page { size: 1, notes: vec![], account: Some(account) };
    let text = to_servers(page.clone());
    assert!(text.contains("lovelace"), "{text}");
    let read = Received::new(text.into_bytes().into(), &catalog()).unwrap().read::<Page>().unwrap();
    assert_eq!(*read, page);
    assert_eq!(for_clients(&read), r#"{"size":1,"notes":[],"account":{"name":"Ada"}}"#);
    // Also if the value is passed on without its type, and if it was encoded for clients before.
    let value: Value = read.clone().into();
    assert_eq!(for_clients(&value), for_clients(&read));
    assert!(to_servers(read).contains("lovelace"));
}

#[test]
fn what_came_goes_on_as_it_is_if_that_is_the_same() {
    // The spaces show whether it was written anew.
    for (text, expected) in [
        (r#"{"className":"Note","data":{ "text": "a" }}"#, r#"{ "text": "a" }"#),
        (
            r#"{"className":"Note","data":{ "text": "a", "pinned": true }}"#,
            r#"{ "text": "a", "pinned": true }"#,
        ),
        // Unknown keys may be for servers alone: of a newer version.
        (r#"{"className":"Note","data":{ "text": "a", "secret": 1 }}"#, r#"{"text":"a"}"#),
        (r#"{"className":"Note","data":{ "__className__": "Note", "text": "a" }}"#, r#"{"text":"a"}"#),
    ] {
        assert_eq!(for_clients(&received(text).read::<Note>().unwrap()), expected, "{text}");
    }
    for (text, expected) in [
        (
            r#"{"className":"Page","data":{ "size": 1, "notes": [{ "text": "a" }] }}"#,
            r#"{ "size": 1, "notes": [{ "text": "a" }] }"#,
        ),
        // A default is the server's.
        (r#"{"className":"Page","data":{ "notes": [] }}"#, r#"{"size":7,"notes":[]}"#),
        (
            r#"{"className":"Page","data":{ "size": 1, "notes": [{ "text": "a", "x": 1 }] }}"#,
            r#"{"size":1,"notes":[{"text":"a"}]}"#,
        ),
        (
            r#"{"className":"Page","data":{ "size": 1, "notes": [], "account": { "name": "a" } }}"#,
            r#"{ "size": 1, "notes": [], "account": { "name": "a" } }"#,
        ),
        (
            r#"{"className":"Page","data":{ "size": 1, "notes": [], "account": { "name": "a", "secret": null } }}"#,
            r#"{"size":1,"notes":[],"account":{"name":"a"}}"#,
        ),
    ] {
        assert_eq!(for_clients(&received(text).read::<Page>().unwrap()), expected, "{text}");
    }
}

/// What is passed on as it came nests as deep as it did when it came.
#[test]
fn depth_counts_also_for_what_is_not_encoded_again() {
    const NODES: usize = 30;
    let tree = r#"{"children":["#.repeat(NODES) + &"]}".repeat(NODES);
    let text = format!(r#"{{"className":"Tree","data": {tree}}}"#);
    let read = Received::new(text.into_bytes().into(), &catalog()).unwrap().read::<Tree>().unwrap();
    assert_eq!(for_clients(&read), tree);
    let four = vec![vec![vec![vec![read]]]];
    assert_eq!(Encoder::encode(&four).unwrap().len(), tree.len() + 8);
    assert_eq!(Encoder::encode(&vec![four]), Err(EncodeError::TooDeep));
}

#[test]
fn it_is_read_once_for_all_who_want_the_same() {
    let received = received(r#"{"className":"Note","data":{"text":"a"}}"#);
    let (first, second) = (received.read::<Note>().unwrap(), received.clone().read::<Note>().unwrap());
    assert!(std::ptr::eq(&raw const *first, &raw const *second));
    // Somebody else may want it as something else.
    let value = received.read::<Value>().unwrap();
    assert_eq!(value.downcast_ref::<Note>(), Some(&*first));
}

#[test]
fn all_kinds_of_values_travel() {
    let shape = Shape::Dot(Dot { x: 3 });
    let text = to_servers(shape.clone());
    let received = Received::new(text.into_bytes().into(), &catalog()).unwrap();
    assert_eq!(*received.read::<Shape>().unwrap(), shape);
    for (text, expected) in [
        (r#"{"className":"int","data":1}"#, Value::Int(1)),
        (r#" { "data" : "a" , "className" : "String" } "#, Value::String("a".into())),
        (r#"{"className":"null","data":null}"#, Value::Null),
        (r#"{"className":"null"}"#, Value::Null),
    ] {
        let received = Received::new(Bytes::from_static(text.as_bytes()), &catalog()).unwrap();
        assert_eq!(*received.read::<Value>().unwrap(), expected, "{text}");
    }
}

#[test]
fn what_cannot_be_read_says_so() {
    let wrong = received(r#"{"className":"Note","data":{"text":"a"}}"#).read::<i64>().unwrap_err();
    assert_eq!(wrong, WrappedError::WrongType { expected: "int".into(), found: "Note".into() });
    for text in [
        r#"{"className":"Note","data":{}}"#,
        r#"{"className":"Note","data":{"text":1}}"#,
        r#"{"className":"Unknown","data":{}}"#,
    ] {
        let error = received(text).read::<Note>().unwrap_err();
        assert!(matches!(error, WrappedError::Unreadable(_)), "{text}: {error}");
    }
    for text in [
        "",
        "1",
        "{}",
        r#"{"className":"Note","data":{"text":"a"}"#,
        r#"{"className":"Note"} 1"#,
        r#"{"className":1}"#,
    ] {
        assert!(Received::new(Bytes::from_static(text.as_bytes()), &catalog()).is_err(), "{text}");
    }
    assert!(Received::new(Bytes::from_static(b"\xff"), &catalog()).is_err());
}

/// A value that both encodings share keeps them apart.
#[test]
fn who_reads_decides_what_is_written() {
    let shared = Shared::new(Account { name: "Ada".into(), secret: Some("lovelace".into()) });
    let object: Object = shared.clone().into();
    for _ in 0..2 {
        assert_eq!(for_clients(&shared), r#"{"name":"Ada"}"#);
        let text = object.to_servers().unwrap();
        assert_eq!(&text[..], br#"{"className":"Account","data":{"name":"Ada","secret":"lovelace"}}"#);
    }
    let mut out = bytes::BytesMut::new();
    Encoder::new(&mut out).audience(Audience::Servers).fields(|fields| fields.field("it", &shared));
    assert!(String::from_utf8_lossy(&out).contains("lovelace"));
}
