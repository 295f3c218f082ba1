//! A WebSocket codec, sans-io: no socket, no task, no clock.
//!
//! **Reading**: a [`Reader`] is the state of one connection. Its [`input`](Reader::input) takes the bytes that were just
//! received, in a buffer that may be shared by all connections of a thread, unmasks them in place and lends each [`Event`]
//! out of them. A message that lies whole in one frame and in one read is neither copied nor allocated. What is incomplete
//! is kept in a buffer of the reader's own, which grows with what arrives and is given back as soon as it is empty; an
//! idle reader owns none.
//!
//! **Writing**: a [`Writer`] puts frames into a buffer, and a [`Gap`] is the room for the head of a frame whose payload is
//! written straight into that buffer.
//!
//! **Compressing** (the feature `deflate`): `negotiate` finds what both sides can do; an `Inflater` and a `Deflater` serve all
//! connections of a thread, as no context is taken over. What many receivers get is compressed once, as a `DeflatedBody`.
//!
//! The contract is RFC 6455, and RFC 7692 for permessage-deflate. Every [`Violation`] has the close code that it calls for.
//!
//! ```
//! use streampod_websocket::{Event, Reader, Role, Writer};
//!
//! let mut received = bytes::BytesMut::new();
//! Writer::client(1).text(&mut received, "Hello");
//!
//! let mut reader = Reader::new(Role::Server, 64 * 1024);
//! let mut input = reader.input(&mut received);
//! while let Some(event) = input.next()? {
//!     assert_eq!(event, Event::Text("Hello"));
//! }
//! # Ok::<(), streampod_websocket::Violation>(())
//! ```

mod close;
mod event;
mod gap;
mod head;
mod input;
mod mask;
mod message;
mod reader;
mod text;
mod violation;
mod writer;

#[cfg(feature = "deflate")]
mod deflater;
#[cfg(feature = "deflate")]
mod extensions;
#[cfg(feature = "deflate")]
mod inflater;
#[cfg(feature = "deflate")]
mod negotiation;

pub use close::{Close, is_sendable};
pub use event::{Deflated, Event, Kind};
pub use gap::Gap;
pub use head::{HEAD_MAX_BYTES, Head, HeadBytes, Opcode};
pub use input::Input;
pub use mask::{MaskKey, Masks, apply_mask};
pub use reader::{Reader, Role};
pub use violation::Violation;
pub use writer::{CONTROL_MAX_BYTES, ControlTooLong, Writer};

#[cfg(feature = "deflate")]
pub use deflater::{DeflatedBody, Deflater, WindowBits};
#[cfg(feature = "deflate")]
pub use extensions::MalformedExtensions;
#[cfg(feature = "deflate")]
pub use inflater::{Inflated, Inflater};
#[cfg(feature = "deflate")]
pub use negotiation::{Agreement, OFFER, Unacceptable, accept, negotiate};
