//! Waiting for what must happen.

use std::time::Duration;

use streampod_testing::soon;
use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn it_waits() {
    let start = Instant::now();
    assert_eq!(soon(async { 7 }).await, 7);
    soon(sleep(Duration::from_secs(9))).await;
    assert_eq!(start.elapsed().as_secs(), 9);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "tests/it/soon.rs")]
async fn it_says_what_did_not_happen() {
    soon(std::future::pending::<()>()).await;
}
