//! Models that have serde's traits too.

#[allow(unreachable_pub, dead_code)]
mod golden {
    // Included, so that formatting leaves it as the generator wrote it.
    include!("../../../codegen/tests/golden/models/models_with_serde.rs");
}

use golden::{Circle, Gadget, Shape, State};

#[test]
fn models_survive_serde() {
    let gadget = Gadget {
        state: Some(State::Sold),
        picture: Some(vec![1, 2].into()),
        ..Gadget::new("Lamp".to_owned(), None)
    };
    let json = serde_json::to_value(&gadget).unwrap();
    assert_eq!(json["old_name"], serde_json::Value::Null);
    assert_eq!(json["home"], "https://example.com/gadgets");
    assert_eq!(json["checked"], "2024-01-15 10:30:00.0");
    assert_eq!(serde_json::from_value::<Gadget>(json).unwrap(), gadget);

    let shape = Shape::Circle(Circle { name: "round".to_owned(), radius: 2.0 });
    let json = serde_json::to_string(&shape).unwrap();
    assert_eq!(serde_json::from_str::<Shape>(&json).unwrap(), shape);
}
