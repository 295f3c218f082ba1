//! Waiting for what must happen.

use std::panic::Location;
use std::time::Duration;

/// How long a test waits for something.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for something that must happen, such as the next element of a stream: `soon(updates.next()).await`.
///
/// # Panics
///
/// Panics if it has not happened within 10 s. With a paused clock that is as soon as nothing is left to do.
#[track_caller]
pub fn soon<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let place = Location::caller();
    async move {
        match tokio::time::timeout(PATIENCE, future).await {
            Ok(output) => output,
            Err(_) => panic!("what {place} waits for did not happen within {PATIENCE:?}"),
        }
    }
}
