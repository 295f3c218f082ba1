//! Values of any type.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;
use num_bigint::BigInt;
use streampod_schema::Type;
use time::{Duration as SignedDuration, UtcDateTime};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::encoder::{Encode, Encoder};
use crate::model::{Class, ClassName, ElementType, Model, Wrapped, WrappedError};
use crate::shared::{Object, Shared};
use crate::values::Uri;

/// A value of any type, which keeps the type of what it holds: the element of a dynamic stream.
///
/// It is made by `From` from the basic types, lists and models, and by [`Value::of`] from anything that travels. One made
/// from a [`Shared`] value is not encoded anew.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// null
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `double`
    Double(f64),
    /// `String`
    String(String),
    /// `DateTime`
    DateTime(UtcDateTime),
    /// `Duration`
    Duration(SignedDuration),
    /// `ByteData`
    Bytes(Bytes),
    /// `UuidValue`
    Uuid(Uuid),
    /// `Uri`
    Uri(Uri),
    /// `BigInt`
    BigInt(Box<BigInt>),
    /// A list, set, map or record.
    Collection(Box<Collection>),
    /// A class, an exception or an enum.
    Object(Object),
}

/// A list, set, map or record whose type is told at run time.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    ty: Type,
    /// Of a map: key, value, key, value, …; of a record: the positional fields, then the named ones.
    values: Vec<Value>,
}

impl Collection {
    /// The type: `List<int>`.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The elements; of a map, keys and values by turns; of a record, the positional fields, then the named ones.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

impl Value {
    /// The value as one of any type: also of one that has no `From`, such as a set, a map or a record.
    pub fn of<T: Model>(value: T) -> Self {
        Self::Object(value.into_object())
    }

    /// The model that this holds, if it is a `T`.
    pub fn downcast_ref<T: Class>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.downcast_ref(),
            _ => None,
        }
    }

    /// Reads a value that travelled with its class name.
    ///
    /// # Errors
    ///
    /// Fails if the class name is unknown, or the data does not fit it.
    pub fn unwrap(wrapped: &Wrapped<'_>, catalog: &Catalog) -> Result<Self, DecodeError> {
        let mut decoder = wrapped.decoder(catalog);
        let value = if wrapped.class_name == "null" {
            if !decoder.null()? {
                return Err(decoder.mismatch("null"));
            }
            Self::Null
        } else {
            let ty =
                wrapped.class_name.parse().map_err(|_| DecodeError::unknown_class(&wrapped.class_name))?;
            // Also in a list without elements.
            if let Some(unknown) = unknown_class(&ty, catalog) {
                return Err(DecodeError::unknown_class(unknown));
            }
            let mut value = Self::decode_as(&ty, &mut decoder)?;
            if let Self::Collection(collection) = &mut value
                && matches!(collection.ty, Type::Record { .. })
            {
                // The class name of a record keeps its `?`.
                collection.ty = ty;
            }
            value
        };
        decoder.end()?;
        Ok(value)
    }

    fn decode_as(ty: &Type, decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(match ty {
            Type::Nullable(_) | Type::Void if decoder.null()? => Self::Null,
            Type::Nullable(inner) => Self::decode_as(inner, decoder)?,
            Type::Void => return Err(decoder.mismatch("null")),
            Type::Dynamic => Self::decode(decoder)?,
            Type::Bool => Self::Bool(decoder.bool()?),
            Type::Int => Self::Int(decoder.int()?),
            Type::Double => Self::Double(decoder.double()?),
            Type::String => Self::String(decoder.string()?.into_owned()),
            Type::DateTime => Self::DateTime(Decode::decode(decoder)?),
            Type::Duration => Self::Duration(Decode::decode(decoder)?),
            Type::ByteData => Self::Bytes(Decode::decode(decoder)?),
            Type::Uuid => Self::Uuid(Decode::decode(decoder)?),
            Type::Uri => Self::Uri(Decode::decode(decoder)?),
            Type::BigInt => Self::BigInt(Box::new(Decode::decode(decoder)?)),
            Type::Named(name) => Self::Object(decoder.catalog().decode(name, decoder)?),
            Type::List(_) | Type::Set(_) | Type::Map(..) | Type::Record { .. } => {
                let values = Self::decode_collection(ty, decoder)?;
                Self::Collection(Box::new(Collection { ty: ty.clone(), values }))
            }
        })
    }

    fn decode_collection(ty: &Type, decoder: &mut Decoder<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut values = Vec::new();
        match ty {
            Type::List(item) => decoder.list(|decoder| {
                values.push(Self::decode_as(item, decoder)?);
                Ok(())
            })?,
            Type::Set(item) => {
                let mut seen = std::collections::HashSet::new();
                let by_identity = has_identity(item, decoder.catalog());
                decoder.list(|decoder| {
                    let audience = decoder.wrote();
                    let mut again = Decoder::new(decoder.raw()?, decoder.catalog()).audience(audience);
                    let value = Self::decode_as(item, &mut again)?;
                    // Two values are the same if they are written alike.
                    if !by_identity && !seen.insert(value.encoded(item)) {
                        return Err(DecodeError::mismatch("a set", "the same element twice"));
                    }
                    values.push(value);
                    Ok(())
                })?;
            }
            Type::Map(key, value) if **key == Type::String => decoder.fields(|name, decoder| {
                values.push(Self::String(name.to_owned()));
                values.push(Self::decode_as(value, decoder)?);
                Ok(())
            })?,
            Type::Map(key, value) => decoder.list(|decoder| {
                let (mut k, mut v) = (None, None);
                decoder.fields(|name, decoder| {
                    match name {
                        "k" => k = Some(Self::decode_as(key, decoder)?),
                        "v" => v = Some(Self::decode_as(value, decoder)?),
                        _ => decoder.skip()?,
                    }
                    Ok(())
                })?;
                values.push(Self::required("k", k, key)?);
                values.push(Self::required("v", v, value)?);
                Ok(())
            })?,
            Type::Record { positional, named } => {
                let mut fields = vec![None; positional.len() + named.len()];
                decoder.fields(|part, decoder| match part {
                    "p" => {
                        let mut index = 0;
                        decoder.list(|decoder| {
                            let ty = positional.get(index).ok_or_else(|| {
                                DecodeError::mismatch(
                                    format!("{} positional fields", positional.len()),
                                    "more",
                                )
                            })?;
                            fields[index] = Some(Self::decode_as(ty, decoder)?);
                            index += 1;
                            Ok(())
                        })
                    }
                    "n" => decoder.fields(|name, decoder| {
                        let Some(index) = named.iter().position(|(field, _)| field == name) else {
                            return decoder.skip();
                        };
                        fields[positional.len() + index] = Some(Self::decode_as(&named[index].1, decoder)?);
                        Ok(())
                    }),
                    _ => decoder.skip(),
                })?;
                let names = positional.iter().map(|ty| ("positional field", ty));
                let names = names.chain(named.iter().map(|(name, ty)| (name.as_str(), ty)));
                for (value, (name, ty)) in fields.into_iter().zip(names) {
                    values.push(Self::required(name, value, ty)?);
                }
            }
            _ => {}
        }
        Ok(values)
    }

    /// The value of a field declared as `ty`, if it was there or may be left out.
    fn required(name: &str, value: Option<Self>, ty: &Type) -> Result<Self, DecodeError> {
        match value {
            None if ty.takes_null() => Ok(Self::Null),
            value => value.ok_or_else(|| DecodeError::missing(name)),
        }
    }

    /// The encoding as an element of a collection whose elements are declared as `ty`.
    fn encoded(&self, ty: &Type) -> bytes::BytesMut {
        let mut out = bytes::BytesMut::new();
        self.encode_in(ty, &mut Encoder::new(&mut out));
        out
    }

    /// Writes this where a value declared as `ty` is expected: wrapped if that is dynamic.
    fn encode_in(&self, ty: &Type, encoder: &mut Encoder<'_>) {
        if *ty == Type::Dynamic { self.encode(encoder) } else { self.encode_data(encoder) }
    }
}

