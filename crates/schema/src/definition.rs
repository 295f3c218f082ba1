//! Models, endpoints and methods as data.

use serde::{Deserialize, Serialize};

use crate::Type;

/// Everything a server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Classes, exceptions and enums, in the order in which they were first met.
    pub models: Vec<Model>,
    /// The endpoints, by name.
    pub endpoints: Vec<Endpoint>,
}

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
    Custom {
        /// The name on the wire.
        name: String,
        /// The documentation, as Markdown.
        docs: String,
        /// Why not to use it any more, if it is deprecated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deprecated: Option<String>,
    },
}

impl Model {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Class(class) | Self::Exception(class) => &class.name,
            Self::Enum(definition) => &definition.name,
            Self::Custom { name, .. } => name,
        }
    }
}

/// A class or an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The fields, in the order in which they are declared and sent.
    pub fields: Vec<Field>,
}

/// A field of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The key on the wire.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// How a value is sent.
    pub encoding: EnumEncoding,
    /// The values; the index on the wire is the position in this list.
    pub values: Vec<EnumValue>,
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

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether a caller must be signed in.
    pub require_login: bool,
    /// The scopes that a caller must have, all of them.
    pub scopes: Vec<String>,
    /// The methods, in the order in which they are declared.
    pub methods: Vec<Method>,
}

/// A method of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// What it takes, in the order in which it is declared.
    pub parameters: Vec<Parameter>,
    /// What comes back.
    pub returns: Returns,
}

impl Method {
    /// Whether the method is called over the WebSocket: it takes or returns a stream.
    pub fn is_streaming(&self) -> bool {
        self.streams().next().is_some() || matches!(self.returns, Returns::Stream(_))
    }

    /// The parameters that are sent whole.
    pub fn arguments(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| matches!(parameter.kind, ParameterKind::Argument { .. }))
    }

    /// The streams that the caller feeds.
    pub fn streams(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| matches!(parameter.kind, ParameterKind::Stream { .. }))
    }
}

/// What a method takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// The type, or that of the elements if it is a stream.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Whether clients pass it by name and not by position.
    pub named: bool,
    /// How it is sent.
    #[serde(flatten)]
    pub kind: ParameterKind,
}

/// How a parameter is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ParameterKind {
    /// Whole, when the method is called. One that is nullable or has a default may be left out.
    Argument {
        /// The JSON of the value that stands in when it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
    /// As a stream that the caller feeds.
    Stream {
        /// Whether it may be left out.
        optional: bool,
    },
}

/// What comes back from a method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "type", rename_all = "camelCase")]
pub enum Returns {
    /// One value, or none for [`Type::Void`].
    Value(Type),
    /// A stream of values.
    Stream(Type),
}
