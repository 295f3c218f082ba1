//! Any interleaving of what clients send and servers do: no panic, no leaked call, every call ended exactly once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use proptest::prelude::*;
use streampod_wire::{
    CallId, CloseReason, Frame, Incoming, MethodHead, OpenResult, ServerConnection, Shared, Slot,
};

use crate::connection::{cmsc, msm, msse, omsc};
use crate::kit::{call_id, drain, method, simple};

const CALLS_MAX: usize = 3;
const INPUTS: [&str; 2] = ["a", "b"];
/// The stream parameters that clients name; the method does not have the last.
const NAMES: [&str; 3] = ["a", "b", "x"];

/// What the client sends or the server does. `which` picks one of the calls that are open.
#[derive(Debug, Clone)]
enum Step {
    Ping,
    Open { call: u128, names: Vec<usize> },
    Send { call: u128, name: usize, exception: bool },
    CloseInput { call: u128, name: usize, reason: CloseReason },
    Cancel { call: u128, reason: CloseReason },
    Junk { kind: usize },
    Accept { which: usize },
    Refuse { which: usize },
    Yield { which: usize, value: f64 },
    Throw { which: usize },
    DropInput { which: usize, input: usize },
    End { which: usize, reason: CloseReason },
    Disconnect,
}

fn any_step() -> impl Strategy<Value = Step> {
    let call = || 0_u128..5;
    let name = || 0..NAMES.len();
    let which = || 0..CALLS_MAX;
    let reason = || prop_oneof![Just(CloseReason::Done), Just(CloseReason::Error)];
    let names = proptest::sample::subsequence(vec![0, 1, 2], 0..=3);
    prop_oneof![
        20 => Just(Step::Ping),
        120 => (call(), names).prop_map(|(call, names)| Step::Open { call, names }),
        150 => (call(), name(), any::<bool>()).prop_map(|(call, name, exception)| Step::Send { call, name, exception }),
        80 => (call(), name(), reason()).prop_map(|(call, name, reason)| Step::CloseInput { call, name, reason }),
        40 => (call(), reason()).prop_map(|(call, reason)| Step::Cancel { call, reason }),
        2 => (0..5_usize).prop_map(|kind| Step::Junk { kind }),
        150 => which().prop_map(|which| Step::Accept { which }),
        20 => which().prop_map(|which| Step::Refuse { which }),
        120 => (which(), prop_oneof![4 => Just(1.5), 1 => Just(f64::NAN)]).prop_map(|(which, value)| Step::Yield { which, value }),
        20 => which().prop_map(|which| Step::Throw { which }),
        80 => (which(), 0..INPUTS.len()).prop_map(|(which, input)| Step::DropInput { which, input }),
        60 => (which(), reason()).prop_map(|(which, reason)| Step::End { which, reason }),
        2 => Just(Step::Disconnect),
    ]
}

/// A call, as the server has it to be.
#[derive(Debug)]
struct Open {
    slot: Slot,
    accepted: bool,
    flowing: [bool; 2],
}

struct Driver {
    connection: ServerConnection,
    method: Arc<MethodHead>,
    open: BTreeMap<u128, Open>,
    leaving: bool,
    client: Client,
}

