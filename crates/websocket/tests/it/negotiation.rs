//! Agreeing on permessage-deflate.

use streampod_websocket::{OFFER, Unacceptable, WindowBits, accept, negotiate};

const PLAIN: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// What a server answers to these headers; `None` if it does without.
#[track_caller]
fn answer(fields: &[&str]) -> Option<String> {
    negotiate(fields.iter().copied()).unwrap().map(|agreement| {
        assert!(!agreement.peer_keeps_context);
        agreement.answer()
    })
}

#[test]
fn what_clients_offer() {
    for offer in [
        // Chromium, Node.js, Dart.
        "permessage-deflate; client_max_window_bits",
        // Firefox.
        "permessage-deflate",
        // Safari, long ago, and libraries.
        "permessage-deflate; client_max_window_bits=15",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        OFFER,
    ] {
        assert_eq!(answer(&[offer]).as_deref(), Some(PLAIN), "{offer}");
    }
}

#[test]
fn a_smaller_window_is_kept_to() {
    let agreement = negotiate(["permessage-deflate; server_max_window_bits=10"]).unwrap().unwrap();
    assert_eq!(agreement.window, WindowBits::new(10).unwrap());
    assert_eq!(agreement.answer(), format!("{PLAIN}; server_max_window_bits=10"));
    // 8 bits are beyond any compressor, so the next offer it is.
    let offers =
        "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=15";
    assert_eq!(answer(&[offers]), Some(format!("{PLAIN}; server_max_window_bits=15")));
    assert_eq!(answer(&["permessage-deflate; server_max_window_bits=8"]), None);
}

#[test]
fn offers_that_cannot_be_met_are_passed_over() {
    for declined in [
        "permessage-bzip2",
        "x-webkit-deflate-frame",
        "permessage-deflate; unknown",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=15",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; client_max_window_bits=+9",
        "permessage-deflate; client_max_window_bits=x",
    ] {
        assert_eq!(answer(&[declined]), None, "{declined}");
        assert_eq!(answer(&[declined, "foo, permessage-deflate"]).as_deref(), Some(PLAIN), "{declined}");
    }
    assert_eq!(answer(&[]), None);
}

#[test]
fn the_grammar() {
    for fine in [
        " permessage-deflate\t;\tclient_max_window_bits = 10 ",
        "PerMessage-Deflate; Client_Max_Window_Bits=\"10\"",
        ",, permessage-deflate;client_max_window_bits=\"1\\0\" ,",
        "foo; a=\"b\"; c, permessage-deflate",
    ] {
        assert_eq!(answer(&[fine]).as_deref(), Some(PLAIN), "{fine}");
    }
    for (malformed, at) in [
        ("", 0),
        (",", 1),
        (";", 0),
        ("a;", 2),
        ("a; =1", 3),
        ("a; b=", 5),
        ("a; b=\"\"", 6),
        ("a; b=\"c d\"", 7),
        ("a; b=\"c", 7),
        ("a; b=\"c\\", 8),
        ("a b", 2),
        ("a; b c", 5),
        ("a=1", 1),
        ("a; b=\"c\"d", 8),
        ("ä", 0),
        ("a; b=ü", 5),
    ] {
        let error = negotiate(["permessage-deflate", malformed]).unwrap_err();
        assert_eq!((error.found.as_str(), error.at), (malformed, at), "{error}");
        assert!(accept([malformed]).is_err());
    }
    let error = negotiate(["a b"]).unwrap_err().to_string();
    assert_eq!(error, "`Sec-WebSocket-Extensions: a b` at byte 2: expected `;`, `,` or the end");
}

#[test]
fn answers_to_the_offer() {
    let accepted = |answer: &'static str| accept([answer]).unwrap().unwrap();
    assert!(!accepted(PLAIN).peer_keeps_context);
    assert!(accepted("permessage-deflate").peer_keeps_context);
    let reaches_back = accepted("permessage-deflate; client_no_context_takeover; server_max_window_bits=8");
    assert_eq!((reaches_back.window, reaches_back.peer_keeps_context), (WindowBits::MAX, true));
    assert_eq!(accept([]), Ok(None));
    // What a server answers to the offer, a client accepts.
    let ours = negotiate([OFFER]).unwrap().unwrap();
    assert!(!accept([ours.answer().as_str()]).unwrap().unwrap().peer_keeps_context);

    let refused = |answer: &'static str| accept([answer]).unwrap_err();
    let parameter = |name: &str| Unacceptable::Parameter(name.to_owned());
    assert_eq!(refused("permessage-bzip2"), Unacceptable::Extension("permessage-bzip2".into()));
    assert_eq!(
        refused("permessage-deflate, permessage-deflate"),
        Unacceptable::Extension("permessage-deflate".into())
    );
    assert_eq!(refused("permessage-deflate; client_max_window_bits=10"), parameter("client_max_window_bits"));
    assert_eq!(refused("permessage-deflate; server_max_window_bits"), parameter("server_max_window_bits"));
    assert_eq!(refused("permessage-deflate; server_max_window_bits=16"), parameter("server_max_window_bits"));
    assert_eq!(refused("permessage-deflate; extra"), parameter("extra"));
    assert!(matches!(refused("permessage-deflate;"), Unacceptable::Malformed(_)));
}
