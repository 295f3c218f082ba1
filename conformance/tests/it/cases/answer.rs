//! Values as texts, and what a call answers.

use conformance_client::models;
use streampod_client::{Call, CallError, CallStream, ConnectionError, HttpError, RefusalReason};
use streampod_wire::{Catalog, Decode, Decoder, Encode, Encoder, Model};

use super::play::Caller;

/// A value of the text, which knows all models.
pub(super) fn read<T: Decode>(text: &str) -> T {
    let mut catalog = Catalog::new();
    models::all(&mut catalog);
    Decoder::decode(text, &catalog).unwrap_or_else(|error| panic!("{text:.200}: {error}"))
}

/// The text of a value.
pub(super) fn write(value: &impl Encode) -> String {
    String::from_utf8(Encoder::encode(value).unwrap().into()).unwrap()
}

/// An argument as methods take it. What they borrow lives on; there is little of it.
pub(super) trait Argument {
    fn of(text: &str) -> Self;
}

macro_rules! by_value {
    ($($ty:ty),*) => {$(
        impl Argument for $ty {
            fn of(text: &str) -> Self {
                read(text)
            }
        }
    )*};
}
by_value!(
    bool,
    i64,
    f64,
    streampod::types::UtcDateTime,
    streampod::types::SignedDuration,
    streampod::types::Uuid,
    conformance_client::models::Level
);

impl Argument for &'static str {
    fn of(text: &str) -> Self {
        read::<String>(text).leak()
    }
}

impl<T: Decode> Argument for &'static [T] {
    fn of(text: &str) -> Self {
        read::<Vec<T>>(text).leak()
    }
}

impl<T: Decode> Argument for &'static T {
    fn of(text: &str) -> Self {
        Box::leak(Box::new(read(text)))
    }
}

impl<A: Argument> Argument for Option<A> {
    fn of(text: &str) -> Self {
        (text != "null").then(|| A::of(text))
    }
}

/// What a call gave, as texts.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) result: Option<String>,
    pub(super) elements: Option<Vec<String>>,
    pub(super) error: Option<CallError>,
}

impl Outcome {
    pub(super) fn of(result: Result<String, CallError>) -> Self {
        match result {
            Ok(result) => Self { result: Some(result), ..Self::default() },
            Err(error) => Self { error: Some(error), ..Self::default() },
        }
    }
}

/// What a generated method returns.
pub(super) trait Answered {
    async fn outcome(self, caller: &Caller) -> Outcome;
}

impl<T: Model> Answered for Call<T> {
    async fn outcome(self, _: &Caller) -> Outcome {
        Outcome::of(self.await.map(|value| write(&value)))
    }
}

impl<T: Model> Answered for CallStream<T> {
    async fn outcome(self, caller: &Caller) -> Outcome {
        caller.consume(self).await
    }
}

/// How the table calls an error.
pub(super) fn kind(error: &CallError) -> &'static str {
    match error {
        CallError::Exception { .. } => "exception",
        CallError::ClosedWithError { .. } => "closedWithError",
        CallError::Http(HttpError { status: 400, .. }) => "badRequest",
        CallError::Http(HttpError { status: 401, .. }) => "unauthorized",
        CallError::Http(HttpError { status: 403, .. }) => "forbidden",
        CallError::Http(HttpError { status: 404, .. }) => "notFound",
        CallError::Http(HttpError { status: 500, .. }) => "serverError",
        CallError::Refused { reason, .. } => match reason {
            RefusalReason::NotFound => "notFound",
            RefusalReason::Unauthorized => "unauthorized",
            RefusalReason::Forbidden => "forbidden",
            RefusalReason::BadRequest => "badRequest",
            _ => "another refusal",
        },
        CallError::Connection(error) => match error {
            ConnectionError::Failed(_) => "couldNotConnect",
            ConnectionError::HandshakeTimeout(_) => "handshakeTimeout",
            ConnectionError::CallTimeout(_) => "callTimeout",
            ConnectionError::Lost(_) => "lost",
            ConnectionError::IdleTimeout(_) => "idleTimeout",
            _ => "another failure of the connection",
        },
        _ => "another error",
    }
}
