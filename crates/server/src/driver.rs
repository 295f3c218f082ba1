//! What runs a method and sends what it yields.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use futures_util::{FutureExt, Stream};
use parking_lot::Mutex;
use streampod_wire::{EncodeError, Encoder, IntoResult, Model, Returned};

use crate::call::{CallCore, Outliving};
use crate::error::Error;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::state::Counted;
use crate::{authentication, authentications, session_log};

/// How many elements a stream may yield in one turn, so that no call starves its siblings.
const ELEMENTS_PER_TURN: usize = 64;

/// A running method. It is boxed once, owns its endpoint and its session, and is polled by its connection's task.
pub type Driver = Pin<Box<dyn Future<Output = Result<(), Ended>> + Send>>;

/// Boxes a running method. It takes only what is `Send`, so that the error of a method that is not points at the caller.
pub fn boxed(driver: impl Future<Output = Result<(), Ended>> + Send + 'static) -> Driver {
    Box::pin(driver)
}

/// Why a method did not end well.
#[derive(Debug)]
pub enum Ended {
    /// It was not run.
    Refused(Refusal),
    /// It failed.
    Failed(Error),
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Where a method's answer goes.
#[derive(Debug, Clone)]
pub struct Out(Target);

#[derive(Debug, Clone)]
enum Target {
    /// A call on a connection.
    Call(Arc<CallCore>),
    /// Whoever waits for one value.
    Answer(Answer),
}

/// The encoded value that a method returned; empty until then.
pub(crate) type Answer = Arc<Mutex<Option<Bytes>>>;

impl Out {
    pub(crate) fn to_call(call: Arc<CallCore>) -> Self {
        Self(Target::Call(call))
    }

    pub(crate) fn to_answer(answer: Answer) -> Self {
        Self(Target::Answer(answer))
    }

    /// Sends an element of a stream; whether there is room for another.
    fn element(&self, value: &impl Model) -> Result<bool, EncodeError> {
        match &self.0 {
            Target::Call(call) => call.element(value),
            Target::Answer(_) => Ok(true),
        }
    }

    fn value(&self, value: &impl Returned) -> Result<(), EncodeError> {
        match &self.0 {
            Target::Call(call) => match value.as_model() {
                Some(model) => call.element(model).map(drop),
                None => Ok(()),
            },
            Target::Answer(answer) => {
                let mut out = bytes::BytesMut::new();
                let mut encoder = Encoder::new(&mut out);
                value.encode(&mut encoder);
                encoder.finish()?;
                *answer.lock() = Some(out.freeze());
                Ok(())
            }
        }
    }
}

/// The first stage of every driver: authenticates the caller, and tells it that the call is open.
///
/// # Errors
///
/// Fails if the caller may not call the method.
pub async fn open(out: &Out, session: &Session) -> Result<(), Ended> {
    let before = session.authorization().map(|_| session.server().authentications.now());
    authentication::authenticate(session).await?;
    if let Target::Call(call) = &out.0 {
        let ends_with_sign_in = session.method().is_some_and(|method| method.access().ends_with_sign_in());
        if let Some(since) = before.filter(|_| ends_with_sign_in) {
            let call = Arc::clone(call);
            authentications::rest(call, session, since).await?;
        }
        if let Some(end) = session.authenticated().and_then(|info| info.expires_at) {
            call.expire(end);
        }
        call.accept();
    }
    session_log::opened(session);
    Ok(())
}

/// Runs a method that returns a value, and sends that.
///
/// # Errors
///
/// Fails if the method does, or if its value cannot be encoded.
pub async fn drive_value<R>(out: &Out, method: impl Future<Output = R> + Send) -> Result<(), Ended>
where
    R: IntoResult,
    R::Value: Returned,
    Error: From<R::Error>,
{
    let value = into_result(method.await)?;
    out.value(&value).map_err(failed)
}

/// Sends what a returned stream yields, to its end. It is polled only while there is room for its output.
///
/// # Errors
///
/// Fails if the stream does, or if an element cannot be encoded.
pub async fn drive_stream<S>(out: &Out, mut stream: Pin<&mut S>) -> Result<(), Ended>
where
    S: Stream,
    S::Item: IntoResult,
    <S::Item as IntoResult>::Value: Model,
    Error: From<<S::Item as IntoResult>::Error>,
{
    let Target::Call(call) = &out.0 else {
        return Err(failed("a method that returns a stream was called without a connection"));
    };
    poll_fn(|context| {
        if !call.has_room() {
            call.wait_for_room();
            return Poll::Pending;
        }
        for _ in 0..ELEMENTS_PER_TURN {
            let Some(item) = std::task::ready!(stream.as_mut().poll_next(context)) else {
                return Poll::Ready(Ok(()));
            };
            let value = into_result(item)?;
            if !out.element(&value).map_err(failed)? {
                call.wait_for_room();
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// The value, or why the method failed.
///
/// # Errors
///
/// Fails if this is an error.
pub fn into_result<R: IntoResult>(result: R) -> Result<R::Value, Ended>
where
    Error: From<R::Error>,
{
    result.into_result().map_err(failed)
}

fn failed(error: impl Into<Error>) -> Ended {
    Ended::Failed(error.into())
}

/// Runs a method that returns a value in a task of its own, because its caller is gone.
pub(crate) fn run_to_end(driver: Driver, session: Session, outliving: Option<Outliving>) {
    let server = Arc::clone(session.server());
    let counted = [
        Counted::new(&server, |counters| &counters.calls),
        Counted::new(&server, |counters| &counters.outliving),
    ];
    server.spawn_counted(async move {
        let _counted = (counted, outliving);
        match AssertUnwindSafe(driver).catch_unwind().await {
            Ok(Err(Ended::Failed(error))) => {
                session_log::failed(&session, &error);
            }
            Err(panic) => {
                session_log::failed(&session, &Error::panicked(&*panic));
            }
            Ok(_) => {}
        }
        session.close();
    });
}

/// A driver that authenticates the caller and refuses the call.
pub(crate) fn refuse(refusal: Refusal, session: &Session) -> Driver {
    let session = session.clone();
    Box::pin(async move {
        authentication::authenticate(&session).await?;
        Err(Ended::Refused(refusal))
    })
}

/// Drops what belongs to a user, whose destructor may panic.
pub(crate) fn drop_quietly(driver: Driver) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(driver))) {
        tracing::error!("a method panicked while it was dropped: {}", Error::panicked(&*panic));
    }
}
