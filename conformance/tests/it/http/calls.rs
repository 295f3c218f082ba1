//! How a call names its method and its arguments, and what it is told when it does not.

use streampod::prelude::*;
use streampod::{AuthenticationInfo, Server as StreampodServer};

use super::assert_answer;
use crate::kit::{KeepAlive, TestServer, config};

/// Sends each request on one connection and compares its answer.
async fn check(server: &TestServer, requests: &[(&str, &str, u16, &str)]) {
    let mut connection = KeepAlive::connect(server.port()).await;
    for (line, body, status, answer) in requests {
        let response = connection.request(&format!("{line} HTTP/1.1"), body.as_bytes()).await;
        assert_answer(&response, *status, answer, &format!("{line} {body}"));
    }
}

/// A method is named by the path, else by the query, else by the body; an argument by the query, else by the body.
#[tokio::test]
async fn methods_and_arguments_are_found() {
    let server = TestServer::start().await;
    check(
        &server,
        &[
            ("POST /simple", r#"{"name":"a","method":"hello"}"#, 200, r#""Hello a""#),
            ("POST /simple", r#"{"method":"hello","name":"a"}"#, 200, r#""Hello a""#),
            ("POST /simple/hello", r#"{"name":"a"}"#, 200, r#""Hello a""#),
            ("POST /simple/hello", r#"{"name":"a","method":"getGlobalInt"}"#, 200, r#""Hello a""#),
            ("POST /simple?method=hello", r#"{"name":"a","method":"getGlobalInt"}"#, 200, r#""Hello a""#),
            ("POST /simple/hello?method=getGlobalInt", r#"{"name":"a"}"#, 200, r#""Hello a""#),
            ("POST /simple/hello?name=q", r#"{"name":"b"}"#, 200, r#""Hello q""#),
            ("POST /simple/hello?name=q", r#"{"name":1}"#, 200, r#""Hello q""#),
            ("POST /simple/hello?name=q", "", 200, r#""Hello q""#),
            ("POST /simple/hello?name=", "{}", 200, r#""Hello ""#),
            ("POST /simple/hello?name=a&name=b", "{}", 200, r#""Hello b""#),
            ("POST /simple/hello?name=w%C3%B6rld%20%26+x", "{}", 200, r#""Hello wörld & x""#),
            ("GET /simple/hello?name=q", "", 200, r#""Hello q""#),
            ("GET /simple?method=hello&name=q", "", 200, r#""Hello q""#),
            ("PUT /simple/hello", r#"{"name":"a"}"#, 200, r#""Hello a""#),
            ("PATCH /simple/hello", r#"{"name":"a"}"#, 200, r#""Hello a""#),
            ("DELETE /simple/hello", r#"{"name":"a"}"#, 200, r#""Hello a""#),
            // Unknown arguments are no concern of the method, and the last one of a name counts.
            ("POST /simple/hello?x=1", r#"{"name":"a","y":[{"z":null}]}"#, 200, r#""Hello a""#),
            ("POST /simple/hello", r#"{"name":"a","name":"b"}"#, 200, r#""Hello b""#),
            ("POST /simple/hello", r#" { "name" : "\u0061\n" } "#, 200, r#""Hello a\n""#),
            // Nothing is returned.
            ("POST /simple/addToGlobalInt", "{}", 200, "null"),
            ("POST /simple/setGlobalInt", r#"{"value":7}"#, 200, "null"),
            ("POST /simple/getGlobalInt", "", 200, "7"),
        ],
    )
    .await;
}

#[tokio::test]
async fn arguments_of_each_kind_travel_in_the_query() {
    let server = TestServer::start().await;
    check(
        &server,
        &[
            ("GET /basicTypes/testInt?value=-5", "", 200, "-5"),
            ("GET /basicTypes/testInt?value=null", "", 200, "null"),
            ("GET /basicTypes/testDouble?value=1.5", "", 200, "1.5"),
            ("GET /basicTypes/testDouble?value=1", "", 200, "1.0"),
            ("GET /basicTypes/testBool?value=true", "", 200, "true"),
            ("GET /basicTypes/testString?value=5", "", 200, r#""5""#),
            ("GET /basicTypes/testString?value=null", "", 200, r#""null""#),
            ("GET /basicTypes/testString?value=%22x%22", "", 200, r#""\"x\"""#),
            (
                "GET /basicTypes/testDateTime?dateTime=2024-01-15T10:30:00.000Z",
                "",
                200,
                r#""2024-01-15T10:30:00.000Z""#,
            ),
            (
                "GET /basicTypes/testByteData?value=decode('AQID',%20'base64')",
                "",
                200,
                r#""decode('AQID', 'base64')""#,
            ),
            ("GET /basicTypes/testDuration?value=1000", "", 200, "1000"),
            (
                "GET /basicTypes/testUuid?value=550e8400-e29b-41d4-a716-446655440000",
                "",
                200,
                r#""550e8400-e29b-41d4-a716-446655440000""#,
            ),
            ("GET /basicTypes/testUri?value=https://a.b/c", "", 200, r#""https://a.b/c""#),
            ("GET /basicTypes/testBigInt?value=12345678901234567890", "", 200, r#""12345678901234567890""#),
            ("GET /listParameters/returnIntList?list=[1,2]", "", 200, "[1,2]"),
            ("GET /mapParameters/returnIntMap?map=%7B%22a%22:1%7D", "", 200, r#"{"a":1}"#),
            ("GET /setParameters/returnIntSet?set=[1]", "", 200, "[1]"),
            ("GET /testTools/echoSimpleData?simpleData=%7B%22num%22:1%7D", "", 200, r#"{"num":1}"#),
            (
                "GET /basicTypes/testInt?value=x",
                "",
                400,
                "Invalid argument value: expected int, found something that is not JSON\n",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_called_is_told_why() {
    let server = TestServer::start().await;
    let not_json = "Invalid JSON in body: ";
    check(
        &server,
        &[
            ("POST /noSuchEndpoint", r#"{"method":"x"}"#, 404, "Endpoint noSuchEndpoint not found\n"),
            ("POST /noSuchEndpoint/x", "{}", 404, "Endpoint noSuchEndpoint not found\n"),
            ("POST /Simple/hello", "{}", 404, "Endpoint Simple not found\n"),
            ("POST /noSuchEndpoint", "{}", 400, "No method name specified in call to noSuchEndpoint\n"),
            ("POST /simple", "{}", 400, "No method name specified in call to simple\n"),
            ("POST /simple", r#"{"method":1}"#, 400, "No method name specified in call to simple\n"),
            (
                "POST /simple/noSuchMethod",
                "{}",
                400,
                "Method \"noSuchMethod\" not found in endpoint: simple\n",
            ),
            ("POST /simple/hello/x", "{}", 400, "Method \"hello/x\" not found in endpoint: simple\n"),
            ("POST /simple/hello", "not json", 400, &format!("{not_json}not json\n")),
            ("POST /simple/hello", "[1]", 400, &format!("{not_json}[1]\n")),
            ("POST /simple/hello", r#""x""#, 400, &format!("{not_json}\"x\"\n")),
            ("POST /simple/hello", "null", 400, &format!("{not_json}null\n")),
            ("POST /simple/hello", r#"{"name":"a""#, 400, &format!("{not_json}{{\"name\":\"a\"\n")),
            ("POST /simple/hello", r#"{"name":"a"}x"#, 400, &format!("{not_json}{{\"name\":\"a\"}}x\n")),
            ("POST /simple/hello", r#"{name:"a"}"#, 400, &format!("{not_json}{{name:\"a\"}}\n")),
            // Also where the query says everything.
            ("POST /simple/hello?name=a", "not json", 400, &format!("{not_json}not json\n")),
            ("POST /simple/hello", "", 400, "Missing required query parameter: name\n"),
            ("POST /simple/hello", "{}", 400, "Missing required query parameter: name\n"),
            ("POST /simple/hello", r#"{"name":null}"#, 400, "Missing required query parameter: name\n"),
            (
                "POST /listParameters/returnIntList",
                r#"{"list":null}"#,
                400,
                "Missing required query parameter: list\n",
            ),
            (
                "POST /methodStreaming/simpleStream",
                "{}",
                400,
                "Endpoint method simpleStream in methodStreaming is not of the expected type.\n",
            ),
            (
                "POST /methodStreaming/voidReturnAfterStream",
                "{}",
                400,
                "Endpoint method voidReturnAfterStream in methodStreaming is not of the expected type.\n",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_argument_of_the_wrong_type_is_named() {
    let server = TestServer::start().await;
    check(
        &server,
        &[
            (
                "POST /simple/hello",
                r#"{"name":1}"#,
                400,
                "Invalid argument name: expected String, found a number\n",
            ),
            (
                "POST /basicTypes/testInt",
                r#"{"value":"x"}"#,
                400,
                "Invalid argument value: expected int, found a string\n",
            ),
        ],
    )
    .await;
    // The argument is named first, and where in it the mistake is.
    let mut connection = KeepAlive::connect(server.port()).await;
    for (path, body, start) in [
        ("/basicTypes/testInt", r#"{"value":1.5}"#, "Invalid argument value: "),
        ("/basicTypes/testInt", r#"{"value":9223372036854775808}"#, "Invalid argument value: "),
        ("/basicTypes/testBool", r#"{"value":"true"}"#, "Invalid argument value: "),
        ("/basicTypes/testDateTime", r#"{"dateTime":"yesterday"}"#, "Invalid argument dateTime: "),
        ("/basicTypes/testDuration", r#"{"value":"1"}"#, "Invalid argument value: "),
        ("/basicTypes/testUuid", r#"{"value":"x"}"#, "Invalid argument value: "),
        ("/basicTypes/testUri", r#"{"value":"http://["}"#, "Invalid argument value: "),
        ("/basicTypes/testBigInt", r#"{"value":"1x"}"#, "Invalid argument value: "),
        ("/basicTypes/testByteData", r#"{"value":"AQID"}"#, "Invalid argument value: "),
        ("/listParameters/returnIntList", r#"{"list":{}}"#, "Invalid argument list: "),
        ("/listParameters/returnIntList", r#"{"list":[1,null]}"#, "Invalid argument list: "),
        ("/setParameters/returnIntSet", r#"{"set":[1,1]}"#, "Invalid argument set: "),
        ("/mapParameters/returnEnumMap", r#"{"map":{"a":3}}"#, "Invalid argument map: "),
        ("/mapParameters/returnIntIntMap", r#"{"map":{"1":2}}"#, "Invalid argument map: "),
        ("/recordParameters/returnRecordOfInt", r#"{"record":{"p":[1,2]}}"#, "Invalid argument record: "),
        (
            "/testTools/echoSimpleData",
            r#"{"simpleData":{"id":1}}"#,
            "Invalid argument simpleData: num: missing",
        ),
        ("/testTools/echoTypes", r#"{"typesModel":{"aList":["x"]}}"#, "Invalid argument typesModel: aList"),
        ("/namedParameters/namedParametersMethod", r#"{"namedInt":true}"#, "Invalid argument namedInt: "),
    ] {
        let answer = connection.post(path, body).await;
        assert_eq!(answer.status, 400, "{path} {body}: {answer:?}");
        assert!(answer.body.starts_with(start), "{path} {body}: {answer:?}");
        assert!(answer.body.ends_with('\n') && answer.body.lines().count() == 1, "{answer:?}");
    }
}

#[tokio::test]
async fn arguments_may_be_left_out_where_that_has_a_meaning() {
    let server = TestServer::start().await;
    check(
        &server,
        &[
            ("POST /optionalParameters/returnOptionalInt", "{}", 200, "null"),
            ("POST /optionalParameters/returnOptionalInt", r#"{"optionalInt":5}"#, 200, "5"),
            ("POST /namedParameters/namedParametersMethod", r#"{"namedInt":1}"#, 200, "true"),
            (
                "POST /namedParameters/namedParametersMethod",
                r#"{"namedInt":1,"intWithDefaultValue":null,"nullableIntWithDefaultValue":null}"#,
                200,
                "true",
            ),
            (
                "POST /namedParameters/namedParametersMethod",
                "{}",
                400,
                "Missing required query parameter: namedInt\n",
            ),
            ("POST /namedParameters/namedParametersMethodEqualInts", r#"{"namedInt":1}"#, 200, "false"),
            (
                "POST /namedParameters/namedParametersMethodEqualInts",
                r#"{"namedInt":1,"nullableInt":1}"#,
                200,
                "true",
            ),
        ],
    )
    .await;
}

/// Tells callers who they are.
struct WhoAmI;

#[endpoint(require_login)]
impl WhoAmI {
    async fn who(&self, session: &Session) -> Result<String> {
        Ok(session.authenticated().map(|info| info.user_identifier.clone()).unwrap_or_default())
    }
}

struct ForWriters;

#[endpoint(scopes("write"))]
impl ForWriters {
    async fn write(&self, _session: &Session) -> Result<bool> {
        Ok(true)
    }
}

/// The token that comes out of a header, or the query, is what the handler sees.
#[tokio::test]
async fn callers_are_authenticated() {
    let server = StreampodServer::new(config()).endpoint(WhoAmI).endpoint(ForWriters);
    let server = server.authentication(|_session, token| async move {
        if token == "failing" {
            return Err("the handler failed".into());
        }
        let scopes = if token == "writer" { vec!["write".to_owned()] } else { Vec::new() };
        let info = AuthenticationInfo { user_identifier: token.clone(), scopes, ..Default::default() };
        Ok((token != "nobody").then_some(info))
    });
    let server = TestServer::of(server).await;
    let mut connection = KeepAlive::connect(server.port()).await;
    for (path, authorization, status, body) in [
        ("/whoAmI/who", "Basic MTphYmM=", 200, r#""1:abc""#),
        ("/whoAmI/who", "Bearer abc", 200, r#""abc""#),
        ("/whoAmI/who", "abc", 200, r#""abc""#),
        ("/whoAmI/who?auth=q", "abc", 200, r#""abc""#),
        ("/whoAmI/who?auth=q", "", 200, r#""q""#),
        ("/whoAmI/who?auth=Basic%20MTphYmM=", "", 200, r#""1:abc""#),
        ("/whoAmI/who", "", 401, ""),
        ("/whoAmI/who", "nobody", 401, ""),
        ("/whoAmI/who", "Basic !!!", 400, "Request has invalid \"authorization\" header: Basic !!!\n"),
        ("/forWriters/write", "", 401, ""),
        ("/forWriters/write", "abc", 403, ""),
        ("/forWriters/write", "Basic d3JpdGVy", 200, "true"),
        ("/whoAmI/who", "failing", 500, "Internal server error. Call log id: 1\n"),
    ] {
        let header = if authorization.is_empty() {
            String::new()
        } else {
            format!("\r\nauthorization: {authorization}")
        };
        let answer = connection.request(&format!("POST {path} HTTP/1.1{header}"), b"{}").await;
        assert_answer(&answer, status, body, &format!("{path} {authorization}"));
    }
    for (header, path, body, user) in [
        ("", "/whoAmI/who", r#"{"auth":"b"}"#, r#""b""#),
        ("", "/whoAmI/who?auth=q", r#"{"auth":"b"}"#, r#""q""#),
        ("\r\nauthorization: abc", "/whoAmI/who", r#"{"auth":"b"}"#, r#""abc""#),
    ] {
        let answer = connection.request(&format!("POST {path} HTTP/1.1{header}"), body.as_bytes()).await;
        assert_answer(&answer, 200, user, &format!("{path} {body}"));
    }
    let answer = connection.request("POST /whoAmI/who HTTP/1.1", br#"{"auth":5}"#).await;
    assert_answer(&answer, 401, "", "a number is no key");
}

/// Also where nobody has to sign in, and nobody can.
#[tokio::test]
async fn a_malformed_authorization_is_refused() {
    let server = TestServer::start().await;
    for (path, authorization, status) in [
        ("/simple/hello?name=x", "Basic !!!", 400),
        ("/signInRequired/testMethod", "Basic !!!", 400),
        ("/simple/hello?name=x", "Basic MTphYmM=", 200),
        ("/simple/hello?name=x", "garbage", 200),
        ("/signInRequired/testMethod", "Bearer abc", 401),
        ("/adminScopeRequired/testMethod", "Bearer abc", 401),
    ] {
        let answer =
            server.request(&format!("POST {path} HTTP/1.1\r\nauthorization: {authorization}"), "").await;
        assert_eq!(answer.status, status, "{path} {authorization}: {answer:?}");
    }
}
