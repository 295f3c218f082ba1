//! Methods that send back the list, map, set or record that they are given.

use indexmap::{IndexMap, IndexSet};
use ordered_float::OrderedFloat;
use streampod::prelude::*;

use crate::identity_set::IdentitySet;
use crate::models::{SimpleData, TestEnum};

/// Echoes of lists.
pub(crate) struct ListParameters;
/// Echoes of maps.
pub(crate) struct MapParameters;
/// Echoes of sets.
pub(crate) struct SetParameters;
/// Echoes of records.
pub(crate) struct RecordParameters;

/// A map with String keys.
type Map<V> = IndexMap<String, V>;
/// A set of floats, which have no `Hash` of their own.
type Double = OrderedFloat<f64>;

macro_rules! echoes {
    ($endpoint:ident, $argument:ident: $($method:ident: $ty:ty),* $(,)?) => {
        #[endpoint]
        impl $endpoint {
            $(async fn $method(&self, _session: &Session, $argument: $ty) -> Result<$ty> {
                Ok($argument)
            })*
        }
    };
}

echoes! { ListParameters, list:
    return_int_list: Vec<i64>,
    return_int_list_list: Vec<Vec<i64>>,
    return_int_list_nullable: Option<Vec<i64>>,
    return_int_list_nullable_list: Vec<Option<Vec<i64>>>,
    return_int_list_list_nullable: Option<Vec<Vec<i64>>>,
    return_int_list_nullable_ints: Vec<Option<i64>>,
    return_nullable_int_list_nullable_ints: Option<Vec<Option<i64>>>,
    return_double_list: Vec<f64>,
    return_double_list_nullable_doubles: Vec<Option<f64>>,
    return_bool_list: Vec<bool>,
    return_bool_list_nullable_bools: Vec<Option<bool>>,
    return_string_list: Vec<String>,
    return_string_list_nullable_strings: Vec<Option<String>>,
    return_date_time_list: Vec<UtcDateTime>,
    return_date_time_list_nullable_date_times: Vec<Option<UtcDateTime>>,
    return_byte_data_list: Vec<Bytes>,
    return_byte_data_list_nullable_byte_datas: Vec<Option<Bytes>>,
    return_duration_list: Vec<SignedDuration>,
    return_duration_list_nullable_durations: Vec<Option<SignedDuration>>,
    return_simple_data_list: Vec<SimpleData>,
    return_simple_data_list_nullable_simple_data: Vec<Option<SimpleData>>,
    return_simple_data_list_nullable: Option<Vec<SimpleData>>,
    return_nullable_simple_data_list_nullable_simple_data: Option<Vec<Option<SimpleData>>>,
}

echoes! { MapParameters, map:
    return_int_map: Map<i64>,
    return_int_map_nullable: Option<Map<i64>>,
    return_nested_int_map: Map<Map<i64>>,
    return_int_map_nullable_ints: Map<Option<i64>>,
    return_nullable_int_map_nullable_ints: Option<Map<Option<i64>>>,
    return_int_int_map: IndexMap<i64, i64>,
    return_enum_int_map: IndexMap<TestEnum, i64>,
    return_enum_map: Map<TestEnum>,
    return_double_map: Map<f64>,
    return_double_map_nullable_doubles: Map<Option<f64>>,
    return_bool_map: Map<bool>,
    return_bool_map_nullable_bools: Map<Option<bool>>,
    return_string_map: Map<String>,
    return_string_map_nullable_strings: Map<Option<String>>,
    return_date_time_map: Map<UtcDateTime>,
    return_date_time_map_nullable_date_times: Map<Option<UtcDateTime>>,
    return_byte_data_map: Map<Bytes>,
    return_byte_data_map_nullable_byte_datas: Map<Option<Bytes>>,
    return_duration_map: Map<SignedDuration>,
    return_duration_map_nullable_durations: Map<Option<SignedDuration>>,
    return_simple_data_map: Map<SimpleData>,
    return_simple_data_map_nullable_simple_data: Map<Option<SimpleData>>,
    return_simple_data_map_nullable: Option<Map<SimpleData>>,
    return_nullable_simple_data_map_nullable_simple_data: Option<Map<Option<SimpleData>>>,
}

echoes! { SetParameters, set:
    return_int_set: IndexSet<i64>,
    return_int_set_set: IdentitySet<IndexSet<i64>>,
    return_int_list_set: IdentitySet<Vec<i64>>,
    return_int_set_nullable: Option<IndexSet<i64>>,
    return_int_set_nullable_set: IdentitySet<Option<IndexSet<i64>>>,
    return_int_set_set_nullable: Option<IdentitySet<IndexSet<i64>>>,
    return_int_set_nullable_ints: IndexSet<Option<i64>>,
    return_nullable_int_set_nullable_ints: Option<IndexSet<Option<i64>>>,
    return_double_set: IndexSet<Double>,
    return_double_set_nullable_doubles: IndexSet<Option<Double>>,
    return_bool_set: IndexSet<bool>,
    return_bool_set_nullable_bools: IndexSet<Option<bool>>,
    return_string_set: IndexSet<String>,
    return_string_set_nullable_strings: IndexSet<Option<String>>,
    return_date_time_set: IndexSet<UtcDateTime>,
    return_date_time_set_nullable_date_times: IndexSet<Option<UtcDateTime>>,
    return_byte_data_set: IdentitySet<Bytes>,
    return_byte_data_set_nullable_byte_datas: IdentitySet<Option<Bytes>>,
    return_duration_set: IndexSet<SignedDuration>,
    return_duration_set_nullable_durations: IndexSet<Option<SignedDuration>>,
    return_simple_data_set: IdentitySet<SimpleData>,
    return_simple_data_set_nullable_simple_data: IdentitySet<Option<SimpleData>>,
    return_simple_data_set_nullable: Option<IdentitySet<SimpleData>>,
    return_nullable_simple_data_set_nullable_simple_data: Option<IdentitySet<Option<SimpleData>>>,
}

macro_rules! records {
    ($($method:ident: $ty:ty),* $(,)?) => {
        #[endpoint]
        impl RecordParameters {
            $(async fn $method(&self, _session: &Session, record: $ty) -> Result<$ty> {
                Ok(record)
            })*

            async fn return_list_of_int_simple_data_record(
                &self,
                _session: &Session,
                record_list: Vec<(i64, SimpleData)>,
            ) -> Result<Vec<(i64, SimpleData)>> {
                Ok(record_list)
            }

            fn stream_nullable_record_of_nullable_int(
                &self,
                _session: &Session,
                values: Input<Option<(Option<i64>,)>>,
            ) -> impl Stream<Item = Result<Option<(Option<i64>,)>>> {
                values
            }
        }
    };
}

records! {
    return_record_of_int: (i64,),
    return_nullable_record_of_int: Option<(i64,)>,
    return_record_of_nullable_int: (Option<i64>,),
    return_nullable_record_of_nullable_int: Option<(Option<i64>,)>,
    return_int_string_record: (i64, String),
    return_nullable_int_string_record: Option<(i64, String)>,
    return_int_simple_data_record: (i64, SimpleData),
    return_nullable_int_simple_data_record: Option<(i64, SimpleData)>,
}
