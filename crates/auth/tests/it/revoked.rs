//! What is taken away is revoked, also when the store fails or hangs, or nobody waits any more.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use streampod_auth::{Keys, SignIn, Store};
use streampod_events::{Broker, Channels, LocalBroker, PostFuture};
use streampod_server::{Config, InternalSession, MessageStream, Redis, Result, Revocation, RunMode, Session};
use streampod_testing::{TestApp, soon};
use streampod_wire::{Catalog, Object};
use tokio::time::Instant;

use crate::kit::{Fault, Trap, who};

/// More than the 10 s that are given to a store.
const LONGER_THAN_A_STORE: Duration = Duration::from_secs(20);

/// One server that takes itself for several, so that what is revoked can be heard on a channel.
#[derive(Default)]
struct Cluster(LocalBroker);

impl Broker for Cluster {
    fn post<'a>(&'a self, channel: &'a str, message: Object) -> PostFuture<'a> {
        self.0.post(channel, message)
    }

    fn channels(&self) -> &Arc<Channels> {
        self.0.channels()
    }

    fn is_clustered(&self) -> bool {
        true
    }
}

fn cluster(_redis: &Redis, _catalog: Arc<Catalog>) -> Arc<dyn Broker> {
    Arc::new(Cluster::default())
}

/// Alice, who is signed in on three devices, and what is revoked of her.
struct Alice {
    store: Arc<Trap>,
    keys: Keys,
    session: InternalSession,
    /// The ids of her keys.
    ids: Vec<i64>,
    tokens: Vec<String>,
    revoked: MessageStream<Revocation>,
}

impl Alice {
    async fn signed_in() -> Self {
        let mut config = Config::for_mode(RunMode::Test);
        config.redis.enabled = true;
        let session = TestApp::with_config(config, |server| server.broker(cluster)).anonymous().session();
        let store = Trap::new();
        let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
        let (mut ids, mut tokens) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let sign_in = SignIn { scopes: vec!["a".into(), "b".into()], ..SignIn::default() };
            let key = keys.sign_in(&session, "alice", sign_in).await.unwrap();
            ids.push(key.id);
            tokens.push(key.token());
        }
        let revoked = session.messages().stream("_serverpod_revoked_authentication_alice");
        Self { store, keys, session, ids, tokens, revoked }
    }

    fn is_revoked(&mut self) -> Option<Revocation> {
        let heard = self.revoked.next().now_or_never()?;
        Some((*heard.unwrap().unwrap()).clone())
    }

    /// The scopes that each token is good for; none of one that is good for nothing.
    async fn scopes(&self) -> Vec<Option<usize>> {
        let mut scopes = Vec::new();
        for token in &self.tokens {
            scopes.push(who(&self.keys, token).await.unwrap().map(|info| info.scopes.len()));
        }
        scopes
    }

    /// Every key that is good is among the devices.
    async fn check_listed(&self) {
        // First, because a key without a device is removed by whoever looks it up.
        for (id, _) in self.store.entries("auth.keys").await.unwrap() {
            let device = self.store.get("auth.devices.alice", &id).await.unwrap();
            assert!(device.is_some(), "nobody finds {id} again");
        }
        let listed = crate::kit::listed(&self.keys, "alice").await;
        for (id, scopes) in self.ids.iter().zip(self.scopes().await) {
            assert_eq!(listed.contains(id), scopes.is_some(), "{id}");
        }
    }
}

/// What takes something away.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Taking {
    Device,
    Everything,
    Scope,
}

impl Taking {
    async fn run(self, keys: Keys, session: Session, id: i64) -> Result<()> {
        match self {
            Self::Device => keys.sign_out_device(&session, "alice", id).await.map(drop),
            Self::Everything => keys.sign_out_everywhere(&session, "alice").await,
            Self::Scope => keys.set_scopes(&session, "alice", &["b".into()]).await,
        }
    }

    async fn of(self, alice: &Alice) -> Result<()> {
        let taken = self.run(alice.keys.clone(), alice.session.clone(), alice.ids[1]);
        tokio::time::timeout(LONGER_THAN_A_STORE, taken).await.expect("a store that hangs is given up")
    }

    fn revocation(self, alice: &Alice) -> Revocation {
        match self {
            Self::Device => Revocation::AuthId(alice.ids[1].to_string()),
            Self::Everything => Revocation::User,
            Self::Scope => Revocation::Scopes(vec!["a".into()]),
        }
    }

    /// What is left of each token in the end.
    fn leaves(self) -> [Option<usize>; 3] {
        match self {
            Self::Device => [Some(2), None, Some(2)],
            Self::Everything => [None; 3],
            Self::Scope => [Some(1); 3],
        }
    }

