//! What methods return.

use std::convert::Infallible;

use streampod_schema::Type;

use crate::catalog::Catalog;
use crate::encoder::Encoder;
use crate::model::Model;

/// What a method may return: a [`Model`], or nothing.
#[diagnostic::on_unimplemented(
    message = "an endpoint method cannot return `{Self}`",
    label = "neither a model nor `()`",
    note = "allowed are: (), bool, i64, f64, String, UtcDateTime, SignedDuration, Duration, Bytes, Uuid, Uri, BigInt, Value, \
            Option, Vec, sets, maps and tuples of these, Shared<T>, types with #[derive(Model)], and a Result of these",
    note = "a method that returns a stream is a plain `fn`, or returns `Result<impl Stream<Item = …>>`"
)]
pub trait Returned: Send + 'static {
    /// The type on the wire; tells `catalog` of the models that occur in it.
    fn describe(catalog: &mut Catalog) -> Type;

    /// Writes the value; nothing is written as null.
    fn encode(&self, encoder: &mut Encoder<'_>);

    /// The value, if it is not nothing.
    fn as_model(&self) -> Option<&impl Model>;
}

impl<T: Model> Returned for T {
    fn describe(catalog: &mut Catalog) -> Type {
        T::describe(catalog)
    }

    fn encode(&self, encoder: &mut Encoder<'_>) {
        crate::Encode::encode(self, encoder);
    }

    fn as_model(&self) -> Option<&impl Model> {
        Some(self)
    }
}

impl Returned for () {
    fn describe(_: &mut Catalog) -> Type {
        Type::Void
    }

    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.null();
    }

    fn as_model(&self) -> Option<&impl Model> {
        None::<&bool>
    }
}

/// A value, or a `Result` of one: what a method returns and what a returned stream yields.
pub trait IntoResult {
    /// The value.
    type Value;
    /// What it fails with.
    type Error;

    /// The value or the error.
    ///
    /// # Errors
    ///
    /// Fails if this is an error.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T: Returned> IntoResult for T {
    type Value = T;
    type Error = Infallible;

    fn into_result(self) -> Result<T, Infallible> {
        Ok(self)
    }
}

impl<T, E> IntoResult for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}
