//! What both connections have in common: they are kept, and tried out.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::RedisResult;
use redis::aio::MultiplexedConnection;

use crate::connect::said;
use crate::outage::Lost;
use crate::settings::RedisSettings;

/// Counts what comes on a connection.
///
/// An answer that is late behind many messages does not mean that nobody is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Arc<AtomicU64>);

impl Heard {
    /// Something came.
    pub(crate) fn something(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for an answer as long as anything comes.
    ///
    /// # Errors
    ///
    /// Fails if nothing comes for as long as `silence`, or the connection fails.
    pub(crate) async fn answer<T>(
        &self,
        silence: Duration,
        request: impl Future<Output = RedisResult<T>>,
    ) -> Result<RedisResult<T>, Lost> {
        let mut request = pin!(request);
        loop {
            let before = self.0.load(Ordering::Relaxed);
            match tokio::time::timeout(silence, &mut request).await {
                Ok(Err(error)) if error.is_unrecoverable_error() => return Err(Lost::Failed(said(&error))),
                Ok(answer) => return Ok(answer),
                Err(_) if self.0.load(Ordering::Relaxed) != before => {}
                Err(_) => return Err(Lost::Silent(silence)),
            }
        }
    }

    /// Tries a connection out once.
    pub(crate) async fn ping(
        &self,
        settings: &RedisSettings,
        commands: &mut MultiplexedConnection,
    ) -> Result<(), Lost> {
        let ping = redis::cmd("PING");
        // A user without the right to ping is answered too.
        let _ = self.answer(settings.response_timeout, commands.send_packed_command(&ping)).await?;
        Ok(())
    }
}

/// How long to wait before the next attempt to connect.
#[derive(Debug)]
pub(crate) struct Pauses {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Pauses {
    pub(crate) fn new(settings: &RedisSettings) -> Self {
        let RedisSettings { first_pause: first, longest_pause: longest, .. } = *settings;
        Self { first, longest, next: first.min(longest) }
    }

    /// A connection was lost that lasted so long. Only one that lasted as long as the longest pause has worked: if each is lost soon,
    /// the pauses grow as if there were none.
    pub(crate) fn lost_after(&mut self, time: Duration) {
        if time >= self.longest {
            self.next = self.first.min(self.longest);
        }
    }

    /// Waits longer each time.
    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.next()).await;
    }

    fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = self.longest.min(pause.saturating_mul(2));
        // Every `RandomState` is another one.
        let random = RandomState::new().hash_one(()) as u32;
        pause.mul_f64(0.5 + 0.5 * f64::from(random) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_differ() {
        let settings = RedisSettings { longest_pause: Duration::from_millis(300), ..Default::default() };
        let mut pauses = Pauses::new(&settings);
        for expected in [100, 200, 300, 300] {
            let pause = pauses.next();
            let expected = Duration::from_millis(expected);
            assert!(pause >= expected / 2 && pause <= expected, "{pause:?}, expected up to {expected:?}");
        }
        let mut first = || {
            pauses.lost_after(Duration::from_millis(300));
            pauses.next()
        };
        assert!((0..100).map(|_| first()).all(|pause| pause <= Duration::from_millis(100)));
        assert!((0..100).map(|_| first()).any(|pause| pause != Duration::from_millis(100)));
    }

    #[test]
    fn pauses_grow_while_no_connection_lasts() {
        let settings = RedisSettings { longest_pause: Duration::from_millis(300), ..Default::default() };
        let mut pauses = Pauses::new(&settings);
        for expected in [100, 200, 300, 300] {
            pauses.lost_after(Duration::from_millis(299));
            assert!(pauses.next() >= Duration::from_millis(expected / 2), "expected up to {expected} ms");
        }
    }
}
