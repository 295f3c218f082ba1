//! Values as elements of streams: of the stream's type or not, and shared by many.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use streampod_schema::Type;
use streampod_wire::{
    Catalog, Decode, DecodeError, Decoder, ElementType, Encode, EncodeError, Encoder, Model, Object, Shared,
    Value, Wrapped, WrappedError,
};

use crate::kit::{SimpleData, TestEnum, catalog, json, simple};

/// Reads a wrapped value as an element of a stream of `T`.
fn read<T: Model>(class_name: &str, data: &str) -> Result<T, WrappedError> {
    let mut catalog = catalog();
    let element = ElementType::of::<T>(&mut catalog);
    T::from_wrapped(&Wrapped::new(class_name, data), &element, &catalog)
}

#[track_caller]
fn is<T: Model + PartialEq + Debug>(class_name: &str, data: &str, value: T) {
    assert_eq!(read::<T>(class_name, data), Ok(value));
}

#[track_caller]
fn is_of_another_type<T: Model + Debug>(class_name: &str, data: &str) {
    let error = read::<T>(class_name, data).unwrap_err();
    assert!(matches!(error, WrappedError::WrongType { .. }), "{error:?}");
}

#[track_caller]
fn is_unreadable<T: Model + Debug>(class_name: &str, data: &str) {
    let error = read::<T>(class_name, data).unwrap_err();
    assert!(matches!(error, WrappedError::Unreadable(_)), "{error:?}");
}

