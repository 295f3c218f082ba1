//! Waiting until nothing is left to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use streampod_testing::flush;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::kit::{Room, app, options, stream};

#[tokio::test]
async fn a_message_reaches_every_listener_and_every_client() {
    let app = app();
    let session = app.anonymous().session();
    // What is said is said again by a task of its own, 20 times.
    Room.echo(&session, 20).await.unwrap();
    let clients: Vec<_> = (0..50).map(|_| app.anonymous().client(options())).collect();
    let mut heard: Vec<_> = clients.iter().map(|client| stream::<String>(client, "listen")).collect();
    flush().await;
    assert_eq!(app.handle().stats().calls, 50);
    Room.say(&session, "ho".into()).await.unwrap();
    flush().await;
    for heard in &mut heard {
        for times in 0..=20 {
            let said = heard.next().now_or_never().expect("it arrived").unwrap().unwrap();
            assert_eq!(said, format!("ho{}", "!".repeat(times)));
        }
    }
}

#[tokio::test]
async fn a_long_chain_of_tasks_runs_to_its_end() {
    let (first, mut previous) = mpsc::unbounded_channel();
    for _ in 0..5_000 {
        let (next, receiver) = mpsc::unbounded_channel();
        let mut from = std::mem::replace(&mut previous, receiver);
        tokio::spawn(async move {
            while let Some(number) = from.recv().await {
                let _ = next.send(number + 1);
            }
        });
    }
    flush().await;
    first.send(0).unwrap();
    flush().await;
    assert_eq!(previous.try_recv(), Ok(5_000));
}

#[tokio::test]
async fn tasks_that_never_rest_do_not_hold_it_up() {
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let restless = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    flush().await;
    assert!(turns.load(Ordering::Relaxed) > 100);
    restless.abort();
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_move() {
    let start = Instant::now();
    let timer = tokio::spawn(tokio::time::sleep(Duration::from_millis(1)));
    flush().await;
    assert_eq!((Instant::now() - start, timer.is_finished()), (Duration::ZERO, false));
    tokio::time::advance(Duration::from_millis(2)).await;
    flush().await;
    assert!(timer.is_finished());
}

#[test]
#[should_panic(expected = "one thread")]
fn it_refuses_what_it_cannot_promise() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(flush());
}
