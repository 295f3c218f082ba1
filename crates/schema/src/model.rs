//! Models as data.

use serde::{Deserialize, Serialize};

use crate::Type;

/// A named type that travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Model {
    /// A class with fields.
    Class(Class),
    /// An exception with fields, which a method may throw to its caller.
    Exception(Class),
    /// An enum.
    Enum(Enum),
    /// A class of the user's own whose JSON is up to it; clients bring their own code for it.
    Custom(Custom),
}

impl Model {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Class(class) | Self::Exception(class) => &class.name,
            Self::Enum(definition) => &definition.name,
            Self::Custom(custom) => &custom.name,
        }
    }

    /// The class or exception that this is.
    pub fn as_class(&self) -> Option<&Class> {
        match self {
            Self::Class(class) | Self::Exception(class) => Some(class),
            Self::Enum(_) | Self::Custom(_) => None,
        }
    }

    /// Whether clients must not see it.
    pub fn is_server_only(&self) -> bool {
        match self {
            Self::Class(class) | Self::Exception(class) => class.server_only,
            Self::Enum(definition) => definition.server_only,
            Self::Custom(_) => false,
        }
    }

    /// The path of the files that declare it in clients, without a suffix: `board/image_data`. `None` is the name in
    /// snake_case.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Class(class) | Self::Exception(class) => class.file.as_deref(),
            Self::Enum(definition) => definition.file.as_deref(),
            Self::Custom(_) => None,
        }
    }
}

/// A class or an exception.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Class {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// See [`Model::file`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The name of the class that this one extends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Whether only the classes that extend it have values, all of which are known. A value of a sealed class travels under
    /// the name of its own class, and where that is not said otherwise, with it as the key `__className__`.
    #[serde(skip_serializing_if = "is_false")]
    pub sealed: bool,
    /// Whether clients cannot change the fields of a value.
    #[serde(skip_serializing_if = "is_false")]
    pub immutable: bool,
    /// Whether it travels between servers alone. A schema that a server reports has no such models.
    #[serde(skip_serializing_if = "is_false")]
    pub server_only: bool,
    /// All fields in the order in which they are sent: those of the class that it extends, then its own.
    pub fields: Vec<Field>,
}

/// A field of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The name in clients.
    pub name: String,
    /// The key on the wire, if it is not the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether whoever makes a value must give this field, although it may be null.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// What the field is when whoever makes a value leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<FieldDefault>,
    /// Whether it travels between servers alone. A schema that a server reports has no such fields.
    #[serde(default, skip_serializing_if = "is_false")]
    pub server_only: bool,
}

impl Field {
    /// A field of this name and type, and nothing else.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self {
            name: name.into(),
            key: None,
            ty,
            docs: String::new(),
            deprecated: None,
            required: false,
            default: None,
            server_only: false,
        }
    }

    /// The key on the wire.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.name)
    }
}

/// What a field is when whoever makes a value leaves it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldDefault {
    /// The value that this JSON encodes, as it stands on the wire.
    Json(String),
    /// The time at which the value is made.
    Now,
    /// A new random UUID (version 4).
    RandomUuid,
    /// A new UUID that begins with the time (version 7).
    RandomUuidV7,
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enum {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// See [`Model::file`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whether it travels between servers alone. A schema that a server reports has no such models.
    #[serde(default, skip_serializing_if = "is_false")]
    pub server_only: bool,
    /// How a value is sent.
    pub encoding: EnumEncoding,
    /// The name of the value that a reader takes for one that it does not know; without one, that is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What every value has beside its name. It does not travel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<EnumProperty>,
    /// The values; the index on the wire is the position in this list.
    pub values: Vec<EnumValue>,
}

/// What every value of an enum has beside its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumProperty {
    /// The name.
    pub name: String,
    /// The type: `int`, `double`, `bool` or `String`, or the nullable form of one of them.
    #[serde(rename = "type")]
    pub ty: Type,
}

/// One value of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The JSON of each of [`Enum::properties`], in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
}

/// How the values of an enum are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnumEncoding {
    /// As the name, a string.
    ByName,
    /// As the index, an integer.
    ByIndex,
}

/// A class of the user's own whose JSON is up to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}