#[test]
fn an_element_of_the_very_type() {
    is("int", "1", 1);
    is("SimpleData", r#"{"num":1}"#, simple(1));
    is("List<SimpleData>", r#"[{"num":1}]"#, vec![simple(1)]);
    is("(int?,)?", r#"{"p":[1]}"#, Some((Some(1),)));
    is("(int?,)?", "null", None::<(Option<i64>,)>);
    is("SimpleData", r#"{"num":1}"#, Box::new(simple(1)));
    is("SimpleData", r#"{"num":1}"#, Shared::new(simple(1)));
    is("SimpleData", r#"{"num":1}"#, Some(Shared::new(simple(1))));
}

#[test]
fn an_element_of_a_narrower_type() {
    is("int", "1", Some(1));
    is("List<SimpleData>", r#"[{"num":1}]"#, vec![Some(simple(1))]);
    is("List<SimpleData>", "[]", Some(vec![Some(simple(1))]).map(|_| Vec::<Option<SimpleData>>::new()));
    is("(int,)", r#"{"p":[1]}"#, Some((Some(1),)));
    is("(int?,)", r#"{"p":[null]}"#, Some((None::<i64>,)));
}

#[test]
fn null_is_an_element_where_the_type_takes_it() {
    is("null", "null", None::<i64>);
    is("null", "null", None::<(i64,)>);
    is("null", "null", Value::Null);
    is("null", "null", Shared::new(None::<SimpleData>));
    is("null", "null", Box::new(None::<SimpleData>));
    is_of_another_type::<i64>("null", "null");
    is_of_another_type::<SimpleData>("null", "null");
    is_of_another_type::<Shared<SimpleData>>("null", "null");
    is_unreadable::<Option<i64>>("null", "1");
    is_unreadable::<Option<i64>>("int", "null");
    is_unreadable::<Value>("int", "null");
}

#[test]
fn an_element_of_another_type_can_still_be_read() {
    is_of_another_type::<i64>("String", "\"x\"");
    is_of_another_type::<i64>("double", "1.0");
    is_of_another_type::<String>("DateTime", "\"2020-01-01T00:00:00.000Z\"");
    is_of_another_type::<SimpleData>("TestEnum", "1");
    is_of_another_type::<Vec<SimpleData>>("List<SimpleData?>", "[]");
    is_of_another_type::<Vec<i64>>("Set<int>", "[]");
    is_of_another_type::<(i64,)>("(String,)", r#"{"p":["x"]}"#);
    let error = read::<i64>("String", "\"x\"").unwrap_err();
    assert_eq!(error.to_string(), "expected an element of type int, found String");
}

/// The class name is that of the stream, or one that it accepts, and the data fits it, but not the Rust type.
#[test]
fn an_element_that_the_rust_type_cannot_hold_is_of_another_type() {
    is("Duration", "5", Duration::from_millis(5));
    is_of_another_type::<Duration>("Duration", "-5");
    is_of_another_type::<Vec<Value>>("List<int>", "[1]");
}

#[test]
fn an_element_that_nobody_can_read() {
    is_unreadable::<i64>("int", "\"x\"");
    is_unreadable::<i64>("NoSuchClass", "{}");
    is_unreadable::<i64>("SimpleData", "{}");
    is_unreadable::<i64>("List<int", "[]");
    is_unreadable::<SimpleData>("SimpleData", r#"{"num":null}"#);
    is_unreadable::<BTreeSet<i64>>("Set<int>", "[1,1]");
    is_unreadable::<Value>("NoSuchClass", "{}");
    is_unreadable::<Shared<SimpleData>>("SimpleData", "{}");
}

#[test]
fn a_dynamic_stream_takes_every_type() {
    is("int", "1", Value::Int(1));
    is("int", "1", Some(Value::Int(1)));
    is("int", "1", Box::new(Value::Int(1)));
    is("int", "1", Shared::new(Value::Int(1)));
    is("null", "null", None::<Value>);
    is("SimpleData", r#"{"num":1}"#, Value::from(simple(1)));
}

/// Counts how often it is encoded.
#[derive(Debug, Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl Encode for Counted {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        encoder.int(1);
    }
}

impl Decode for Counted {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.int().map(|_| Self::default())
    }
}

impl Model for Counted {
    fn describe(_: &mut Catalog) -> Type {
        Type::Named("Counted".to_owned())
    }
}

#[test]
fn a_shared_value_is_encoded_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let shared = Shared::new(Counted(Arc::clone(&count)));
    let object = Object::from(shared.clone());
    for _ in 0..3 {
        assert_eq!(json(&shared), "1");
        assert_eq!(json(&shared.clone()), "1");
        assert_eq!(json(&vec![Some(shared.clone()), None]), "[1,null]");
        assert_eq!(json(&Value::Object(object.clone())), r#"{"className":"Counted","data":1}"#);
        assert_eq!(object.class_name(), "Counted");
    }
    assert_eq!(count.load(Ordering::Relaxed), 1);
    // What was taken out of it is encoded anew.
    assert_eq!(json(&shared.into_inner()), "1");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_shared_value_that_cannot_be_sent_fails_each_time() {
    let shared = Shared::new(vec![1.0, f64::NAN]);
    for _ in 0..2 {
        assert_eq!(Encoder::encode(&shared), Err(EncodeError::NotFinite));
        assert_eq!(Encoder::encode(&vec![shared.clone()]), Err(EncodeError::NotFinite));
    }
}

#[test]
fn a_shared_dynamic_value_travels_as_itself() {
    let shared = Shared::new(Value::Int(1));
    assert_eq!(json(&vec![shared.clone()]), r#"[{"className":"int","data":1}]"#);
    assert_eq!(json(&shared), r#"{"className":"int","data":1}"#);
    assert_eq!(json(&Shared::new(None::<Value>)), "null");
}

#[test]
fn an_object_gives_its_value_back() {
    let object = Object::from(Shared::new(simple(1)));
    assert_eq!(object.downcast_ref::<SimpleData>(), Some(&simple(1)));
    assert_eq!(object.downcast_ref::<TestEnum>(), None);
    let object = object.downcast::<TestEnum>().unwrap_err();
    assert_eq!(*object.downcast::<SimpleData>().unwrap(), simple(1));
}

#[test]
fn two_types_of_one_name_conflict() {
    struct Other;
    impl Encode for Other {
        fn encode(&self, encoder: &mut Encoder<'_>) {
            encoder.null();
        }
    }
    impl Decode for Other {
        fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
            decoder.skip().map(|()| Self)
        }
    }
    impl Model for Other {
        fn describe(catalog: &mut Catalog) -> Type {
            catalog.class::<Self>(|_| unreachable!("another type has its name"))
        }
    }
    impl streampod_wire::Class for Other {
        const NAME: &'static str = "SimpleData";
    }
    let mut catalog = catalog();
    assert!(catalog.conflicts().is_empty());
    Other::describe(&mut catalog);
    assert_eq!(catalog.conflicts(), ["SimpleData"]);
    assert_eq!(catalog.models().map(|model| model.name()).next(), Some("SimpleData"));
}
