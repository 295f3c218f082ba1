//! Values whose type is told at run time, and any value there and back.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use num_bigint::BigInt;
use ordered_float::OrderedFloat;
use proptest::prelude::*;
use streampod_wire::{Catalog, Decoder, ElementType, Value, Wrapped};
use time::{Duration as SignedDuration, UtcDateTime};
use uuid::Uuid;

use crate::kit::{SimpleData, TestEnum, catalog, json, simple};
use crate::values::same_as_value;

#[test]
fn dynamic_values_keep_their_type() {
    for (class_name, data) in [
        ("null", "null"),
        ("List<int>", "[1,2]"),
        ("Set<int>", "[1,2]"),
        ("List<Set<SimpleData>>", r#"[[{"num":5}]]"#),
        ("Map<int,String>", r#"[{"k":1,"v":"x"}]"#),
        ("Map<String,int?>", r#"{"a":1,"b":null}"#),
        ("(int?,)?", r#"{"p":[1]}"#),
        ("(int?,)?", r#"{"p":[null]}"#),
        ("({int number,String text})", r#"{"n":{"number":1,"text":"x"}}"#),
        (
            "((int,String),{(SimpleData,double) namedSubRecord})",
            r#"{"p":[{"p":[1,"a"]}],"n":{"namedSubRecord":{"p":[{"num":3},1.5]}}}"#,
        ),
        ("List<dynamic>", r#"[{"className":"int","data":1},{"className":"List<int>","data":[1]}]"#),
        ("Map<String,dynamic>", r#"{"a":{"className":"SimpleData","data":{"num":1}}}"#),
        ("List<Map<String,List<List<(int,)>>>>", r#"[{"a":[[{"p":[1]}]]}]"#),
    ] {
        same_as_value(class_name, data);
    }
}

#[test]
fn dynamic_values_that_nobody_can_read() {
    for (class_name, data) in [
        ("NoSuchClass", "{}"),
        ("List<NoSuchClass>", "[{}]"),
        ("List<NoSuchClass>", "[]"),
        ("Map<String,(int,NoSuchClass?)>", "{}"),
        ("serverpod_auth.UserInfo", "{}"),
        ("", "1"),
        ("int??", "1"),
        ("List<int", "[]"),
        ("Null", "null"),
        ("null", "1"),
        ("int", "null"),
        ("int", "\"x\""),
        ("int", "1 1"),
        ("List<int>", "[1,null]"),
        ("SimpleData", "{}"),
        ("(int,)", r#"{"p":[]}"#),
        ("({int x})", r#"{"n":{}}"#),
        ("dynamic", "1"),
        ("dynamic", r#"{"data":1}"#),
    ] {
        let wrapped = Wrapped::new(class_name, data);
        assert!(Value::unwrap(&wrapped, &catalog()).is_err(), "{class_name} {data}");
    }
}

#[test]
fn dynamic_values_are_made_from_what_they_hold() {
    fn is(value: impl Into<Value>, encoded: &str) {
        assert_eq!(json(&value.into()), encoded);
    }
    is(1, r#"{"className":"int","data":1}"#);
    is("x", r#"{"className":"String","data":"x"}"#);
    is(None::<i64>, r#"{"className":"null","data":null}"#);
    is(vec![Some(1), None], r#"{"className":"List<int?>","data":[1,null]}"#);
    is(vec![vec![simple(1)]], r#"{"className":"List<List<SimpleData>>","data":[[{"num":1}]]}"#);
    is(
        vec![Value::from(1), Value::Null],
        r#"{"className":"List<dynamic>","data":[{"className":"int","data":1},{"className":"null","data":null}]}"#,
    );
    is(simple(1), r#"{"className":"SimpleData","data":{"num":1}}"#);
    is(BigInt::from(3), r#"{"className":"BigInt","data":"3"}"#);
    assert_eq!(Value::from(simple(1)).downcast_ref(), Some(&simple(1)));
    assert_eq!(Value::from(simple(1)).downcast_ref::<TestEnum>(), None);
}

#[test]
fn a_null_inside_a_dynamic_value_may_leave_its_data_out() {
    let read = Decoder::decode::<Vec<Value>>(
        r#"[null,{"className":"null"},{"data":1,"className":"int"}]"#,
        &catalog(),
    );
    assert_eq!(read.unwrap(), [Value::Null, Value::Null, Value::Int(1)]);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        (-62_135_596_800_000_000_i64..253_000_000_000_000_000)
            .prop_map(|micros| (UtcDateTime::UNIX_EPOCH + SignedDuration::microseconds(micros)).into()),
        any::<i64>().prop_map(|millis| SignedDuration::milliseconds(millis).into()),
        any::<Vec<u8>>().prop_map(|bytes| Bytes::from(bytes).into()),
        any::<u128>().prop_map(|uuid| Uuid::from_u128(uuid).into()),
        any::<(i128, i64)>().prop_map(|(a, b)| (BigInt::from(a) * b).into()),
        (any::<Option<i64>>(), any::<i64>()).prop_map(|(id, num)| SimpleData { id, num }.into()),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| proptest::collection::vec(inner, 0..4).prop_map(Value::from))
}

type Typed = BTreeMap<
    String,
    (Vec<Option<SimpleData>>, BTreeMap<i64, BTreeSet<String>>, Option<(OrderedFloat<f64>,)>),
>;

fn any_typed() -> impl Strategy<Value = Typed> {
    use proptest::collection::{btree_map, btree_set, vec};
    let simple_data = (any::<Option<i64>>(), any::<i64>()).prop_map(|(id, num)| SimpleData { id, num });
    let double = any::<f64>()
        .prop_filter("finite", |value| value.is_finite())
        .prop_map(|value| (OrderedFloat(value),));
    let entry = (
        vec(proptest::option::of(simple_data), 0..4),
        btree_map(any::<i64>(), btree_set(any::<String>(), 0..3), 0..3),
        proptest::option::of(double),
    );
    btree_map(any::<String>(), entry, 0..3)
}

proptest! {
    #[test]
    fn any_dynamic_value_comes_back(value in any_value()) {
        let encoded = json(&value);
        let read: Value = Decoder::decode(&encoded, &catalog()).unwrap();
        prop_assert_eq!(json(&read), encoded);
        prop_assert_eq!(read, value);
    }

    #[test]
    fn any_typed_value_comes_back(value in any_typed()) {
        let encoded = json(&value);
        prop_assert_eq!(&Decoder::decode::<Typed>(&encoded, &catalog()).unwrap(), &value);
        // The same data, read by its class name alone.
        let class_name = ElementType::of::<Typed>(&mut Catalog::new()).class_name;
        let read = Value::unwrap(&Wrapped::new(class_name, &encoded), &catalog()).unwrap();
        prop_assert_eq!(json(&read), format!(r#"{{"className":"{}","data":{encoded}}}"#, ElementType::of::<Typed>(&mut Catalog::new()).class_name));
        // Another JSON library finds no fault with it.
        prop_assert!(serde_json::from_str::<serde_json::Value>(&encoded).is_ok());
    }

    #[test]
    fn no_data_panics(class_name in "[A-Za-z<>(),?{} ]{0,20}|List<int>|Set<dynamic>|Map<int,int>|\\(int\\?,\\)\\?|SimpleData",
                      data in "[\\[\\]{}:,\"\\\\knvpum0-9.eE+\\- rlasf]{0,30}") {
        let _ = Value::unwrap(&Wrapped::new(class_name, &data), &catalog());
    }
}
