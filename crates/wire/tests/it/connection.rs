//! The life of calls on a connection, step by step.

use std::sync::Arc;

use streampod_wire::{
    CloseReason, EncodeError, Incoming, Leave, MethodHead, OpenResult, ServerConnection, Shared, Slot, Value,
};

use crate::kit::{call_id, drain, method, simple};

pub(crate) const PONG: &str = r#"{"type":"pong"}"#;

// The frames of `endpoint.echo`, which is fed the streams `a` and `b`. Many are the same in both directions.

pub(crate) fn omsc(call: u128, inputs: &str) -> String {
    let id = call_id(call);
    format!(
        r#"{{"type":"omsc","data":{{"en":"endpoint","m":"echo","cid":"{id}","args":"{{}}","is":[{inputs}]}}}}"#
    )
}

fn omsr(call: u128, result: &str) -> String {
    let id = call_id(call);
    format!(r#"{{"type":"omsr","data":{{"cid":"{id}","res":"{result}","en":"endpoint","m":"echo"}}}}"#)
}

fn of(call: u128, parameter: &str) -> String {
    let parameter = if parameter.is_empty() { String::new() } else { format!(r#","p":"{parameter}""#) };
    format!(r#""data":{{"en":"endpoint","m":"echo","cid":"{}"{parameter}"#, call_id(call))
}

pub(crate) fn msm(call: u128, parameter: &str, value: i64) -> String {
    format!(r#"{{"type":"msm",{},"o":{{"className":"int","data":{value}}}}}}}"#, of(call, parameter))
}

pub(crate) fn msse(call: u128, parameter: &str, num: i64) -> String {
    format!(
        r#"{{"type":"msse",{},"ex":{{"className":"SimpleData","data":{{"num":{num}}}}}}}}}"#,
        of(call, parameter)
    )
}

pub(crate) fn cmsc(call: u128, parameter: &str, reason: &str) -> String {
    format!(r#"{{"type":"cmsc",{},"cr":"{reason}"}}}}"#, of(call, parameter))
}

fn brm(request: &str) -> String {
    format!(r#"{{"type":"brm","data":{{"req":{}}}}}"#, serde_json::to_string(request).unwrap())
}

/// A server's side with at most two calls, and the method `echo`.
struct Server {
    connection: ServerConnection,
    echo: Arc<MethodHead>,
}

fn server() -> Server {
    Server { connection: ServerConnection::new(2), echo: method("endpoint", "echo", &["a", "b"], "int") }
}

impl Server {
    /// The client sends what asks nothing of the server.
    #[track_caller]
    fn hears(&mut self, text: &str) {
        assert_eq!(self.connection.receive(text), Incoming::Nothing);
    }

    /// The client opens a call, which the server takes on or not.
    fn opens(&mut self, call: u128, inputs: &str) -> Option<Slot> {
        let text = omsc(call, inputs);
        let Incoming::Open(open) = self.connection.receive(&text) else { panic!("{text}") };
        self.connection.open(&open, &self.echo)
    }

    /// A call that is open.
    fn call(&mut self, call: u128, inputs: &str) -> Slot {
        let slot = self.opens(call, inputs).unwrap();
        self.connection.accept(slot);
        self.says(&[omsr(call, "success")]);
        slot
    }

    #[track_caller]
    fn says(&mut self, frames: &[String]) {
        assert_eq!(drain(&mut self.connection.out), frames);
    }

    #[track_caller]
    fn leaves(&mut self, text: &str, why: Leave) {
        assert_eq!(self.connection.receive(text), Incoming::Leave(why));
        assert!(self.connection.is_leaving());
    }
}

#[test]
fn a_ping_is_answered() {
    let mut server = server();
    server.hears(r#"{"type":"ping"}"#);
    server.hears(r#"{"type":"ping","data":{}}"#);
    server.hears(PONG);
    server.says(&[PONG.into(), PONG.into()]);
}

#[test]
fn a_call_from_its_opening_to_its_end() {
    let mut server = server();
    let slot = server.opens(1, r#""a""#).unwrap();
    assert_eq!(server.connection.calls(), 1);
    server.says(&[]);
    server.connection.accept(slot);
    server.connection.element(slot, &7).unwrap();
    server.connection.element(slot, &8).unwrap();
    server.connection.end(slot, CloseReason::Done);
    server.says(&[
        omsr(1, "success"),
        msm(1, "", 7),
        msm(1, "", 8),
        cmsc(1, "", "done"),
        cmsc(1, "a", "done"),
    ]);
    assert_eq!(server.connection.calls(), 0);
}

#[test]
fn elements_go_to_the_parameter_that_they_name() {
    let mut server = server();
    let slot = server.call(1, r#""b","a""#);
    for (input, name) in ["a", "b"].into_iter().enumerate() {
        let text = msm(1, name, 5);
        let Incoming::Element { slot: to, input: at, value } = server.connection.receive(&text) else {
            panic!()
        };
        assert_eq!((to, at, &*value.class_name, value.data), (slot, input, "int", "5"));
        let text = msse(1, name, 5);
        let Incoming::Exception { slot: to, input: at, value } = server.connection.receive(&text) else {
            panic!()
        };
        assert_eq!((to, at, &*value.class_name, value.data), (slot, input, "SimpleData", r#"{"num":5}"#));
    }
    server.says(&[]);
}

/// They wait with the server until the caller is authenticated.
#[test]
fn elements_may_come_before_the_call_is_accepted() {
    let mut server = server();
    let slot = server.opens(1, r#""a""#).unwrap();
    assert!(matches!(server.connection.receive(&msm(1, "a", 1)), Incoming::Element { .. }));
    assert!(matches!(server.connection.receive(&cmsc(1, "a", "done")), Incoming::InputEnd { .. }));
    server.says(&[]);
    server.connection.accept(slot);
    server.says(&[omsr(1, "success")]);
}

#[test]
fn the_client_ends_a_parameter() {
    let mut server = server();
    let slot = server.call(1, r#""a","b""#);
    let ended = |input, reason| Incoming::InputEnd { slot, input, reason };
    assert!(server.connection.is_flowing(slot, 0) && server.connection.is_flowing(slot, 1));
    assert_eq!(server.connection.receive(&cmsc(1, "a", "done")), ended(0, CloseReason::Done));
    assert_eq!(server.connection.receive(&cmsc(1, "b", "error")), ended(1, CloseReason::Error));
    assert!(!server.connection.is_flowing(slot, 0) && !server.connection.is_flowing(slot, 1));
    // Once is enough, for either side.
    server.hears(&cmsc(1, "a", "done"));
    server.connection.close_input(slot, 0);
    server.says(&[]);
    server.hears(&msm(1, "a", 1));
    server.says(&[cmsc(1, "a", "error")]);
    server.connection.end(slot, CloseReason::Done);
    server.says(&[cmsc(1, "", "done")]);
}

#[test]
fn the_method_drops_a_parameter() {
    let mut server = server();
    let slot = server.call(1, r#""a","b""#);
    server.connection.close_input(slot, 1);
    server.connection.close_input(slot, 1);
    server.says(&[cmsc(1, "b", "done")]);
    server.hears(&msm(1, "b", 1));
    server.hears(&msse(1, "b", 1));
    server.says(&[cmsc(1, "b", "error"), cmsc(1, "b", "error")]);
    server.hears(&cmsc(1, "b", "done"));
    server.connection.end(slot, CloseReason::Done);
    server.says(&[cmsc(1, "", "done"), cmsc(1, "a", "done")]);
}

#[test]
fn the_client_cancels() {
    let mut server = server();
    let slot = server.call(1, r#""a""#);
    let cancel = Incoming::Cancel { slot, reason: CloseReason::Done };
    assert_eq!(server.connection.receive(&cmsc(1, "", "done")), cancel);
    server.connection.end(slot, CloseReason::Done);
    server.says(&[cmsc(1, "", "done"), cmsc(1, "a", "done")]);
    // The call is over; what comes late finds nothing.
    server.hears(&cmsc(1, "", "done"));
    server.hears(&cmsc(1, "a", "done"));
    server.says(&[]);
    server.hears(&msm(1, "a", 1));
    server.says(&[cmsc(1, "a", "error")]);
}

#[test]
fn the_client_cancels_before_the_call_is_accepted() {
    let mut server = server();
    let slot = server.opens(1, "").unwrap();
    assert_eq!(
        server.connection.receive(&cmsc(1, "", "error")),
        Incoming::Cancel { slot, reason: CloseReason::Error }
    );
    server.connection.end(slot, CloseReason::Error);
    server.says(&[omsr(1, "success"), cmsc(1, "", "error")]);
}

#[test]
fn the_method_fails() {
    let mut server = server();
    let slot = server.call(1, r#""a""#);
    server.connection.exception(slot, &Shared::new(simple(3)).into()).unwrap();
    server.connection.end(slot, CloseReason::Error);
    server.says(&[msse(1, "", 3), cmsc(1, "", "error"), cmsc(1, "a", "error")]);
}

#[test]
fn a_call_that_fails_before_it_is_accepted_is_accepted_first() {
    let mut server = server();
    let slot = server.opens(1, r#""a""#).unwrap();
    server.connection.exception(slot, &Shared::new(simple(3)).into()).unwrap();
    server.connection.end(slot, CloseReason::Error);
    server.says(&[omsr(1, "success"), msse(1, "", 3), cmsc(1, "", "error"), cmsc(1, "a", "error")]);
}

#[test]
fn an_element_that_cannot_be_sent_is_not_sent() {
    let mut server = server();
    let slot = server.call(1, "");
    assert_eq!(server.connection.element(slot, &f64::NAN), Err(EncodeError::NotFinite));
    server.says(&[]);
    server.connection.end(slot, CloseReason::Error);
    server.says(&[cmsc(1, "", "error")]);
}

#[test]
fn a_call_is_refused_before_or_after_it_is_opened() {
    let mut server = server();
    let text = omsc(1, "");
    let Incoming::Open(open) = server.connection.receive(&text) else { panic!() };
    server.connection.refuse_open(&open, OpenResult::EndpointNotFound);
    server.says(&[omsr(1, "endpointNotFound")]);
    let slot = server.opens(1, "").unwrap();
    server.connection.refuse(slot, OpenResult::AuthenticationFailed);
    server.says(&[omsr(1, "authenticationFailed")]);
    assert_eq!(server.connection.calls(), 0);
    server.hears(&cmsc(1, "", "done"));
    server.says(&[]);
}

#[test]
fn an_id_names_one_call_at_a_time() {
    let mut server = server();
    let slot = server.call(1, r#""a""#);
    assert_eq!(server.opens(1, ""), None);
    server.says(&[omsr(1, "invalidArguments")]);
    // The first call is none the worse for it.
    assert!(matches!(server.connection.receive(&msm(1, "a", 1)), Incoming::Element { .. }));
    server.connection.end(slot, CloseReason::Done);
    server.says(&[cmsc(1, "", "done"), cmsc(1, "a", "done")]);
    server.call(1, "");
}

#[test]
fn only_so_many_calls_are_open_at_once() {
    let mut server = server();
    let first = server.call(1, "");
    let second = server.opens(2, "").unwrap();
    assert_ne!(first, second);
    assert_eq!(server.opens(3, ""), None);
    server.says(&[omsr(3, "invalidArguments")]);
    assert_eq!(server.connection.calls(), 2);
    server.connection.refuse(second, OpenResult::AuthorizationDeclined);
    server.says(&[omsr(2, "authorizationDeclined")]);
    server.call(3, "");
    assert_eq!(server.connection.calls(), 2);
}

#[test]
fn calls_do_not_mix() {
    let mut server = server();
    let first = server.call(1, r#""a""#);
    let second = server.call(2, r#""a""#);
    server.connection.element(second, &2).unwrap();
    server.connection.element(first, &1).unwrap();
    server.connection.end(second, CloseReason::Error);
    server.connection.element(first, &3).unwrap();
    server.says(&[msm(2, "", 2), msm(1, "", 1), cmsc(2, "", "error"), cmsc(2, "a", "error"), msm(1, "", 3)]);
    let text = msm(1, "a", 1);
    assert!(matches!(server.connection.receive(&text), Incoming::Element { slot, .. } if slot == first));
}

#[test]
fn an_element_for_nothing_is_answered_and_the_connection_goes_on() {
    let mut server = server();
    server.hears(&msm(1, "a", 1));
    server.says(&[cmsc(1, "a", "error")]);
    let slot = server.call(1, r#""a""#);
    // Never fed, never declared, of another call.
    let strange = r#"x\"\u0001"#;
    server.hears(&msm(1, "b", 1));
    server.hears(&msse(1, strange, 1));
    server.hears(&msm(9, "a", 1));
    server.says(&[cmsc(1, "b", "error"), cmsc(1, strange, "error"), cmsc(9, "a", "error")]);
    server.hears(&cmsc(1, "b", "done"));
    server.hears(&cmsc(9, "", "done"));
    server.says(&[]);
    assert!(!server.connection.is_flowing(slot, 1));
    assert!(!server.connection.is_leaving());
}

#[test]
fn an_element_for_the_returned_stream_ends_the_connection() {
    for text in [msm(1, "", 1), msse(1, "", 1)] {
        let mut server = server();
        server.call(1, r#""a""#);
        server.leaves(&text, Leave::Unreadable);
        server.says(&[brm("Server does not accept messages targeting the return stream.")]);
    }
}

#[test]
fn what_cannot_be_read_ends_the_connection() {
    let no_id = msm(1, "a", 1).replace("cid", "id");
    for text in
        ["not json", "[]", r#"{"type":"no_such_type"}"#, "", "\u{1}\"", &no_id, &cmsc(1, "a", "enough")]
    {
        let mut server = server();
        server.leaves(text, Leave::Unreadable);
        server.says(&[brm(text)]);
    }
    // A value that nobody can read is found by whoever knows the stream's type.
    let mut server = server();
    let slot = server.call(1, r#""a""#);
    let text = msm(1, "a", 1).replace("\"int\"", "\"NoSuchClass\"");
    assert!(matches!(server.connection.receive(&text), Incoming::Element { .. }));
    assert_eq!(server.connection.unreadable(&text), Incoming::Leave(Leave::Unreadable));
    // Said once.
    assert_eq!(server.connection.unreadable(&text), Incoming::Nothing);
    server.says(&[brm(&text)]);
    // The call may still say its last.
    server.connection.end(slot, CloseReason::Error);
    server.says(&[cmsc(1, "", "error"), cmsc(1, "a", "error")]);
}

#[test]
fn a_client_that_could_not_read_is_left_without_an_answer() {
    let mut server = server();
    server.leaves(&brm("x"), Leave::BadRequest);
    server.says(&[]);
}

#[test]
fn what_comes_after_leaving_is_ignored() {
    let mut server = server();
    server.call(1, r#""a""#);
    server.leaves("not json", Leave::Unreadable);
    server.says(&[brm("not json")]);
    for text in [
        r#"{"type":"ping"}"#,
        "not json",
        &omsc(2, ""),
        &msm(1, "a", 1),
        &msm(1, "", 1),
        &msm(9, "a", 1),
        &cmsc(1, "", "done"),
        &brm("x"),
    ] {
        server.hears(text);
    }
    server.says(&[]);
    assert_eq!(server.connection.calls(), 1);
}

#[test]
fn a_lost_connection_ends_every_call_without_a_word() {
    let mut server = server();
    let first = server.call(1, r#""a""#);
    let second = server.opens(2, "").unwrap();
    server.connection.disconnect();
    assert_eq!(server.connection.calls(), 0);
    assert!(server.connection.is_leaving());
    // Methods that run on do no harm.
    server.connection.accept(second);
    server.connection.element(first, &1).unwrap();
    server.connection.element(first, &f64::NAN).unwrap();
    server.connection.exception(first, &Shared::new(simple(1)).into()).unwrap();
    server.connection.close_input(first, 0);
    server.connection.end(first, CloseReason::Done);
    server.connection.refuse(second, OpenResult::InvalidArguments);
    server.hears(&omsc(1, ""));
    server.says(&[]);
}

#[test]
fn a_dynamic_stream_names_each_type() {
    let mut server = server();
    let slot = server.call(1, "");
    server.connection.element(slot, &Value::from(1)).unwrap();
    server.connection.element(slot, &Value::Null).unwrap();
    let null = msm(1, "", 0).replace(r#""int","data":0"#, r#""null","data":null"#);
    server.says(&[msm(1, "", 1), null]);
}

#[test]
fn names_that_the_method_does_not_have_are_no_parameters() {
    let mut server = server();
    let slot = server.call(1, r#""extra","b","b""#);
    assert!(!server.connection.is_flowing(slot, 0));
    assert!(server.connection.is_flowing(slot, 1));
    server.connection.end(slot, CloseReason::Done);
    server.says(&[cmsc(1, "", "done"), cmsc(1, "b", "done")]);
}

#[test]
fn a_method_has_up_to_64_parameters() {
    let names: Vec<String> = (0..ServerConnection::INPUTS_MAX).map(|index| format!("p{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut server =
        Server { connection: ServerConnection::new(1), echo: method("endpoint", "echo", &names, "int") };
    let slot = server.call(1, r#""p0","p63""#);
    assert!(server.connection.is_flowing(slot, 0) && server.connection.is_flowing(slot, 63));
    assert!(!server.connection.is_flowing(slot, 62));
    assert!(matches!(server.connection.receive(&msm(1, "p63", 1)), Incoming::Element { input: 63, .. }));
    server.connection.close_input(slot, 0);
    server.connection.end(slot, CloseReason::Done);
    server.says(&[cmsc(1, "p0", "done"), cmsc(1, "", "done"), cmsc(1, "p63", "done")]);
}
