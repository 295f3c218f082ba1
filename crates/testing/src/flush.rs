//! Waiting until nothing is left to do.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::yield_now;

/// How often the other tasks get their turn. In each turn tokio polls what is ready, and what that makes ready, until
/// nothing is or it has polled 61 times; so an ordinary test is at rest long before the last one.
const TURNS: usize = 256;

/// Lets every other task run until none of them can go on: messages that were posted reach those who listen, clients
/// receive what was sent to them, and what that brings about happens too.
///
/// What tasks wait for from elsewhere is not waited for: time, other threads, sockets and files. The clock of
/// `tokio::time::pause` does not move. Tasks that do not come to rest within 256 turns, of which each is enough for 61
/// polls, are left alone.
///
/// # Panics
///
/// Panics unless it is called in a tokio runtime with one thread, as `#[tokio::test]` makes it: nobody could say when the
/// other threads are idle.
///
/// # Cancel safety
///
/// It can be dropped at any time.
#[doc(alias = "flushEventQueue")]
pub async fn flush() {
    let flavor = Handle::current().runtime_flavor();
    assert!(
        flavor == RuntimeFlavor::CurrentThread,
        "`flush` works in a runtime with one thread, as `#[tokio::test]` makes it; this one is {flavor:?}"
    );
    for _ in 0..TURNS {
        yield_now().await;
    }
}
