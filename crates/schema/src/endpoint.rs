//! Endpoints and methods as data.

use serde::{Deserialize, Serialize};

use crate::Type;

/// An endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether a caller must be signed in, whichever method it calls.
    pub require_login: bool,
    /// The scopes that a caller must have, all of them, whichever method it calls.
    pub scopes: Vec<String>,
    /// Whether it exchanges messages with its clients over the deprecated streaming connection, beside its methods.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub streaming: bool,
    /// The methods, in the order in which they are declared.
    pub methods: Vec<Method>,
}

/// A method of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// The name on the wire.
    pub name: String,
    /// The documentation, as Markdown.
    pub docs: String,
    /// Why not to use it any more, if it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether a caller must be signed in, even if the endpoint does not ask for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_login: bool,
    /// The scopes that a caller must have, all of them, beside those of the endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
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

    /// The types of what it takes and of what comes back.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        let (Returns::Value(returned) | Returns::Stream(returned)) = &self.returns;
        self.parameters.iter().map(|parameter| &parameter.ty).chain([returned])
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
