//! Frames: what can be read, what cannot, and what is written.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use streampod_schema::Type;
use streampod_wire::{
    Arguments, Catalog, CloseReason, Decode, DecodeError, Decoder, Encode, EncodeError, Encoder, Frame,
    FrameBuffer, Model, Open, OpenResult, Shared, StreamRef, Value, Wrapped,
};

use crate::kit::{ExceptionWithData, call_id, drain, json, method, simple};

const ID: &str = "00000000-0000-0000-0000-000000000001";

/// One valid frame of each type.
fn samples() -> [String; 11] {
    let head = format!(r#""en":"e","m":"m","cid":"{ID}""#);
    [
        r#"{"type":"ping"}"#.to_owned(),
        r#"{"type":"pong"}"#.to_owned(),
        format!(
            r#"{{"type":"omsc","data":{{{head},"args":"{{\"a\":\"ü\\n\"}}","is":["s","t"],"auth":"Basic eA=="}}}}"#
        ),
        format!(r#"{{"type":"omsr","data":{{"cid":"{ID}","res":"success","en":"e","m":"m"}}}}"#),
        format!(
            r#"{{"type":"msm","data":{{{head},"p":"s","o":{{"className":"List<int>","data":[1,-2.5e3]}}}}}}"#
        ),
        format!(r#"{{"type":"msm","data":{{{head},"o":{{"className":"null","data":null}}}}}}"#),
        format!(
            r#"{{"type":"msse","data":{{{head},"p":"s","ex":{{"className":"E","data":{{"a":"\u00e9"}}}}}}}}"#
        ),
        format!(r#"{{"type":"msse","data":{{{head},"ex":{{"className":"E","data":{{}}}}}}}}"#),
        format!(r#"{{"type":"cmsc","data":{{{head},"p":"s","cr":"done"}}}}"#),
        format!(r#"{{"type":"cmsc","data":{{{head},"cr":"error"}}}}"#),
        r#"{"type":"brm","data":{"req":"a \"b\""}}"#.to_owned(),
    ]
}

fn stream(parameter: Option<&str>) -> StreamRef<'_> {
    StreamRef {
        endpoint: "e".into(),
        method: "m".into(),
        call: call_id(1),
        parameter: parameter.map(Into::into),
    }
}

fn open(text: &str) -> Open<'_> {
    match Frame::parse(text) {
        Ok(Frame::Open(open)) => open,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_type_is_read() {
    let [ping, pong, omsc, omsr, msm, msm_return, msse, msse_return, cmsc, cmsc_return, brm] = samples();
    assert_eq!(Frame::parse(&ping), Ok(Frame::Ping));
    assert_eq!(Frame::parse(&pong), Ok(Frame::Pong));
    assert_eq!(Frame::parse(&omsr), Ok(Frame::Opened { call: call_id(1), result: OpenResult::Success }));
    let value = |class_name: &'static str, data| Wrapped::new(class_name, data);
    let element = Frame::Element { stream: stream(Some("s")), value: value("List<int>", "[1,-2.5e3]") };
    assert_eq!(Frame::parse(&msm), Ok(element));
    let element = Frame::Element { stream: stream(None), value: value("null", "null") };
    assert_eq!(Frame::parse(&msm_return), Ok(element));
    let exception = Frame::Exception { stream: stream(Some("s")), value: value("E", r#"{"a":"\u00e9"}"#) };
    assert_eq!(Frame::parse(&msse), Ok(exception));
    assert_eq!(
        Frame::parse(&msse_return),
        Ok(Frame::Exception { stream: stream(None), value: value("E", "{}") })
    );
    assert_eq!(
        Frame::parse(&cmsc),
        Ok(Frame::Close { stream: stream(Some("s")), reason: CloseReason::Done })
    );
    assert_eq!(
        Frame::parse(&cmsc_return),
        Ok(Frame::Close { stream: stream(None), reason: CloseReason::Error })
    );
    assert_eq!(Frame::parse(&brm), Ok(Frame::BadRequest { request: "a \"b\"".into() }));

    let open = open(&omsc);
    assert_eq!((&*open.endpoint, &*open.method, open.call), ("e", "m", call_id(1)));
    let arguments = Arguments::parse(&open.arguments).unwrap();
    assert_eq!(arguments.get::<String>("a", &Catalog::new()), Ok(Some("ü\n".to_owned())));
    assert_eq!(open.authorization.as_deref(), Some("Basic eA=="));
    assert!(open.feeds("s") && open.feeds("t") && !open.feeds("u") && !open.feeds(""));
}

#[test]
fn every_answer_to_an_opening_is_read_and_written() {
    for (name, result) in [
        ("success", OpenResult::Success),
        ("endpointNotFound", OpenResult::EndpointNotFound),
        ("authenticationFailed", OpenResult::AuthenticationFailed),
        ("authorizationDeclined", OpenResult::AuthorizationDeclined),
        ("invalidArguments", OpenResult::InvalidArguments),
    ] {
        let text = format!(r#"{{"type":"omsr","data":{{"cid":"{ID}","res":"{name}","en":"e","m":"m"}}}}"#);
        assert_eq!(Frame::parse(&text), Ok(Frame::Opened { call: call_id(1), result }));
        let mut out = FrameBuffer::default();
        out.opened("e", "m", call_id(1), result);
        assert_eq!(drain(&mut out), [text]);
    }
}

#[test]
fn what_is_read_is_borrowed() {
    let [_, _, _, _, msm, _, _, _, cmsc, ..] = samples();
    let Ok(Frame::Element { stream, value }) = Frame::parse(&msm) else { panic!() };
    for text in [stream.endpoint, stream.method, stream.parameter.unwrap(), value.class_name] {
        assert!(matches!(text, Cow::Borrowed(_)));
    }
    assert!(msm.as_bytes().as_ptr_range().contains(&value.data.as_ptr()));
    let Ok(Frame::Close { stream, .. }) = Frame::parse(&cmsc) else { panic!() };
    assert!(matches!(stream.parameter, Some(Cow::Borrowed("s"))));
    // Only what holds escapes is copied.
    let escaped = msm.replace(r#""en":"e""#, r#""en":"\u0065""#);
    let Ok(Frame::Element { stream, .. }) = Frame::parse(&escaped) else { panic!() };
    assert_eq!(stream.endpoint, "e");
    assert!(matches!((stream.endpoint, stream.method), (Cow::Owned(_), Cow::Borrowed(_))));
}

#[test]
fn unknown_keys_and_their_order_do_not_matter() {
    let [.., msm, _, _, _, cmsc, _, _] = samples();
    for text in [&msm, &cmsc] {
        let expected = Frame::parse(text);
        let more = text
            .replace(r#""en""#, r#""authMode":{"x":[1,"}"]},"en""#)
            .replace(r#"{"type""#, r#"{"v":1,"type""#);
        assert_eq!(Frame::parse(&more), expected);
        let spaced = text.replace("\":", "\" :\n\t").replace(",\"", " ,\r\n\"");
        assert_eq!(Frame::parse(&spaced), expected);
    }
    let backwards = format!(
        r#"{{"data":{{"o":{{"data":[1,-2.5e3],"className":"List<int>"}},"p":"s","cid":"{ID}","m":"m","en":"e"}},"type":"msm"}}"#
    );
    assert_eq!(Frame::parse(&backwards), Frame::parse(&samples()[4]));
    // Keys may be written with escapes, as any string.
    let escaped = samples()[4].replace("\"type\"", r#""\u0074ype""#).replace("\"cid\"", r#""c\u0069d""#);
    assert_eq!(Frame::parse(&escaped), Frame::parse(&samples()[4]));
}

#[test]
fn a_ping_has_no_data_that_matters() {
    for data in ["{}", "null", "1", r#""x""#, r#"{"cid":"no id"}"#, r#"{"en":1}"#] {
        assert_eq!(Frame::parse(&format!(r#"{{"type":"ping","data":{data}}}"#)), Ok(Frame::Ping));
        assert_eq!(Frame::parse(&format!(r#"{{"type":"pong","data":{data}}}"#)), Ok(Frame::Pong));
    }
}

#[test]
fn null_stands_for_what_may_be_left_out() {
    let text = samples()[8].replace(r#""p":"s""#, r#""p":null"#);
    assert_eq!(Frame::parse(&text), Ok(Frame::Close { stream: stream(None), reason: CloseReason::Done }));
    assert_eq!(open(&samples()[2].replace(r#""Basic eA==""#, "null")).authorization, None);
    let text = samples()[5].replace(r#","data":null"#, "");
    assert_eq!(Frame::parse(&text), Frame::parse(&samples()[5]));
}

#[test]
fn each_key_is_needed() {
    for text in samples() {
        let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
        let keys = frame["data"].as_object().map(|data| data.keys().cloned().collect::<Vec<_>>());
        for key in keys.unwrap_or_default() {
            let mut less = frame.clone();
            less["data"].as_object_mut().unwrap().remove(&key);
            let optional = matches!(key.as_str(), "p" | "auth")
                || (frame["type"] == "omsr" && matches!(key.as_str(), "en" | "m"));
            assert_eq!(Frame::parse(&less.to_string()).is_ok(), optional, "{less}");
        }
    }
}

#[test]
fn each_key_has_its_type() {
    for text in samples() {
        let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
        let keys = frame["data"].as_object().map(|data| data.keys().cloned().collect::<Vec<_>>());
        for key in keys.unwrap_or_default() {
            for wrong in [serde_json::json!(1), serde_json::json!({"x": 1}), serde_json::json!([1])] {
                let mut frame = frame.clone();
                frame["data"][&key] = wrong;
                assert!(Frame::parse(&frame.to_string()).is_err(), "{frame}");
            }
        }
    }
}

#[test]
fn what_is_no_frame() {
    let mut texts: Vec<String> = [
        "",
        " ",
        "not json",
        "null",
        "1",
        "\"ping\"",
        "[]",
        "{}",
        "{\"data\":1}",
        r#"{"type":1}"#,
        r#"{"type":null}"#,
        r#"{"type":"no_such_type"}"#,
        r#"{"type":"no_such_type","data":{}}"#,
        r#"{"type":"omsc"}"#,
        r#"{"type":"omsc","data":null}"#,
        r#"{"type":"omsc","data":{"en":"methodStreaming"}}"#,
        r#"{"type":"Ping"}"#,
        r#"{"type":"ping"}{"type":"ping"}"#,
        r#"{"type":"ping",}"#,
        r#"{"type":"ping"} x"#,
        r#"{"type":"ping","a":01}"#,
    ]
    .map(str::to_owned)
    .into();
    for id in [
        "",
        "not-a-uuid",
        "00000000000000000000000000000001",
        "{00000000-0000-0000-0000-000000000001}",
        "00000000-0000-0000-0000-00000000000g",
        "00000000-0000-0000-00000000-00000001",
        "urn:uuid:00000000-0000-0000-0000-000000000001",
    ] {
        texts.extend(samples()[2..10].iter().map(|text| text.replace(ID, id)));
    }
    texts.push(samples()[3].replace("success", "succeeded"));
    texts.push(samples()[8].replace("done", "nosuchreason"));
    texts.push(samples()[2].replace(r#"["s","t"]"#, r#"["s",1]"#));
    texts.push(samples()[2].replace(r#"["s","t"]"#, r#"{"s":1}"#));
    texts.push(samples()[4].replace(r#""className":"List<int>","#, ""));
    texts.push(samples()[4].replace(r#""List<int>""#, "null"));
    for text in texts {
        assert!(Frame::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn a_call_id_is_written_in_lower_case() {
    let text = r#"{"type":"omsr","data":{"cid":"ABCDEF00-0000-4000-8000-000000000001","res":"success","en":"e","m":"m"}}"#;
    let Ok(Frame::Opened { call, .. }) = Frame::parse(text) else { panic!() };
    let mut out = FrameBuffer::default();
    out.close("e", "m", call, None, CloseReason::Done);
    assert!(drain(&mut out)[0].contains(r#""cid":"abcdef00-0000-4000-8000-000000000001""#));
    assert_eq!(call.to_string(), "abcdef00-0000-4000-8000-000000000001");
}

#[test]
fn half_a_frame_is_no_frame() {
    for text in samples() {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(Frame::parse(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }
}

#[test]
fn arguments_are_an_object() {
    let read = |json| Arguments::parse(json).map(|arguments| arguments.len());
    assert_eq!(read("{}"), Ok(0));
    assert_eq!(read(r#" {"a": 1 , "b\n":{"c":[true,null]}} "#), Ok(2));
    for json in ["", "nojson", "null", "[]", "1", "{", "{}}", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#] {
        assert!(read(json).is_err(), "{json}");
    }
}

#[test]
fn frames_are_written_one_after_the_other() {
    let head = method("e", "m\"", &["in"], "int");
    let mut out = FrameBuffer::default();
    assert!(out.is_empty() && out.pop().is_none());
    out.ping();
    out.pong();
    out.opened("e", "m\"", call_id(1), OpenResult::Success);
    out.element(&head, call_id(1), &7).unwrap();
    out.element(&head, call_id(1), &None::<i64>).unwrap();
    out.element(&head, call_id(1), &Value::from(vec![simple(1)])).unwrap();
    let exception = ExceptionWithData {
        message: "ü\n".to_owned(),
        creation_date: time::UtcDateTime::UNIX_EPOCH,
        error_fields: Vec::new(),
        some_nullable_field: None,
    };
    let data = json(&exception);
    out.exception(&head, call_id(1), &Shared::new(exception).into()).unwrap();
    out.close("e", "m\"", call_id(1), None, CloseReason::Error);
    out.close("e", "m\"", call_id(1), Some("in"), CloseReason::Done);
    out.bad_request("a \"b\"\u{1}");
    let head = format!(r#""data":{{"en":"e","m":"m\"","cid":"{ID}""#);
    let expected = [
        r#"{"type":"ping"}"#.to_owned(),
        r#"{"type":"pong"}"#.to_owned(),
        format!(r#"{{"type":"omsr","data":{{"cid":"{ID}","res":"success","en":"e","m":"m\""}}}}"#),
        format!(r#"{{"type":"msm",{head},"o":{{"className":"int","data":7}}}}}}"#),
        format!(r#"{{"type":"msm",{head},"o":{{"className":"null","data":null}}}}}}"#),
        format!(r#"{{"type":"msm",{head},"o":{{"className":"List<SimpleData>","data":[{{"num":1}}]}}}}}}"#),
        format!(r#"{{"type":"msse",{head},"ex":{{"className":"ExceptionWithData","data":{data}}}}}}}"#),
        format!(r#"{{"type":"cmsc",{head},"cr":"error"}}}}"#),
        format!(r#"{{"type":"cmsc",{head},"p":"in","cr":"done"}}}}"#),
        r#"{"type":"brm","data":{"req":"a \"b\"\u0001"}}"#.to_owned(),
    ];
    assert_eq!(out.len(), expected.iter().map(String::len).sum::<usize>());
    assert_eq!(drain(&mut out), expected);
    assert!(out.is_empty());
    assert_eq!(out.len(), 0);
    for text in expected {
        Frame::parse(&text).unwrap();
    }
}

#[test]
fn the_class_name_of_an_element_is_that_of_the_declared_type() {
    for (returns, class_name) in [("int?", "int"), ("List<int>?", "List<int>"), ("(int?,)?", "(int?,)?")] {
        let mut out = FrameBuffer::default();
        let head = method("e", "m", &[], returns);
        match returns {
            "int?" => out.element(&head, call_id(1), &Some(1)),
            "List<int>?" => out.element(&head, call_id(1), &Some(vec![1])),
            _ => out.element(&head, call_id(1), &Some((Some(1),))),
        }
        .unwrap();
        let frame = drain(&mut out).remove(0);
        let Ok(Frame::Element { value, .. }) = Frame::parse(&frame) else { panic!("{frame}") };
        assert_eq!(value.class_name, class_name);
    }
}

/// Panics when it is written, having written something.
#[derive(Debug)]
struct Panics;

impl Encode for Panics {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.string("half");
        panic!("on purpose");
    }
}

impl Decode for Panics {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl Model for Panics {
    fn describe(_: &mut Catalog) -> Type {
        Type::Dynamic
    }
}

#[test]
fn an_element_that_cannot_be_written_leaves_nothing_behind() {
    let head = method("e", "m", &[], "dynamic");
    let mut out = FrameBuffer::default();
    for waiting in 0..3 {
        let before = out.len();
        let not_finite = vec![vec![1.0], vec![2.0, f64::NAN]];
        assert_eq!(out.element(&head, call_id(1), &not_finite), Err(EncodeError::NotFinite));
        let object = Shared::new(not_finite).into();
        assert_eq!(out.exception(&head, call_id(1), &object), Err(EncodeError::NotFinite));
        let panicked = catch_unwind(AssertUnwindSafe(|| out.element(&head, call_id(1), &Panics)));
        assert!(panicked.is_err());
        let object = Shared::new(Panics).into();
        assert!(catch_unwind(AssertUnwindSafe(|| out.exception(&head, call_id(1), &object))).is_err());
        assert_eq!(out.len(), before);
        assert_eq!(out.is_empty(), waiting == 0);
        out.ping();
    }
    assert_eq!(drain(&mut out), [r#"{"type":"ping"}"#; 3]);
}

/// An element as deep as it may be makes a frame that can be read.
#[test]
fn the_deepest_element_makes_a_readable_frame() {
    let head = method("e", "m", &[], "dynamic");
    let wrap = |value: Value| Value::from(vec![value]);
    let mut value = Value::Null;
    let mut out = FrameBuffer::default();
    while out.element(&head, call_id(1), &value).is_ok() {
        let frame = drain(&mut out).remove(0);
        Frame::parse(&frame).unwrap();
        value = wrap(value);
    }
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(endpoint in any::<String>(), method in any::<String>(), p in any::<Option<String>>(), id in any::<u128>()) {
        let mut out = FrameBuffer::default();
        let call = call_id(id);
        out.close(&endpoint, &method, call, p.as_deref(), CloseReason::Done);
        out.bad_request(&endpoint);
        let frames = drain(&mut out);
        let stream = StreamRef {
            endpoint: endpoint.as_str().into(),
            method: method.into(),
            call,
            parameter: p.map(Into::into),
        };
        prop_assert_eq!(Frame::parse(&frames[0]), Ok(Frame::Close { stream, reason: CloseReason::Done }));
        prop_assert_eq!(Frame::parse(&frames[1]), Ok(Frame::BadRequest { request: endpoint.as_str().into() }));
    }

    /// A valid frame in which a few bytes are changed, left out or doubled.
    #[test]
    fn no_text_panics(sample in 0_usize..11, edits in proptest::collection::vec((any::<prop::sample::Index>(), "[\\[\\]{}:,\"\\\\a-z0-9é]{0,3}", 0_usize..4), 1..4)) {
        let mut text: Vec<char> = samples()[sample].chars().collect();
        for (at, with, less) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + less).min(text.len());
            text.splice(at..end, with.chars());
        }
        let text: String = text.into_iter().collect();
        if let Ok(Frame::Open(open)) = Frame::parse(&text) {
            open.feeds("s");
            let _ = Arguments::parse(&open.arguments);
        }
    }
}
