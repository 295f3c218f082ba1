//! What a method fails with.

use std::any::Any;
use std::fmt;

use streampod_wire::{Exception, Object, Shared};

/// What a method fails with: an exception that its caller sees, or an error that only the log shows.
///
/// Every error type becomes one by `?`, also `anyhow::Error` and plain text, and the caller is told no more than that
/// something failed. A type with `#[derive(Exception)]` becomes one by `?` too, and reaches the caller as it is. For
/// that, exceptions do not implement [`std::error::Error`], and neither does this type.
pub struct Error(Kind);

enum Kind {
    Exception(Object),
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// What a method returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An exception that the caller sees. `#[derive(Exception)]` writes the conversion that calls this.
    pub fn exception(exception: impl Exception) -> Self {
        Self(Kind::Exception(Shared::new(exception).into()))
    }

    /// The error of something that panicked.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        format!("panicked: {}", text.unwrap_or("(no message)")).into()
    }

    /// An exception whose type is told at run time only.
    pub(crate) fn from_object(object: Object) -> Self {
        Self(Kind::Exception(object))
    }

    /// The exception, if it is one.
    pub fn as_exception(&self) -> Option<&Object> {
        match &self.0 {
            Kind::Exception(object) => Some(object),
            Kind::Internal(_) => None,
        }
    }

    /// The exception or error, if it is a `T`.
    pub fn downcast_ref<T: std::error::Error + 'static>(&self) -> Option<&T> {
        match &self.0 {
            Kind::Exception(_) => None,
            Kind::Internal(error) => error.downcast_ref(),
        }
    }

    /// The exception, if it is a `T`.
    pub fn exception_ref<T: Exception>(&self) -> Option<&T> {
        self.as_exception()?.downcast_ref()
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Kind::Internal(error.into()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Exception(object) => write!(f, "{object:?}"),
            Kind::Internal(error) => {
                write!(f, "{error}")?;
                let mut source = error.source();
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Exception(object) => object.fmt(f),
            Kind::Internal(error) => error.fmt(f),
        }
    }
}

/// Why an [`Input`](crate::Input) failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The caller's stream failed, and the caller did not say with what.
    #[error("stream closed with error")]
    ClosedWithError,
}