    /// The steps in the store.
    fn steps(self) -> usize {
        match self {
            Self::Device => 3,
            Self::Everything => 1 + 3 * 3,
            Self::Scope => 1 + 3,
        }
    }
}

async fn check_faults(taking: Taking) {
    for step in 0..taking.steps() {
        for fault in Fault::ALL {
            let mut alice = Alice::signed_in().await;
            alice.store.fault_after(step, fault);
            let began = Instant::now();
            let error = taking.of(&alice).await.unwrap_err().to_string();
            assert!(alice.store.was_met());
            let hangs = matches!(fault, Fault::Hangs | Fault::HangsDone);
            let expected = if hangs { "took more than 10s" } else { "on fire" };
            assert!(error.contains(expected), "step {step} {fault:?}: {error}");
            assert_eq!(began.elapsed().as_secs(), if hangs { 10 } else { 0 });

            // Without knowing which keys there are, nothing was done that could take away scopes.
            let is_unknown = taking == Taking::Scope && step == 0;
            let expected = (!is_unknown).then(|| taking.revocation(&alice));
            assert_eq!(alice.is_revoked(), expected, "step {step} {fault:?}");
            assert_eq!(alice.is_revoked(), None, "once");
            alice.check_listed().await;

            if taking == Taking::Everything && step > 0 {
                let gone = alice.scopes().await.iter().filter(|scopes| scopes.is_none()).count();
                assert!(gone >= 2, "what goes wrong with one key keeps nothing from the others");
            }

            taking.of(&alice).await.unwrap();
            assert_eq!(alice.scopes().await, taking.leaves(), "step {step} {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_when_the_store_goes_wrong() {
    check_faults(Taking::Device).await;
}

#[tokio::test(start_paused = true)]
async fn everything_when_the_store_goes_wrong() {
    check_faults(Taking::Everything).await;
}

#[tokio::test(start_paused = true)]
async fn scopes_when_the_store_goes_wrong() {
    check_faults(Taking::Scope).await;
}

/// At no step is there a key that its user does not find, and nothing is revoked before the store has let go of it.
#[tokio::test]
async fn the_store_comes_first() {
    for taking in [Taking::Device, Taking::Everything, Taking::Scope] {
        for step in 0..taking.steps() {
            let mut alice = Alice::signed_in().await;
            let (waiting, go_on) = alice.store.wait_after(step);
            let taken = tokio::spawn(taking.run(alice.keys.clone(), alice.session.clone(), alice.ids[1]));
            soon(waiting).await.unwrap();
            alice.check_listed().await;
            assert_eq!(alice.is_revoked(), None, "{taking:?} step {step}");
            go_on.send(()).unwrap();
            soon(taken).await.unwrap().unwrap();
            assert_eq!(alice.is_revoked(), Some(taking.revocation(&alice)), "{taking:?} step {step}");
            assert_eq!(alice.scopes().await, taking.leaves());
        }
    }
}

/// Who signs out may be gone before that is done, such as a stream that ends by it.
#[tokio::test]
async fn goes_on_when_nobody_waits() {
    for taking in [Taking::Device, Taking::Everything, Taking::Scope] {
        // Finding out which keys there are changes nothing.
        for step in usize::from(taking == Taking::Scope)..taking.steps() {
            let mut alice = Alice::signed_in().await;
            let (waiting, go_on) = alice.store.wait_after(step);
            let taken = tokio::spawn(taking.run(alice.keys.clone(), alice.session.clone(), alice.ids[1]));
            soon(waiting).await.unwrap();
            taken.abort();
            assert!(soon(taken).await.unwrap_err().is_cancelled());
            go_on.send(()).unwrap();
            let revoked = soon(alice.revoked.next()).await.unwrap().unwrap();
            assert_eq!(*revoked, taking.revocation(&alice), "{taking:?} step {step}");
            assert_eq!(alice.scopes().await, taking.leaves());
        }
    }
}

/// What is not taken away is not revoked.
#[tokio::test]
async fn scopes_that_stay_are_not_revoked() {
    let mut alice = Alice::signed_in().await;
    alice.keys.set_scopes(&alice.session, "alice", &["a".into(), "b".into(), "c".into()]).await.unwrap();
    assert_eq!(alice.is_revoked(), None);
    assert_eq!(alice.scopes().await, [Some(3); 3]);
    Taking::Scope.of(&alice).await.unwrap();
    assert_eq!(alice.is_revoked(), Some(Revocation::Scopes(vec!["a".into(), "c".into()])));
}
