//! Streampod's wire protocol, sans-io: no socket, no task, no clock.
//!
//! It has two halves. **Values**: [`Encode`] and [`Decode`] turn Rust values into the wire's types and back, over an
//! [`Encoder`] and a [`Decoder`] that know types and not syntax; [`Model`] is what travels, [`Value`] holds any of it,
//! [`Shared`] is encoded once for many. **Frames**: [`Frame`] is what is read, [`FrameBuffer`] what is written, and
//! [`ServerConnection`] knows which calls are open and says what each frame asks of the server, as [`ClientConnection`] does
//! for what it tells the client.
//!
//! The contract is Serverpod's: sections 1 to 4 of its wire protocol. Everything a peer sends is limited: nesting to 64
//! levels, type names to 1024 bytes and 16 levels, big integers to 4096 digits, open calls by the caller's word.

mod answer;
mod arguments;
mod call_id;
mod catalog;
mod client_connection;
mod collections;
mod date_time;
mod decode_error;
mod decoder;
mod encoder;
mod frame;
mod frame_buffer;
mod keepalive;
mod model;
mod number;
mod reader;
mod received;
mod repeated;
mod returned;
mod server_connection;
mod shared;
mod streaming_endpoints;
mod value;
mod values;

pub use answer::Answer;
pub use arguments::Arguments;
pub use call_id::CallId;
pub use catalog::Catalog;
pub use client_connection::{ClientConnection, ClientEvent, NewCall, encode_arguments};
pub use decode_error::DecodeError;
pub use decoder::{Decode, Decoder, required};
pub use encoder::{Audience, Encode, EncodeError, Encoder, Fields};
pub use frame::{CloseReason, Frame, Open, OpenResult, StreamRef};
pub use frame_buffer::{Common, FrameBuffer, Framing, MethodHead, StreamHead, write_wrapped};
pub use keepalive::{Keepalive, KeepaliveAction};
pub use model::{Class, ClassName, ElementType, Exception, Model, Wrapped, WrappedError, from_wrapped};
pub use received::Received;
pub use returned::{IntoResult, Returned};
pub use server_connection::{Incoming, Leave, ReadFrame, ServerConnection, Slot};
pub use shared::{Object, Shared};
pub use streaming_endpoints::StreamingFrame;
pub use value::{Collection, Value};
pub use values::Uri;
