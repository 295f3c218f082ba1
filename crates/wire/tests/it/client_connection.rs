//! A client's side of a connection: step by step, and joined to a server's.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use streampod_wire::{
    CallId, ClientConnection, ClientEvent, CloseReason, Encode, EncodeError, Incoming, Leave, MethodHead,
    NewCall, Object, OpenResult, ServerConnection, Shared, Slot, Value, encode_arguments,
};

use crate::connection::{PONG, cmsc, msm, msse, omsc};
use crate::kit::{call_id, drain, method, simple};

const INPUTS: [&str; 2] = ["a", "b"];

/// `endpoint.echo`, fed by the streams `a` and `b`.
fn echo(inputs: &[usize]) -> NewCall {
    let inputs = inputs.iter().map(|input| (INPUTS[*input].to_owned(), "int".to_owned()));
    NewCall {
        endpoint: "endpoint".to_owned(),
        method: "echo".to_owned(),
        arguments: Bytes::from_static(b"{}"),
        inputs: inputs.collect(),
        authorization: None,
    }
}

fn omsr(call: u128, result: &str) -> String {
    let id = call_id(call);
    format!(r#"{{"type":"omsr","data":{{"cid":"{id}","res":"{result}","en":"endpoint","m":"echo"}}}}"#)
}

fn returned(call: u128, value: i64) -> String {
    msm(call, "", value)
}

/// A client with the call 1 open.
fn opened() -> ClientConnection {
    let mut client = ClientConnection::new();
    client.open(call_id(1), echo(&[0, 1]));
    assert_eq!(drain(&mut client.out), [omsc(1, r#""a","b""#)]);
    assert_eq!(client.receive(&omsr(1, "success")), ClientEvent::Opened { call: call_id(1) });
    client
}

#[test]
fn arguments_travel_as_a_string_of_json() {
    let mut client = ClientConnection::new();
    let arguments: [(&str, &dyn Encode); 3] =
        [("na\"me", &"W\"".to_owned()), ("n", &1_i64), ("o", &None::<i64>)];
    let json = encode_arguments(&arguments, None).unwrap();
    assert_eq!(json, r#"{"na\"me":"W\"","n":1,"o":null}"#);
    client.open(
        call_id(1),
        NewCall { arguments: json, authorization: Some("Bearer \"".to_owned()), ..echo(&[]) },
    );
    let id = call_id(1);
    let frame = format!(
        r#"{{"type":"omsc","data":{{"en":"endpoint","m":"echo","cid":"{id}","args":"{{\"na\\\"me\":\"W\\\"\",\"n\":1,\"o\":null}}","is":[],"auth":"Bearer \""}}}}"#
    );
    assert_eq!(drain(&mut client.out), [frame]);
    assert_eq!(encode_arguments(&[], Some("go")).unwrap(), r#"{"method":"go"}"#);
    assert_eq!(encode_arguments(&[("x", &f64::NAN)], None), Err(EncodeError::NotFinite));
}

#[test]
fn inputs_are_fed_once_the_call_is_open() {
    let mut client = ClientConnection::new();
    client.open(call_id(1), echo(&[0, 1]));
    drain(&mut client.out);
    client.element(call_id(1), 0, &1_i64).unwrap();
    client.close_input(call_id(1), 0, CloseReason::Done);
    assert!(client.out.is_empty());
    client.receive(&omsr(1, "success"));
    client.element(call_id(1), 0, &1_i64).unwrap();
    client.element(call_id(1), 1, &Value::from("x".to_owned())).unwrap();
    client.exception(call_id(1), 1, &Object::from(Shared::new(simple(7)))).unwrap();
    client.close_input(call_id(1), 1, CloseReason::Error);
    client.close_input(call_id(1), 1, CloseReason::Error);
    assert!(client.element(call_id(1), 0, &f64::NAN).is_err());
    client.element(call_id(1), 1, &2_i64).unwrap();
    client.element(call_id(1), 5, &2_i64).unwrap();
    let dynamic = msm(1, "b", 1).replace(r#""int","data":1"#, r#""String","data":"x""#);
    let expected = [msm(1, "a", 1), dynamic, msse(1, "b", 7), cmsc(1, "b", "error")];
    assert_eq!(drain(&mut client.out), expected);
}

#[test]
fn what_is_for_no_open_call_is_ignored() {
    let mut client = opened();
    let call = call_id(1);
    for text in [
        returned(2, 1),
        cmsc(2, "", "done"),
        cmsc(2, "a", "done"),
        cmsc(1, "x", "done"),
        omsr(2, "success"),
        omsr(1, "success"),
        omsr(1, "invalidArguments"),
        msm(1, "a", 1),
        omsc(1, ""),
    ] {
        assert_eq!(client.receive(&text), ClientEvent::Nothing, "{text}");
    }
    assert_eq!(client.receive(&cmsc(1, "b", "done")), ClientEvent::InputClosed { call, input: 1 });
    assert_eq!(client.receive(&cmsc(1, "b", "error")), ClientEvent::Nothing);
    assert!(matches!(client.receive(&returned(1, 3)), ClientEvent::Element { .. }));
    assert!(matches!(client.receive(&msse(1, "", 3)), ClientEvent::Exception { .. }));
    assert_eq!(client.receive(&returned(1, 4)), ClientEvent::Nothing);
    assert_eq!(client.receive(&msse(1, "", 4)), ClientEvent::Nothing);
    let reason = CloseReason::Error;
    assert_eq!(client.receive(&cmsc(1, "", "error")), ClientEvent::Ended { call, reason });
    assert_eq!(client.receive(&cmsc(1, "", "error")), ClientEvent::Nothing);
    client.cancel(call);
    assert!(client.out.is_empty());
    assert_eq!(client.calls(), 0);
}

#[test]
fn pings_are_answered_up_to_a_bound() {
    let mut client = ClientConnection::new();
    assert_eq!(client.receive(PONG), ClientEvent::Pong);
    client.ping();
    client.receive(r#"{"type":"ping"}"#);
    assert_eq!(drain(&mut client.out), [r#"{"type":"ping"}"#, PONG]);
    for _ in 0..200_000 {
        client.receive(r#"{"type":"ping"}"#);
    }
    assert!(client.out.len() < 1024 * 1024 + 100);
}

#[test]
fn unreadable_frames_and_reports_of_such_end_the_connection() {
    let mut client = opened();
    assert_eq!(client.receive("junk"), ClientEvent::Leave(Leave::Unreadable));
    assert_eq!(drain(&mut client.out), [r#"{"type":"brm","data":{"req":"junk"}}"#]);
    assert_eq!(client.receive(&returned(1, 1)), ClientEvent::Nothing);
    let mut client = opened();
    assert_eq!(client.receive(r#"{"type":"brm","data":{"req":"x"}}"#), ClientEvent::Leave(Leave::BadRequest));
    assert!(client.is_leaving() && client.out.is_empty());
    client.disconnect();
    assert_eq!(client.calls(), 0);
}

/// What either side does, or how far frames travel. `which` picks one of the calls that are open on that side.
#[derive(Debug, Clone)]
enum Step {
    Open { inputs: Vec<usize> },
    Feed { which: usize, input: usize },
    Throw { which: usize, input: usize },
    CloseInput { which: usize, input: usize, reason: CloseReason },
    Cancel { which: usize },
    Accept { which: usize },
    Refuse { which: usize },
    Yield { which: usize },
    Fail { which: usize },
    DropInput { which: usize, input: usize },
    End { which: usize, reason: CloseReason },
    ToServer { frames: usize },
    ToClient { frames: usize },
}

fn any_step() -> impl Strategy<Value = Step> {
    let which = || 0..4_usize;
    let input = || 0..2_usize;
    let reason = || prop_oneof![Just(CloseReason::Done), Just(CloseReason::Error)];
    prop_oneof![
        3 => proptest::sample::subsequence(vec![0, 1], 0..=2).prop_map(|inputs| Step::Open { inputs }),
        4 => (which(), input()).prop_map(|(which, input)| Step::Feed { which, input }),
        1 => (which(), input()).prop_map(|(which, input)| Step::Throw { which, input }),
        2 => (which(), input(), reason()).prop_map(|(which, input, reason)| Step::CloseInput { which, input, reason }),
        1 => which().prop_map(|which| Step::Cancel { which }),
        4 => which().prop_map(|which| Step::Accept { which }),
        1 => which().prop_map(|which| Step::Refuse { which }),
        4 => which().prop_map(|which| Step::Yield { which }),
        1 => which().prop_map(|which| Step::Fail { which }),
        1 => (which(), input()).prop_map(|(which, input)| Step::DropInput { which, input }),
        1 => (which(), reason()).prop_map(|(which, reason)| Step::End { which, reason }),
        5 => (1..6_usize).prop_map(|frames| Step::ToServer { frames }),
        5 => (1..6_usize).prop_map(|frames| Step::ToClient { frames }),
    ]
}

/// What one side knows of a call.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    ends: usize,
    sent: Vec<i64>,
    received: Vec<i64>,
    threw: bool,
    caught: bool,
}

/// A client and a server, and the frames between them.
struct Pair {
    client: ClientConnection,
    server: ServerConnection,
    method: Arc<MethodHead>,
    to_server: VecDeque<String>,
    to_client: VecDeque<String>,
    at_client: BTreeMap<CallId, Seen>,
    at_server: BTreeMap<CallId, Seen>,
    open_at_client: Vec<CallId>,
    open_at_server: Vec<(CallId, Slot)>,
    /// The calls of the client whose end the server told, and how.
    told: BTreeMap<CallId, CloseReason>,
    next: i64,
}

impl Pair {
    fn new() -> Self {
        Self {
            client: ClientConnection::new(),
            server: ServerConnection::new(3),
            method: method("endpoint", "echo", &INPUTS, "int"),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            at_client: BTreeMap::new(),
            at_server: BTreeMap::new(),
            open_at_client: Vec::new(),
            open_at_server: Vec::new(),
            told: BTreeMap::new(),
            next: 0,
        }
    }

    fn number(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Open { inputs } => {
                let call = call_id(u128::try_from(self.number()).unwrap());
                self.client.open(call, echo(inputs));
                self.at_client.insert(call, Seen::default());
                self.open_at_client.push(call);
            }
            Step::Feed { which, input } => {
                let Some(call) = self.open_at_client.get(*which).copied() else { return };
                let n = self.number();
                if self.client.is_flowing(call, *input) {
                    self.at_client.get_mut(&call).unwrap().sent.push(n);
                }
                self.client.element(call, *input, &n).unwrap();
            }
            Step::Throw { which, input } => {
                let Some(call) = self.open_at_client.get(*which).copied() else { return };
                self.client.exception(call, *input, &Shared::new(simple(1)).into()).unwrap();
                self.client.close_input(call, *input, CloseReason::Error);
            }
            Step::CloseInput { which, input, reason } => {
                let Some(call) = self.open_at_client.get(*which).copied() else { return };
                self.client.close_input(call, *input, *reason);
                assert!(!self.client.is_flowing(call, *input));
            }
            Step::Cancel { which } => {
                let Some(call) = self.open_at_client.get(*which).copied() else { return };
                self.client.cancel(call);
                self.client_ended(call);
            }
            Step::ToServer { frames } => (0..*frames).for_each(|_| self.deliver_to_server()),
            Step::ToClient { frames } => (0..*frames).for_each(|_| self.deliver_to_client()),
            other => self.server_step(other),
        }
        self.to_server.extend(drain(&mut self.client.out));
        self.to_client.extend(drain(&mut self.server.out));
        assert_eq!(self.client.calls(), self.open_at_client.len());
        assert_eq!(self.server.calls(), self.open_at_server.len());
    }

    fn server_step(&mut self, step: &Step) {
        let which = match step {
            Step::Accept { which }
            | Step::Refuse { which }
            | Step::Yield { which }
            | Step::Fail { which } => which,
            Step::DropInput { which, .. } | Step::End { which, .. } => which,
            _ => unreachable!(),
        };
        let Some((call, slot)) = self.open_at_server.get(*which).copied() else { return };
        let accepted = self.server.is_accepted(slot);
        match step {
            Step::Accept { .. } if !accepted => self.server.accept(slot),
            Step::Refuse { .. } if !accepted => {
                self.server.refuse(slot, OpenResult::AuthenticationFailed);
                self.server_ended(call);
            }
            Step::Yield { .. } if accepted => {
                let n = self.number();
                self.server.element(slot, &n).unwrap();
                self.at_server.get_mut(&call).unwrap().sent.push(n);
            }
            Step::Fail { .. } => {
                self.server.exception(slot, &Shared::new(simple(1)).into()).unwrap();
                self.at_server.get_mut(&call).unwrap().threw = true;
                self.server.end(slot, CloseReason::Error);
                self.server_ended(call);
            }
            Step::DropInput { input, .. } if accepted => self.server.close_input(slot, *input),
            Step::End { reason, .. } => {
                self.server.end(slot, *reason);
                self.server_ended(call);
            }
            _ => {}
        }
    }

    fn client_ended(&mut self, call: CallId) {
        self.open_at_client.retain(|open| *open != call);
        self.at_client.get_mut(&call).unwrap().ends += 1;
    }

    fn server_ended(&mut self, call: CallId) {
        self.open_at_server.retain(|(open, _)| *open != call);
        self.at_server.get_mut(&call).unwrap().ends += 1;
    }

    fn deliver_to_server(&mut self) {
        let Some(text) = self.to_server.pop_front() else { return };
        let call_of = |slot: Slot, open: &[(CallId, Slot)]| open.iter().find(|(_, s)| *s == slot).unwrap().0;
        match self.server.receive(&text) {
            Incoming::Nothing | Incoming::InputEnd { .. } => {}
            Incoming::Open(open) => {
                let slot = self.server.open(&open, &self.method);
                let seen = self.at_server.entry(open.call).or_default();
                match slot {
                    Some(slot) => self.open_at_server.push((open.call, slot)),
                    None => seen.ends += 1,
                }
            }
            Incoming::Element { slot, value, .. } => {
                let call = call_of(slot, &self.open_at_server);
                self.at_server.get_mut(&call).unwrap().received.push(value.data.parse().unwrap());
            }
            Incoming::Exception { .. } => {}
            Incoming::Cancel { slot, reason } => {
                let call = call_of(slot, &self.open_at_server);
                self.server.end(slot, reason);
                self.server_ended(call);
            }
            Incoming::Leave(leave) => panic!("{leave:?} because of {text}"),
        }
        self.to_client.extend(drain(&mut self.server.out));
    }

    fn deliver_to_client(&mut self) {
        let Some(text) = self.to_client.pop_front() else { return };
        match self.client.receive(&text) {
            ClientEvent::Nothing | ClientEvent::Pong | ClientEvent::InputClosed { .. } => {}
            ClientEvent::Opened { call } => assert!(self.open_at_client.contains(&call)),
            ClientEvent::Element { call, value } => {
                self.at_client.get_mut(&call).unwrap().received.push(value.data.parse().unwrap());
            }
            ClientEvent::Exception { call, .. } => self.at_client.get_mut(&call).unwrap().caught = true,
            ClientEvent::Ended { call, reason } => {
                self.told.insert(call, reason);
                self.client_ended(call);
            }
            ClientEvent::Refused { call, .. } => self.client_ended(call),
            ClientEvent::Leave(leave) => panic!("{leave:?} because of {text}"),
        }
        self.to_server.extend(drain(&mut self.client.out));
    }

    /// Has every method end, and every frame arrive.
    fn settle(&mut self) {
        while !self.to_server.is_empty() || !self.to_client.is_empty() || !self.open_at_server.is_empty() {
            self.step(&Step::ToServer { frames: 10 });
            self.step(&Step::End { which: 0, reason: CloseReason::Done });
            self.step(&Step::ToClient { frames: 10 });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_call_ends_exactly_once_on_both_sides(steps in proptest::collection::vec(any_step(), 0..150)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.step(step);
        }
        pair.settle();
        prop_assert_eq!((pair.client.calls(), pair.server.calls()), (0, 0));
        prop_assert_eq!(pair.at_client.len(), pair.at_server.len());
        for (call, client) in &pair.at_client {
            let server = &pair.at_server[call];
            prop_assert_eq!((client.ends, server.ends), (1, 1), "{}", call);
            // Nothing is made up or out of order; and what the method said before its end arrives, unless cancelled.
            prop_assert!(server.sent.starts_with(&client.received), "{:?} {:?}", client, server);
            let mut sent = client.sent.iter();
            prop_assert!(server.received.iter().all(|n| sent.any(|other| other == n)), "{:?} {:?}", client, server);
            if pair.told.contains_key(call) {
                prop_assert_eq!(&client.received, &server.sent);
                prop_assert_eq!(client.caught, server.threw);
            }
        }
    }
}
