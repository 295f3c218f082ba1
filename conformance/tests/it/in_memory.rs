//! The generated client without a socket, as users test their own servers.

use conformance_client::Client;
use conformance_client::models::ExceptionWithData;
use futures_util::{StreamExt, TryStreamExt, stream};
use streampod_client::{CallError, ClientOptions, HttpError, RefusalReason};
use streampod_testing::{Caller, TestApp, soon};

fn client(caller: &Caller) -> Client {
    Client::over(caller.client(Client::known(ClientOptions::default())))
}

#[tokio::test]
async fn a_generated_client_needs_no_network() {
    let client = client(&TestApp::new(conformance::endpoints).anonymous());
    assert_eq!(soon(client.simple.hello("you")).await.unwrap(), "Hello you");
    let echo = client.method_streaming.int_echo_stream(stream::iter(1..=3));
    assert_eq!(soon(echo.try_collect::<Vec<_>>()).await.unwrap(), [1, 2, 3]);
    let error = soon(client.exception_test.throw_exception_with_data()).await.unwrap_err();
    assert!(error.exception::<ExceptionWithData>().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_test_signs_users_in() {
    let app = TestApp::new(conformance::endpoints);
    for (caller, expected) in [
        (app.anonymous(), [Err(401), Err(401)]),
        (app.user("user", []), [Ok(true), Err(403)]),
        (app.user("admin", ["serverpod.admin"]), [Ok(true), Ok(true)]),
    ] {
        let client = client(&caller);
        let (for_users, for_admins) =
            (client.sign_in_required.test_method(), client.admin_scope_required.test_method());
        let found = [soon(for_users).await, soon(for_admins).await].map(|found| {
            found.map_err(|error| match error {
                CallError::Http(HttpError { status, .. }) => status,
                other => panic!("{other:?}"),
            })
        });
        assert_eq!(found, expected, "{caller:?}");
    }

    let user = client(&app.user("user", [])).authenticated_method_streaming;
    let refused = soon(user.simple_stream().next()).await.unwrap().unwrap_err();
    assert!(matches!(refused, CallError::Refused { reason: RefusalReason::Forbidden, .. }), "{refused:?}");
    let admin = client(&app.user("admin", ["serverpod.admin"])).authenticated_method_streaming;
    let numbers = soon(admin.simple_stream().try_collect::<Vec<_>>()).await.unwrap();
    assert_eq!(numbers, Vec::from_iter(0..10));
}
