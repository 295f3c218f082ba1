//! How long to wait before trying again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How long to wait before trying again: twice as long each time, and a random share less, so that the clients of a server
/// that was restarted do not all come back at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The wait before the first attempt. Default: 500 ms.
    pub min: Duration,
    /// The longest wait. Default: 30 s.
    pub max: Duration,
    /// Up to which share a wait is cut short, from 0 to 1. Default: 0.5.
    pub jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { min: Duration::from_millis(500), max: Duration::from_secs(30), jitter: 0.5 }
    }
}

impl Backoff {
    /// The wait before the attempt of this number, from 1.
    pub(crate) fn delay(&self, attempt: u32) -> Duration {
        self.delay_with(attempt, random())
    }

    /// The same, for a random number from 0 to 1.
    fn delay_with(&self, attempt: u32, random: f64) -> Duration {
        let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let longest = self.min.saturating_mul(factor).min(self.max);
        longest.mul_f64(1.0 - self.jitter.clamp(0.0, 1.0) * random)
    }
}

/// A random number from 0 to 1; the hash maps of the standard library have a source.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_the_longest_and_are_cut_short_by_chance() {
        let backoff = Backoff::default();
        let waits =
            |random| [1, 2, 3, 6, 7, 8, 33, 34, u32::MAX].map(|n| backoff.delay_with(n, random).as_millis());
        assert_eq!(waits(0.0), [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000]);
        assert_eq!(waits(1.0), [250, 500, 1000, 8000, 15_000, 15_000, 15_000, 15_000, 15_000]);
    }

    #[test]
    fn chance_stays_in_its_bounds_and_differs() {
        let numbers: Vec<_> = (0..100).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        assert!(numbers.iter().any(|number| *number != numbers[0]));
    }
}
