//! Who may call which method.

use std::time::Duration;

use serde_json::{Value, json};
use streampod::prelude::*;
use streampod::schema::{Method, Schema};
use streampod::{AuthenticationInfo, Revocation};

use crate::kit::server;
use crate::socket::{Call, Socket, post, start};

/// No test waits longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who calls, once, and nothing until the call is ended.
fn who_stays(session: &Session) -> impl Stream<Item = String> + use<> {
    let who = who(session);
    stream! {
        yield who;
        std::future::pending::<()>().await;
    }
}

fn who(session: &Session) -> String {
    session.authenticated().map_or_else(|| "anybody".to_owned(), |info| info.user_identifier.clone())
}

/// For everybody, but for some of its methods.
struct Articles;

#[endpoint]
impl Articles {
    async fn read(&self, session: &Session) -> String {
        who(session)
    }

    #[method(require_login)]
    async fn comment(&self, session: &Session) -> String {
        who(session)
    }

    #[method(scopes("editor", "billing"))]
    async fn sell(&self, session: &Session) -> String {
        who(session)
    }

    /// Two attributes say what one could.
    #[method(name = "withdraw")]
    #[method(scopes("editor"))]
    async fn take_back(&self, session: &Session) -> String {
        who(session)
    }

    fn watch(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }

    #[method(revocable)]
    fn watch_signed_in(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }

    #[method(require_login)]
    fn watch_comments(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }

    #[method(scopes("editor", "billing"))]
    fn watch_sales(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }

    #[method(scopes("editor"))]
    async fn count(&self, session: &Session, _drafts: Option<Input<i64>>) -> Result<String> {
        Ok(who(session))
    }
}

/// For members, and some methods for some of them.
struct Club;

#[endpoint(scopes("member"))]
impl Club {
    async fn enter(&self, session: &Session) -> String {
        who(session)
    }

    /// The endpoint asks for more already.
    #[method(require_login)]
    async fn sit(&self, session: &Session) -> String {
        who(session)
    }

    #[method(scopes("barkeeper", "member"))]
    async fn pour(&self, session: &Session) -> String {
        who(session)
    }

    #[method(scopes("barkeeper"))]
    fn watch(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }
}

/// For everybody who is signed in, and some methods for some of them.
struct Letters;

#[endpoint(require_login)]
impl Letters {
    async fn read(&self, session: &Session) -> String {
        who(session)
    }

    #[method(scopes("clerk"))]
    async fn stamp(&self, session: &Session) -> String {
        who(session)
    }

    fn watch(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }
}

/// Whose calls rest on a sign-in where there is one, but for what asks for one.
struct Lobby;

#[endpoint(revocable)]
impl Lobby {
    fn watch(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }

    #[method(require_login)]
    fn watch_members(&self, session: &Session) -> impl Stream<Item = String> {
        who_stays(session)
    }
}

/// Whose token is their name, with their scopes after it: `ann+editor+billing`. Nobody knows `stranger`.
async fn by_token(_: Session, token: String) -> Result<Option<AuthenticationInfo>> {
    let mut parts = token.split('+').map(str::to_owned);
    let user_identifier = parts.next().unwrap_or_default();
    let info =
        AuthenticationInfo { scopes: parts.collect(), auth_id: token, user_identifier, ..Default::default() };
    Ok((info.user_identifier != "stranger").then_some(info))
}

fn build(server: streampod::Server) -> streampod::Server {
    server.endpoint(Articles).endpoint(Club).endpoint(Letters).endpoint(Lobby).authentication(by_token)
}

/// Who may call what: path, token, and the status that answers it, or who has called.
const RULES: &[(&str, &str, Result<&str, u16>)] = &[
    // No rules, beside methods that have some.
    ("articles/read", "", Ok("anybody")),
    ("articles/read", "stranger", Ok("anybody")),
    ("articles/read", "ann", Ok("ann")),
    ("articles/comment", "", Err(401)),
    ("articles/comment", "stranger+editor+billing", Err(401)),
    ("articles/comment", "ann", Ok("ann")),
    ("articles/sell", "", Err(401)),
    ("articles/sell", "ann", Err(403)),
    ("articles/sell", "ann+editor", Err(403)),
    ("articles/sell", "ann+billing", Err(403)),
    ("articles/sell", "ann+more+billing+editor", Ok("ann")),
    ("articles/withdraw", "ann+billing", Err(403)),
    ("articles/withdraw", "ann+editor", Ok("ann")),
    // What the endpoint asks for, and what the method asks for beside.
    ("club/enter", "", Err(401)),
    ("club/enter", "ann+barkeeper", Err(403)),
    ("club/enter", "ann+member", Ok("ann")),
    ("club/sit", "", Err(401)),
    ("club/sit", "ann", Err(403)),
    ("club/sit", "ann+member", Ok("ann")),
    ("club/pour", "", Err(401)),
    ("club/pour", "ann+member", Err(403)),
    ("club/pour", "ann+barkeeper", Err(403)),
    ("club/pour", "ann+member+barkeeper", Ok("ann")),
    ("letters/read", "", Err(401)),
    ("letters/read", "ann", Ok("ann")),
    ("letters/stamp", "", Err(401)),
    ("letters/stamp", "ann", Err(403)),
    ("letters/stamp", "ann+clerk", Ok("ann")),
];

