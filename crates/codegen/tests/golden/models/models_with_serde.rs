use serde::{Deserialize, Serialize};
use streampod::types::{BigInt, Bytes, SignedDuration, Uri, UtcDateTime, Uuid, now};
use streampod::wire::from_json;
use streampod::{Exception, Model};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Model)]
pub struct Animal {
    pub name: String,
}

/// A place that does not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Model)]
#[model(immutable)]
pub struct Coordinate {
    pub x: f64,
    pub y: f64,
    pub tags: Option<Vec<String>>,
}

impl Coordinate {
    /// A value of these fields; the others have their defaults.
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y, tags: None }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Model)]
#[model(extends = Animal)]
pub struct Dog {
    pub name: String,
    pub tricks: Vec<String>,
}

/// Nothing in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default, Model)]
pub struct Empty {}

/// Something that is for sale.
///
/// It has a field of every kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Model)]
pub struct Gadget {
    /// The number that it has in the shop.
    pub id: Option<i64>,
    pub name: String,
    #[model(default = 9.5)]
    pub price: f64,
    #[model(default = 1)]
    pub count: i64,
    #[model(default = true)]
    pub available: bool,
    #[model(default(now))]
    pub made: UtcDateTime,
    #[model(default = from_json("\"2024-01-15T10:30:00.000Z\""))]
    pub checked: UtcDateTime,
    #[model(default(random_uuid))]
    pub token: Uuid,
    #[model(default = Some(Uuid::from_u128(0x550e8400_e29b_41d4_a716_446655440000)))]
    pub kind: Option<Uuid>,
    #[model(default = "It's \"new\"".to_owned())]
    pub label: String,
    #[model(default = SignedDuration::milliseconds(94_230_100))]
    pub warranty: SignedDuration,
    #[model(default = from_json("\"https://example.com/gadgets\""))]
    pub home: Uri,
    #[model(default = from_json("\"12345678901234567890\""))]
    pub serial: BigInt,
    #[model(default = Size::Medium)]
    pub size: Size,
    pub state: Option<State>,
    pub picture: Option<Bytes>,
    #[model(required)]
    pub note: Option<String>,
    #[model(server_only)]
    pub internal_code: Option<String>,
    #[model(key = "old_name")]
    pub old_name: Option<String>,
}

impl Gadget {
    /// A value of these fields; the others have their defaults.
    pub fn new(name: String, note: Option<String>) -> Self {
        Self {
            id: None,
            name,
            price: 9.5,
            count: 1,
            available: true,
            made: now(),
            checked: from_json("\"2024-01-15T10:30:00.000Z\""),
            token: Uuid::new_v4(),
            kind: Some(Uuid::from_u128(0x550e8400_e29b_41d4_a716_446655440000)),
            label: "It's \"new\"".to_owned(),
            warranty: SignedDuration::milliseconds(94_230_100),
            home: from_json("\"https://example.com/gadgets\""),
            serial: from_json("\"12345678901234567890\""),
            size: Size::Medium,
            state: None,
            picture: None,
            note,
            internal_code: None,
            old_name: None,
        }
    }
}

/// There is none left.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Exception)]
pub struct OutOfStock {
    pub gadget: String,
    /// When there will be more.
    pub expected: Option<UtcDateTime>,
    #[model(default = SignedDuration::milliseconds(30000))]
    pub retry_after: SignedDuration,
}

impl OutOfStock {
    /// A value of these fields; the others have their defaults.
    pub fn new(gadget: String) -> Self {
        Self {
            gadget,
            expected: None,
            retry_after: SignedDuration::milliseconds(30000),
        }
    }
}

/// Never leaves the servers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Model)]
#[model(server_only)]
pub struct Secret {
    pub word: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Model)]
#[model(file = "shapes/circle", extends = Shape)]
pub struct Circle {
    /// What it is called.
    pub name: String,
    pub radius: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Model)]
#[model(file = "shapes/labelled_polygon", extends = Polygon)]
pub struct LabelledPolygon {
    /// What it is called.
    pub name: String,
    pub corners: Vec<Coordinate>,
    #[model(default = false)]
    pub filled: bool,
    pub label: Option<String>,
}

impl LabelledPolygon {
    /// A value of these fields; the others have their defaults.
    pub fn new(name: String, corners: Vec<Coordinate>) -> Self {
        Self {
            name,
            corners,
            filled: false,
            label: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Model)]
#[model(file = "shapes/polygon", extends = Shape)]
pub struct Polygon {
    /// What it is called.
    pub name: String,
    pub corners: Vec<Coordinate>,
    #[model(default = false)]
    pub filled: bool,
}

impl Polygon {
    /// A value of these fields; the others have their defaults.
    pub fn new(name: String, corners: Vec<Coordinate>) -> Self {
        Self {
            name,
            corners,
            filled: false,
        }
    }
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Model)]
#[model(
    file = "shapes/shape",
    fields(
        /// What it is called.
        name: String,
    ),
)]
pub enum Shape {
    Circle(Circle),
    Polygon(Polygon),
    LabelledPolygon(LabelledPolygon),
}

/// How large something is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, Model,
)]
pub enum Size {
    /// Fits a pocket.
    Small,
    #[default]
    #[model(default)]
    Medium,
    /// Fits no room.
    Large,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Model,
)]
#[model(by_index, properties(title: &'static str, weight: i64, remark: Option<&'static str>))]
pub enum State {
    /// Not yet in the shop.
    #[model(properties(title = "Ordered", weight = 10, remark = Some("it's on its way")))]
    Ordered,
    #[model(properties(title = "Sold", weight = 0, remark = None))]
    Sold,
}

/// Makes all of these models known: what `Server::models` takes.
pub fn all(catalog: &mut ::streampod::wire::Catalog) {
    catalog.add::<Animal>();
    catalog.add::<Coordinate>();
    catalog.add::<Dog>();
    catalog.add::<Empty>();
    catalog.add::<Gadget>();
    catalog.add::<OutOfStock>();
    catalog.add::<Secret>();
    catalog.add::<Circle>();
    catalog.add::<LabelledPolygon>();
    catalog.add::<Polygon>();
    catalog.add::<Shape>();
    catalog.add::<Size>();
    catalog.add::<State>();
}
