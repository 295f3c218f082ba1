//! The limits of what a peer can send: depth, names, big integers.

use num_bigint::BigInt;
use proptest::prelude::*;
use streampod_wire::{
    Arguments, Catalog, Decode, DecodeError, Decoder, Encode, EncodeError, Encoder, Frame, Shared, Value,
    Wrapped,
};

use crate::kit::{catalog, json};

/// A list in a list, as deep as one likes.
#[derive(Debug, PartialEq)]
struct Nested(Vec<Nested>);

impl Encode for Nested {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        self.0.encode(encoder);
    }
}

impl Decode for Nested {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Vec::decode(decoder).map(Self)
    }
}

fn nested(depth: usize) -> Nested {
    (1..depth).fold(Nested(Vec::new()), |inner, _| Nested(vec![inner]))
}

fn brackets(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn values_nest_64_levels_deep() {
    assert_eq!(json(&nested(64)), brackets(64));
    assert_eq!(Decoder::decode::<Nested>(&brackets(64), &Catalog::new()).unwrap(), nested(64));
    assert_eq!(Encoder::encode(&nested(65)), Err(EncodeError::TooDeep));
    for depth in [65, 1_000_000] {
        let error = Decoder::decode::<Nested>(&brackets(depth), &Catalog::new()).unwrap_err();
        assert!(error.is_syntax());
        assert!(Frame::parse(&brackets(depth)).is_err());
        assert!(Arguments::parse(&format!(r#"{{"a":{}}}"#, brackets(depth))).is_err());
    }
    assert!(Decoder::decode::<Nested>(&"[".repeat(1_000_000), &Catalog::new()).is_err());
}

#[test]
fn a_value_may_be_as_wide_as_it_likes() {
    let wide = Nested((0..1000).map(|_| nested(2)).collect());
    let encoded = json(&wide);
    assert_eq!(Decoder::decode::<Nested>(&encoded, &Catalog::new()).unwrap(), wide);
    assert_eq!(Arguments::parse(&format!(r#"{{"a":{encoded},"b":{{"c":{{}}}}}}"#)).unwrap().len(), 2);
}

/// Dynamic values nest by wrapping, which their class names do not show.
#[test]
fn dynamic_values_nest_no_deeper() {
    let nest = |depth: usize| {
        let open = r#"{"className":"List<dynamic>","data":["#;
        open.repeat(depth) + &"]}".repeat(depth)
    };
    let value: Value = Decoder::decode(&nest(32), &Catalog::new()).unwrap();
    assert_eq!(json(&value), nest(32));
    assert!(Decoder::decode::<Value>(&nest(33), &Catalog::new()).is_err());
    assert!(Decoder::decode::<Value>(&nest(100_000), &Catalog::new()).is_err());
}

#[test]
fn class_names_are_short_and_nest_16_levels_deep() {
    let read = |class_name: String| {
        Value::unwrap(&Wrapped::new(class_name, "[]"), &catalog()).map(|value| json(&value))
    };
    let lists = |depth: usize| "List<".repeat(depth) + "int" + &">".repeat(depth);
    assert!(read(lists(15)).is_ok());
    assert!(read(lists(16)).is_err());
    assert!(read(lists(100_000)).is_err());
    assert!(read("(".repeat(100_000)).is_err());
    let records = |fields: usize| format!("List<({})>", vec!["int"; fields].join(","));
    assert!(read(records(250)).is_ok());
    assert!(read(records(260)).is_err());
    assert!(read("x".repeat(1_000_000)).unwrap_err().to_string().len() < 200);
}

#[test]
fn big_integers_have_at_most_4096_digits() {
    let digits = |count: usize| format!("\"{}\"", "9".repeat(count));
    assert_eq!(json(&Decoder::decode::<BigInt>(&digits(4096), &Catalog::new()).unwrap()), digits(4096));
    let error = Decoder::decode::<BigInt>(&digits(4097), &Catalog::new()).unwrap_err();
    assert_eq!(error.to_string(), "expected BigInt of at most 4096 digits, found 4097 bytes");
}

#[test]
fn errors_quote_little_of_what_was_sent() {
    let long = "9".repeat(1_000_000);
    let text = format!("\"{long}\"");
    let catalog = Catalog::new();
    let errors = [
        Decoder::decode::<i64>(&long, &catalog).unwrap_err(),
        Decoder::decode::<f64>(&long, &catalog).unwrap_err(),
        Decoder::decode::<uuid::Uuid>(&text, &catalog).unwrap_err(),
        Decoder::decode::<time::UtcDateTime>(&text, &catalog).unwrap_err(),
        Decoder::decode::<bytes::Bytes>(&text, &catalog).unwrap_err(),
        Frame::parse(&format!(r#"{{"type":{text}}}"#)).unwrap_err(),
        Frame::parse(&format!(r#"{{"type":"cmsc","data":{{"cid":{text}}}}}"#)).unwrap_err(),
        Frame::parse(&format!(r#"{{"type":"cmsc","data":{{"cr":{text}}}}}"#)).unwrap_err(),
        Frame::parse(&format!(r#"{{"type":"omsr","data":{{"res":{text}}}}}"#)).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().len() < 200, "{} bytes", error.to_string().len());
    }
}

/// A value that was encoded before counts the levels that it was encoded with.
#[test]
fn shared_values_nest_no_deeper_either() {
    struct Deep(Shared<Vec<Vec<i64>>>, usize);
    impl Encode for Deep {
        fn encode(&self, encoder: &mut Encoder<'_>) {
            match self.1 {
                0 => self.0.encode(encoder),
                depth => {
                    encoder.list([Self(self.0.clone(), depth - 1)], |encoder, inner| inner.encode(encoder))
                }
            }
        }
    }
    let shared = Shared::new(vec![vec![1]]);
    assert!(Encoder::encode(&Deep(shared.clone(), 62)).is_ok());
    assert_eq!(Encoder::encode(&Deep(shared, 63)), Err(EncodeError::TooDeep));
}

proptest! {
    /// What is encoded can be read: the writer's limit is not above the reader's.
    #[test]
    fn what_is_written_can_be_read(depth in 1_usize..80) {
        if let Ok(encoded) = Encoder::encode(&nested(depth)) {
            let encoded = String::from_utf8(encoded.into()).unwrap();
            prop_assert!(Decoder::decode::<Nested>(&encoded, &Catalog::new()).is_ok());
        }
    }
}
