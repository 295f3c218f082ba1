//! The endpoints that the tests call, written out: the macro is above this crate.

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use streampod_client::{CallStream, Client, ClientOptions};
use streampod_schema::Type;
use streampod_server::{
    Docs, Endpoint, EndpointBuilder, Error, Input, InputError, Passed, Result, Session, boxed, drive_stream,
    drive_value, open,
};
use streampod_testing::{TestApp, soon};
use streampod_wire::{
    Answer, Catalog, Class, Decode, DecodeError, Decoder, Encode, Encoder, Exception, Model, Shared, required,
};

/// The channel of [`Room::say`] and [`Room::listen`].
pub(crate) const ROOM: &str = "room";

/// A server with every endpoint of this file.
pub(crate) fn app() -> TestApp {
    TestApp::new(|server| server.endpoint(Room).endpoint(Vault).exception::<Trouble>())
}

/// What a client knows.
pub(crate) fn options() -> ClientOptions {
    ClientOptions::default().exception::<Trouble>()
}

/// A streaming call of [`Room`] without arguments.
pub(crate) fn stream<T: Answer>(client: &Client, method: &str) -> CallStream<T> {
    client.open::<T>("room", method, &[]).stream()
}

/// The next that is said.
pub(crate) async fn next<E: Debug>(
    heard: &mut (impl Stream<Item = Result<Shared<String>, E>> + Unpin),
) -> String {
    soon(heard.next()).await.expect("another element").unwrap().to_string()
}

/// What is for everybody.
pub(crate) struct Room;

impl Room {
    /// Greets whoever calls.
    pub(crate) async fn hello(&self, session: &Session) -> Result<String> {
        let user = session.authenticated().map_or("stranger", |user| &user.user_identifier);
        Ok(format!("Hello {user}"))
    }

    /// Says something to all who listen.
    pub(crate) async fn say(&self, session: &Session, text: String) -> Result<()> {
        session.messages().post(ROOM, text).await
    }

    pub(crate) fn listen(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        session.add_will_close_listener(|session| async move {
            let _ = session.messages().post(ROOM, "somebody left".to_owned()).await;
        });
        session.messages().stream::<String>(ROOM)
    }

    /// Says everything that is said once more.
    pub(crate) async fn echo(&self, session: &Session, times: usize) -> Result<()> {
        let said_by = session.clone();
        let mut left = times;
        session.messages().add_listener::<String, _>(ROOM, move |text| {
            let (session, is_over) = (said_by.clone(), left == 0);
            left = left.saturating_sub(1);
            async move {
                if !is_over {
                    let _ = session.messages().post(ROOM, format!("{}!", *text)).await;
                }
            }
        });
        Ok(())
    }

    /// The sum of the numbers, or a word on why there is none.
    pub(crate) async fn sum(&self, _: &Session, mut numbers: Input<i64>) -> Result<i64> {
        let mut sum = 0;
        while let Some(number) = numbers.next().await {
            sum += number?;
        }
        Ok(sum)
    }

    /// Each number twice as large; ends behind a zero.
    pub(crate) fn double(&self, _: &Session, numbers: Input<i64>) -> impl Stream<Item = Result<i64>> {
        numbers
            .take_while(|number| std::future::ready(!matches!(number, Ok(0))))
            .map(|number| Ok(number? * 2))
    }

    /// Goes on until nobody waits for it.
    pub(crate) async fn wait(&self, session: &Session) -> Result<String> {
        session.cancelled().await;
        Ok(format!("closed: {}", session.is_closed()))
    }

    pub(crate) async fn fail(&self, _: &Session, how: String) -> Result<()> {
        match how.as_str() {
            "exception" => Err(Trouble { message: "no way".into() })?,
            "error" => Err("a secret")?,
            _ => panic!("{how}"),
        }
    }
}

/// What is for administrators.
pub(crate) struct Vault;

impl Vault {
    pub(crate) async fn open(&self, _: &Session) -> Result<i64> {
        Ok(1_000_000)
    }

