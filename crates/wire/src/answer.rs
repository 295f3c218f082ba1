//! What a call answers with, as its caller sees it.

use streampod_schema::Type;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::model::{ElementType, Model, Wrapped, WrappedError};

/// What a call answers with, as its caller sees it: a [`Model`], or nothing.
#[diagnostic::on_unimplemented(
    message = "a call cannot answer with `{Self}`",
    label = "neither a model nor `()`",
    note = "allowed are (), everything that can travel, and types with #[derive(Model)]"
)]
pub trait Answer: Sized + Send + 'static {
    /// The type of the elements by which it travels.
    fn element_type() -> ElementType;

    /// Reads an answer that travelled without its class name.
    ///
    /// # Errors
    ///
    /// Fails if the text is not JSON, or of another type.
    fn from_json(json: &str, catalog: &Catalog) -> Result<Self, DecodeError>;

    /// Reads an answer that travelled as an element of a stream.
    ///
    /// # Errors
    ///
    /// Tells a value that nobody can read from one of another type.
    fn from_wrapped(
        wrapped: &Wrapped<'_>,
        element: &ElementType,
        catalog: &Catalog,
    ) -> Result<Self, WrappedError>;

    /// What it means that a call ended well without an answer; `None` if it may not.
    fn nothing() -> Option<Self> {
        None
    }
}

impl<T: Model> Answer for T {
    fn element_type() -> ElementType {
        ElementType::of::<T>(&mut Catalog::new())
    }

    fn from_json(json: &str, catalog: &Catalog) -> Result<Self, DecodeError> {
        Decoder::decode(json, catalog)
    }

    fn from_wrapped(
        wrapped: &Wrapped<'_>,
        element: &ElementType,
        catalog: &Catalog,
    ) -> Result<Self, WrappedError> {
        Model::from_wrapped(wrapped, element, catalog)
    }
}

impl Answer for () {
    fn element_type() -> ElementType {
        ElementType { class_name: Type::Void.class_name(), ty: Type::Void }
    }

    fn from_json(json: &str, catalog: &Catalog) -> Result<Self, DecodeError> {
        Decoder::decode::<Skipped>(json, catalog).map(|Skipped| ())
    }

    fn from_wrapped(_: &Wrapped<'_>, _: &ElementType, _: &Catalog) -> Result<Self, WrappedError> {
        Ok(())
    }

    fn nothing() -> Option<Self> {
        Some(())
    }
}

/// Any value, of which nothing is kept.
struct Skipped;

impl Decode for Skipped {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.skip().map(|()| Self)
    }
}
