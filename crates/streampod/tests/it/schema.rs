//! The schema that a server reports: all that clients are generated from.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexSet;
use streampod::StartError;
use streampod::prelude::*;
use streampod::schema::{Model as ModelSchema, Schema};

use crate::kit::{check_golden, server};

/// What a post is about.
///
/// Sent by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Model)]
enum Topic {
    /// Whatever is new.
    News,
    BreakingNews,
    #[model(name = "misc")]
    Other,
}

/// How loud it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Model)]
#[model(by_index, name = "Loudness")]
enum Volume {
    Quiet,
    /// Louder.
    Loud,
}

/// An id of our own.
#[derive(Debug, Clone, PartialEq, Model)]
struct PostId(String);

/// A post, and what was answered.
#[derive(Debug, Clone, PartialEq, Model)]
struct Post {
    /// Where it is found.
    ///
    ///  - indented
    id: PostId,
    r#type: Topic,
    #[model(name = "body")]
    text: Option<String>,
    answers: Vec<Post>,
    parent: Option<Box<Self>>,
    marks: BTreeMap<String, Mark>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Mark {
    from: (i64, f64),
    volume: Volume,
}

/// Not in use by any method.
#[derive(Debug, Clone, PartialEq, Model)]
struct Dynamic {
    at: UtcDateTime,
}

/// Nobody may post now.
#[derive(Debug, Exception)]
struct Closed {
    /// Until when.
    until: Option<UtcDateTime>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Nothing;

struct BoardEndpoint;

/// Posts.
///
/// And *all* of their answers.
#[endpoint(scopes("reader", "writer"))]
impl BoardEndpoint {
    /// Says what it is told.
    #[allow(clippy::too_many_arguments)]
    async fn echo_all(
        &self,
        _session: &Session,
        yes: bool,
        whole: i64,
        part: f64,
        text: String,
        at: UtcDateTime,
        span: SignedDuration,
        wait: Duration,
        bytes: Bytes,
        uuid: Uuid,
        uri: Uri,
        big: BigInt,
        any: Value,
        set: IndexSet<i64>,
        by_number: BTreeMap<i64, Option<Volume>>,
    ) -> Result<(Vec<bool>, Option<i64>)> {
        let _ = (part, text, at, span, wait, bytes, uuid, uri, big, any, set, by_number);
        Ok((vec![yes], Some(whole)))
    }

    #[allow(clippy::too_many_arguments)]
    async fn defaults(
        &self,
        _session: &Session,
        #[arg(default = 42)] _number: i64,
        #[arg(named, default = "a \"b\"".to_owned())] _text: String,
        #[arg(named, default = Some(Topic::BreakingNews))] _topic: Option<Topic>,
        #[arg(named, default = vec![0.5, 1.0])] _list: Vec<f64>,
        #[arg(named, default = None)] _nothing: Option<Post>,
        #[arg(named)] _required: i64,
        #[arg(name = "last")] _optional: Option<i64>,
    ) -> Result<()> {
        Ok(())
    }

    #[deprecated]
    async fn old(&self, _session: &Session) {}

    #[deprecated = "too slow"]
    async fn older(&self, _session: &Session) {}

    /// Gone soon.
    #[deprecated(since = "1.2.0", note = "use `watch`")]
    async fn oldest(&self, _session: &Session) {}

    fn watch(&self, session: &Session) -> impl Stream<Item = Result<Shared<Post>>> {
        session.messages().stream::<Post>("posts").map_err(Into::into)
    }

    async fn later(&self, _session: &Session) -> Result<impl Stream<Item = i64>> {
        Ok(stream! { yield 1; })
    }

    async fn post(
        &self,
        _session: &Session,
        posts: Input<Post>,
        volume: Option<Input<Option<Volume>>>,
        #[arg(name = "anything")] values: Input<Value>,
        limit: i64,
    ) -> Result<Nothing> {
        let _ = (posts, volume, values, limit);
        Err(Closed { until: None }.into())
    }

    #[method(ignore)]
    #[allow(dead_code)]
    fn helper(&self, _: u32) {}
}

struct Open;

#[endpoint(name = "anybody", require_login)]
impl Open {
    #[method(name = "whoAmI")]
    async fn me(&self, _session: &Session) -> Option<String> {
        None
    }
}

struct Unrestricted;

#[endpoint]
impl Unrestricted {}

fn pretty(schema: &Schema) -> String {
    serde_json::to_string_pretty(schema).expect("a schema is plain data") + "\n"
}

#[test]
fn a_schema_is_complete() {
    let server = server()
        .endpoint(Unrestricted)
        .endpoint(BoardEndpoint)
        .endpoint(Open)
        .model::<Dynamic>()
        .exception::<Closed>();
    let schema = server.schema();
    check_golden("schema.json", &pretty(&schema));
    let read: Schema = serde_json::from_str(&pretty(&schema)).expect("a schema can be read again");
    assert_eq!(read, schema);
}

#[test]
fn models_are_registered_with_all_that_they_hold_and_once() {
    let schema = server().model::<Post>().model::<Mark>().model::<Post>().schema();
    let names: Vec<_> = schema.models.iter().map(ModelSchema::name).collect();
    assert_eq!(names, ["Post", "PostId", "Topic", "Mark", "Loudness"]);
}

mod others {
    use streampod::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(super) struct Post {
        pub(super) title: String,
    }

    pub(super) struct Open;

    #[endpoint(name = "anybody")]
    impl Open {
        async fn posts(&self, _session: &Session, _post: Post) -> Result<Vec<Post>> {
            Ok(Vec::new())
        }
    }
}

/// What the server says when it is to start.
fn refusal(server: Server) -> String {
    let error = server.into_router().map(drop).expect_err("it contradicts itself");
    assert!(matches!(error, StartError::Contradiction(_)), "{error:?}");
    error.to_string()
}

#[test]
fn two_endpoints_of_one_name_contradict_each_other() {
    assert_eq!(
        refusal(server().endpoint(Open).endpoint(others::Open)),
        "the server's endpoints and models contradict each other: two endpoints are named `anybody`"
    );
    assert_eq!(
        refusal(server().endpoint(Unrestricted).endpoint(Unrestricted)),
        "the server's endpoints and models contradict each other: two endpoints are named `unrestricted`"
    );
}

#[test]
fn two_models_of_one_name_contradict_each_other() {
    assert_eq!(
        refusal(server().model::<Post>().model::<others::Post>()),
        "the server's endpoints and models contradict each other: two types are models named `Post`"
    );
}

#[test]
fn all_contradictions_are_told_at_once() {
    let text = refusal(
        server().endpoint(BoardEndpoint).endpoint(others::Open).endpoint(Open).model::<others::Post>(),
    );
    assert!(text.contains("two endpoints are named `anybody`"), "{text}");
    assert!(text.contains("two types are models named `Post`"), "{text}");
}
