//! Signing in and out by keys: what is answered, and which streams end.

use std::sync::Arc;
use std::time::Duration;

use streampod::auth::{FileStore, Keys, MemoryStore, SignIn};
use streampod::prelude::*;
use streampod::{RunningServer, Server};

use crate::socket::{Call, Socket, post, start};

/// No test waits longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Signs in and out.
struct Account {
    keys: Keys,
}

#[endpoint]
impl Account {
    async fn sign_in(&self, session: &Session, name: String, seconds: Option<i64>) -> Result<String> {
        let lifetime = seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs()));
        let scopes = vec!["member".to_owned(), "editor".to_owned()];
        let sign_in = SignIn { lifetime, scopes, device: "a browser".into() };
        Ok(self.keys.sign_in(session, &name, sign_in).await?.token())
    }

    #[method(require_login)]
    async fn sign_out(&self, session: &Session) -> Result<()> {
        self.keys.sign_out(session).await
    }

    #[method(require_login)]
    async fn sign_out_device(&self, session: &Session, id: i64) -> Result<bool> {
        self.keys.sign_out_device(session, &user(session), id).await
    }

    #[method(require_login)]
    async fn sign_out_everywhere(&self, session: &Session) -> Result<()> {
        self.keys.sign_out_everywhere(session, &user(session)).await
    }

    #[method(require_login)]
    async fn demote(&self, session: &Session) -> Result<()> {
        self.keys.set_scopes(session, &user(session), &["member".to_owned()]).await
    }
}

/// For those who are signed in.
struct Room;

#[endpoint(require_login)]
impl Room {
    async fn who(&self, session: &Session) -> String {
        user(session)
    }

    async fn say(&self, session: &Session, text: String) -> Result<()> {
        session.messages().post("room", text).await
    }

    /// Who listens, and what is said then.
    fn listen(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        let said = session.messages().stream::<String>("room");
        let who = Shared::new(user(session));
        futures_util::stream::once(async { Ok(who) }).chain(said)
    }

    #[method(scopes("editor"))]
    fn edit(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        self.listen(session)
    }
}

/// For everybody; its streams end with the sign-in that they carry, if they carry one.
struct Hall;

#[endpoint(revocable)]
impl Hall {
    fn listen(&self, session: &Session) -> impl Stream<Item = Result<Shared<String>>> {
        Room.listen(session)
    }
}

fn user(session: &Session) -> String {
    session.authenticated().map_or_else(|| "anybody".to_owned(), |info| info.user_identifier.clone())
}

fn build(keys: Keys) -> impl FnOnce(Server) -> Server {
    |server| {
        let handler = keys.handler();
        server.endpoint(Account { keys }).endpoint(Room).endpoint(Hall).authentication(handler)
    }
}

/// A device of somebody.
struct Device {
    token: String,
    socket: Socket,
    call: Call,
}

impl Device {
    /// Signs somebody in, by whom something is listened to then.
    async fn sign_in(server: &RunningServer, name: &str) -> Self {
        let token = sign_in(server, &format!("name={name}")).await;
        Self::listening(server, token, name, ("room", "listen")).await
    }

    async fn listening(
        server: &RunningServer,
        token: String,
        name: &str,
        (endpoint, method): (&'static str, &'static str),
    ) -> Self {
        let mut socket = Socket::connect(server).await;
        let call = socket.open(endpoint, method, &token).await;
        socket.expect(call.opened("success")).await;
        socket.expect(call.element(name)).await;
        Self { token, socket, call }
    }

    fn id(&self) -> &str {
        self.token.split_once(':').expect("a token has an id").0
    }

    async fn hears(&mut self, text: &str) {
        self.socket.expect(self.call.element(text)).await;
    }

    /// Its stream has ended with an error and nothing else, and it is good for nothing any more.
    async fn is_signed_out(&mut self, server: &RunningServer) {
        self.socket.expect(self.call.closed("error")).await;
        assert_eq!(post(server, "/room/who", &self.token).await, (401, String::new()));
        let again = self.socket.open("room", "listen", &self.token).await;
        self.socket.expect(again.opened("authenticationFailed")).await;
    }
}

async fn sign_in(server: &RunningServer, query: &str) -> String {
    let (status, body) = post(server, &format!("/account/signIn?{query}"), "").await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("a token is text")
}