/// Whether Dart tells values of this type apart that are written alike: a set of them may hold two.
fn has_identity(ty: &Type, catalog: &Catalog) -> bool {
    match ty {
        Type::List(_) | Type::Set(_) | Type::Map(..) | Type::ByteData | Type::Dynamic => true,
        Type::Named(name) => !catalog.is_enum(name),
        Type::Nullable(inner) => has_identity(inner, catalog),
        Type::Record { positional, named } => {
            let fields = positional.iter().chain(named.iter().map(|(_, ty)| ty));
            fields.into_iter().any(|ty| has_identity(ty, catalog))
        }
        _ => false,
    }
}

/// The first name in a type that no model has.
fn unknown_class<'t>(ty: &'t Type, catalog: &Catalog) -> Option<&'t str> {
    match ty {
        Type::Named(name) if !catalog.contains(name) => Some(name),
        Type::List(inner) | Type::Set(inner) | Type::Nullable(inner) => unknown_class(inner, catalog),
        Type::Map(key, value) => unknown_class(key, catalog).or_else(|| unknown_class(value, catalog)),
        Type::Record { positional, named } => {
            let fields = positional.iter().chain(named.iter().map(|(_, ty)| ty));
            fields.into_iter().find_map(|ty| unknown_class(ty, catalog))
        }
        _ => None,
    }
}

