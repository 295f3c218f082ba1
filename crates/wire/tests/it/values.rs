//! Every type of section 1 of the wire contract, both ways and byte for byte.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use indexmap::{IndexMap, IndexSet};
use num_bigint::BigInt;
use ordered_float::OrderedFloat;
use streampod_wire::{
    Catalog, ClassName, Decoder, ElementType, EncodeError, Encoder, Model, Shared, Uri, Value, Wrapped,
};
use time::{Duration as SignedDuration, UtcDateTime};
use uuid::Uuid;

use crate::kit::{
    CustomClass, ExceptionWithData, SimpleData, TestEnum, TestEnumStringified, catalog, json, simple,
};

/// A value, the class name of its type and its JSON belong together: typed, and as a dynamic value.
#[track_caller]
fn check<T: Model + PartialEq + Debug>(value: T, class_name: &str, encoded: &str) {
    let catalog = catalog();
    assert_eq!(ElementType::of::<T>(&mut Catalog::new()).class_name, class_name);
    assert_eq!(json(&value), encoded);
    assert_eq!(Decoder::decode::<T>(encoded, &catalog).unwrap(), value);
    same_as_value(class_name, encoded);
}

/// A wrapped value is written just as it was read.
#[track_caller]
pub(crate) fn same_as_value(class_name: &str, data: &str) {
    let value = Value::unwrap(&Wrapped::new(class_name, data), &catalog()).unwrap();
    let wrapped = format!(r#"{{"className":"{class_name}","data":{data}}}"#);
    assert_eq!(json(&value), wrapped);
    assert_eq!(Decoder::decode::<Value>(&wrapped, &catalog()).unwrap(), value);
}

/// A JSON that does not fit the type, whoever reads it.
#[track_caller]
fn refused<T: Model + Debug>(encoded: &str) {
    let class_name = ElementType::of::<T>(&mut Catalog::new()).class_name;
    Decoder::decode::<T>(encoded, &catalog()).unwrap_err();
    Value::unwrap(&Wrapped::new(class_name, encoded), &catalog()).unwrap_err();
}

fn time(text: &str) -> UtcDateTime {
    Decoder::decode(&format!("\"{text}\""), &Catalog::new()).unwrap()
}

#[test]
fn booleans_and_integers() {
    check(true, "bool", "true");
    check(false, "bool", "false");
    check(0, "int", "0");
    check(-1, "int", "-1");
    check(9_007_199_254_740_991, "int", "9007199254740991");
    check(i64::MAX, "int", "9223372036854775807");
    check(i64::MIN, "int", "-9223372036854775808");
    for json in
        ["9223372036854775808", "-9223372036854775809", "1.0", "1e3", "01", "\"1\"", "true", "null", ""]
    {
        refused::<i64>(json);
    }
    for json in ["1", "0", "null", "\"true\"", "tru"] {
        refused::<bool>(json);
    }
}

#[test]
fn doubles_are_written_as_dart_writes_them() {
    check(10.0, "double", "10.0");
    check(0.1, "double", "0.1");
    check(1.5, "double", "1.5");
    check(0.0, "double", "0.0");
    check(1e20, "double", "100000000000000000000.0");
    check(1e21, "double", "1e+21");
    check(1e300, "double", "1e+300");
    check(1e-6, "double", "0.000001");
    check(1e-7, "double", "1e-7");
    check(5e-324, "double", "5e-324");
    check(f64::MAX, "double", "1.7976931348623157e+308");
    check(f64::MIN, "double", "-1.7976931348623157e+308");
    check(OrderedFloat(2.5), "double", "2.5");
    check(-0.0, "double", "-0.0");
    let negative_zero: f64 = Decoder::decode("-0.0", &Catalog::new()).unwrap();
    assert!(negative_zero.is_sign_negative());
    for json in ["1e999", "-1e999", "\"NaN\"", "NaN", "Infinity", "null", "1.", "1e"] {
        refused::<f64>(json);
    }
}

#[test]
fn a_double_without_a_fraction_is_read_too() {
    assert_eq!(Decoder::decode::<f64>("10", &Catalog::new()).unwrap(), 10.0);
    assert_eq!(Decoder::decode::<f64>("9223372036854775808", &Catalog::new()).unwrap(), 2f64.powi(63));
}

#[test]
fn what_is_not_finite_cannot_be_sent() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Encoder::encode(&value), Err(EncodeError::NotFinite));
        assert_eq!(Encoder::encode(&vec![(1, Some(value))]), Err(EncodeError::NotFinite));
        assert_eq!(Encoder::encode(&Value::from(value)), Err(EncodeError::NotFinite));
        assert_eq!(Encoder::encode(&Shared::new(value)), Err(EncodeError::NotFinite));
    }
}