impl Driver {
    fn new() -> Self {
        Self {
            connection: ServerConnection::new(CALLS_MAX),
            method: method("endpoint", "echo", &INPUTS, "double"),
            open: BTreeMap::new(),
            leaving: false,
            client: Client::default(),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Ping => {
                self.client.pings += usize::from(!self.leaving);
                assert_eq!(self.connection.receive(r#"{"type":"ping"}"#), Incoming::Nothing);
            }
            Step::Open { call, names } => self.client_opens(*call, names),
            Step::Send { call, name, exception } => self.client_sends(*call, *name, *exception),
            Step::CloseInput { call, name, reason } => self.client_closes(*call, *name, *reason),
            Step::Cancel { call, reason } => self.client_cancels(*call, *reason),
            Step::Junk { kind } => self.client_sends_junk(*kind),
            Step::Accept { which } => {
                if let Some((_, open)) = self.open.iter_mut().filter(|(_, open)| !open.accepted).nth(*which) {
                    open.accepted = true;
                    self.connection.accept(open.slot);
                }
            }
            Step::Refuse { which } => {
                let refused = self.open.iter().filter(|(_, open)| !open.accepted).nth(*which);
                if let Some((call, slot)) = refused.map(|(call, open)| (*call, open.slot)) {
                    self.open.remove(&call);
                    self.connection.refuse(slot, OpenResult::AuthenticationFailed);
                }
            }
            Step::Yield { which, value } => {
                if let Some((_, open)) = self.accepted(*which) {
                    let (slot, sent) = (open.slot, value.is_finite());
                    assert_eq!(self.connection.element(slot, value).is_ok(), sent);
                }
            }
            Step::Throw { which } => {
                if let Some((call, slot)) =
                    self.open.iter().nth(*which).map(|(call, open)| (*call, open.slot))
                {
                    self.connection.exception(slot, &Shared::new(simple(1)).into()).unwrap();
                    self.server_ends(call, CloseReason::Error);
                }
            }
            Step::DropInput { which, input } => {
                if let Some((_, open)) = self.accepted(*which) {
                    let slot = open.slot;
                    open.flowing[*input] = false;
                    self.connection.close_input(slot, *input);
                }
            }
            Step::End { which, reason } => {
                if let Some(call) = self.open.keys().nth(*which).copied() {
                    self.server_ends(call, *reason);
                }
            }
            Step::Disconnect => {
                self.connection.disconnect();
                self.leaving = true;
                self.open.clear();
                self.client.is_gone();
            }
        }
        for frame in drain(&mut self.connection.out) {
            self.client.hears(&frame);
        }
        self.client.heard_all();
        self.check();
    }

    /// The connection agrees on what is open.
    fn check(&self) {
        assert_eq!(self.connection.calls(), self.open.len());
        assert_eq!(self.connection.is_leaving(), self.leaving);
        let slots: BTreeSet<Slot> = self.open.values().map(|open| open.slot).collect();
        assert_eq!(slots.len(), self.open.len());
        for open in self.open.values() {
            let flowing = [0, 1].map(|input| self.connection.is_flowing(open.slot, input));
            assert_eq!(flowing, open.flowing);
        }
    }

    fn accepted(&mut self, which: usize) -> Option<(u128, &mut Open)> {
        let mut accepted = self.open.iter_mut().filter(|(_, open)| open.accepted);
        accepted.nth(which).map(|(call, open)| (*call, open))
    }

    fn server_ends(&mut self, call: u128, reason: CloseReason) {
        let open = self.open.remove(&call).unwrap();
        self.connection.end(open.slot, reason);
    }

    fn client_opens(&mut self, call: u128, names: &[usize]) {
        let quoted: Vec<String> = names.iter().map(|name| format!("{:?}", NAMES[*name])).collect();
        let text = omsc(call, &quoted.join(","));
        let incoming = self.connection.receive(&text);
        if self.leaving {
            return assert_eq!(incoming, Incoming::Nothing);
        }
        let Incoming::Open(open) = incoming else { panic!("{incoming:?}") };
        let slot = self.connection.open(&open, &self.method);
        assert_eq!(slot.is_some(), !self.open.contains_key(&call) && self.open.len() < CALLS_MAX);
        let flowing = [names.contains(&0), names.contains(&1)];
        match slot {
            Some(slot) => {
                self.open.insert(call, Open { slot, accepted: false, flowing });
                self.client.opens(call, flowing);
            }
            None => *self.client.refusals.entry(call_id(call)).or_default() += 1,
        }
    }

    fn client_sends(&mut self, call: u128, name: usize, exception: bool) {
        let text = if exception { msse(call, NAMES[name], 7) } else { msm(call, NAMES[name], 7) };
        let incoming = self.connection.receive(&text);
        let open = self.open.get(&call).filter(|open| !self.leaving && open.flowing.get(name) == Some(&true));
        match (incoming, open) {
            (Incoming::Element { slot, input, value }, Some(open)) if !exception => {
                assert_eq!((slot, input, value.data), (open.slot, name, "7"));
            }
            (Incoming::Exception { slot, input, value }, Some(open)) if exception => {
                assert_eq!((slot, input, value.data), (open.slot, name, r#"{"num":7}"#));
            }
            (Incoming::Nothing, None) if self.leaving => {}
            (Incoming::Nothing, None) => {
                *self.client.strays.entry((call_id(call), NAMES[name].to_owned())).or_default() += 1;
            }
            other => panic!("{other:?}"),
        }
    }

    fn client_closes(&mut self, call: u128, name: usize, reason: CloseReason) {
        let text = cmsc(call, NAMES[name], reason.name());
        let incoming = self.connection.receive(&text);
        let flowing =
            self.open.get_mut(&call).and_then(|open| Some((open.slot, open.flowing.get_mut(name)?)));
        match flowing.filter(|(_, flowing)| **flowing && !self.leaving) {
            Some((slot, flowing)) => {
                *flowing = false;
                assert_eq!(incoming, Incoming::InputEnd { slot, input: name, reason });
                self.client.closes(call, NAMES[name]);
            }
            None => assert_eq!(incoming, Incoming::Nothing),
        }
    }

    fn client_cancels(&mut self, call: u128, reason: CloseReason) {
        let text = cmsc(call, "", reason.name());
        let incoming = self.connection.receive(&text);
        match self.open.get(&call).filter(|_| !self.leaving) {
            Some(open) => {
                assert_eq!(incoming, Incoming::Cancel { slot: open.slot, reason });
                self.server_ends(call, reason);
            }
            None => assert_eq!(incoming, Incoming::Nothing),
        }
    }

    fn client_sends_junk(&mut self, kind: usize) {
        let text = match kind {
            0 => "not json".to_owned(),
            1 => msm(0, "", 1),
            2 => cmsc(0, "a", "enough"),
            3 => r#"{"type":"brm","data":{"req":"x"}}"#.to_owned(),
            _ => r#"{"type":"omsr","data":{}}"#.to_owned(),
        };
        let incoming = self.connection.receive(&text);
        if self.leaving {
            return assert_eq!(incoming, Incoming::Nothing);
        }
        assert!(matches!(incoming, Incoming::Leave(_)), "{incoming:?}");
        self.leaving = true;
        self.client.complaints = usize::from(kind != 3);
    }
}

/// What a client makes of the frames that it hears. It knows the protocol, and nothing of the connection.
#[derive(Default)]
struct Client {
    pings: usize,
    /// Calls that the client believes to be open, or on their way to it.
    calls: HashMap<CallId, View>,
    /// How many openings of an id are to be refused.
    refusals: HashMap<CallId, usize>,
    /// How many elements were sent to streams that nobody reads.
    strays: HashMap<(CallId, String), usize>,
    /// How many `brm` are due.
    complaints: usize,
    /// The stream parameters whose ends must follow the end of their call at once.
    ending: Option<(CallId, BTreeSet<String>)>,
    gone: bool,
}

#[derive(Default)]
struct View {
    answered: bool,
    /// The stream parameters that neither side has closed.
    flowing: BTreeSet<String>,
}

impl Client {
    fn opens(&mut self, call: u128, flowing: [bool; 2]) {
        let names = INPUTS.iter().zip(flowing).filter(|(_, flowing)| *flowing);
        let flowing = names.map(|(name, _)| (*name).to_owned()).collect();
        assert!(self.calls.insert(call_id(call), View { answered: false, flowing }).is_none());
    }

    fn closes(&mut self, call: u128, name: &str) {
        assert!(self.calls.get_mut(&call_id(call)).unwrap().flowing.remove(name));
    }

    fn is_gone(&mut self) {
        *self = Self { gone: true, ..Self::default() };
    }

    fn hears(&mut self, text: &str) {
        assert!(!self.gone, "nobody hears {text}");
        let frame = Frame::parse(text).unwrap();
        let follows = matches!(&frame, Frame::Close { stream, .. } if stream.parameter.is_some());
        if !follows {
            self.heard_all();
        }
        match frame {
            Frame::Pong => take(&mut self.pings),
            Frame::BadRequest { .. } => take(&mut self.complaints),
            Frame::Opened { call, result: OpenResult::Success } => {
                let view = self.calls.get_mut(&call).expect("an answer to an opening");
                assert!(!view.answered, "answered twice");
                view.answered = true;
            }
            Frame::Opened { call, .. } => match self.refusals.get_mut(&call).filter(|count| **count > 0) {
                Some(count) => take(count),
                None => assert!(!self.calls.remove(&call).expect("an answer to an opening").answered),
            },
            Frame::Element { stream, .. } | Frame::Exception { stream, .. } => {
                assert_eq!(stream.parameter, None);
                assert!(self.calls[&stream.call].answered, "an element before the answer");
            }
            Frame::Close { stream, reason } => match stream.parameter {
                None => {
                    let view = self.calls.remove(&stream.call).expect("a call ends once");
                    assert!(view.answered, "an end before the answer");
                    self.ending = Some((stream.call, view.flowing));
                }
                Some(name) => self.input_closed(stream.call, &name, reason),
            },
            Frame::Ping | Frame::Open(_) => panic!("{text}"),
        }
    }

    fn input_closed(&mut self, call: CallId, name: &str, reason: CloseReason) {
        if let Some((ending, names)) = &mut self.ending
            && *ending == call
            && names.remove(name)
        {
            return;
        }
        self.heard_all();
        if reason == CloseReason::Error {
            return take(
                self.strays.get_mut(&(call, name.to_owned())).expect("an answer to a stray element"),
            );
        }
        let view = self.calls.get_mut(&call).expect("a stream parameter of an open call");
        assert!(view.answered, "a closed parameter before the answer");
        assert!(view.flowing.remove(name), "closed twice: {name}");
    }

    /// Nothing more comes for now.
    fn heard_all(&mut self) {
        if let Some((call, names)) = self.ending.take() {
            assert!(names.is_empty(), "{call} ended, but not its {names:?}");
        }
    }

    /// Nothing is owed.
    fn is_content(&self) -> bool {
        self.pings == 0
            && self.complaints == 0
            && self.calls.is_empty()
            && self.refusals.values().all(|count| *count == 0)
            && self.strays.values().all(|count| *count == 0)
    }
}

fn take(count: &mut usize) {
    *count = count.checked_sub(1).expect("said more often than asked");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_call_ends_exactly_once(steps in proptest::collection::vec(any_step(), 0..120)) {
        let mut driver = Driver::new();
        for step in &steps {
            driver.step(step);
        }
        // The methods come to their ends.
        while !driver.open.is_empty() {
            driver.step(&Step::End { which: 0, reason: CloseReason::Done });
        }
        prop_assert!(driver.client.is_content());
        driver.step(&Step::Disconnect);
        prop_assert_eq!(driver.connection.calls(), 0);
    }

    /// Whatever a client sends, and however little the server does about it.
    #[test]
    fn a_flood_of_openings_is_bounded(calls in proptest::collection::vec(0_u128..100, 0..200)) {
        let mut driver = Driver::new();
        for call in calls {
            driver.step(&Step::Open { call, names: vec![0] });
            prop_assert!(driver.connection.calls() <= CALLS_MAX);
        }
    }
}