impl Collection {
    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        let ty = if let Type::Nullable(inner) = &self.ty { inner } else { &self.ty };
        match ty {
            Type::Map(key, value) => {
                let entries = self.values.chunks_exact(2);
                if **key == Type::String {
                    encoder.fields(|fields| {
                        for entry in entries {
                            if let Value::String(name) = &entry[0] {
                                fields.escaped(name, |encoder| entry[1].encode_in(value, encoder));
                            }
                        }
                    });
                } else {
                    encoder.list(entries, |encoder, entry| {
                        encoder.fields(|fields| {
                            fields.with("k", |encoder| entry[0].encode_in(key, encoder));
                            fields.with("v", |encoder| entry[1].encode_in(value, encoder));
                        });
                    });
                }
            }
            Type::Record { positional, named } => encoder.fields(|fields| {
                let (first, second) = self.values.split_at(positional.len());
                if !first.is_empty() {
                    fields.with("p", |encoder| {
                        encoder
                            .list(first.iter().zip(positional), |encoder, (v, ty)| v.encode_in(ty, encoder));
                    });
                }
                if !second.is_empty() {
                    fields.with("n", |encoder| {
                        encoder.fields(|fields| {
                            for (value, (name, ty)) in second.iter().zip(named) {
                                fields.with(name, |encoder| value.encode_in(ty, encoder));
                            }
                        });
                    });
                }
            }),
            Type::List(item) | Type::Set(item) => {
                encoder.list(&self.values, |encoder, value| value.encode_in(item, encoder));
            }
            _ => encoder.null(),
        }
    }
}

impl Encode for Value {
    /// Writes the value wrapped, with its class name.
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.fields(|fields| {
            fields.with("className", |encoder| match self.class_name() {
                ClassName::Own(name) => encoder.plain_string(&name),
                _ => encoder.plain_string("null"),
            });
            fields.with("data", |encoder| self.encode_data(encoder));
        });
    }

    fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

impl Decode for Value {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? {
            return Ok(Self::Null);
        }
        let (mut class_name, mut data) = (None, None);
        decoder.fields(|name, decoder| {
            match name {
                "className" => class_name = Some(decoder.string()?),
                "data" => data = Some(decoder.raw()?),
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        let class_name = class_name.ok_or_else(|| DecodeError::missing("className"))?;
        // As in a frame, null travels without data too.
        let wrapped = Wrapped::new(class_name, data.unwrap_or("null")).by(decoder.wrote());
        Self::unwrap(&wrapped, decoder.catalog())
    }

    fn absent() -> Option<Self> {
        Some(Self::Null)
    }
}

impl Model for Value {
    fn describe(_: &mut Catalog) -> Type {
        Type::Dynamic
    }

    fn class_name(&self) -> ClassName<'_> {
        ClassName::Own(Cow::Borrowed(match self {
            Self::Null => return ClassName::Null,
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Double(_) => "double",
            Self::String(_) => "String",
            Self::DateTime(_) => "DateTime",
            Self::Duration(_) => "Duration",
            Self::Bytes(_) => "ByteData",
            Self::Uuid(_) => "UuidValue",
            Self::Uri(_) => "Uri",
            Self::BigInt(_) => "BigInt",
            Self::Collection(collection) => return ClassName::Own(Cow::Owned(collection.ty.class_name())),
            Self::Object(object) => return ClassName::Own(object.class_name()),
        }))
    }

    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        match self {
            Self::Null => encoder.null(),
            Self::Bool(value) => encoder.bool(*value),
            Self::Int(value) => encoder.int(*value),
            Self::Double(value) => encoder.double(*value),
            Self::String(value) => encoder.string(value),
            Self::DateTime(value) => value.encode(encoder),
            Self::Duration(value) => value.encode(encoder),
            Self::Bytes(value) => encoder.bytes(value),
            Self::Uuid(value) => value.encode(encoder),
            Self::Uri(value) => value.encode(encoder),
            Self::BigInt(value) => value.encode(encoder),
            Self::Collection(collection) => collection.encode_data(encoder),
            Self::Object(object) => object.encode_data(encoder),
        }
    }

    fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        match self {
            Self::Object(object) => object.transport_form(),
            _ => None,
        }
    }

    fn into_object(self) -> Object {
        match self {
            Self::Object(object) => object,
            other => Shared::new(other).into(),
        }
    }

    /// Every object is a dynamic value, and is not encoded anew for that.
    fn from_object(object: Object) -> Result<Shared<Self>, Object> {
        object.downcast().or_else(|object| Ok(Shared::new(Self::Object(object))))
    }

    fn from_wrapped(wrapped: &Wrapped<'_>, _: &ElementType, catalog: &Catalog) -> Result<Self, WrappedError> {
        Ok(Self::unwrap(wrapped, catalog)?)
    }
}

impl<T: Class> From<T> for Value {
    fn from(model: T) -> Self {
        Shared::new(model).into()
    }
}

impl<T: Class> From<Shared<T>> for Value {
    fn from(shared: Shared<T>) -> Self {
        Self::Object(shared.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<BigInt> for Value {
    fn from(value: BigInt) -> Self {
        Self::BigInt(Box::new(value))
    }
}

impl<T: Model + Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Model + Into<Self>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        let ty = <Vec<T> as Model>::describe(&mut Catalog::new());
        Self::Collection(Box::new(Collection { ty, values: values.into_iter().map(Into::into).collect() }))
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident),*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}
from!(bool => Bool, i64 => Int, f64 => Double, String => String, UtcDateTime => DateTime, SignedDuration => Duration,
      Bytes => Bytes, Uuid => Uuid, Uri => Uri);