    fn watch(&self, _: &Session) -> impl Stream<Item = Result<i64>> {
        stream::iter([Ok(1_000_000)])
    }
}

/// What `#[endpoint]` writes for a method that returns a value; its arguments stand before the semicolon, its streams behind.
macro_rules! value_method {
    ($builder:ident, $endpoint:ident.$method:ident($($argument:ident: $ty:ty)?; $($input:ident: $element:ty)?) -> $value:ty) => {
        let endpoint = Arc::clone(&$endpoint);
        $builder
            .method(stringify!($method), Docs::default())
            $(.argument::<$ty>(stringify!($argument), Passed::ByPosition, None))?
            $(.input::<$element>(stringify!($input), Passed::ByPosition, false))?
            .returns_value::<$value>()
            .start(move |start| {
                $(let $argument = start.argument::<$ty>(stringify!($argument))?;)?
                $(let $input = start.input::<$element>(stringify!($input))?;)?
                let (endpoint, session, out) = (Arc::clone(&endpoint), start.session(), start.out());
                Ok(boxed(async move {
                    open(&out, &session).await?;
                    drive_value(&out, endpoint.$method(&session $(, $argument)? $(, $input)?)).await
                }))
            });
    };
}

/// The same for a method that returns a stream.
macro_rules! stream_method {
    ($builder:ident, $endpoint:ident.$method:ident($($input:ident: $element:ty)?) -> $item:ty) => {
        let endpoint = Arc::clone(&$endpoint);
        $builder
            .method(stringify!($method), Docs::default())
            $(.input::<$element>(stringify!($input), Passed::ByPosition, false))?
            .returns_stream::<$item>()
            .start(move |start| {
                $(let $input = start.input::<$element>(stringify!($input))?;)?
                let (endpoint, session, out) = (Arc::clone(&endpoint), start.session(), start.out());
                Ok(boxed(async move {
                    open(&out, &session).await?;
                    let stream = std::pin::pin!(endpoint.$method(&session $(, $input)?));
                    drive_stream(&out, stream).await
                }))
            });
    };
}

impl Endpoint for Room {
    fn describe(self: Arc<Self>, builder: &mut EndpointBuilder<'_>) {
        builder.endpoint("room", Docs::default());
        value_method!(builder, self.hello(;) -> String);
        value_method!(builder, self.say(text: String;) -> ());
        value_method!(builder, self.fail(how: String;) -> ());
        value_method!(builder, self.wait(;) -> String);
        value_method!(builder, self.sum(; numbers: i64) -> i64);
        stream_method!(builder, self.double(numbers: i64) -> i64);
        stream_method!(builder, self.listen() -> Shared<String>);
    }
}

impl Endpoint for Vault {
    fn describe(self: Arc<Self>, builder: &mut EndpointBuilder<'_>) {
        builder.endpoint("vault", Docs::default());
        builder.require_login(&["admin"]);
        value_method!(builder, self.open(;) -> i64);
        stream_method!(builder, self.watch() -> i64);
    }
}

/// An exception.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) message: String,
}

impl Encode for Trouble {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.fields(|fields| fields.field("message", &self.message));
    }
}

impl Decode for Trouble {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut message = None;
        decoder.fields(|name, decoder| match name {
            "message" => decoder.field("message", &mut message),
            _ => decoder.skip(),
        })?;
        Ok(Self { message: required("message", message)? })
    }
}

impl Model for Trouble {
    fn describe(catalog: &mut Catalog) -> Type {
        let schema = json!({ "kind": "exception", "name": Self::NAME, "docs": "", "fields": [] });
        catalog.class::<Self>(|_| serde_json::from_value(schema).unwrap())
    }
}

impl Class for Trouble {
    const NAME: &'static str = "Trouble";
}

impl Exception for Trouble {}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Error::exception(trouble)
    }
}

/// Whether this is the error of a stream whose caller does not say why it failed.
pub(crate) fn is_closed_with_error(error: &Error) -> bool {
    error.downcast_ref() == Some(&InputError::ClosedWithError)
}
