//! The models that are known by name.

use std::any::TypeId;

use bytes::Bytes;
use indexmap::IndexMap;
use streampod_schema::{FieldDefault, Model as ModelSchema, Schema, Type};

use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::encoder::{Encode, Encoder};
use crate::model::{Class, Model};
use crate::shared::{Object, Shared};

/// The models that are known by name: what a server or client can read when a value travels with its class name.
///
/// It is filled by [`Model::describe`](crate::Model::describe) before anything is read.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    models: IndexMap<&'static str, Entry>,
    conflicts: Vec<&'static str>,
    /// The classes of which a sealed one says that they extend it.
    members: Vec<Member>,
    problems: Vec<String>,
}

#[derive(Debug, Clone)]
struct Member {
    name: &'static str,
    sealed: &'static str,
}

#[derive(Debug, Clone)]
struct Entry {
    type_id: TypeId,
    /// `None` while the model is being described, which is how a model can hold itself.
    schema: Option<ModelSchema>,
    decode: fn(&mut Decoder<'_>) -> Result<Object, DecodeError>,
}

impl Catalog {
    /// An empty catalog, which knows the types of the wire protocol alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the model `T`, which `schema` describes, if it is not there yet; its type.
    pub fn class<T: Class>(&mut self, schema: impl FnOnce(&mut Self) -> ModelSchema) -> Type {
        match self.models.get(T::NAME) {
            Some(entry) if entry.type_id != TypeId::of::<T>() => {
                if !self.conflicts.contains(&T::NAME) {
                    self.conflicts.push(T::NAME);
                }
            }
            Some(_) => {}
            None => {
                let decode = |decoder: &mut Decoder<'_>| {
                    let value = <T as Decode>::decode(decoder)?;
                    Ok(Object::from(Shared::new(value)))
                };
                self.models.insert(T::NAME, Entry { type_id: TypeId::of::<T>(), schema: None, decode });
                let schema = schema(self);
                self.models[T::NAME].schema = Some(schema);
            }
        }
        Type::Named(T::NAME.to_owned())
    }

    /// Adds the model `T` and all that it holds.
    pub fn add<T: Model>(&mut self) {
        T::describe(self);
    }

    /// Adds `T`, a class that extends the sealed class `sealed`.
    pub fn member<T: Class>(&mut self, sealed: &'static str) {
        self.members.push(Member { name: T::NAME, sealed });
        T::describe(self);
    }

    /// The default `value` of a field.
    pub fn default_of(&mut self, field: &str, value: &impl Encode) -> FieldDefault {
        let json = Encoder::encode(value).unwrap_or_else(|error| {
            self.problems.push(format!("the default of the field `{field}` cannot be sent: {error}"));
            Bytes::from_static(b"null")
        });
        FieldDefault::Json(String::from_utf8_lossy(&json).into_owned())
    }

    /// Whether a model of this name is known.
    pub fn contains(&self, name: &str) -> bool {
        self.models.contains_key(name)
    }

    /// Whether there is an enum of this name.
    pub(crate) fn is_enum(&self, name: &str) -> bool {
        let schema = self.models.get(name).and_then(|entry| entry.schema.as_ref());
        matches!(schema, Some(ModelSchema::Enum(_)))
    }

    /// The models, in the order in which they were added.
    pub fn models(&self) -> impl Iterator<Item = &ModelSchema> {
        self.models.values().filter_map(|entry| entry.schema.as_ref())
    }

    /// Names that two different types claim.
    pub fn conflicts(&self) -> &[&'static str] {
        &self.conflicts
    }

    /// In which ways the models contradict each other, apart from [`conflicts`](Self::conflicts).
    pub fn problems(&self) -> Vec<String> {
        let schema = Schema { models: self.models().cloned().collect(), endpoints: Vec::new() };
        let strangers = self.members.iter().filter(|Member { name, sealed }| {
            let mut members = schema.members(sealed).into_iter();
            members.all(|member| member.name != *name)
        });
        let strangers = strangers.map(|Member { name, sealed }| {
            format!("`{name}` is a variant of `{sealed}` and does not say so: give it #[model(extends = {sealed})]")
        });
        self.problems.iter().cloned().chain(strangers).collect()
    }

    /// Reads a value of the model `name`.
    pub(crate) fn decode(&self, name: &str, decoder: &mut Decoder<'_>) -> Result<Object, DecodeError> {
        let entry = self.models.get(name).ok_or_else(|| DecodeError::unknown_class(name))?;
        (entry.decode)(decoder)
    }
}
