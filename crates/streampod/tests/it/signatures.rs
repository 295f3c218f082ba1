//! Every shape of a method, with no `use` but the prelude.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, rust_2018_idioms, let_underscore_drop, unreachable_pub)]

use std::sync::Mutex;

use streampod::prelude::*;

/// An endpoint.
#[derive(Default)]
pub struct SignaturesEndpoint {
    names: Mutex<Vec<String>>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Note {
    /// A raw identifier.
    pub r#type: String,
    /// Itself again.
    pub reply_to: Option<Box<Self>>,
}

/// An exception.
#[derive(Debug, Exception)]
pub struct TooMany {
    /// How many.
    pub count: i64,
}

const LIMIT: i64 = 10;

#[endpoint]
impl SignaturesEndpoint {
    /// A constant that is no method.
    pub const STEP: i64 = 2;

    /// Takes and returns nothing.
    pub async fn nothing(&self, _session: &Session) {}

    /// Returns a value without a `Result`.
    pub async fn plain(&self, _session: &Session, number: i64) -> i64 {
        number
    }

    async fn unit(&self, _session: Session) -> Result<()> {
        Ok(())
    }

    async fn own_result(&self, _session: &Session) -> std::result::Result<i64, std::num::ParseIntError> {
        "1".parse()
    }

    async fn owned_session(&self, session: Session, note: Note) -> Result<Note> {
        drop(session);
        Ok(note)
    }

    async fn path_to_session(&self, _session: &streampod::Session) -> Result<Option<Note>> {
        Ok(None)
    }

    async fn arguments(
        &self,
        _session: &Session,
        #[arg(named)] first: Option<String>,
        #[arg(name = "other", default = Self::STEP + LIMIT)] _second: i64,
        #[arg(named, default = Some("x".to_owned()))] third: Option<String>,
        mut r#in: Vec<i64>,
    ) -> Result<String> {
        r#in.clear();
        Ok(first.or(third).unwrap_or_default())
    }

    async fn r#match(&self, _session: &Session, r#type: String) -> String {
        r#type
    }

    #[deprecated(note = "use another")]
    async fn old(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(name = "renamed")]
    async fn original(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(ignore)]
    fn helper() -> i64 {
        1
    }

    /// Not for clients.
    #[method(ignore)]
    pub fn new<T>(_: T) -> Self {
        let _ = Self::helper();
        Self::default()
    }

    #[cfg(any())]
    async fn never(&self, _session: &Session, missing: Missing) -> Result<()> {
        Ok(())
    }

    #[cfg(not(any()))]
    async fn sometimes(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[cfg(any())]
    async fn sometimes(&self, _session: &Session) -> Result<i64> {
        Ok(1)
    }

    // The names of traits' methods, which `Arc` has too.

    async fn clone(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn into(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn describe(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn map(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    // The names that the macro's code uses.

    async fn start(&self, session: &Session, out: i64, endpoint: i64, builder: i64, start: i64) -> i64 {
        drop(session.clone());
        out + endpoint + builder + start
    }

    // Streams.

    fn echo(&self, _session: Session, messages: Input<Value>) -> impl Stream<Item = Result<Value>> {
        messages
    }

    /// Borrows the endpoint and the session.
    fn borrows(&self, session: &Session, from: i64) -> impl Stream<Item = Result<i64>> {
        try_stream! {
            for n in (1..=from).rev() {
                let count = self.names.lock().map(|names| names.len()).unwrap_or_default();
                if count > 3 {
                    Err(TooMany { count: n })?;
                }
                if session.is_cancelled() {
                    Err("cancelled")?;
                }
                yield n;
            }
        }
    }

    fn lifetimes<'a>(&'a self, _session: &'a Session) -> impl Stream<Item = Result<String>> + use<'a> {
        stream! {
            let names = self.names.lock().map(|names| names.clone()).unwrap_or_default();
            for name in names {
                yield Ok(name);
            }
        }
    }

    fn plain_items(&self, _session: &Session) -> impl Stream<Item = i64> {
        stream! { yield 1; }
    }

    fn fallible(&self, session: &Session) -> Result<impl Stream<Item = Result<i64>>> {
        let text = "1";
        let n: i64 = text.parse()?;
        let session = session.clone();
        Ok(stream! {
            drop(session);
            yield Ok(n);
        })
    }

    async fn later(&self, _session: &Session, n: i64) -> Result<impl Stream<Item = Result<i64>>> {
        self.nothing(_session).await;
        if n > LIMIT {
            return Err(TooMany { count: n }.into());
        }
        Ok(try_stream! { yield n; })
    }

    async fn later_for_sure(&self, _session: &Session) -> impl Stream<Item = i64> {
        self.nothing(_session).await;
        stream! { yield 1; }
    }

    fn messages(&self, session: &Session) -> streampod::MessageStream<Note> {
        session.messages().stream("notes")
    }

    fn boxed(&self, _session: &Session) -> std::pin::Pin<Box<dyn Stream<Item = Result<Note>> + Send + '_>> {
        Box::pin(stream! {
            let _ = self;
            yield Ok(Note { r#type: String::new(), reply_to: None });
        })
    }

    fn shared(&self, session: &Session) -> impl Stream<Item = Result<Shared<Note>>> {
        session.messages().stream::<Note>("notes").map_err(Into::into)
    }

    fn several(
        &self,
        _session: &Session,
        #[arg(name = "a")] first: Input<i64>,
        scale: i64,
        second: Option<Input<Option<i64>>>,
    ) -> impl Stream<Item = Result<i64>> {
        try_stream! {
            for await n in first {
                yield n? * scale;
            }
            if let Some(second) = second {
                for await n in second {
                    yield n?.unwrap_or_default() * scale;
                }
            }
        }
    }

    async fn sum(&self, _session: &Session, mut values: Input<i64>) -> Result<i64> {
        let mut sum = 0;
        while let Some(value) = values.try_next().await? {
            sum += value;
        }
        Ok(sum)
    }

    async fn any_error(&self, _session: &Session, number: String) -> Result<i64> {
        let parse = || -> anyhow::Result<i64> { Ok(number.parse()?) };
        if number.is_empty() {
            Err(TooMany { count: 0 })?;
        }
        Ok(parse()?)
    }
}

mod elsewhere {
    pub(crate) struct Inner;
}

/// By its path, with a name of its own, and for some users only.
#[streampod::endpoint(name = "outer", require_login, scopes("a", "b"))]
impl elsewhere::Inner {
    async fn nothing(&self, _session: &streampod::Session) {}
}

#[test]
fn every_signature_is_accepted() {
    let server = Server::new(streampod::Config::default());
    let server = server.endpoint(SignaturesEndpoint::new(1)).endpoint(elsewhere::Inner);
    let names: Vec<_> = server.schema().endpoints.into_iter().map(|endpoint| endpoint.name).collect();
    assert_eq!(names, ["outer", "signatures"]);
}
