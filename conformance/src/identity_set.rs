//! Sets as Dart has them.

use streampod::schema::Type;
use streampod::wire::{Catalog, Decode, DecodeError, Decoder, Encode, Encoder, Model};

/// A set of elements that Dart tells apart although they are equal, such as lists, bytes and models: it keeps all of them,
/// in their order, which a set of Rust cannot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct IdentitySet<T>(Vec<T>);

impl<T: Encode> Encode for IdentitySet<T> {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        self.0.encode(encoder);
    }
}

impl<T: Decode> Decode for IdentitySet<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Vec::decode(decoder).map(Self)
    }
}

impl<T: Model> Model for IdentitySet<T> {
    const HAS_IDENTITY: bool = true;

    fn describe(catalog: &mut Catalog) -> Type {
        Type::Set(Box::new(T::describe(catalog)))
    }
}

impl<T> IntoIterator for IdentitySet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
