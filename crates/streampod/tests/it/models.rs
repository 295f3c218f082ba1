//! Models that are generated from `.spy.yaml`: the golden output of the generator is compiled here.

#[allow(unreachable_pub)]
mod golden {
    // Included, so that formatting leaves it as the generator wrote it.
    include!("../../../codegen/tests/golden/models/models.rs");
}

use streampod::Uri;
use streampod::prelude::*;
use streampod::schema::{Model as ModelSchema, Schema};
use streampod::wire::{
    Audience, Catalog, ClassName, Decode, Decoder, ElementType, Encode, Encoder, Model as WireModel, Wrapped,
    WrappedError, from_json,
};

use crate::kit::{call, json, read, server};
use golden::{
    Circle, Collections, CollectionsMixed, CollectionsPoint, Coordinate, Empty, Gadget, LabelledPolygon,
    OutOfStock, Polygon, Shape, Size, State,
};

fn check<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: &T, expected: &str) {
    assert_eq!(json(value), expected);
    assert_eq!(read::<T>(expected).as_ref(), Ok(value));
}

fn coordinate(x: f64) -> Coordinate {
    Coordinate::new(x, 0.5)
}

fn circle() -> Circle {
    Circle { name: "round".to_owned(), radius: 2.0 }
}

#[test]
fn defaults_stand_in_for_what_is_left_out() {
    let before = streampod::types::now();
    let gadget: Gadget = read(r#"{"name":"Lamp"}"#).unwrap();
    assert!(gadget.made >= before && gadget.made <= streampod::types::now());
    let other = Gadget { made: gadget.made, token: gadget.token, ..Gadget::new("Lamp".to_owned(), None) };
    assert_eq!(gadget, other);
    assert_ne!(Gadget::new(String::new(), None).token, Gadget::new(String::new(), None).token);
    assert_eq!((gadget.price, gadget.count, gadget.available), (9.5, 1, true));
    assert_eq!(gadget.label, "It's \"new\"");
    assert_eq!(gadget.warranty, SignedDuration::milliseconds(94_230_100));
    assert_eq!(gadget.checked, from_json::<UtcDateTime>("\"2024-01-15T10:30:00.000Z\""));
    assert_eq!(gadget.kind, Some("550e8400-e29b-41d4-a716-446655440000".parse().unwrap()));
    assert_eq!(gadget.home, Uri::parse("https://example.com/gadgets".to_owned()).unwrap());
    assert_eq!(gadget.serial, "12345678901234567890".parse().unwrap());
    assert_eq!(gadget.size, Size::Medium);
}

#[test]
fn a_key_can_differ_from_the_name() {
    let gadget: Gadget = read(r#"{"name":"Lamp","old_name":"Light","oldName":"no"}"#).unwrap();
    assert_eq!(gadget.old_name.as_deref(), Some("Light"));
    assert!(json(&gadget).ends_with(r#""old_name":"Light"}"#));
}

#[test]
fn fields_for_servers_travel_between_servers_alone() {
    let gadget = Gadget { internal_code: Some("x9".to_owned()), ..Gadget::new("Lamp".to_owned(), None) };
    assert!(!json(&gadget).contains("x9"));

    let mut out = bytes::BytesMut::new();
    let mut encoder = Encoder::new(&mut out).audience(Audience::Servers);
    gadget.encode(&mut encoder);
    encoder.finish().unwrap();
    let text = String::from_utf8(out.to_vec()).unwrap();
    assert!(text.contains(r#""internalCode":"x9""#));

    let catalog = Catalog::new();
    let from_server = Gadget::decode(&mut Decoder::new(&text, &catalog).audience(Audience::Servers)).unwrap();
    assert_eq!(from_server, gadget);
    // What a client says of such a field does not count.
    assert_eq!(read::<Gadget>(&text).unwrap().internal_code, None);
}

#[test]
fn a_value_of_a_sealed_class_names_its_class() {
    check(&Shape::from(circle()), r#"{"__className__":"Circle","name":"round","radius":2.0}"#);
    check(&circle(), r#"{"name":"round","radius":2.0}"#);
    check(
        &Shape::from(LabelledPolygon::new("box".to_owned(), vec![coordinate(1.0)])),
        r#"{"__className__":"LabelledPolygon","name":"box","corners":[{"x":1.0,"y":0.5}],"filled":false}"#,
    );
    let late = r#"{"radius":2,"name":"round","__className__":"Circle"}"#;
    assert_eq!(read::<Shape>(late).unwrap(), Shape::Circle(circle()));
    assert_eq!(Shape::from(circle()).name(), "round");
    assert_eq!(
        read::<Shape>(r#"{"__className__":"Square"}"#).unwrap_err(),
        "expected Shape: an object whose __className__ is one of Circle, Polygon, LabelledPolygon, found Square"
    );
    assert_eq!(read::<Shape>(r#"{"name":"round"}"#).unwrap_err(), "__className__: missing");
}

#[test]
fn the_tag_belongs_to_one_object_alone() {
    let polygon = Polygon::new("box".to_owned(), vec![coordinate(1.0)]);
    let shapes = vec![Shape::from(polygon), Shape::from(circle())];
    let text = json(&shapes);
    assert_eq!(text.matches("__className__").count(), 2, "{text}");
    assert_eq!(read::<Vec<Shape>>(&text).unwrap(), shapes);
}

#[test]
fn a_dynamic_value_is_of_the_class_itself() {
    let value = Value::of(Shape::from(circle()));
    let text = r#"{"className":"Circle","data":{"__className__":"Circle","name":"round","radius":2.0}}"#;
    assert_eq!(json(&value), text);
    let mut catalog = Catalog::new();
    catalog.add::<Shape>();
    let read: Value = Decoder::decode(text, &catalog).unwrap();
    assert_eq!(read.downcast_ref::<Circle>(), Some(&circle()));
}

#[test]
fn an_element_of_a_sealed_class_travels_under_the_name_of_its_own() {
    let mut catalog = Catalog::new();
    let element = ElementType::of::<Option<Shape>>(&mut catalog);
    let read = |class_name: &str, data: &str| {
        let wrapped = Wrapped::new(class_name, data);
        Option::<Shape>::from_wrapped(&wrapped, &element, &catalog)
    };
    let round = Some(Shape::Circle(circle()));
    assert_eq!(read("Circle", r#"{"name":"round","radius":2.0}"#).unwrap(), round);
    assert_eq!(read("Circle", r#"{"__className__":"Circle","name":"round","radius":2.0}"#).unwrap(), round);
    assert_eq!(read("Shape", r#"{"__className__":"Circle","name":"round","radius":2.0}"#).unwrap(), round);
    assert_eq!(read("null", "null").unwrap(), None);
    assert!(matches!(read("Coordinate", r#"{"x":1,"y":2}"#), Err(WrappedError::WrongType { .. })));
    assert!(matches!(read("Circle", r#"{"name":1}"#), Err(WrappedError::Unreadable(_))));
    assert_eq!(round.class_name(), ClassName::Own("Circle".into()));
}

#[test]
fn records_have_positions_and_names() {
    check(&CollectionsPoint { x: 1, y: None }, r#"{"n":{"x":1,"y":null}}"#);
    check(&CollectionsMixed { field_1: 7, name: "a".to_owned() }, r#"{"p":[7],"n":{"name":"a"}}"#);
    let mut catalog = Catalog::new();
    assert_eq!(CollectionsMixed::describe(&mut catalog).to_string(), "(int,{String name})");
    assert_eq!(read::<CollectionsMixed>(r#"{"p":[7]}"#).unwrap_err(), "name: missing");
}

#[test]
fn collections_of_everything() {
    let collections = Collections {
        ints: vec![1],
        nested: Some(vec![vec![None]]),
        words: ["b".to_owned(), "a".to_owned()].into(),
        by_name: [("lamp".to_owned(), Gadget::new("Lamp".to_owned(), None))].into(),
        by_number: [(2, vec![]), (1, vec!["x".to_owned()])].into(),
        by_size: Some([(Size::Large, 3)].into()),
        pair: (1, "one".to_owned()),
        single: Some((true,)),
        point: CollectionsPoint { x: 1, y: Some(2) },
        mixed: CollectionsMixed { field_1: 7, name: String::new() },
        pairs: vec![(1, "one".to_owned())],
        anything: Value::from("text"),
        everything: vec![Value::from(1), Value::Null],
        shape: Some(circle().into()),
        shapes: vec![circle().into()],
        children: Some(vec![]),
    };
    let text = json(&collections);
    let mut catalog = Catalog::new();
    catalog.add::<Collections>();
    assert_eq!(Decoder::decode::<Collections>(&text, &catalog).unwrap(), collections);
    assert!(matches!(Value::of(collections), Value::Object(_)));
}

#[test]
fn an_enum_has_properties_and_a_default() {
    assert_eq!((State::Ordered.title(), State::Ordered.weight()), ("Ordered", 10));
    assert_eq!((State::Sold.remark(), State::Ordered.remark()), (None, Some("it's on its way")));
    check(&State::Sold, "1");
    assert!(read::<State>("2").is_err());
    check(&Size::Large, r#""large""#);
    assert_eq!(read::<Size>(r#""gigantic""#).unwrap(), Size::Medium);
    assert_eq!(Size::default(), Size::Medium);
}

#[test]
fn what_can_have_a_default_has_one() {
    assert_eq!(Empty::default(), Empty {});
    assert_eq!(OutOfStock::new("Lamp".to_owned()).retry_after, SignedDuration::seconds(30));
}

/// The models as the fixture of the generators describes them, and as derives do.
#[test]
fn derives_report_what_the_models_were_made_of() {
    let fixture = include_str!("../../../codegen/tests/fixture/models.json");
    let mut expected: Schema = serde_json::from_str(fixture).unwrap();
    let mut catalog = Catalog::new();
    golden::all(&mut catalog);
    assert_eq!(catalog.problems(), Vec::<String>::new());
    let mut found = Schema { models: catalog.models().cloned().collect(), endpoints: vec![] };
    found.models.sort_by(|a, b| a.name().cmp(b.name()));
    expected.models.sort_by(|a, b| a.name().cmp(b.name()));
    assert_eq!(serde_json::to_value(&found).unwrap(), serde_json::to_value(&expected).unwrap());
    assert_eq!(found.contradictions(), Vec::<String>::new());
}

mod thrown {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Exception)]
    #[model(extends = Failure)]
    pub(super) struct NotThere {
        pub(super) id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Exception)]
    pub(super) enum Failure {
        NotThere(NotThere),
    }

    pub(super) struct Store;

    #[endpoint]
    impl Store {
        async fn find(&self, _session: &Session, id: i64) -> Result<i64> {
            Err(Failure::from(NotThere { id }))?
        }
    }
}

#[tokio::test]
async fn an_enum_of_exceptions_is_thrown_as_the_one_it_holds() {
    let server = server().endpoint(thrown::Store).exception::<thrown::Failure>();
    let schema = server.schema();
    assert!(matches!(schema.model("Failure"), Some(ModelSchema::Exception(class)) if class.sealed));
    let (status, body) = call(server, "/store", r#"{"method":"find","id":7}"#).await;
    assert_eq!(status, 400);
    assert_eq!(body, r#"{"className":"NotThere","data":{"__className__":"NotThere","id":7}}"#);
}

mod wrong {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(super) struct Stranger {
        pub(super) name: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(super) enum Family {
        Stranger(Stranger),
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(extends = Stranger)]
    pub(super) struct Child {
        pub(super) age: i64,
        pub(super) name: String,
    }
}

#[test]
fn classes_that_contradict_each_other_are_reported() {
    let mut catalog = Catalog::new();
    catalog.add::<wrong::Family>();
    catalog.add::<wrong::Child>();
    assert_eq!(
        catalog.problems(),
        ["`Stranger` is a variant of `Family` and does not say so: give it #[model(extends = Family)]"]
    );
    let schema = Schema { models: catalog.models().cloned().collect(), endpoints: vec![] };
    assert_eq!(
        schema.contradictions(),
        [
            "`Child` extends `Stranger` and must begin with its fields: field 1 is to be `name`, of type String"
        ]
    );
}
