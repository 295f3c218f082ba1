//! Streaming methods of every shape.

use std::future::pending;
use std::time::Duration;

use futures_util::future::ready;
use futures_util::stream::{PollNext, iter, select_with_strategy};
use indexmap::IndexSet;
use streampod::prelude::*;
use tokio::sync::Notify;

use crate::identity_set::IdentitySet;
use crate::models::{ExceptionWithData, SimpleData, UserInfo};

const CANCELLED: &str = "cancelStreamChannel";
const CLOSED: &str = "sessionClosedChannel";

/// See the module.
#[derive(Default)]
pub(crate) struct MethodStreaming {
    /// Ends every delay early.
    complete_all: Notify,
}

#[endpoint]
impl MethodStreaming {
    fn simple_stream(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        count_to(10)
    }

    fn never_ending_stream_with_delay(
        &self,
        _session: &Session,
        milliseconds_delay: i64,
    ) -> impl Stream<Item = Result<i64>> {
        let delay = Duration::from_millis(milliseconds_delay.try_into().unwrap_or_default());
        stream! {
            for n in 0.. {
                tokio::time::sleep(delay).await;
                yield Ok(n);
            }
        }
    }

    async fn method_call_endpoint(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn simple_endpoint(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn int_parameter(&self, _session: &Session, _value: i64) -> Result<()> {
        Ok(())
    }

    async fn double_input_value(&self, _session: &Session, value: i64) -> Result<i64> {
        Ok(value.wrapping_mul(2))
    }

    async fn int_return_from_stream(&self, _session: &Session, stream: Input<i64>) -> Result<i64> {
        first(stream).await
    }

    async fn simple_input_return_stream(&self, _session: &Session, stream: Input<i64>) -> Result<i64> {
        first(stream).await
    }

    async fn nullable_int_return_from_stream(
        &self,
        _session: &Session,
        stream: Input<Option<i64>>,
    ) -> Result<Option<i64>> {
        first(stream).await
    }

    /// Never yields; says on one channel that it was cancelled and on another that its session was closed.
    fn get_broadcast_stream(&self, session: &Session) -> impl Stream<Item = Result<Option<i64>>> {
        session.add_will_close_listener(|session| async move { say(&session, CLOSED).await });
        let cancelled = OnDrop(session.clone());
        futures_util::stream::pending().inspect(move |_| {
            let _ = &cancelled;
        })
    }

    async fn was_broadcast_stream_canceled(&self, session: &Session) -> Result<bool> {
        hears(session, CANCELLED).await
    }

    async fn was_session_will_close_listener_called(&self, session: &Session) -> Result<bool> {
        hears(session, CLOSED).await
    }

    fn int_stream_from_value(&self, _session: &Session, value: i64) -> impl Stream<Item = Result<i64>> {
        count_to(value)
    }

    fn simple_stream_with_parameter(
        &self,
        _session: &Session,
        value: i64,
    ) -> impl Stream<Item = Result<i64>> {
        count_to(value)
    }

    fn simple_data_stream(&self, _session: &Session, value: i64) -> impl Stream<Item = Result<SimpleData>> {
        count_to(value).map_ok(SimpleData::new)
    }

    fn int_echo_stream(&self, _session: &Session, stream: Input<i64>) -> impl Stream<Item = Result<i64>> {
        stream
    }

    fn nullable_int_echo_stream(
        &self,
        _session: &Session,
        stream: Input<Option<i64>>,
    ) -> impl Stream<Item = Result<Option<i64>>> {
        stream
    }

    fn dynamic_echo_stream(
        &self,
        _session: &Session,
        stream: Input<Value>,
    ) -> impl Stream<Item = Result<Value>> {
        stream
    }

    fn multiple_int_echo_streams(
        &self,
        _session: &Session,
        stream1: Input<i64>,
        stream2: Input<i64>,
    ) -> impl Stream<Item = Result<i64>> {
        select_with_strategy(stream1, stream2, |_: &mut ()| PollNext::Left)
    }

    async fn void_return_after_stream(&self, _session: &Session, stream: Input<i64>) -> Result<()> {
        stream.try_for_each(|_| ready(Ok(()))).await
    }

    /// Goes on listening after it has returned.
    async fn direct_void_return_with_stream_input(
        &self,
        _session: &Session,
        stream: Input<i64>,
    ) -> Result<()> {
        listen(stream);
        Ok(())
    }

    /// Goes on listening after it has returned.
    async fn direct_one_int_return_with_stream_input(
        &self,
        _session: &Session,
        stream: Input<i64>,
    ) -> Result<i64> {
        listen(stream);
        Ok(1)
    }

    fn simple_in_out_data_stream(
        &self,
        _session: &Session,
        simple_data_stream: Input<SimpleData>,
    ) -> impl Stream<Item = Result<SimpleData>> {
        simple_data_stream
    }

    fn simple_list_in_out_int_stream(
        &self,
        _session: &Session,
        simple_data_list_stream: Input<Vec<i64>>,
    ) -> impl Stream<Item = Result<Vec<i64>>> {
        simple_data_list_stream
    }

    fn simple_list_in_out_data_stream(
        &self,
        _session: &Session,
        simple_data_list_stream: Input<Vec<SimpleData>>,
    ) -> impl Stream<Item = Result<Vec<SimpleData>>> {
        simple_data_list_stream
    }

    fn simple_nullable_list_in_out_nullable_data_stream(
        &self,
        _session: &Session,
        simple_data_list_stream: Input<Option<Vec<SimpleData>>>,
    ) -> impl Stream<Item = Result<Option<Vec<SimpleData>>>> {
        simple_data_list_stream
    }

    fn simple_list_in_out_nullable_data_stream(
        &self,
        _session: &Session,
        simple_data_list_stream: Input<Vec<Option<SimpleData>>>,
    ) -> impl Stream<Item = Result<Vec<Option<SimpleData>>>> {
        simple_data_list_stream
    }

    fn simple_list_in_out_other_module_type_stream(
        &self,
        _session: &Session,
        user_info_list_stream: Input<Vec<UserInfo>>,
    ) -> impl Stream<Item = Result<Vec<UserInfo>>> {
        user_info_list_stream
    }

    fn simple_set_in_out_int_stream(
        &self,
        _session: &Session,
        simple_data_set_stream: Input<IndexSet<i64>>,
    ) -> impl Stream<Item = Result<IndexSet<i64>>> {
        simple_data_set_stream
    }

    fn simple_set_in_out_data_stream(
        &self,
        _session: &Session,
        simple_data_set_stream: Input<IdentitySet<SimpleData>>,
    ) -> impl Stream<Item = Result<IdentitySet<SimpleData>>> {
        simple_data_set_stream
    }

    /// The sets of each list.
    fn nested_set_in_list_in_out_data_stream(
        &self,
        _session: &Session,
        simple_data_set_stream: Input<Vec<IdentitySet<SimpleData>>>,
    ) -> impl Stream<Item = Result<IdentitySet<SimpleData>>> {
        simple_data_set_stream.map_ok(|sets| iter(sets.into_iter().map(Ok))).try_flatten()
    }

    /// Returns after that many seconds, or when all delays are to end.
    async fn delayed_response(&self, _session: &Session, delay: i64) -> Result<()> {
        self.delay(delay).await;
        Ok(())
    }

    async fn complete_all_delayed_responses(&self, _session: &Session) -> Result<()> {
        self.complete_all.notify_waiters();
        Ok(())
    }

    /// Yields 42 after that many seconds, and then nothing for ever.
    fn delayed_stream_response(&self, _session: &Session, delay: i64) -> impl Stream<Item = Result<i64>> {
        stream! {
            self.delay(delay).await;
            yield Ok(42);
            pending::<()>().await;
        }
    }

    async fn delayed_never_listened_input_stream(
        &self,
        _session: &Session,
        delay: i64,
        stream: Input<i64>,
    ) -> Result<()> {
        let _stream = stream;
        self.delay(delay).await;
        Ok(())
    }

    /// Begins to listen, and then takes nothing.
    async fn delayed_paused_input_stream(
        &self,
        _session: &Session,
        delay: i64,
        mut stream: Input<i64>,
    ) -> Result<()> {
        let _ = futures_util::poll!(stream.next());
        self.delay(delay).await;
        Ok(())
    }

    async fn in_stream_throws_exception(&self, _session: &Session, stream: Input<i64>) -> Result<()> {
        let _stream = stream;
        Err("an ordinary error".into())
    }

    async fn throws_exception_void(&self, _session: &Session, stream: Input<i64>) -> Result<()> {
        let _stream = stream;
        Err("an ordinary error".into())
    }

    async fn throws_exception(&self, _session: &Session, stream: Input<i64>) -> Result<i64> {
        let _stream = stream;
        Err("an ordinary error".into())
    }

    fn out_stream_throws_exception(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        iter([Err("an ordinary error".into())])
    }

    fn throws_exception_stream(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        iter([Err("an ordinary error".into())])
    }

    async fn exception_thrown_before_stream_return(
        &self,
        _session: &Session,
    ) -> Result<impl Stream<Item = Result<i64>>> {
        let result: Result<()> = Err("an ordinary error".into());
        result.map(|()| count_to(0))
    }

    fn exception_thrown_in_stream_return(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        iter([Err("an ordinary error".into())])
    }

    async fn in_stream_throws_serializable_exception(
        &self,
        _session: &Session,
        stream: Input<i64>,
    ) -> Result<()> {
        let _stream = stream;
        Err(ExceptionWithData::now().into())
    }

    async fn throws_serializable_exception_void(&self, _session: &Session, stream: Input<i64>) -> Result<()> {
        let _stream = stream;
        Err(ExceptionWithData::now().into())
    }

    async fn throws_serializable_exception(&self, _session: &Session, stream: Input<i64>) -> Result<i64> {
        let _stream = stream;
        Err(ExceptionWithData::now().into())
    }

    fn out_stream_throws_serializable_exception(
        &self,
        _session: &Session,
    ) -> impl Stream<Item = Result<i64>> {
        iter([Err(ExceptionWithData::now().into())])
    }

    fn throws_serializable_exception_stream(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        iter([Err(ExceptionWithData::now().into())])
    }

    async fn did_input_stream_have_error(&self, _session: &Session, stream: Input<i64>) -> Result<bool> {
        Ok(stream.fold(false, |any, item| ready(any || item.is_err())).await)
    }

    async fn did_input_stream_have_serializable_exception_error(
        &self,
        _session: &Session,
        stream: Input<i64>,
    ) -> Result<bool> {
        let is_exception =
            |item: Result<i64>| item.is_err_and(|error| error.exception_ref::<ExceptionWithData>().is_some());
        Ok(stream.fold(false, |any, item| ready(any || is_exception(item))).await)
    }

    #[method(ignore)]
    async fn delay(&self, seconds: i64) {
        let delay = Duration::from_secs(seconds.try_into().unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = self.complete_all.notified() => {}
        }
    }
}

/// 0 to `n` − 1.
fn count_to(n: i64) -> impl Stream<Item = Result<i64>> {
    iter((0..n).map(Ok))
}

async fn first<T>(mut stream: Input<T>) -> Result<T> {
    stream.next().await.unwrap_or_else(|| Err("the stream ended without an element".into()))
}

/// Takes what comes until the stream ends.
fn listen(stream: Input<i64>) {
    tokio::spawn(stream.for_each(|_| ready(())));
}

/// Says that its stream is gone when it is dropped with it.
struct OnDrop(Session);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let session = self.0.clone();
        tokio::spawn(async move { say(&session, CANCELLED).await });
    }
}

async fn say(session: &Session, channel: &str) {
    if let Err(error) = session.messages().post(channel, SimpleData::new(1)).await {
        tracing::error!("not posted: {error}");
    }
}

async fn hears(session: &Session, channel: &str) -> Result<bool> {
    let message = session.messages().stream::<SimpleData>(channel).next().await;
    Ok(message.transpose()?.is_some())
}
