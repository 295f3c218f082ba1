//! Types that travel.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;
use streampod_schema::Type;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::encoder::{Audience, Encode};
use crate::shared::{Object, Shared};
use crate::value::Value;

/// A type whose values travel: as arguments, stream elements, return values and fields of other models.
///
/// The types of the wire protocol have it, and `#[derive(Model)]` and `#[derive(Exception)]` give it to yours.
#[diagnostic::on_unimplemented(
    message = "values of type `{Self}` cannot travel between client and server",
    label = "not a model",
    note = "allowed are: bool, i64, f64, String, UtcDateTime, SignedDuration, Duration, Bytes, Uuid, Uri, BigInt, Value, \
            Option, Vec, sets, maps and tuples of these, Shared<T>, and types with #[derive(Model)] or #[derive(Exception)]",
    note = "integers are i64 and floats f64, because that is what the clients have"
)]
pub trait Model: Encode + Decode + Send + Sync + 'static {
    /// Whether this is `String`: a map with such keys is sent as an object.
    const IS_STRING: bool = false;

    /// Whether Dart tells two values apart that are equal, as it does with lists, bytes and models: a set that it sends may
    /// hold both. A set of Rust keeps one of them.
    const HAS_IDENTITY: bool = false;

    /// The type on the wire; tells `catalog` of the models that occur in it.
    fn describe(catalog: &mut Catalog) -> Type;

    /// The class name under which this very value travels.
    fn class_name(&self) -> ClassName<'_> {
        ClassName::Declared
    }

    /// Writes what stands beside the class name when this value travels wrapped.
    fn encode_data(&self, encoder: &mut crate::Encoder<'_>) {
        self.encode(encoder);
    }

    /// Where a transport keeps what it makes of [`encode_data`](Self::encode_data), for values that are passed on to many.
    #[doc(hidden)]
    fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        None
    }

    /// The value with its type hidden, to be shared and encoded once.
    fn into_object(self) -> Object {
        Shared::new(self).into()
    }

    /// The value whose type was hidden.
    ///
    /// # Errors
    ///
    /// Gives the object back if it is of another type.
    fn from_object(object: Object) -> Result<Shared<Self>, Object> {
        object.downcast()
    }

    /// Reads a value that travelled with its class name, as an element of a stream of `element`. Nobody may have looked at the data
    /// before: it is to be decoded, as JSON or anything else that a client chose may stand there.
    ///
    /// # Errors
    ///
    /// Tells a value that nobody can read from one of another type.
    fn from_wrapped(
        wrapped: &Wrapped<'_>,
        element: &ElementType,
        catalog: &Catalog,
    ) -> Result<Self, WrappedError> {
        from_wrapped(wrapped, element, catalog)
    }
}

/// Reads a value that travelled with its class name, if that is the name of `element`, or of what fits it: what
/// [`Model::from_wrapped`] does unless a model does more.
///
/// # Errors
///
/// Tells a value that nobody can read from one of another type.
pub fn from_wrapped<T: Model>(
    wrapped: &Wrapped<'_>,
    element: &ElementType,
    catalog: &Catalog,
) -> Result<T, WrappedError> {
    if wrapped.class_name == element.class_name
        && let Ok(value) = wrapped.read(catalog)
    {
        return Ok(value);
    }
    let value = Value::unwrap(wrapped, catalog)?;
    let accepted = match &value {
        Value::Null => element.ty.takes_null(),
        _ => wrapped.class_name.parse().is_ok_and(|found| element.ty.accepts(&found)),
    };
    // What fits its class name can still be no `T`: a negative duration, say, or a list of plain integers where
    // each is to have its own class name.
    let value = if accepted { wrapped.read(catalog).ok() } else { None };
    value.ok_or_else(|| WrappedError::WrongType {
        expected: element.ty.to_string(),
        found: wrapped.class_name.clone().into_owned(),
    })
}

/// A model with a name of its own: a class, an exception or an enum.
pub trait Class: Model {
    /// The name on the wire.
    const NAME: &'static str;
}

/// A model that a method may throw to its caller, and a caller into a stream that it feeds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an exception that can travel",
    note = "give it #[derive(Exception)]"
)]
pub trait Exception: Class + std::fmt::Debug {}

/// The class name under which a value travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassName<'a> {
    /// That of the declared type.
    Declared,
    /// `null`
    Null,
    /// That of the value itself, which its type does not tell.
    Own(Cow<'a, str>),
}

/// A value as it travels where the reader does not know its type: class name and encoded data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped<'a> {
    /// The name of the type.
    pub class_name: Cow<'a, str>,
    /// The encoded value.
    pub data: &'a str,
    /// Who wrote it.
    pub audience: Audience,
    /// In how many levels of a text the data stands, if they count for how deep it may nest.
    levels: u32,
}

impl<'a> Wrapped<'a> {
    /// What a client wrote, or is to read.
    pub fn new(class_name: impl Into<Cow<'a, str>>, data: &'a str) -> Self {
        Self::inside(class_name, data, 0)
    }

    /// What a client wrote, in so many levels of a text that nobody has passed over yet.
    pub(crate) fn inside(class_name: impl Into<Cow<'a, str>>, data: &'a str, levels: u32) -> Self {
        Self { class_name: class_name.into(), data, audience: Audience::Clients, levels }
    }

    /// What `audience` wrote.
    #[must_use]
    pub(crate) fn by(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    /// Reads the data as a `T`, whatever the class name says.
    ///
    /// # Errors
    ///
    /// Fails if it is none.
    pub fn read<T: Decode>(&self, catalog: &Catalog) -> Result<T, DecodeError> {
        let mut decoder = self.decoder(catalog);
        let value = T::decode(&mut decoder)?;
        decoder.end()?;
        Ok(value)
    }

    pub(crate) fn decoder(&self, catalog: &'a Catalog) -> Decoder<'a> {
        Decoder::inside(self.data, self.levels, catalog).audience(self.audience)
    }
}

/// The element type of a stream, with its class name at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementType {
    /// The type.
    pub ty: Type,
    /// Its class name.
    pub class_name: String,
}

impl ElementType {
    /// The element type of a stream of `T`; tells `catalog` of the models in it.
    pub fn of<T: Model>(catalog: &mut Catalog) -> Self {
        let ty = T::describe(catalog);
        Self { class_name: ty.class_name(), ty }
    }
}

/// Why a wrapped value cannot be an element of a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrappedError {
    /// The class name is unknown, or the data does not fit it.
    #[error("unreadable value")]
    Unreadable(#[from] DecodeError),
    /// It is a value, but of another type.
    #[error("expected an element of type {expected}, found {found}")]
    WrongType {
        /// The type of the stream's elements.
        expected: String,
        /// The class name of the value.
        found: String,
    },
}
