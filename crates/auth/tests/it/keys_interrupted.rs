//! What is left when the store fails, or somebody comes, between the steps of signing in and out.

use std::sync::Arc;

use streampod_auth::{IssuedKey, Keys, SignIn, Store};

use crate::kit::{Trap, listed, session, who};

/// Three devices of a user.
async fn signed_in() -> (Arc<Trap>, Keys, Vec<IssuedKey>) {
    let store = Trap::new();
    let keys = Keys::new(Arc::clone(&store) as Arc<dyn Store>);
    let mut issued = Vec::new();
    for _ in 0..3 {
        issued.push(keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap());
    }
    (store, keys, issued)
}

/// Every key that is good for something is listed, and nothing else is; the ids of those keys.
async fn check_listed(keys: &Keys, issued: &[IssuedKey]) -> Vec<i64> {
    let listed = listed(keys, "alice").await;
    let mut good = Vec::new();
    for key in issued.iter().rev() {
        if who(keys, &key.token()).await.unwrap().is_some() {
            good.push(key.id);
        }
    }
    assert_eq!(good, listed);
    good
}

/// Has the store fail at each step in turn, and checks what is left, also when it is done once more.
async fn check_failing(signs_out: usize, sign_out: impl AsyncFn(&Keys, &[IssuedKey]) -> bool) {
    for step in 0.. {
        let (store, keys, issued) = signed_in().await;
        store.fail_after(step);
        let succeeded = sign_out(&keys, &issued).await;
        if !store.was_met() {
            assert!(succeeded && step > 1, "{step} steps");
            break;
        }
        assert!(!succeeded, "step {step} failed, and nobody was told");
        for (id, _) in store.entries("auth.keys").await.unwrap() {
            let device = store.get("auth.devices.alice", &id).await.unwrap();
            assert!(device.is_some(), "step {step}: nobody finds {id} again");
        }
        check_listed(&keys, &issued).await;
        assert!(sign_out(&keys, &issued).await);
        assert_eq!(check_listed(&keys, &issued).await.len(), 3 - signs_out, "step {step}");
    }
}

#[tokio::test]
async fn signing_out_a_device_can_be_done_again() {
    check_failing(1, async |keys, issued| {
        keys.sign_out_device(&session(), "alice", issued[1].id).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn signing_out_everywhere_misses_none() {
    check_failing(3, async |keys, _| keys.sign_out_everywhere(&session(), "alice").await.is_ok()).await;
}

/// A sign-in that failed leaves no key that is not listed, and one that did not fail is good.
#[tokio::test]
async fn a_sign_in_that_fails_leaves_nothing_good() {
    let mut failed = 0;
    for step in 0.. {
        let (store, keys, mut issued) = signed_in().await;
        store.fail_after(step);
        let signed_in = keys.sign_in(&session(), "alice", SignIn::default()).await;
        let was_met = store.was_met();
        failed += usize::from(signed_in.is_err());
        issued.extend(signed_in);
        assert_eq!(check_listed(&keys, &issued).await.len(), issued.len());

        for (id, _) in store.entries("auth.keys").await.unwrap() {
            assert!(store.get("auth.devices.alice", &id).await.unwrap().is_some(), "{id} is not listed");
        }
        keys.sign_out_everywhere(&session(), "alice").await.unwrap();
        assert!(store.entries("auth.keys").await.unwrap().is_empty());
        assert!(store.entries("auth.devices.alice").await.unwrap().is_empty());
        if !was_met {
            break;
        }
    }
    assert_eq!(failed, 2, "the device and the key");
}

/// One is stopped at each step in turn, while the other is done from its beginning to its end.
async fn check_interleaved(
    stopped: impl AsyncFn(&Keys) -> Option<IssuedKey>,
    meanwhile: impl AsyncFn(&Keys) -> Option<IssuedKey>,
) {
    for step in 0.. {
        let (store, keys, mut issued) = signed_in().await;
        let (waiting, go_on) = store.wait_after(step);
        let between = async {
            let Ok(()) = waiting.await else { return None };
            let done = meanwhile(&keys).await;
            go_on.send(()).unwrap();
            done
        };
        let stop = async {
            let done = stopped(&keys).await;
            // What waits for a step that it does not have is let go by that.
            (done, store.was_met())
        };
        let ((one, was_met), other) = futures_util::join!(stop, between);
        if !was_met {
            // It has fewer steps, so the other was not done.
            assert!(step > 2, "{step} steps");
            break;
        }
        issued.extend(one.or(other));
        check_listed(&keys, &issued).await;
        // Nobody who was signed in before is still.
        for key in &issued[..3] {
            assert_eq!(who(&keys, &key.token()).await.unwrap(), None, "step {step}");
        }
        keys.sign_out_everywhere(&session(), "alice").await.unwrap();
        assert!(check_listed(&keys, &issued).await.is_empty());
    }
}

async fn sign_in(keys: &Keys) -> Option<IssuedKey> {
    Some(keys.sign_in(&session(), "alice", SignIn::default()).await.unwrap())
}

async fn sign_out_everywhere(keys: &Keys) -> Option<IssuedKey> {
    keys.sign_out_everywhere(&session(), "alice").await.unwrap();
    None
}

async fn set_scopes(keys: &Keys) -> Option<IssuedKey> {
    keys.set_scopes(&session(), "alice", &["admin".into()]).await.unwrap();
    None
}

#[tokio::test]
async fn signing_in_while_being_signed_out() {
    check_interleaved(sign_out_everywhere, sign_in).await;
}

#[tokio::test]
async fn being_signed_out_while_signing_in() {
    check_interleaved(sign_in, sign_out_everywhere).await;
}

#[tokio::test]
async fn being_signed_out_while_getting_scopes() {
    check_interleaved(set_scopes, sign_out_everywhere).await;
}

#[tokio::test]
async fn getting_scopes_while_being_signed_out() {
    check_interleaved(sign_out_everywhere, set_scopes).await;
}
