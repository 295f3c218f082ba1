//! What a Streampod server offers, as plain data.
//!
//! A [`Schema`] lists the models, exceptions and enums that travel, and the endpoints with their methods. A server
//! reports its own (`Server::schema()`, or its `--print-schema` flag); the client generators read nothing else, so
//! clients cannot drift from the server. A [`Type`] is also the name under which a value travels on the wire:
//! `List<SimpleData?>`.

mod definition;
mod endpoint;
mod model;
mod ty;

pub use definition::Schema;
pub use endpoint::{Endpoint, Method, Parameter, ParameterKind, Returns};
pub use model::{Class, Custom, Enum, EnumEncoding, EnumProperty, EnumValue, Field, FieldDefault, Model};
pub use ty::{ParseTypeError, Type};
