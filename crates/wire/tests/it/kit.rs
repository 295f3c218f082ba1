//! What the tests share: models, written out as the derives would write them, and methods that take them.

use std::sync::Arc;

use streampod_schema::{self as schema, Type};
use streampod_wire::{
    CallId, Catalog, Class, Decode, DecodeError, Decoder, Encode, Encoder, Exception, FrameBuffer,
    MethodHead, Model, required,
};
use time::UtcDateTime;

/// A model with fields, from a list of `field "wire name": type`.
macro_rules! class {
    ($name:ident as $kind:ident { $($field:ident $wire:literal: $ty:ty),+ }) => {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name {
            $(pub(crate) $field: $ty),+
        }

        impl Encode for $name {
            fn encode(&self, encoder: &mut Encoder<'_>) {
                encoder.fields(|fields| {
                    $(fields.known_field(concat!(",\"", $wire, "\":"), &self.$field);)+
                });
            }
        }

        impl Decode for $name {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                $(let mut $field: Option<$ty> = None;)+
                decoder.known_fields(&[$(concat!(",\"", $wire, "\":")),+], |index, decoder| {
                    let names = [$($wire),+];
                    match index.map(|index| names[index]) {
                        $(Some($wire) => decoder.field($wire, &mut $field),)+
                        _ => decoder.skip(),
                    }
                })?;
                Ok(Self { $($field: required($wire, $field)?),+ })
            }
        }

        impl Model for $name {
            fn describe(catalog: &mut Catalog) -> Type {
                catalog.class::<Self>(|catalog| {
                    schema::Model::$kind(schema::Class {
                        name: Self::NAME.to_owned(),
                        fields: vec![$(schema::Field::new($wire, <$ty>::describe(catalog))),+],
                        ..Default::default()
                    })
                })
            }
        }

        impl Class for $name {
            const NAME: &'static str = stringify!($name);
        }
    };
}

/// A model that travels as the value in it, as enums and custom classes do.
macro_rules! custom {
    ($name:ident($ty:ty)) => {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) $ty);

        impl Encode for $name {
            fn encode(&self, encoder: &mut Encoder<'_>) {
                self.0.encode(encoder);
            }
        }

        impl Decode for $name {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                <$ty>::decode(decoder).map(Self)
            }
        }

        impl Model for $name {
            fn describe(catalog: &mut Catalog) -> Type {
                let (name, docs) = (Self::NAME.to_owned(), String::new());
                catalog
                    .class::<Self>(|_| schema::Model::Custom(schema::Custom { name, docs, deprecated: None }))
            }
        }

        impl Class for $name {
            const NAME: &'static str = stringify!($name);
        }
    };
}

class!(SimpleData as Class { id "id": Option<i64>, num "num": i64 });
class!(ExceptionWithData as Exception {
    message "message": String,
    creation_date "creationDate": UtcDateTime,
    error_fields "errorFields": Vec<String>,
    some_nullable_field "someNullableField": Option<i64>
});
impl Exception for ExceptionWithData {}
custom!(TestEnum(i64));
custom!(TestEnumStringified(String));
custom!(CustomClass(String));

pub(crate) fn simple(num: i64) -> SimpleData {
    SimpleData { id: None, num }
}

/// A catalog that knows the models above.
pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::new();
    SimpleData::describe(&mut catalog);
    ExceptionWithData::describe(&mut catalog);
    TestEnum::describe(&mut catalog);
    TestEnumStringified::describe(&mut catalog);
    CustomClass::describe(&mut catalog);
    catalog
}

/// A method that returns a stream of `returns` and is fed the streams `inputs`.
pub(crate) fn method(endpoint: &str, name: &str, inputs: &[&str], returns: &str) -> Arc<MethodHead> {
    let streams = inputs.iter().map(|input| schema::Parameter {
        name: (*input).to_owned(),
        ty: Type::Dynamic,
        named: false,
        kind: schema::ParameterKind::Stream { optional: false },
    });
    let method = schema::Method {
        name: name.to_owned(),
        docs: String::new(),
        deprecated: None,
        require_login: false,
        scopes: Vec::new(),
        parameters: streams.collect(),
        returns: schema::Returns::Stream(returns.parse().unwrap()),
    };
    let endpoint =
        schema::Endpoint { name: endpoint.to_owned(), methods: vec![method], ..schema::Endpoint::default() };
    Arc::new(MethodHead::new(&endpoint, 0))
}

/// A call id that is the same in every run.
pub(crate) fn call_id(number: u128) -> CallId {
    uuid::Uuid::from_u128(number).into()
}

/// The JSON of a value.
pub(crate) fn json(value: &(impl Encode + ?Sized)) -> String {
    String::from_utf8(Encoder::encode(value).unwrap().into()).unwrap()
}

/// Takes every frame that waits.
pub(crate) fn drain(out: &mut FrameBuffer) -> Vec<String> {
    std::iter::from_fn(|| out.pop()).map(|frame| String::from_utf8(frame.into()).unwrap()).collect()
}
