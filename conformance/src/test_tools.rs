//! What Serverpod's test tools are tested on.

use streampod::prelude::*;

use crate::models::{SimpleData, Types};

const SHARED_STREAM: &str = "shared-stream";

/// A record in a record.
type Record = (String, (i64, bool));

/// See the module.
pub(crate) struct TestTools;

#[endpoint]
impl TestTools {
    async fn returns_session_id(&self, session: &Session) -> Result<Uuid> {
        Ok(session.id())
    }

    async fn returns_session_endpoint_and_method(&self, session: &Session) -> Result<Vec<Option<String>>> {
        Ok(vec![Some(session.endpoint_name().to_owned()), Some(session.method_name().to_owned())])
    }

    fn returns_session_id_from_stream(&self, session: &Session) -> impl Stream<Item = Result<Uuid>> {
        stream! { yield Ok(session.id()); }
    }

    fn returns_session_endpoint_and_method_from_stream(
        &self,
        session: &Session,
    ) -> impl Stream<Item = Result<Option<String>>> {
        stream! {
            yield Ok(Some(session.endpoint_name().to_owned()));
            yield Ok(Some(session.method_name().to_owned()));
        }
    }

    async fn returns_string(&self, _session: &Session, string: String) -> Result<String> {
        Ok(string)
    }

    fn returns_stream(&self, _session: &Session, n: i64) -> impl Stream<Item = Result<i64>> {
        futures_util::stream::iter((0..n).map(Ok))
    }

    async fn returns_list_from_input_stream(
        &self,
        _session: &Session,
        numbers: Input<i64>,
    ) -> Result<Vec<i64>> {
        numbers.try_collect().await
    }

    async fn returns_simple_data_list_from_input_stream(
        &self,
        _session: &Session,
        simple_datas: Input<SimpleData>,
    ) -> Result<Vec<SimpleData>> {
        simple_datas.try_collect().await
    }

    fn returns_stream_from_input_stream(
        &self,
        _session: &Session,
        numbers: Input<i64>,
    ) -> impl Stream<Item = Result<i64>> {
        numbers
    }

    fn returns_simple_data_stream_from_input_stream(
        &self,
        _session: &Session,
        simple_datas: Input<SimpleData>,
    ) -> impl Stream<Item = Result<SimpleData>> {
        simple_datas
    }

    async fn echo_simple_data(&self, _session: &Session, simple_data: SimpleData) -> Result<SimpleData> {
        Ok(simple_data)
    }

    async fn echo_simple_datas(
        &self,
        _session: &Session,
        simple_datas: Vec<SimpleData>,
    ) -> Result<Vec<SimpleData>> {
        Ok(simple_datas)
    }

    async fn echo_types(&self, _session: &Session, types_model: Types) -> Result<Types> {
        Ok(types_model)
    }

    async fn echo_types_list(&self, _session: &Session, types_list: Vec<Types>) -> Result<Vec<Types>> {
        Ok(types_list)
    }

    async fn echo_record(&self, _session: &Session, record: Record) -> Result<Record> {
        Ok(record)
    }

    async fn echo_records(&self, _session: &Session, records: Vec<Record>) -> Result<Vec<Record>> {
        Ok(records)
    }

    fn record_echo_stream(
        &self,
        _session: &Session,
        initial_value: Record,
        stream: Input<Record>,
    ) -> impl Stream<Item = Result<Record>> {
        futures_util::stream::iter([Ok(initial_value)]).chain(stream)
    }

    fn list_of_record_echo_stream(
        &self,
        _session: &Session,
        initial_value: Vec<(String, i64)>,
        stream: Input<Vec<(String, i64)>>,
    ) -> impl Stream<Item = Result<Vec<(String, i64)>>> {
        futures_util::stream::iter([Ok(initial_value)]).chain(stream)
    }

    async fn post_number_to_shared_stream(&self, session: &Session, number: i64) -> Result<()> {
        session.messages().post(SHARED_STREAM, SimpleData::new(number)).await
    }

    fn listen_for_numbers_on_shared_stream(&self, session: &Session) -> impl Stream<Item = Result<i64>> {
        session.messages().stream::<SimpleData>(SHARED_STREAM).map_ok(|data| data.num)
    }

    fn post_number_to_shared_stream_and_return_stream(
        &self,
        session: &Session,
        number: i64,
    ) -> impl Stream<Item = Result<i64>> {
        try_stream! {
            session.messages().post(SHARED_STREAM, SimpleData::new(number)).await?;
            yield 1;
        }
    }
}