async fn ok(server: &RunningServer, path: &str, token: &str) -> String {
    let (status, body) = post(server, path, token).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

async fn patiently(test: impl Future<Output = ()>) {
    tokio::time::timeout(PATIENCE, test).await.expect("everything that is waited for comes");
}

#[tokio::test]
async fn signing_out_ends_what_rests_on_it_and_nothing_else() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let store = FileStore::open(folder.path().join("store.redb")).expect("the store can be opened");
    let server = start(build(Keys::new(Arc::new(store)))).await;
    patiently(async {
        let [mut phone, mut laptop, mut tablet, mut bob] = [
            Device::sign_in(&server, "alice").await,
            Device::sign_in(&server, "alice").await,
            Device::sign_in(&server, "alice").await,
            Device::sign_in(&server, "bob").await,
        ];
        assert_eq!(ok(&server, "/room/who", &laptop.token).await, "\"alice\"");

        // Nobody signs out somebody else.
        let path = format!("/account/signOutDevice?id={}", laptop.id());
        assert_eq!(ok(&server, &path, &bob.token).await, "false");
        // Another device.
        assert_eq!(ok(&server, &path, &phone.token).await, "true");
        laptop.is_signed_out(&server).await;
        assert_eq!(ok(&server, &path, &phone.token).await, "false");
        ok(&server, "/room/say?text=one", &phone.token).await;
        for device in [&mut phone, &mut tablet, &mut bob] {
            device.hears("one").await;
        }

        // This device.
        ok(&server, "/account/signOut", &phone.token).await;
        phone.is_signed_out(&server).await;
        assert_eq!(post(&server, "/account/signOut", &phone.token).await.0, 401);
        ok(&server, "/room/say?text=two", &bob.token).await;
        for device in [&mut tablet, &mut bob] {
            device.hears("two").await;
        }

        // Everywhere.
        let mut phone = Device::sign_in(&server, "alice").await;
        ok(&server, "/account/signOutEverywhere", &tablet.token).await;
        for device in [&mut phone, &mut tablet] {
            device.is_signed_out(&server).await;
        }
        ok(&server, "/room/say?text=three", &bob.token).await;
        bob.hears("three").await;

        // Whoever signs in again hears again.
        let mut phone = Device::sign_in(&server, "alice").await;
        ok(&server, "/room/say?text=four", &bob.token).await;
        phone.hears("four").await;
    })
    .await;
    server.shutdown().await;
}

/// The sign-in that a stream carries matters where a method says so, though nobody has to sign in there.
#[tokio::test]
async fn signing_out_ends_what_is_revocable() {
    let server = start(build(Keys::new(Arc::new(MemoryStore::new())))).await;
    patiently(async {
        let token = sign_in(&server, "name=alice").await;
        let mut alice = Device::listening(&server, token, "alice", ("hall", "listen")).await;
        let mut anybody = Device::listening(&server, String::new(), "anybody", ("hall", "listen")).await;
        ok(&server, "/account/signOut", &alice.token).await;
        alice.is_signed_out(&server).await;
        // With a token that is not good any more, one is anybody.
        let mut again = Device::listening(&server, alice.token, "anybody", ("hall", "listen")).await;
        let bob = Device::sign_in(&server, "bob").await;
        ok(&server, "/room/say?text=hi", &bob.token).await;
        for device in [&mut anybody, &mut again] {
            device.hears("hi").await;
        }
    })
    .await;
    server.shutdown().await;
}

#[tokio::test]
async fn scopes_that_are_taken_away_end_what_needs_them() {
    let server = start(build(Keys::new(Arc::new(MemoryStore::new())))).await;
    patiently(async {
        let mut listener = Device::sign_in(&server, "alice").await;
        let mut editor = Device::listening(&server, listener.token.clone(), "alice", ("room", "edit")).await;
        let mut bob =
            Device::listening(&server, sign_in(&server, "name=bob").await, "bob", ("room", "edit")).await;

        ok(&server, "/account/demote", &listener.token).await;
        editor.socket.expect(editor.call.closed("error")).await;
        let again = editor.socket.open("room", "edit", &editor.token).await;
        editor.socket.expect(again.opened("authorizationDeclined")).await;
        ok(&server, "/room/say?text=hi", &listener.token).await;
        for device in [&mut listener, &mut bob] {
            device.hears("hi").await;
        }
    })
    .await;
    server.shutdown().await;
}

#[tokio::test]
async fn the_oldest_device_of_too_many_is_signed_out() {
    let server = start(build(Keys::new(Arc::new(MemoryStore::new())))).await;
    patiently(async {
        let mut oldest = Device::sign_in(&server, "alice").await;
        let mut second = Device::sign_in(&server, "alice").await;
        for _ in 2..Keys::DEVICES_MAX {
            sign_in(&server, "name=alice").await;
        }
        ok(&server, "/room/who", &oldest.token).await;
        let newest = sign_in(&server, "name=alice").await;
        oldest.is_signed_out(&server).await;
        ok(&server, "/room/say?text=hi", &newest).await;
        second.hears("hi").await;
    })
    .await;
    server.shutdown().await;
}

#[tokio::test]
async fn a_key_that_expires_ends_its_streams() {
    let server = start(build(Keys::new(Arc::new(MemoryStore::new())))).await;
    patiently(async {
        let mut bob = Device::sign_in(&server, "bob").await;
        let token = sign_in(&server, "name=alice&seconds=2").await;
        let began = std::time::Instant::now();
        let mut alice = Device::listening(&server, token, "alice", ("room", "listen")).await;
        ok(&server, "/room/say?text=hi", &alice.token).await;
        alice.hears("hi").await;
        alice.is_signed_out(&server).await;
        let lasted = began.elapsed().as_secs_f64();
        assert!((1.5..4.0).contains(&lasted), "it lasted {lasted} s");
        bob.hears("hi").await;
        ok(&server, "/room/who", &bob.token).await;
    })
    .await;
    server.shutdown().await;
}
