//! A connection that knows a frame by what it repeats takes it for what one does that reads the whole of it.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use streampod_wire::{
    Catalog, CloseReason, Decode, DecodeError, Decoder, ElementType, Frame, Incoming, MethodHead, Model,
    ReadFrame, ServerConnection,
};

use crate::connection::{cmsc, msm, msse, omsc};
use crate::kit::{call_id, drain, method};

/// A server's side, which is told everything.
struct Server {
    connection: ServerConnection,
    echo: Arc<MethodHead>,
}

impl Server {
    fn new() -> Self {
        Self { connection: ServerConnection::new(4), echo: method("endpoint", "echo", &["a", "b"], "int") }
    }

    /// The element that a frame is known as, if it can be read.
    fn repeated<'a>(&mut self, text: &'a str) -> Option<Incoming<'a>> {
        let repeated = self.connection.receive_repeated(text)?;
        let Incoming::Element { value, .. } = &repeated else { panic!("{repeated:?} is no element") };
        value.read::<Any>(&Catalog::new()).is_ok().then_some(repeated)
    }

    /// What a frame asks, and what is answered.
    fn tell(&mut self, text: &str, reads_all: bool) -> (String, Vec<String>) {
        let repeated = self.repeated(text).filter(|_| !reads_all);
        let incoming = repeated.unwrap_or_else(|| self.connection.apply(ReadFrame::read(text)));
        let asked = match &incoming {
            Incoming::Element { slot, input, value } => {
                format!("{slot:?} {input} {} {}", value.class_name, value.data)
            }
            other => format!("{other:?}"),
        };
        match incoming {
            Incoming::Open(open) => {
                if let Some(slot) = self.connection.open(&open, &self.echo) {
                    self.connection.accept(slot);
                }
            }
            Incoming::Cancel { slot, .. } => self.connection.end(slot, CloseReason::Done),
            _ => {}
        }
        (asked, drain(&mut self.connection.out))
    }
}

/// Any value.
struct Any;

impl Decode for Any {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.skip().map(|()| Self)
    }
}

/// Frames of three calls, most of them elements, some of which are not quite so.
fn frame() -> impl Strategy<Value = String> {
    let call = 0_u128..3;
    let parameter = select(vec!["a", "b", "c"]);
    let value = select(vec![
        "5",
        " 7 ",
        "-1.5e3",
        "\"x\"",
        "\"a\\\"b\"",
        "null",
        "{\"k\":[1,{}]}",
        "[]",
        "",
        "5,\"x\":1",
        "5}",
        "\"",
        "5 6",
        "tru",
        "{",
        "\u{a0}1",
    ]);
    let element = (call.clone(), parameter.clone(), value).prop_map(|(call, parameter, value)| {
        msm(call, parameter, 0).replace("\"data\":0}", &format!("\"data\":{value}}}"))
    });
    let other_order = (call.clone(), parameter.clone(), 0_i64..3).prop_map(|(call, parameter, value)| {
        msm(call, parameter, value).replace(
            &format!("{{\"className\":\"int\",\"data\":{value}}}"),
            &format!("{{\"data\":{value},\"className\":\"int\"}}"),
        )
    });
    let deep = (call.clone(), 55_usize..70).prop_map(|(call, depth)| {
        msm(call, "a", 0).replace(":0}", &format!(":{}{}}}", "[".repeat(depth), "]".repeat(depth)))
    });
    // An endpoint's name that is a call's id.
    let odd_names = (call.clone(), call.clone(), 0_i64..3).prop_map(|(call, other, value)| {
        let name = format!("\"en\":\"{}\"", call_id(other));
        msm(call, "a", value).replace("\"en\":\"endpoint\"", &name)
    });
    prop_oneof![
        12 => element,
        4 => odd_names,
        1 => other_order,
        1 => deep,
        1 => (call.clone(), parameter.clone(), 0_i64..3).prop_map(|(call, parameter, num)| msse(call, parameter, num)),
        1 => (call.clone(), select(vec!["", "a", "b"])).prop_map(|(call, parameter)| cmsc(call, parameter, "done")),
        2 => call.prop_map(|call| omsc(call, r#""a","b""#)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn it_is_the_same_as_reading_everything(frames in prop::collection::vec(frame(), 0..60)) {
        let (mut knows, mut reads) = (Server::new(), Server::new());
        for call in 0..3 {
            for server in [&mut knows, &mut reads] {
                server.tell(&omsc(call, r#""a","b""#), true);
            }
        }
        for frame in frames {
            // What nobody can read ends a connection, and there would be little to see after that.
            if Frame::parse(&frame).is_err() {
                prop_assert!(knows.repeated(&frame).is_none(), "{}", frame);
                continue;
            }
            prop_assert_eq!(knows.tell(&frame, false), reads.tell(&frame, true), "{}", frame);
        }
    }
}

#[test]
fn the_third_element_for_a_parameter_is_known_by_what_it_repeats() {
    let mut server = Server::new();
    server.tell(&omsc(1, r#""a","b""#), false);
    server.tell(&omsc(2, r#""a","b""#), false);
    for (text, known) in [
        (msm(1, "a", 1), false),
        (msm(1, "a", 2), false),
        (msm(1, "a", 3), true),
        (msm(1, "a", -45), true),
        (msm(1, "b", 4), false),
        (msm(1, "a", 5), true),
        (msm(2, "a", 6), true),
        (msm(3, "a", 7), false),
        (msm(1, "a", 8), true),
        (cmsc(1, "a", "done"), false),
        (msm(1, "a", 9), false),
        (msm(2, "a", 10), true),
    ] {
        assert_eq!(server.repeated(&text).is_some(), known, "{text}");
        server.tell(&text, false);
    }
}

/// What reads the value gets the same of a frame that is known as of one that is read as a whole.
#[test]
fn space_around_a_value_is_none_of_it() {
    let frame = |space: &str| {
        msm(1, "a", 0).replace(
            "{\"className\":\"int\",\"data\":0}",
            &format!("{{\"className\":\"null\",\"data\":{space}null{space}}}"),
        )
    };
    let mut catalog = Catalog::new();
    let element = ElementType::of::<Option<i64>>(&mut catalog);
    let mut server = Server::new();
    server.tell(&omsc(1, r#""a","b""#), false);
    server.tell(&frame(""), false);
    server.tell(&frame(""), false);
    let text = frame(" ");
    let Frame::Element { value: whole, .. } = Frame::parse(&text).unwrap() else { panic!("no element") };
    let Some(Incoming::Element { value, .. }) = server.connection.receive_repeated(&text) else {
        panic!("not known")
    };
    let read = |value| Option::<i64>::from_wrapped(value, &element, &catalog);
    assert_eq!(read(&whole), Ok(None));
    assert_eq!(read(&value), Ok(None));
}

#[test]
fn a_connection_remembers_little() {
    let frame =
        |value| msm(1, "a", value).replace("{\"type\"", &format!("{{\"{}\":0,\"type\"", "x".repeat(100_000)));
    let mut server = Server::new();
    server.tell(&omsc(1, r#""a","b""#), false);
    for value in 0..3 {
        assert!(server.repeated(&frame(value)).is_none());
        server.tell(&frame(value), false);
    }
}
