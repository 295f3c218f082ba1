//! What the macros' code uses; not for others.

pub use futures_util::Stream;
pub use streampod_schema as schema;
#[cfg(feature = "server")]
pub use streampod_server::{
    Docs, Driver, Endpoint, EndpointBuilder, Error, Passed, boxed, drive_stream, drive_value, into_result,
    open,
};
pub use streampod_wire::{
    Catalog, Class, ClassName, Decode, DecodeError, Decoder, ElementType, Encode, Encoder, Exception,
    IntoResult, Model, Wrapped, WrappedError, from_wrapped, required,
};
pub use uuid::Uuid;

pub use crate::__exception as exception;
pub use crate::property::{json as property_json, ty as property_type};
pub use crate::types::now;
