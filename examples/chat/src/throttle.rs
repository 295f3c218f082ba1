//! How often somebody may do something.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// How many keys are remembered at most.
const KEYS: usize = 10_000;

/// Lets everyone do something a few times at once, and then as often as it has time to recover.
///
/// For each key it keeps one instant: when all that was taken is recovered from. Keys for which that has passed are as if
/// they had never been there, so they can be forgotten.
pub(crate) struct Throttle {
    burst: u32,
    every: Duration,
    recovered: Mutex<HashMap<String, Instant>>,
}

impl Throttle {
    /// `burst` times at once, then once `every` so often.
    pub(crate) fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every, recovered: Mutex::default() }
    }

    /// Takes one for `key`.
    ///
    /// # Errors
    ///
    /// Fails with the time until there is one.
    pub(crate) fn take(&self, key: &str) -> Result<(), Duration> {
        let now = Instant::now();
        let mut recovered = self.recovered.lock();
        let taken = recovered.get(key).map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let too_much = (taken + self.every).saturating_sub(self.every * self.burst);
        if !too_much.is_zero() {
            return Err(too_much);
        }
        if recovered.len() >= KEYS && !recovered.contains_key(key) {
            make_room(&mut recovered, now);
        }
        recovered.insert(key.to_owned(), now + taken + self.every);
        Ok(())
    }

    /// Gives back all that was taken for `key`.
    pub(crate) fn forgive(&self, key: &str) {
        self.recovered.lock().remove(key);
    }
}

/// Forgets the keys that have recovered; if none has, the one that is closest to it.
fn make_room(recovered: &mut HashMap<String, Instant>, now: Instant) {
    recovered.retain(|_, at| *at > now);
    if recovered.len() >= KEYS
        && let Some(first) = recovered.iter().min_by_key(|(_, at)| **at).map(|(key, _)| key.clone())
    {
        recovered.remove(&first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_one_at_a_time() {
        let throttle = Throttle::new(3, Duration::from_secs(10));
        assert_eq!([(); 4].map(|()| throttle.take("ann").is_ok()), [true, true, true, false]);
        assert!(throttle.take("ben").is_ok(), "others have their own");
        assert_eq!(throttle.take("ann"), Err(Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(throttle.take("ann"), Err(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!([(); 2].map(|()| throttle.take("ann").is_ok()), [true, false]);
        throttle.forgive("ann");
        assert_eq!([(); 4].map(|()| throttle.take("ann").is_ok()), [true, true, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_remembers_no_more_than_it_must() {
        let throttle = Throttle::new(1, Duration::from_secs(10));
        for n in 0..KEYS + 10 {
            assert!(throttle.take(&n.to_string()).is_ok());
            tokio::time::advance(Duration::from_nanos(1)).await;
        }
        assert_eq!(throttle.recovered.lock().len(), KEYS);
        assert!(throttle.take("0").is_ok(), "the first ones made room");
        assert!(throttle.take(&KEYS.to_string()).is_err());
        tokio::time::advance(Duration::from_secs(10)).await;
        throttle.take("another").unwrap();
        assert_eq!(throttle.recovered.lock().len(), 1);
    }
}
