//! What wakes the load at a fixed rate.

use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

/// A timer of the kernel, among the sockets.
pub(crate) struct Ticker(OwnedFd);

impl Ticker {
    /// Ticks from now on, at every multiple of `interval`.
    pub(crate) fn new(registry: &Registry, token: Token, interval: Duration) -> anyhow::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let interval = Timespec::try_from(interval)?;
        let times = Itimerspec { it_interval: interval, it_value: interval };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self(timer))
    }

    /// Takes note of a tick; without that, there is no next one.
    pub(crate) fn read(&self) {
        // It has no news if somebody read it since.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}
