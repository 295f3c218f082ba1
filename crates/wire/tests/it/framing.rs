//! Frames with the framing of a transport.

use std::cell::Cell;

use bytes::BytesMut;
use streampod_wire::{Common, FrameBuffer, Framing, Model, Shared, Value};

use crate::kit::{call_id, method, simple};

thread_local! {
    /// How many forms a transport made.
    static FORMS: Cell<usize> = const { Cell::new(0) };
}

/// A framing that ends small ones with `.`, and replaces in large ones what is common to many.
fn framing(large_bytes: usize) -> Framing {
    let close_large = |out: &mut BytesMut, start: usize, common: Option<Common<'_>>| {
        assert_eq!(out[start], 0, "room");
        let Some(Common { bytes, form }) = common else { return out.extend_from_slice(b"!") };
        let at = out.len() - bytes;
        let form = form.get_or_init(|| {
            FORMS.set(FORMS.get() + 1);
            format!("<{}>", String::from_utf8_lossy(&out[at..])).into()
        });
        out.truncate(at);
        out.extend_from_slice(form);
    };
    Framing { room: 1, close: |out, _| out.extend_from_slice(b"."), large_bytes, close_large }
}

/// The end of the frame of an element, as it is written for a caller.
fn end_of<T: Model>(large_bytes: usize, caller: u128, value: &T) -> String {
    let mut buffer = FrameBuffer::framed(framing(large_bytes));
    buffer.element(&method("endpoint", "echo", &[], "SimpleData"), call_id(caller), value).unwrap();
    let frame = buffer.take();
    let frame = String::from_utf8(frame[1..].to_vec()).unwrap();
    let (head, end) = frame.split_once(r#""data":{"#).unwrap().1.split_once(r#""data":"#).unwrap();
    assert!(head.contains(&call_id(caller).to_string()) && head.ends_with(r#""className":"SimpleData","#));
    end.to_owned()
}

#[test]
fn what_many_get_is_given_a_form_once() {
    const ALL: usize = 0;
    let shared = Shared::new(simple(7));
    let other = shared.clone();
    let form = r#"<{"num":7}}}}>"#;
    assert_eq!(end_of(ALL, 1, &shared), form);
    assert_eq!(end_of(ALL, 2, &other), form);
    assert_eq!(end_of(ALL, 3, &Some(other.clone())), form);
    assert_eq!(end_of(ALL, 4, &Value::from(other)), form);
    // The last who has it finds the form that was made for others.
    assert_eq!(end_of(ALL, 5, &shared), form);
    assert_eq!(FORMS.get(), 1);
    // What nobody else has is given none, and what is small is not looked at.
    let plain = r#"{"num":7}}}}"#;
    assert_eq!(end_of(ALL, 6, &simple(7)), format!("{plain}!"));
    assert_eq!(end_of(ALL, 7, &Shared::new(simple(7))), format!("{plain}!"));
    assert_eq!(end_of(ALL, 8, &Value::from(simple(7))), format!("{plain}!"));
    assert_eq!(end_of(usize::MAX, 9, &shared), format!("{plain}."));
    assert_eq!(FORMS.get(), 1);
}

/// The limit counts the room too, and every kind of frame is large from there on.
#[test]
fn which_frames_are_large() {
    let pong = br#"{"type":"pong"}"#.len();
    for (large_bytes, end) in [(pong + 1, b'!'), (pong + 2, b'.')] {
        let mut buffer = FrameBuffer::framed(framing(large_bytes));
        buffer.pong();
        assert_eq!(buffer.take().last(), Some(&end));
    }
}

/// Of a frame that its framing fails to end nothing is left: what a client would get of it is no frame.
#[test]
fn a_frame_that_is_not_ended_is_undone() {
    let close = |_: &mut BytesMut, start| assert_eq!(start, 0, "the second one");
    let mut buffer = FrameBuffer::framed(Framing { close, ..framing(usize::MAX) });
    buffer.pong();
    let whole = buffer.len();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| buffer.ping())).is_err());
    assert_eq!(buffer.len(), whole);
}