#[tokio::test]
async fn a_method_is_for_those_whom_it_and_its_endpoint_let_in() {
    let server = start(build).await;
    let all = async {
        for &(path, token, expected) in RULES {
            let found = post(&server, &format!("/{path}"), token).await;
            let expected = match expected {
                Ok(who) => (200, format!("\"{who}\"")),
                // Refused without a word, as it is for endpoints.
                Err(status) => (status, String::new()),
            };
            assert_eq!(found, expected, "{path} by `{token}`");
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("every call is answered");
    server.shutdown().await;
}

/// Who may open what: endpoint, method, token, and why not, or who has called.
const STREAMING_RULES: &[(&str, &str, &str, Result<&str, &str>)] = &[
    ("articles", "watch", "", Ok("anybody")),
    ("articles", "watch", "stranger", Ok("anybody")),
    ("articles", "watch", "ann", Ok("ann")),
    ("articles", "watchSignedIn", "", Ok("anybody")),
    ("articles", "watchSignedIn", "ann", Ok("ann")),
    ("articles", "watchComments", "", Err("authenticationFailed")),
    ("articles", "watchComments", "stranger", Err("authenticationFailed")),
    ("articles", "watchComments", "ann", Ok("ann")),
    ("articles", "watchSales", "", Err("authenticationFailed")),
    ("articles", "watchSales", "ann", Err("authorizationDeclined")),
    ("articles", "watchSales", "ann+editor", Err("authorizationDeclined")),
    ("articles", "watchSales", "ann+billing", Err("authorizationDeclined")),
    ("articles", "watchSales", "ann+editor+billing", Ok("ann")),
    ("articles", "count", "", Err("authenticationFailed")),
    ("articles", "count", "ann", Err("authorizationDeclined")),
    ("articles", "count", "ann+editor", Ok("ann")),
    ("club", "watch", "", Err("authenticationFailed")),
    ("club", "watch", "ann+member", Err("authorizationDeclined")),
    ("club", "watch", "ann+barkeeper", Err("authorizationDeclined")),
    ("club", "watch", "ann+barkeeper+member", Ok("ann")),
    ("letters", "watch", "", Err("authenticationFailed")),
    ("letters", "watch", "ann", Ok("ann")),
    ("lobby", "watch", "", Ok("anybody")),
    ("lobby", "watchMembers", "", Err("authenticationFailed")),
    ("lobby", "watchMembers", "ann", Ok("ann")),
];

#[tokio::test]
async fn a_streaming_method_is_for_those_whom_it_and_its_endpoint_let_in() {
    let server = start(build).await;
    let all = async {
        let mut socket = Socket::connect(&server).await;
        for &(endpoint, method, token, expected) in STREAMING_RULES {
            println!("{endpoint}.{method} by `{token}`");
            let call = socket.open(endpoint, method, token).await;
            match expected {
                Ok(who) => {
                    socket.expect(call.opened("success")).await;
                    socket.expect(call.element(who)).await;
                }
                Err(reason) => socket.expect(call.opened(reason)).await,
            }
            if method == "count" && expected.is_ok() {
                socket.expect(call.closed("done")).await;
            }
        }
        // One socket carried them all, and what was refused left nothing more to say.
        socket.expect_nothing().await;
    };
    tokio::time::timeout(PATIENCE, all).await.expect("every call is answered");
    server.shutdown().await;
}

impl Socket {
    /// Opens a call and waits for its first element.
    async fn opened(&mut self, endpoint: &'static str, method: &'static str, token: &str) -> Call {
        let call = self.open(endpoint, method, token).await;
        self.expect(call.opened("success")).await;
        let element = self.receive().await;
        assert_eq!(element["type"], "msm", "{element}");
        call
    }

    /// What has been sent so far is answered, and nothing else has come.
    async fn expect_nothing(&mut self) {
        self.send(json!({ "type": "ping" })).await;
        self.expect(json!({ "type": "pong" })).await;
    }

    /// These calls have ended with an error, in any order, and no other.
    async fn expect_ended(&mut self, calls: &[Call]) {
        let sorted = |mut frames: Vec<Value>| {
            frames.sort_by_key(ToString::to_string);
            frames
        };
        let mut found = Vec::new();
        self.send(json!({ "type": "ping" })).await;
        loop {
            let frame = self.receive().await;
            if frame["type"] == "pong" {
                break;
            }
            found.push(frame);
        }
        assert_eq!(sorted(found), sorted(calls.iter().map(|call| call.closed("error")).collect()));
    }
}

#[tokio::test]
async fn what_rests_on_a_sign_in_ends_with_it() {
    let server = start(build).await;
    let all = async {
        let mut socket = Socket::connect(&server).await;
        // Nobody asked for these sign-ins, so they go on.
        socket.opened("articles", "watch", "ann").await;
        socket.opened("articles", "watchSignedIn", "").await;
        socket.opened("articles", "watchSignedIn", "bob").await;
        socket.opened("lobby", "watch", "").await;
        let ends = [
            socket.opened("articles", "watchSignedIn", "ann").await,
            socket.opened("articles", "watchComments", "ann").await,
            socket.opened("lobby", "watch", "ann").await,
            socket.opened("lobby", "watchMembers", "ann").await,
            socket.opened("club", "watch", "ann+member+barkeeper").await,
        ];
        socket.expect_nothing().await;

        let session = server.handle().create_session();
        session.messages().authentication_revoked("ann", Revocation::User).await.expect("it can be told");
        socket.expect_ended(&ends).await;
        assert_eq!(server.handle().stats().calls, 4);
    };
    tokio::time::timeout(PATIENCE, all).await.expect("every call is answered");
    server.shutdown().await;
}

#[tokio::test]
async fn a_scope_that_is_revoked_ends_the_methods_that_ask_for_it() {
    let server = start(build).await;
    let all = async {
        let mut socket = Socket::connect(&server).await;
        let token = "ann+editor+billing+member+barkeeper";
        socket.opened("articles", "watchSignedIn", token).await;
        socket.opened("articles", "watchComments", token).await;
        let sales = socket.opened("articles", "watchSales", token).await;
        let club = socket.opened("club", "watch", token).await;

        let session = server.handle().create_session();
        let revoke = async |scope: &str| {
            let revocation = Revocation::Scopes(vec![scope.to_owned()]);
            session.messages().authentication_revoked("ann", revocation).await.expect("it can be told");
        };
        revoke("reader").await;
        socket.expect_nothing().await;
        revoke("billing").await;
        socket.expect_ended(&[sales]).await;
        // That of the endpoint.
        revoke("member").await;
        socket.expect_ended(&[club]).await;
    };
    tokio::time::timeout(PATIENCE, all).await.expect("every call is answered");
    server.shutdown().await;
}

/// The methods of an endpoint as JSON.
fn methods<'a>(json: &'a Value, endpoint: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let endpoints = json["endpoints"].as_array().expect("there are endpoints");
    let found = endpoints.iter().find(|found| found["name"] == endpoint).expect("there is the endpoint");
    let methods = found["methods"].as_array().expect("it has methods");
    methods.iter().map(|method| (method["name"].as_str().expect("it has a name"), method))
}

#[test]
fn the_schema_says_what_a_method_asks_for_beside_its_endpoint() {
    let schema = build(server()).schema();
    let json = serde_json::to_value(&schema).expect("a schema is plain data");
    let rules = |endpoint: &str| -> Vec<_> {
        let methods = methods(&json, endpoint);
        methods
            .map(|(name, method)| {
                (name.to_owned(), method.get("requireLogin").cloned(), method.get("scopes").cloned())
            })
            .collect()
    };
    let method = |name: &str, login: Option<bool>, scopes: Option<&[&str]>| {
        (name.to_owned(), login.map(Value::from), scopes.map(|scopes| json!(scopes)))
    };
    assert_eq!(
        rules("articles"),
        [
            // What is not asked for is left out.
            method("read", None, None),
            method("comment", Some(true), None),
            method("sell", Some(true), Some(&["editor", "billing"])),
            method("withdraw", Some(true), Some(&["editor"])),
            method("watch", None, None),
            method("watchSignedIn", None, None),
            method("watchComments", Some(true), None),
            method("watchSales", Some(true), Some(&["editor", "billing"])),
            method("count", Some(true), Some(&["editor"])),
        ]
    );
    assert_eq!(
        rules("club"),
        [
            method("enter", None, None),
            method("sit", Some(true), None),
            method("pour", Some(true), Some(&["barkeeper", "member"])),
            method("watch", Some(true), Some(&["barkeeper"])),
        ]
    );
    let read: Schema = serde_json::from_value(json).expect("a schema can be read again");
    assert_eq!(read, schema);
}

/// Files that were written before methods had rules.
#[test]
fn a_schema_without_rules_of_methods_is_read() {
    let json = json!({ "name": "read", "docs": "", "parameters": [], "returns": { "kind": "value", "type": "int" } });
    let method: Method = serde_json::from_value(json.clone()).expect("it is a method");
    assert!(!method.require_login && method.scopes.is_empty());
    assert_eq!(serde_json::to_value(&method).expect("a schema is plain data"), json);
}
