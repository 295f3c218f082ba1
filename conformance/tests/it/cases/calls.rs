//! The calls of the table, each by the method that is generated for it.

use conformance_client::Client;
use conformance_client::endpoints::named_parameters::{
    NamedParametersMethodEqualIntsOptions, NamedParametersMethodOptions,
};
use heck::ToLowerCamelCase;
use streampod_client::Call;
use streampod_wire::Encode;

use super::answer::{Answered, Outcome, read};
use super::play::Caller;

/// Makes the call of a case.
pub(super) async fn call(client: &Client, caller: &Caller) -> Outcome {
    let (endpoint, method) = caller.case().call.rsplit_once('.').unwrap();
    if caller.case().untyped {
        return untyped(client, caller, endpoint, method).await;
    }
    typed(client, caller, endpoint, method).await
}

/// What no method is generated for, by the runtime beneath.
async fn untyped(client: &Client, caller: &Caller, endpoint: &str, method: &str) -> Outcome {
    let (runtime, case) = (client.runtime(), caller.case());
    let numbers: Vec<_> = case.args.iter().map(|(name, text)| (name, read::<i64>(&text.get()))).collect();
    let numbers: Vec<_> =
        numbers.iter().map(|(name, number)| (name.as_str(), number as &dyn Encode)).collect();
    if case.elements.is_none() {
        return runtime.call::<String>(endpoint, method, &numbers).outcome(caller).await;
    }
    let mut builder = runtime.open::<i64>(endpoint, method, &numbers);
    for name in case.inputs.keys() {
        builder = builder.input::<i64>(name, caller.input(name));
    }
    builder.stream().outcome(caller).await
}

async fn nothing(call: Call<()>) -> Outcome {
    Outcome::of(call.await.map(|()| "null".to_owned()))
}

/// Every method of the client, named as in Rust: its arguments, its stream parameters in angle brackets, and the fields of its
/// options. Those that return nothing are marked, and the module of an endpoint stands before it.
macro_rules! calls {
    ($($([$module:ident])? $endpoint:ident { $($method:tt)* })*) => {
        async fn typed(client: &Client, caller: &Caller, endpoint: &str, method: &str) -> Outcome {
            $(if endpoint == format!("{}{}", concat!($(stringify!($module), ".")?), wire(stringify!($endpoint))) {
                let endpoint = &client.$($module.)?$endpoint;
                methods!(endpoint, method, caller, $($method)*);
            })*
            panic!("{}: the table of methods does not have `{endpoint}.{method}`", caller.case().name)
        }
    };
}

macro_rules! methods {
    ($endpoint:ident, $wanted:ident, $caller:ident,) => {};
    ($endpoint:ident, $wanted:ident, $caller:ident, void $method:ident($($argument:tt)*) $($rest:tt)*) => {
        if $wanted == wire(stringify!($method)) {
            return nothing(pass!($endpoint, $method, $caller, [], $($argument)*)).await;
        }
        methods!($endpoint, $wanted, $caller, $($rest)*);
    };
    ($endpoint:ident, $wanted:ident, $caller:ident, $method:ident($($argument:tt)*) $($rest:tt)*) => {
        if $wanted == wire(stringify!($method)) {
            return pass!($endpoint, $method, $caller, [], $($argument)*).outcome($caller).await;
        }
        methods!($endpoint, $wanted, $caller, $($rest)*);
    };
}

/// Calls a method with its arguments, which are made one by one.
macro_rules! pass {
    ($endpoint:ident, $method:ident, $caller:ident, [$($made:expr,)*],) => {
        $endpoint.$method($($made),*)
    };
    ($endpoint:ident, $method:ident, $caller:ident, [$($made:expr,)*], <$input:ident> $(, $($rest:tt)*)?) => {
        pass!($endpoint, $method, $caller, [$($made,)* $caller.input(&wire(stringify!($input))),], $($($rest)*)?)
    };
    (
        $endpoint:ident, $method:ident, $caller:ident, [$($made:expr,)*],
        $options:ident { $($field:ident),* }
    ) => {
        $endpoint.$method(
            $($made,)*
            $options { $($field: $caller.option(&wire(stringify!($field)))),* },
        )
    };
    ($endpoint:ident, $method:ident, $caller:ident, [$($made:expr,)*], $argument:ident $(, $($rest:tt)*)?) => {
        pass!($endpoint, $method, $caller, [$($made,)* $caller.argument(&wire(stringify!($argument))),], $($($rest)*)?)
    };
}

/// A name as it is on the wire.
fn wire(name: &str) -> String {
    name.to_lower_camel_case()
}

