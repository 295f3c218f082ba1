//! Signing in and out.

use streampod_testing::client::RefusalReason;

use super::*;
use crate::models::{Device, SignInProblem};

#[tokio::test]
async fn a_free_name_makes_an_account_and_a_taken_one_needs_its_password() {
    let app = app();
    let first = sign_in_as(&app, " Ann ", "correct horse").await.unwrap();
    assert_eq!((first.user.id.as_str(), first.user.name.as_str(), first.is_new), ("ann", "Ann", true));
    let second = sign_in_as(&app, "ANN", "correct horse").await.unwrap();
    assert_eq!((second.user, second.is_new), (first.user, false));
    assert_ne!(first.token, second.token);
    let problem = failed(sign_in_as(&app, "ann", "wrong horse").await.unwrap_err());
    assert_eq!(problem.reason, SignInProblem::WrongPassword);
    assert!(problem.message.contains("Ann"), "{}", problem.message);
}

#[tokio::test]
async fn names_and_passwords_have_bounds() {
    let app = app();
    let long = "n".repeat(25);
    for name in ["", "  ", "a b", "<b>", "a/b", "a:b", long.as_str()] {
        let problem = failed(sign_in_as(&app, name, "correct horse").await.unwrap_err());
        assert_eq!(problem.reason, SignInProblem::Name, "{name:?}");
    }
    for password in ["seven77", &"p".repeat(129)] {
        let problem = failed(sign_in_as(&app, "ann", password).await.unwrap_err());
        assert_eq!(problem.reason, SignInProblem::Password);
    }
    sign_in_as(&app, "Jürgen-1_a.b", "12345678").await.unwrap();
    sign_in_as(&app, &"n".repeat(24), &"ß".repeat(128)).await.unwrap();
}

#[tokio::test]
async fn whoever_guesses_has_to_wait_and_nobody_else() {
    let app = app();
    sign_in_as(&app, "ann", "correct horse").await.unwrap();
    for _ in 0..5 {
        let problem = failed(sign_in_as(&app, "ann", "wrong horse").await.unwrap_err());
        assert_eq!(problem.reason, SignInProblem::WrongPassword);
    }
    // The right password does not help now: otherwise the wait would not stop anybody who guesses.
    let problem = failed(sign_in_as(&app, "Ann", "correct horse").await.unwrap_err());
    assert_eq!(problem.reason, SignInProblem::Later);
    sign_in_as(&app, "ben", "correct horse").await.unwrap();
}

#[tokio::test]
async fn guesses_before_the_right_one_are_forgiven() {
    let app = app();
    for _ in 0..3 {
        sign_in_as(&app, "ann", "correct horse").await.unwrap();
        for _ in 0..4 {
            sign_in_as(&app, "ann", "wrong horse").await.unwrap_err();
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_without_signing_in() {
    let app = app();
    for token in [None, Some("1:nonsense".to_owned())] {
        let stranger = client(&app, token);
        let error = soon(stranger.call::<Vec<Device>>("devices", "list", &[])).await.unwrap_err();
        assert!(matches!(&error, CallError::Http(error) if error.status == 401), "{error}");
        assert!(is_unauthorized(soon(follow(&stranger, "lobby").next()).await));
        assert!(is_unauthorized(soon(inbox(&stranger).next()).await));
    }
}

#[tokio::test]
async fn a_device_that_is_signed_out_elsewhere_hears_no_more() {
    let app = app();
    let (phone, laptop, ben) =
        (device_of(&app, "ann").await, device_of(&app, "ann").await, device_of(&app, "ben").await);
    let (mut of_phone, mut of_laptop) = (inbox(&phone), inbox(&laptop));
    let mut room_of_phone = follow(&phone, "lobby");
    for stream in [&mut of_phone, &mut of_laptop, &mut room_of_phone] {
        earlier(stream).await;
    }

    let devices: Vec<Device> = soon(laptop.call("devices", "list", &[])).await.unwrap();
    assert_eq!(devices.iter().map(|device| device.is_this).collect::<Vec<_>>(), [true, false]);
    assert_eq!(devices[1].name, "a test");
    let out = soon(laptop.call::<bool>("devices", "signOutOn", &[("id", &devices[1].id)])).await;
    assert!(out.unwrap());

    for stream in [&mut of_phone, &mut room_of_phone] {
        let end = soon(stream.next()).await;
        assert!(matches!(end, Some(Err(CallError::ClosedWithError { .. }))), "{end:?}");
    }
    assert!(is_unauthorized(soon(inbox(&phone).next()).await));
    direct(&ben, "ann", "still there?").await.unwrap();
    assert_eq!(said(&mut of_laptop).await.text, "still there?");

    soon(laptop.call::<()>("devices", "signOutEverywhere", &[])).await.unwrap();
    assert!(matches!(soon(of_laptop.next()).await, Some(Err(CallError::ClosedWithError { .. }))));
    soon(ben.call::<()>("devices", "signOut", &[])).await.unwrap();
    assert!(is_unauthorized(soon(inbox(&ben).next()).await));
}

#[tokio::test]
async fn nobody_signs_out_the_devices_of_others() {
    let app = app();
    let (ann, ben) = (device_of(&app, "ann").await, device_of(&app, "ben").await);
    let devices: Vec<Device> = soon(ann.call("devices", "list", &[])).await.unwrap();
    let out = soon(ben.call::<bool>("devices", "signOutOn", &[("id", &devices[0].id)])).await;
    assert!(!out.unwrap());
    earlier(&mut inbox(&ann)).await;
}

fn is_unauthorized<T: Debug>(element: Option<Result<T, CallError>>) -> bool {
    let reason = RefusalReason::Unauthorized;
    matches!(&element, Some(Err(CallError::Refused { reason: found, .. })) if *found == reason)
}
