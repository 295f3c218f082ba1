//! Values that many pass on and that are encoded once.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use streampod_schema::Type;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::encoder::{Audience, Encode, EncodeError, Encoder};
use crate::model::{ClassName, ElementType, Model, Wrapped, WrappedError};

/// A value that is cheap to clone and encoded at most once, however many streams pass it on.
///
/// Channels hand these out. It derefs to `T` and travels as a `T`.
pub struct Shared<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    /// For clients, who are many.
    encoded: OnceLock<Result<Encoded, EncodeError>>,
}

struct Encoded {
    bytes: Bytes,
    /// How deep it nests.
    levels: u32,
    /// What a transport made of it, with the end of an element's frame behind it.
    form: OnceLock<Bytes>,
}

impl Encoded {
    fn new(bytes: Bytes, levels: u32) -> Self {
        Self { bytes, levels, form: OnceLock::new() }
    }
}

impl<T: Model> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Inner { value, encoded: OnceLock::new() }))
    }

    /// Shares a value whose encoding for clients is at hand, and nests as many levels deep.
    pub(crate) fn encoded(value: T, bytes: Bytes, levels: u32) -> Self {
        Self(Arc::new(Inner { value, encoded: Ok(Encoded::new(bytes, levels)).into() }))
    }

    /// The value itself, cloned if others hold it too.
    pub fn into_inner(self) -> T
    where
        T: Clone,
    {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.value,
            Err(shared) => shared.value.clone(),
        }
    }
}

impl<T: Model> Inner<T> {
    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        if encoder.reader() != Audience::Clients {
            return self.value.encode_data(encoder);
        }
        let encoded = self.encoded.get_or_init(|| {
            let mut out = bytes::BytesMut::new();
            let mut encoder = Encoder::new(&mut out);
            self.value.encode_data(&mut encoder);
            let levels = encoder.levels();
            encoder.finish().map(|()| Encoded::new(out.freeze(), levels))
        });
        match encoded {
            Ok(Encoded { bytes, levels, .. }) => encoder.raw(bytes, *levels),
            Err(error) => encoder.fail(*error),
        }
    }

    /// Where a transport keeps what it makes of the encoding, once there is one.
    fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        self.encoded.get()?.as_ref().ok().map(|encoded| &encoded.form)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.value == other.0.value
    }
}

impl<T: Model> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Model> Encode for Shared<T> {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        if matches!(self.0.value.class_name(), ClassName::Own(_)) {
            // A dynamic value inside another travels wrapped, which is not what is kept.
            return self.0.value.encode(encoder);
        }
        self.0.encode_data(encoder);
    }

    fn is_null(&self) -> bool {
        self.0.value.is_null()
    }
}

impl<T: Model> Decode for Shared<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::decode(decoder).map(Self::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }
}

impl<T: Model> Model for Shared<T> {
    const IS_STRING: bool = T::IS_STRING;
    const HAS_IDENTITY: bool = T::HAS_IDENTITY;

    fn describe(catalog: &mut Catalog) -> Type {
        T::describe(catalog)
    }

    fn class_name(&self) -> ClassName<'_> {
        self.0.value.class_name()
    }

    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        self.0.encode_data(encoder);
    }

    fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        form_for_many(&self.0, self.0.transport_form()?)
    }

    fn into_object(self) -> Object {
        self.into()
    }

    fn from_wrapped(
        wrapped: &Wrapped<'_>,
        element: &ElementType,
        catalog: &Catalog,
    ) -> Result<Self, WrappedError> {
        T::from_wrapped(wrapped, element, catalog).map(Self::new)
    }
}

/// A [`Shared`] value whose type is told at run time only.
#[derive(Clone)]
pub struct Object(Arc<dyn AnyModel>);

trait AnyModel: Send + Sync {
    fn class_name(&self) -> Cow<'_, str>;
    fn encode_data(&self, encoder: &mut Encoder<'_>);
    fn transport_form(&self) -> Option<&OnceLock<Bytes>>;
    fn value(&self) -> &(dyn Any + Send + Sync);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<T: Model> AnyModel for Inner<T> {
    fn class_name(&self) -> Cow<'_, str> {
        match self.value.class_name() {
            ClassName::Declared => Cow::Owned(T::describe(&mut Catalog::new()).class_name()),
            ClassName::Null => Cow::Borrowed("null"),
            ClassName::Own(name) => name,
        }
    }

    fn encode_data(&self, encoder: &mut Encoder<'_>) {
        self.encode_data(encoder);
    }

    fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        self.transport_form()
    }

    fn value(&self) -> &(dyn Any + Send + Sync) {
        &self.value
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl Object {
    /// The name of the value's type.
    pub fn class_name(&self) -> Cow<'_, str> {
        self.0.class_name()
    }

    /// The value, if it is a `T`.
    pub fn downcast_ref<T: Model>(&self) -> Option<&T> {
        self.0.value().downcast_ref()
    }

    /// The shared value, if it is a `T`.
    ///
    /// # Errors
    ///
    /// Gives the object back if it is not.
    pub fn downcast<T: Model>(self) -> Result<Shared<T>, Self> {
        if !self.0.value().is::<T>() {
            return Err(self);
        }
        let object = self.clone();
        Arc::clone(&self.0).into_any().downcast::<Inner<T>>().map(Shared).map_err(|_| object)
    }

    /// Writes what stands beside the class name when this value travels wrapped.
    pub fn encode_data(&self, encoder: &mut Encoder<'_>) {
        self.0.encode_data(encoder);
    }

    /// Where a transport keeps what it makes of that, once it was written.
    pub(crate) fn transport_form(&self) -> Option<&OnceLock<Bytes>> {
        form_for_many(&self.0, self.0.transport_form()?)
    }

    /// The value with its class name, as servers send it to each other. See section 5 of the wire contract.
    ///
    /// # Errors
    ///
    /// Fails if the value holds something that cannot be encoded.
    pub fn to_servers(&self) -> Result<Bytes, EncodeError> {
        let mut out = bytes::BytesMut::new();
        crate::frame_buffer::write_wrapped_for(Audience::Servers, &mut out, self)?;
        Ok(out.freeze())
    }
}

/// The place for a transport's form of a value, if others have the value too, or had it and left the form.
fn form_for_many<'a, T: ?Sized>(owner: &Arc<T>, form: &'a OnceLock<Bytes>) -> Option<&'a OnceLock<Bytes>> {
    (form.get().is_some() || Arc::strong_count(owner) > 1).then_some(form)
}

impl<T: Model> From<Shared<T>> for Object {
    fn from(shared: Shared<T>) -> Self {
        Self(shared.0)
    }
}

impl PartialEq for Object {
    /// Two objects are equal if they travel alike.
    fn eq(&self, other: &Self) -> bool {
        let encoded = |object: &Self| {
            let mut out = bytes::BytesMut::new();
            let mut encoder = Encoder::new(&mut out);
            object.encode_data(&mut encoder);
            encoder.finish().map(|()| out)
        };
        Arc::ptr_eq(&self.0, &other.0)
            || (self.class_name() == other.class_name() && encoded(self) == encoded(other))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = bytes::BytesMut::new();
        self.encode_data(&mut Encoder::new(&mut out));
        write!(f, "{} {}", self.class_name(), String::from_utf8_lossy(&out))
    }
}