calls! {
    admin_scope_required {
        test_method()
    }
    authenticated_method_streaming {
        simple_stream()
        int_echo_stream(<stream>)
    }
    authenticated_test_tools {
        returns_string(string)
        returns_stream(n)
        returns_list_from_input_stream(<numbers>)
        int_echo_stream(<stream>)
    }
    authentication {
        authenticate(email, password, scopes)
        void sign_out()
        void remove_all_users()
        count_users()
        void update_scopes(user_id, scopes)
    }
    basic_types {
        test_int(value)
        test_double(value)
        test_bool(value)
        test_date_time(date_time)
        test_string(value)
        test_byte_data(value)
        test_duration(value)
        test_uuid(value)
        test_uri(value)
        test_big_int(value)
    }
    basic_types_streaming {
        test_int(<value>)
        test_double(<value>)
        test_bool(<value>)
        test_date_time(<value>)
        test_string(<value>)
        test_byte_data(<value>)
        test_duration(<value>)
        test_uuid(<value>)
        test_uri(<value>)
        test_big_int(<value>)
    }
    custom_types {
        return_custom_class(data)
        return_custom_class_nullable(data)
    }
    exception_test {
        throw_normal_exception()
        throw_exception_with_data()
        working_without_exception()
    }
    failed_calls {
        void failed_call()
        void slow_call()
        void caught_exception()
    }
    list_parameters {
        return_int_list(list)
        return_int_list_list(list)
        return_int_list_nullable(list)
        return_int_list_nullable_list(list)
        return_int_list_list_nullable(list)
        return_int_list_nullable_ints(list)
        return_nullable_int_list_nullable_ints(list)
        return_double_list(list)
        return_double_list_nullable_doubles(list)
        return_bool_list(list)
        return_bool_list_nullable_bools(list)
        return_string_list(list)
        return_string_list_nullable_strings(list)
        return_date_time_list(list)
        return_date_time_list_nullable_date_times(list)
        return_byte_data_list(list)
        return_byte_data_list_nullable_byte_datas(list)
        return_duration_list(list)
        return_duration_list_nullable_durations(list)
        return_simple_data_list(list)
        return_simple_data_list_nullable_simple_data(list)
        return_simple_data_list_nullable(list)
        return_nullable_simple_data_list_nullable_simple_data(list)
    }
    map_parameters {
        return_int_map(map)
        return_int_map_nullable(map)
        return_nested_int_map(map)
        return_int_map_nullable_ints(map)
        return_nullable_int_map_nullable_ints(map)
        return_int_int_map(map)
        return_enum_int_map(map)
        return_enum_map(map)
        return_double_map(map)
        return_double_map_nullable_doubles(map)
        return_bool_map(map)
        return_bool_map_nullable_bools(map)
        return_string_map(map)
        return_string_map_nullable_strings(map)
        return_date_time_map(map)
        return_date_time_map_nullable_date_times(map)
        return_byte_data_map(map)
        return_byte_data_map_nullable_byte_datas(map)
        return_duration_map(map)
        return_duration_map_nullable_durations(map)
        return_simple_data_map(map)
        return_simple_data_map_nullable_simple_data(map)
        return_simple_data_map_nullable(map)
        return_nullable_simple_data_map_nullable_simple_data(map)
    }
    method_streaming {
        simple_stream()
        never_ending_stream_with_delay(milliseconds_delay)
        void method_call_endpoint()
        void simple_endpoint()
        void int_parameter(value)
        double_input_value(value)
        int_return_from_stream(<stream>)
        simple_input_return_stream(<stream>)
        nullable_int_return_from_stream(<stream>)
        get_broadcast_stream()
        was_broadcast_stream_canceled()
        was_session_will_close_listener_called()
        int_stream_from_value(value)
        simple_stream_with_parameter(value)
        simple_data_stream(value)
        int_echo_stream(<stream>)
        nullable_int_echo_stream(<stream>)
        dynamic_echo_stream(<stream>)
        multiple_int_echo_streams(<stream1>, <stream2>)
        void void_return_after_stream(<stream>)
        void direct_void_return_with_stream_input(<stream>)
        direct_one_int_return_with_stream_input(<stream>)
        simple_in_out_data_stream(<simple_data_stream>)
        simple_list_in_out_int_stream(<simple_data_list_stream>)
        simple_list_in_out_data_stream(<simple_data_list_stream>)
        simple_nullable_list_in_out_nullable_data_stream(<simple_data_list_stream>)
        simple_list_in_out_nullable_data_stream(<simple_data_list_stream>)
        simple_list_in_out_other_module_type_stream(<user_info_list_stream>)
        simple_set_in_out_int_stream(<simple_data_set_stream>)
        simple_set_in_out_data_stream(<simple_data_set_stream>)
        nested_set_in_list_in_out_data_stream(<simple_data_set_stream>)
        void delayed_response(delay)
        void complete_all_delayed_responses()
        delayed_stream_response(delay)
        void delayed_never_listened_input_stream(delay, <stream>)
        void delayed_paused_input_stream(delay, <stream>)
        void in_stream_throws_exception(<stream>)
        void throws_exception_void(<stream>)
        throws_exception(<stream>)
        out_stream_throws_exception()
        throws_exception_stream()
        exception_thrown_before_stream_return()
        exception_thrown_in_stream_return()
        void in_stream_throws_serializable_exception(<stream>)
        void throws_serializable_exception_void(<stream>)
        throws_serializable_exception(<stream>)
        out_stream_throws_serializable_exception()
        throws_serializable_exception_stream()
        did_input_stream_have_error(<stream>)
        did_input_stream_have_serializable_exception_error(<stream>)
    }
    model_parameters {
        return_shape(shape)
        return_shape_nullable(shape)
        return_shape_list(shapes)
        return_circle(circle)
        return_level(level)
        return_rich_model(model)
        shape_echo_stream(<shapes>)
        nullable_shape_echo_stream(<shapes>)
        rich_model_echo_stream(<models>)
        void throw_shape(shape)
    }
    named_parameters {
        named_parameters_method(named_int, NamedParametersMethodOptions { int_with_default_value, nullable_int, nullable_int_with_default_value })
        named_parameters_method_equal_ints(named_int, NamedParametersMethodEqualIntsOptions { nullable_int })
    }
    optional_parameters {
        return_optional_int(optional_int)
    }
    record_parameters {
        return_record_of_int(record)
        return_nullable_record_of_int(record)
        return_record_of_nullable_int(record)
        return_nullable_record_of_nullable_int(record)
        return_int_string_record(record)
        return_nullable_int_string_record(record)
        return_int_simple_data_record(record)
        return_nullable_int_simple_data_record(record)
        return_list_of_int_simple_data_record(record_list)
        stream_nullable_record_of_nullable_int(<values>)
    }
    set_parameters {
        return_int_set(set)
        return_int_set_set(set)
        return_int_list_set(set)
        return_int_set_nullable(set)
        return_int_set_nullable_set(set)
        return_int_set_set_nullable(set)
        return_int_set_nullable_ints(set)
        return_nullable_int_set_nullable_ints(set)
        return_double_set(set)
        return_double_set_nullable_doubles(set)
        return_bool_set(set)
        return_bool_set_nullable_bools(set)
        return_string_set(set)
        return_string_set_nullable_strings(set)
        return_date_time_set(set)
        return_date_time_set_nullable_date_times(set)
        return_byte_data_set(set)
        return_byte_data_set_nullable_byte_datas(set)
        return_duration_set(set)
        return_duration_set_nullable_durations(set)
        return_simple_data_set(set)
        return_simple_data_set_nullable_simple_data(set)
        return_simple_data_set_nullable(set)
        return_nullable_simple_data_set_nullable_simple_data(set)
    }
    redis {
        listen_to_channel(channel)
        void post_to_channel(channel, data)
        count_subscribed_channels()
    }
    [serverpod_test_module] module {
        hello(name)
        modify_module_object(object)
    }
    [serverpod_test_module] streaming {
        int_echo_stream(<stream>)
        simple_input_return_stream(<stream>)
    }
    sign_in_required {
        test_method()
    }
    simple {
        void set_global_int(value, second_value)
        void add_to_global_int()
        get_global_int()
        hello(name)
    }
    test_tools {
        returns_session_id()
        returns_session_endpoint_and_method()
        returns_session_id_from_stream()
        returns_session_endpoint_and_method_from_stream()
        returns_string(string)
        returns_stream(n)
        returns_list_from_input_stream(<numbers>)
        returns_simple_data_list_from_input_stream(<simple_datas>)
        returns_stream_from_input_stream(<numbers>)
        returns_simple_data_stream_from_input_stream(<simple_datas>)
        echo_simple_data(simple_data)
        echo_simple_datas(simple_datas)
        echo_types(types_model)
        echo_types_list(types_list)
        echo_record(record)
        echo_records(records)
        record_echo_stream(initial_value, <stream>)
        list_of_record_echo_stream(initial_value, <stream>)
        void post_number_to_shared_stream(number)
        listen_for_numbers_on_shared_stream()
        post_number_to_shared_stream_and_return_stream(number)
    }
    upload {
        upload_byte_data(path, data)
    }
}
