//! What a Streampod server offers, as plain data.
//!
//! A [`Schema`] lists the models, exceptions and enums that travel, and the endpoints with their methods. A server
//! reports its own (`Server::schema()`, or its `--print-schema` flag); the client generators read nothing else, so
//! clients cannot drift from the server. A [`Type`] is also the name under which a value travels on the wire:
//! `List<SimpleData?>`.

mod definition;
mod ty;

pub use definition::{
    Class, Endpoint, Enum, EnumEncoding, EnumValue, Field, Method, Model, Parameter, ParameterKind, Returns,
    Schema,
};
pub use ty::{ParseTypeError, Type};
