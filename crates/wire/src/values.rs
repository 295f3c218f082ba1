//! The basic types of the wire protocol as Rust types.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use num_bigint::BigInt;
use ordered_float::OrderedFloat;
use streampod_schema::Type;
use time::{Duration as SignedDuration, UtcDateTime};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::date_time;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::encoder::{Encode, EncodeError, Encoder};
use crate::model::{ClassName, ElementType, Model, Wrapped, WrappedError};
use crate::value::Value;

/// A URI or a relative reference, kept as it was written.
pub type Uri = fluent_uri::UriRef<String>;

/// The longest big integer that is read, in decimal digits: reading one takes time that grows with the square.
const BIG_INT_MAX_DIGITS: usize = 4096;

/// The text wrapper of bytes.
const BYTES_PREFIX: &str = "decode('";
const BYTES_SUFFIX: &str = "', 'base64')";

macro_rules! basic {
    ($ty:ty, $wire:ident $(, $identity:ident)?, |$value:ident, $encoder:ident| $encode:expr, |$decoder:ident| $decode:expr) => {
        impl Encode for $ty {
            fn encode(&self, $encoder: &mut Encoder<'_>) {
                let $value = self;
                $encode
            }
        }

        impl Decode for $ty {
            fn decode($decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                $decode
            }
        }

        impl Model for $ty {
            $(const HAS_IDENTITY: bool = stringify!($identity).len() > 0;)?

            fn describe(_: &mut Catalog) -> Type {
                Type::$wire
            }
        }
    };
}

basic!(bool, Bool, |value, encoder| encoder.bool(*value), |decoder| decoder.bool());
basic!(i64, Int, |value, encoder| encoder.int(*value), |decoder| decoder.int());
basic!(f64, Double, |value, encoder| encoder.double(*value), |decoder| decoder.double());
basic!(OrderedFloat<f64>, Double, |value, encoder| encoder.double(value.0), |decoder| decoder
    .double()
    .map(OrderedFloat));
basic!(UtcDateTime, DateTime, |value, encoder| encoder.date_time(*value), |decoder| {
    let text = decoder.text("DateTime")?;
    date_time::parse(&text)
        .ok_or_else(|| DecodeError::mismatched_text("DateTime such as 2024-01-15T10:30:00.000Z", &text))
});
basic!(
    SignedDuration,
    Duration,
    |value, encoder| match i64::try_from(value.whole_milliseconds()) {
        Ok(millis) => encoder.int(millis),
        Err(_) => encoder.fail(EncodeError::OutOfRange),
    },
    |decoder| decoder.int().map(SignedDuration::milliseconds)
);
basic!(
    Duration,
    Duration,
    |value, encoder| match i64::try_from(value.as_millis()) {
        Ok(millis) => encoder.int(millis),
        Err(_) => encoder.fail(EncodeError::OutOfRange),
    },
    |decoder| {
        let millis = decoder.int()?;
        let not_negative = u64::try_from(millis)
            .map_err(|_| DecodeError::mismatched_text("a Duration of 0 or more", &millis.to_string()))?;
        Ok(Self::from_millis(not_negative))
    }
);
basic!(Bytes, ByteData, identity, |value, encoder| encoder.bytes(value), |decoder| {
    use base64::Engine;
    let text = decoder.text("ByteData")?;
    text.strip_prefix(BYTES_PREFIX)
        .and_then(|text| text.strip_suffix(BYTES_SUFFIX))
        .and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok())
        .map(Self::from)
        .ok_or_else(|| DecodeError::mismatched_text("ByteData as decode('<base64>', 'base64')", &text))
});
basic!(
    Uuid,
    Uuid,
    |value, encoder| {
        encoder.plain_string(value.hyphenated().encode_lower(&mut Self::encode_buffer()));
    },
    |decoder| {
        let text = decoder.text("UuidValue")?;
        text.parse().map_err(|_| DecodeError::mismatched_text("UuidValue", &text))
    }
);
basic!(Uri, Uri, |value, encoder| encoder.string(value.as_str()), |decoder| {
    let text = decoder.text("Uri")?;
    Self::parse(text.into_owned()).map_err(|(_, text)| DecodeError::mismatched_text("Uri", &text))
});
basic!(BigInt, BigInt, |value, encoder| encoder.plain_string(&value.to_string()), |decoder| {
    let text = decoder.text("BigInt")?;
    if text.len() > BIG_INT_MAX_DIGITS {
        return Err(DecodeError::mismatch("BigInt of at most 4096 digits", format!("{} bytes", text.len())));
    }
    // The library would take underscores between the digits.
    let number = if text.contains('_') { None } else { text.parse().ok() };
    number.ok_or_else(|| DecodeError::mismatched_text("BigInt in decimal", &text))
});

impl Encode for str {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.string(self);
    }
}

impl Encode for String {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.string(self);
    }
}

impl Decode for String {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.string().map(Into::into)
    }
}

impl Model for String {
    const IS_STRING: bool = true;

    fn describe(_: &mut Catalog) -> Type {
        Type::String
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        match self {
            Some(value) => value.encode(encoder),
            None => encoder.null(),
        }
    }

    fn is_null(&self) -> bool {
        self.as_ref().is_none_or(Encode::is_null)
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? { Ok(None) } else { T::decode(decoder).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Model> Model for Option<T> {
    const HAS_IDENTITY: bool = T::HAS_IDENTITY;

    fn describe(catalog: &mut Catalog) -> Type {
        T::describe(catalog).nullable()
    }

    fn class_name(&self) -> ClassName<'_> {
        self.as_ref().map_or(ClassName::Null, Model::class_name)
    }

    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        match self {
            Some(value) => value.encode_data(encoder),
            None => encoder.null(),
        }
    }

    fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        self.as_ref()?.transport_form()
    }

    fn from_wrapped(
        wrapped: &Wrapped<'_>,
        element: &ElementType,
        catalog: &Catalog,
    ) -> Result<Self, WrappedError> {
        // Whether null is a value of its class is for the class name to say.
        if wrapped.data == "null" && Value::unwrap(wrapped, catalog)? == Value::Null {
            return Ok(None);
        }
        T::from_wrapped(wrapped, element, catalog).map(Some)
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        (**self).encode(encoder);
    }

    fn is_null(&self) -> bool {
        (**self).is_null()
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        (**self).encode(encoder);
    }

    fn is_null(&self) -> bool {
        (**self).is_null()
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::decode(decoder).map(Self::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }
}

impl<T: Model> Model for Box<T> {
    const IS_STRING: bool = T::IS_STRING;
    const HAS_IDENTITY: bool = T::HAS_IDENTITY;

    fn describe(catalog: &mut Catalog) -> Type {
        T::describe(catalog)
    }

    fn class_name(&self) -> ClassName<'_> {
        (**self).class_name()
    }

    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        (**self).encode_data(encoder);
    }

    fn from_wrapped(
        wrapped: &Wrapped<'_>,
        element: &ElementType,
        catalog: &Catalog,
    ) -> Result<Self, WrappedError> {
        T::from_wrapped(wrapped, element, catalog).map(Self::new)
    }
}