#[test]
fn strings() {
    check(String::new(), "String", r#""""#);
    check("wörld 😀".to_owned(), "String", r#""wörld 😀""#);
    check("a\"b\\c\n\0😀".to_owned(), "String", r#""a\"b\\c\n\u0000😀""#);
    check("\u{1}\u{8}\t\u{b}\u{c}\r\u{1f}/".to_owned(), "String", r#""\u0001\b\t\u000b\f\r\u001f/""#);
    check("\u{7f}\u{2028}\u{feff}".to_owned(), "String", "\"\u{7f}\u{2028}\u{feff}\"");
    let escaped = r#" "\u00e9\u00E9\ud83d\ude00\/" "#;
    assert_eq!(Decoder::decode::<String>(escaped, &Catalog::new()).unwrap(), "éé😀/");
    for json in [r#""\x""#, r#""\u12""#, "\"\n\"", "\"", "'a'", "1", "null"] {
        refused::<String>(json);
    }
}

#[test]
fn date_times_have_three_digits_or_six() {
    check(time("2020-01-02T03:04:05.006007Z"), "DateTime", r#""2020-01-02T03:04:05.006007Z""#);
    check(time("2020-01-02T03:04:05.006Z"), "DateTime", r#""2020-01-02T03:04:05.006Z""#);
    check(time("2020-01-02T03:04:05.1Z"), "DateTime", r#""2020-01-02T03:04:05.100Z""#);
    check(time("2020-01-02T03:04:05Z"), "DateTime", r#""2020-01-02T03:04:05.000Z""#);
    check(time("2020-01-02T03:04:05.000001Z"), "DateTime", r#""2020-01-02T03:04:05.000001Z""#);
    check(UtcDateTime::UNIX_EPOCH, "DateTime", r#""1970-01-01T00:00:00.000Z""#);
    check(time("1969-12-31T23:59:59.999Z"), "DateTime", r#""1969-12-31T23:59:59.999Z""#);
    check(time("1969-12-31T23:59:59.999999Z"), "DateTime", r#""1969-12-31T23:59:59.999999Z""#);
    // The whole range of Dart, and the last day of year 9999, which many mean by "never".
    for text in [
        "0001-01-01T00:00:00.000Z",
        "0000-02-29T00:00:00.000Z",
        "-0044-03-15T00:00:00.000Z",
        "-9999-01-01T00:00:00.000Z",
        "-012345-01-01T00:00:00.000Z",
        "-271821-04-20T00:00:00.000Z",
        "9999-12-31T23:59:59.999999Z",
        "+010000-01-01T00:00:00.000Z",
        "+275760-09-13T00:00:00.000Z",
    ] {
        check(time(text), "DateTime", &format!("\"{text}\""));
    }
    for json in [r#""yesterday""#, r#""2020-13-01T00:00:00.000Z""#, "0", "null", r#""""#] {
        refused::<UtcDateTime>(json);
    }
}

#[test]
fn a_date_time_is_utc_and_exact_to_the_microsecond() {
    assert_eq!(json(&time("2020-01-02T03:04:05.006007999Z")), r#""2020-01-02T03:04:05.006007Z""#);
    assert_eq!(json(&time("2020-01-02T03:04:05.006000999Z")), r#""2020-01-02T03:04:05.006Z""#);
    for text in ["2024-01-15T11:30:00+01:00", "2024-01-15T10:30:00", "2024-01-15T10:30:00.000"] {
        let read: UtcDateTime = Decoder::decode(&format!("\"{text}\""), &Catalog::new()).unwrap();
        assert_eq!(read, time("2024-01-15T10:30:00Z"));
    }
}

#[test]
fn durations_are_milliseconds() {
    check(SignedDuration::milliseconds(86_400_005), "Duration", "86400005");
    check(SignedDuration::milliseconds(-5), "Duration", "-5");
    check(SignedDuration::milliseconds(i64::MIN), "Duration", "-9223372036854775808");
    check(Duration::from_secs(1), "Duration", "1000");
    assert_eq!(json(&SignedDuration::microseconds(-1999)), "-1");
    assert_eq!(Encoder::encode(&SignedDuration::MAX), Err(EncodeError::OutOfRange));
    assert_eq!(Encoder::encode(&SignedDuration::MIN), Err(EncodeError::OutOfRange));
    assert_eq!(Encoder::encode(&Duration::MAX), Err(EncodeError::OutOfRange));
    assert!(Decoder::decode::<Duration>("-1", &Catalog::new()).is_err());
    refused::<SignedDuration>("1.5");
    refused::<SignedDuration>("\"1\"");
}

#[test]
fn bytes_have_their_wrapper() {
    check(Bytes::from_static(&[0, 1, 0xfe, 0xff]), "ByteData", r#""decode('AAH+/w==', 'base64')""#);
    check(Bytes::from_static(&[1, 2, 3]), "ByteData", r#""decode('AQID', 'base64')""#);
    check(Bytes::new(), "ByteData", r#""decode('', 'base64')""#);
    for json in [
        r#""AQID""#,
        r#""decode('AQI', 'base64')""#,
        r#""decode('AQ_-', 'base64')""#,
        r#""decode('AQID', 'hex')""#,
        r#""decode('AQID','base64')""#,
        r#""decode('""#,
        r#""decode('', 'base64'""#,
        "[1,2,3]",
        "null",
    ] {
        refused::<Bytes>(json);
    }
}

#[test]
fn uuids_uris_and_big_integers() {
    let uuid: Uuid = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
    check(uuid, "UuidValue", r#""550e8400-e29b-41d4-a716-446655440000""#);
    let upper =
        Decoder::decode::<Uuid>(r#""550E8400-E29B-41D4-A716-446655440000""#, &Catalog::new()).unwrap();
    assert_eq!(json(&upper), json(&uuid));
    refused::<Uuid>(r#""550e8400""#);
    refused::<Uuid>("1");

    // Kept as written: neither the case, nor an escape that needs none, nor a default port is touched.
    for text in
        ["https://a.b/c?d=e%20f#g", "http://x/", "HTTP://Ex.com:80/%7Ea/../b", "../c?d", "mailto:a@b", ""]
    {
        check(Uri::parse(text.to_owned()).unwrap(), "Uri", &format!("\"{text}\""));
    }
    refused::<Uri>(r#""http://a b/""#);
    refused::<Uri>("null");

    check(BigInt::from(0), "BigInt", r#""0""#);
    check("-12345678901234567890123".parse::<BigInt>().unwrap(), "BigInt", r#""-12345678901234567890123""#);
    for json in [r#""""#, r#""-""#, r#""1.5""#, r#""0x1f""#, r#""1_000""#, "7", "null"] {
        refused::<BigInt>(json);
    }
}

#[test]
fn lists_and_sets() {
    check(Vec::<i64>::new(), "List<int>", "[]");
    check(vec![1, 2], "List<int>", "[1,2]");
    check(vec![Some(1), None], "List<int?>", "[1,null]");
    check(vec![vec![1], vec![]], "List<List<int>>", "[[1],[]]");
    check(vec![Some(vec![1]), None], "List<List<int>?>", "[[1],null]");
    check(vec![simple(1)], "List<SimpleData>", r#"[{"num":1}]"#);
    check(vec![Some(simple(1)), None], "List<SimpleData?>", r#"[{"num":1},null]"#);
    check(IndexSet::<i64>::from([2, 1]), "Set<int>", "[2,1]");
    check(BTreeSet::from([1, 2]), "Set<int>", "[1,2]");
    check(HashSet::<i64>::from([1]), "Set<int>", "[1]");
    check(IndexSet::<Vec<i64>>::from([vec![1], vec![]]), "Set<List<int>>", "[[1],[]]");
    check(IndexSet::<Option<i64>>::from([Some(1), None]), "Set<int?>", "[1,null]");
    check(BTreeSet::from([OrderedFloat(1.0)]), "Set<double>", "[1.0]");
    check(vec![IndexSet::<SimpleData>::from([simple(5)])], "List<Set<SimpleData>>", r#"[[{"num":5}]]"#);
    for json in ["[1,]", "[1 2]", "[", "[1", "{}", "[null]", "[\"1\"]", "1", "null"] {
        refused::<Vec<i64>>(json);
    }
}

#[test]
fn a_set_refuses_the_same_element_twice() {
    refused::<BTreeSet<i64>>("[1,2,1]");
    refused::<HashSet<i64>>("[1,1]");
    refused::<IndexSet<Option<i64>>>("[null,null]");
    // The same, though it is written in two ways.
    refused::<BTreeSet<OrderedFloat<f64>>>("[1,1.0]");
    refused::<BTreeSet<String>>(r#"["é","\u00e9"]"#);
}

/// Dart tells lists, bytes and models apart that are equal: a set of Rust keeps one of them, and a dynamic value both.
#[test]
fn equal_elements_that_have_an_identity_are_kept_or_merged() {
    fn check<T: Model + Clone + Ord>(encoded: &str, element: T) {
        let catalog = catalog();
        let set = Decoder::decode::<BTreeSet<T>>(encoded, &catalog).unwrap();
        assert!(set == BTreeSet::from([element]));
        let class_name = BTreeSet::<T>::describe(&mut Catalog::new()).class_name();
        let value = Value::unwrap(&Wrapped::new(class_name, encoded), &catalog).unwrap();
        let mut out = bytes::BytesMut::new();
        value.encode_data(&mut Encoder::new(&mut out));
        assert_eq!(out, encoded);
    }
    check("[[1],[1]]", vec![1]);
    check("[[1],[1]]", BTreeSet::from([1]));
    check(r#"["decode('AA==', 'base64')","decode('AA==', 'base64')"]"#, Bytes::from_static(&[0]));
    check(r#"[{"p":[1,[2]]},{"p":[1,[2]]}]"#, (1, vec![2]));
    // Records of plain values have none.
    refused::<BTreeSet<(i64, String)>>(r#"[{"p":[1,"a"]},{"p":[1,"a"]}]"#);
}

#[test]
fn maps_are_objects_if_their_keys_are_strings() {
    let key = || "a\"\n".to_owned();
    check(BTreeMap::from([(key(), 1)]), "Map<String,int>", r#"{"a\"\n":1}"#);
    check(HashMap::<String, Option<i64>>::from([(key(), None)]), "Map<String,int?>", r#"{"a\"\n":null}"#);
    check(
        IndexMap::<String, IndexMap<String, i64>>::from([
            ("z".into(), IndexMap::new()),
            ("a".into(), [("b".into(), 1)].into()),
        ]),
        "Map<String,Map<String,int>>",
        r#"{"z":{},"a":{"b":1}}"#,
    );
    check(
        BTreeMap::from([(Shared::new("a".to_owned()).into_inner(), simple(2))]),
        "Map<String,SimpleData>",
        r#"{"a":{"num":2}}"#,
    );
    refused::<BTreeMap<String, i64>>("[]");
    refused::<BTreeMap<String, i64>>("{\"a\":null}");
    refused::<BTreeMap<String, i64>>("{1:1}");
    refused::<BTreeMap<String, i64>>("{\"a\":1,}");
}

#[test]
fn maps_are_lists_if_their_keys_are_not() {
    check(BTreeMap::<i64, i64>::new(), "Map<int,int>", "[]");
    check(BTreeMap::from([(1, 2), (3, 4)]), "Map<int,int>", r#"[{"k":1,"v":2},{"k":3,"v":4}]"#);
    check(IndexMap::<TestEnum, i64>::from([(TestEnum(1), 7)]), "Map<TestEnum,int>", r#"[{"k":1,"v":7}]"#);
    check(BTreeMap::from([(Some(1), None::<i64>)]), "Map<int?,int?>", r#"[{"k":1,"v":null}]"#);
    check(
        BTreeMap::from([((1, true), "x".to_owned())]),
        "Map<(int,bool),String>",
        r#"[{"k":{"p":[1,true]},"v":"x"}]"#,
    );
    let any_order = r#"[{"x":0,"v":2,"k":1}]"#;
    assert_eq!(
        Decoder::decode::<BTreeMap<i64, i64>>(any_order, &Catalog::new()).unwrap(),
        BTreeMap::from([(1, 2)])
    );
    for json in ["{}", r#"[{"k":1}]"#, r#"[{"v":1}]"#, r#"[{"k":"1","v":1}]"#, "[[1,2]]"] {
        refused::<BTreeMap<i64, i64>>(json);
    }
}

#[test]
fn records() {
    check((1,), "(int,)", r#"{"p":[1]}"#);
    check((Some(1),), "(int?,)", r#"{"p":[1]}"#);
    check((None::<i64>,), "(int?,)", r#"{"p":[null]}"#);
    check(Some((None::<i64>,)), "(int?,)?", r#"{"p":[null]}"#);
    check(Some((Some(1),)), "(int?,)?", r#"{"p":[1]}"#);
    check((1, "x".to_owned()), "(int,String)", r#"{"p":[1,"x"]}"#);
    check((1, simple(2)), "(int,SimpleData)", r#"{"p":[1,{"num":2}]}"#);
    check(("a".to_owned(), (1, true)), "(String,(int,bool))", r#"{"p":["a",{"p":[1,true]}]}"#);
    check((1, 2, 3, 4, 5, 6), "(int,int,int,int,int,int)", r#"{"p":[1,2,3,4,5,6]}"#);
    check(vec![Some((1,)), None], "List<(int,)?>", r#"[{"p":[1]},null]"#);
    for json in [r#"{"p":[]}"#, r#"{"p":[1,2]}"#, r#"{"p":["x"]}"#, "{}", "[1]", "1"] {
        refused::<(i64,)>(json);
    }
    assert_eq!(Decoder::decode::<(Option<i64>,)>("{}", &Catalog::new()).unwrap(), (None,));
}

#[test]
fn models() {
    check(simple(4), "SimpleData", r#"{"num":4}"#);
    check(SimpleData { id: Some(1), num: 4 }, "SimpleData", r#"{"id":1,"num":4}"#);
    check(TestEnum(2), "TestEnum", "2");
    check(TestEnumStringified("two".into()), "TestEnumStringified", r#""two""#);
    check(CustomClass("test".into()), "CustomClass", r#""test""#);
    let exception = ExceptionWithData {
        message: "m".into(),
        creation_date: UtcDateTime::UNIX_EPOCH,
        error_fields: vec!["a".into()],
        some_nullable_field: None,
    };
    let encoded = r#"{"message":"m","creationDate":"1970-01-01T00:00:00.000Z","errorFields":["a"]}"#;
    check(exception, "ExceptionWithData", encoded);

    let named = r#"{"__className__":"SimpleData","extra":{"a":[1]},"num":4,"id":null}"#;
    assert_eq!(Decoder::decode::<SimpleData>(named, &catalog()).unwrap(), simple(4));
    for json in ["{}", r#"{"num":null}"#, r#"{"num":"4"}"#, r#"{"id":"x","num":4}"#, "[]", "4", r#"{"num":4"#]
    {
        refused::<SimpleData>(json);
    }
}

#[test]
fn what_may_be_null() {
    check(Some(1), "int", "1");
    check(Some(Some(1)), "int", "1");
    assert_eq!(json(&None::<SimpleData>), "null");
    assert_eq!(Decoder::decode::<Option<i64>>("null", &Catalog::new()).unwrap(), None);
    assert_eq!(None::<i64>.class_name(), ClassName::Null);
    assert_eq!(json(&vec![Box::new(None::<i64>)]), "[null]");
    same_as_value("null", "null");
}

#[test]
fn errors_say_where() {
    let error =
        Decoder::decode::<Vec<SimpleData>>(r#"[{"num":1},{"num":"x"}]"#, &Catalog::new()).unwrap_err();
    assert_eq!(error.to_string(), "[1].num: expected int, found a string");
    assert!(!error.is_syntax());
    let error = Decoder::decode::<SimpleData>("{}", &Catalog::new()).unwrap_err();
    assert_eq!(error.to_string(), "num: missing");
    assert!(Decoder::decode::<SimpleData>(r#"{"num":1"#, &Catalog::new()).unwrap_err().is_syntax());
}

/// JSON that stands where it may not: after the value.
#[test]
fn nothing_may_follow() {
    for json in ["1 1", "1,", "1]", "1}"] {
        refused::<i64>(json);
    }
    assert_eq!(Decoder::decode::<i64>(" \n\t\r1 ", &Catalog::new()).unwrap(), 1);
}
