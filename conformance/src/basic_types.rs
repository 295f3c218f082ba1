//! Methods that send back what they are given, one for each basic type.

use streampod::prelude::*;

/// Echoes over HTTP.
pub(crate) struct BasicTypes;

/// Echoes of streams.
pub(crate) struct BasicTypesStreaming;

macro_rules! echoes {
    ($($method:ident($argument:ident: $ty:ty)),* $(,)?) => {
        #[endpoint]
        impl BasicTypes {
            $(async fn $method(&self, _session: &Session, $argument: Option<$ty>) -> Result<Option<$ty>> {
                Ok($argument)
            })*
        }

        #[endpoint]
        impl BasicTypesStreaming {
            $(fn $method(
                &self,
                _session: &Session,
                value: Input<Option<$ty>>,
            ) -> impl Stream<Item = Result<Option<$ty>>> {
                value
            })*
        }
    };
}

echoes! {
    test_int(value: i64),
    test_double(value: f64),
    test_bool(value: bool),
    test_date_time(date_time: UtcDateTime),
    test_string(value: String),
    test_byte_data(value: Bytes),
    test_duration(value: SignedDuration),
    test_uuid(value: Uuid),
    test_uri(value: Uri),
    test_big_int(value: BigInt),
}
