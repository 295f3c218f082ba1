//! What a channel carries.

use streampod_wire::{Catalog, Model, Object, Received, Shared, WrappedError};

/// A message: posted in this process, or by another server.
#[derive(Debug, Clone)]
pub enum Message {
    /// Posted in this process.
    Posted(Object),
    /// Received from another server, or from this one by way of others.
    Received(Received),
}

impl Message {
    /// The message as a `T`.
    ///
    /// # Errors
    ///
    /// Tells a message that nobody can read from one of another type.
    pub fn read<T: Model>(self) -> Result<Shared<T>, WrappedError> {
        match self {
            Self::Posted(object) => T::from_object(object).map_err(|object| WrappedError::WrongType {
                expected: T::describe(&mut Catalog::new()).to_string(),
                found: object.class_name().into_owned(),
            }),
            Self::Received(received) => received.read(),
        }
    }
}

impl From<Object> for Message {
    fn from(object: Object) -> Self {
        Self::Posted(object)
    }
}

impl From<Received> for Message {
    fn from(received: Received) -> Self {
        Self::Received(received)
    }
}
