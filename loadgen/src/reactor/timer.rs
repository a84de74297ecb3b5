//! The kernel's timer, as the reactor watches it.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::rc::Rc;
use std::time::Duration;

use mio::Interest;
use mio::unix::SourceFd;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::time::Instant;

use super::Reactor;
use super::source::Source;

/// A timer of the kernel's, which is late by microseconds.
pub(crate) struct KernelTimer {
    timer: TimerFd,
    source: Rc<Source>,
}

impl KernelTimer {
    /// A timer for the reactor of this thread, which watches it from then on.
    ///
    /// # Errors
    /// When the kernel has none.
    ///
    /// # Panics
    /// Where no reactor runs.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        let reactor = Reactor::current().expect("a worker makes its timer in its reactor");
        let descriptor = timer.as_fd().as_raw_fd();
        let source = reactor.register(&mut SourceFd(&descriptor), Interest::READABLE)?;
        Ok(Self { timer, source })
    }

    /// Waits until `instant`. Nothing else waits for this timer meanwhile; whoever stops waiting may
    /// wait for another instant.
    pub(crate) async fn until(&self, instant: Instant) {
        loop {
            let left: Duration = instant.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let expiration = Expiration::OneShot(TimeSpec::from_duration(left));
            let set = self.timer.set(expiration, TimerSetTimeFlags::empty());
            set.expect("the time is above zero and no run lasts for centuries");
            poll_fn(|context| self.source.poll_readable(context)).await;
        }
    }
}
