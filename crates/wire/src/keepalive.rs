//! When to ping a peer, and when to give it up.

use std::time::{Duration, Instant};

/// Pings a peer at an interval and gives it up when a ping goes unanswered for as long. It has no clock: `now` goes in
/// and the next deadline comes out.
#[derive(Debug)]
pub struct Keepalive {
    interval: Duration,
    /// When the next ping is due.
    next: Instant,
    /// Whether the last ping is unanswered.
    waiting: bool,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepaliveAction {
    /// Nothing before the next deadline.
    Wait,
    /// To send a ping.
    Ping,
    /// To drop the peer: it did not answer within one interval.
    GiveUp,
}

impl Keepalive {
    /// Pings every `interval`, first one interval from `now`.
    pub fn new(interval: Duration, now: Instant) -> Self {
        Self { interval, next: now + interval, waiting: false }
    }

    /// When to ask [`due`](Self::due) again.
    pub fn deadline(&self) -> Instant {
        self.next
    }

    /// Takes note of a pong.
    pub fn answered(&mut self) {
        self.waiting = false;
    }

    /// What is due at `now`.
    pub fn due(&mut self, now: Instant) -> KeepaliveAction {
        if now < self.next {
            return KeepaliveAction::Wait;
        }
        if self.waiting {
            return KeepaliveAction::GiveUp;
        }
        self.waiting = true;
        self.next = now + self.interval;
        KeepaliveAction::Ping
    }

    /// Grants the peer another interval: it could not have been heard, because nothing was read.
    pub fn excuse(&mut self, now: Instant) {
        self.waiting = false;
        self.next = now + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answering_peer_is_pinged_at_each_interval() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut keepalive = Keepalive::new(second, start);
        for n in 1..=5 {
            let now = start + second * n;
            assert_eq!(keepalive.due(now - Duration::from_millis(1)), KeepaliveAction::Wait);
            assert_eq!(keepalive.deadline(), now);
            assert_eq!(keepalive.due(now), KeepaliveAction::Ping);
            keepalive.answered();
        }
    }

    #[test]
    fn a_mute_peer_is_given_up_after_two_intervals() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut keepalive = Keepalive::new(second, start);
        assert_eq!(keepalive.due(start + second), KeepaliveAction::Ping);
        assert_eq!(keepalive.due(start + second * 2), KeepaliveAction::GiveUp);
    }
}
