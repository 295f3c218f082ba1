//! What the values of an enum have beside their names.

use streampod_schema::Type;
use streampod_wire::{Encode, Encoder};

/// A type that a property of an enum can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a property",
    label = "no property is one",
    note = "allowed are: bool, i64, f64, &'static str, and Option of these"
)]
pub trait Property: Copy {
    /// Its type.
    fn ty() -> Type;

    /// Writes it.
    fn encode(self, encoder: &mut Encoder<'_>);
}

/// The type of a property.
pub fn ty<T: Property>() -> Type {
    T::ty()
}

/// The JSON of a property's value.
pub fn json<T: Property>(value: T) -> String {
    struct Encoded<T>(T);

    impl<T: Property> Encode for Encoded<T> {
        fn encode(&self, encoder: &mut Encoder<'_>) {
            self.0.encode(encoder);
        }
    }

    // An infinite double has no JSON.
    Encoder::encode(&Encoded(value))
        .map_or_else(|_| "null".to_owned(), |json| String::from_utf8_lossy(&json).into_owned())
}

macro_rules! property {
    ($ty:ty, $wire:ident, $method:ident) => {
        impl Property for $ty {
            fn ty() -> Type {
                Type::$wire
            }

            fn encode(self, encoder: &mut Encoder<'_>) {
                encoder.$method(self);
            }
        }
    };
}

property!(bool, Bool, bool);
property!(i64, Int, int);
property!(f64, Double, double);
property!(&'static str, String, string);

impl<T: Property> Property for Option<T> {
    fn ty() -> Type {
        T::ty().nullable()
    }

    fn encode(self, encoder: &mut Encoder<'_>) {
        match self {
            Some(value) => value.encode(encoder),
            None => encoder.null(),
        }
    }
}
