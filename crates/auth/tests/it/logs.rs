//! What is logged: never a key or a token, also not when something is wrong with it.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use streampod_auth::{Keys, SignIn, Store, StoreError};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::kit::{Trap, session, who};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn keys_and_tokens_are_in_no_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::trace!("the log is read");

    let store = Trap::new();
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let session = session();
    let good = keys.sign_in(&session, "alice", SignIn::default()).await.unwrap();
    let over = SignIn { lifetime: Some(Duration::ZERO), ..SignIn::default() };
    let over = keys.sign_in(&session, "alice", over).await.unwrap();
    let spoiled = keys.sign_in(&session, "alice", SignIn::default()).await.unwrap();
    let mut secrets =
        vec![spoiled.key().to_owned(), good.key().to_owned(), over.key().to_owned(), "wrong-key".to_owned()];
    let mut errors = String::new();
    for token in [good.token(), over.token(), spoiled.token(), format!("{}:wrong-key", good.id)] {
        for step in 0..4 {
            // A key without a device is good for nothing.
            store.remove("auth.devices.alice", &spoiled.id.to_string()).await.unwrap();
            store.fail_after(step);
            errors += &format!("{:?} ", who(&keys, &token).await.map_err(|error| error.to_string()));
            store.was_met();
        }
    }
    // The devices that are too many are not found.
    store.fail_after(2);
    secrets.push(keys.sign_in(&session, "alice", SignIn::default()).await.unwrap().key().to_owned());
    assert!(store.was_met());
    #[cfg(feature = "jwt")]
    {
        use crate::jwt::{SECRET, hs256, now, who};
        let jwt = streampod_auth::Jwt::hs256(&SECRET).unwrap();
        for exp in [now() + 60, now() - 60] {
            let token = hs256(&serde_json::json!({ "sub": "alice", "exp": exp }));
            who(&jwt, &token).await;
            who(&jwt, &token[1..]).await;
            secrets.extend(token.split('.').map(ToOwned::to_owned));
        }
        secrets.push(String::from_utf8(SECRET.into()).unwrap());
    }
    errors += &format!("{:?}", StoreError::other("something"));

    let logged = String::from_utf8(log.0.lock().clone()).unwrap();
    for part in ["the log is read", "a key that is good for nothing was not removed", "were not signed out"] {
        assert!(logged.contains(part), "{part} is missed in:\n{logged}");
    }
    for secret in &secrets {
        assert!(
            !logged.contains(&**secret) && !errors.contains(&**secret),
            "{secret} is in:\n{logged}\n{errors}"
        );
    }
}
