//! Timers that cost a worker nothing while they run.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd, RawFd};
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

/// Timers of another thread's runtime.
///
/// A runtime that has timers asks for the time and arms one of the kernel's whenever it waits for
/// its connections, which under load is every other request. Workers have none of their own.
#[derive(Debug, Clone)]
pub(crate) struct Timers(Handle);

/// The one timer of a worker, for one instant after the other.
#[derive(Debug)]
pub(crate) enum Timer {
    /// One of the kernel's, which is late by microseconds. A runtime's timers are late by up to a
    /// millisecond.
    Kernel(AsyncFd<File>),
    /// One of a runtime, whose time may be paused.
    #[cfg_attr(not(test), expect(dead_code, reason = "time is only paused in tests"))]
    Runtime(Timers),
}

/// The kernel's timer, as runtimes take files.
#[derive(Debug)]
pub(crate) struct File(TimerFd);

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Timers {
    /// Those of the runtime this is called in.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub(crate) fn current() -> Self {
        Self(Handle::current())
    }

    pub(crate) fn at(&self, instant: Instant) -> Sleep {
        let _inside = self.0.enter();
        sleep_until(instant)
    }

    pub(crate) fn after(&self, duration: Duration) -> Sleep {
        self.at(Instant::now() + duration)
    }
}

impl Timer {
    /// A timer of the kernel's, for the runtime that this is called in.
    ///
    /// # Errors
    /// When the kernel has none.
    pub(crate) fn kernel() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        #[expect(
            deprecated,
            reason = "what it is in place of is unsafe; `File` is one file for good"
        )]
        let timer = AsyncFd::new(File(timer))?;
        Ok(Self::Kernel(timer))
    }

    /// Waits until `instant`. Nothing else waits for this timer meanwhile; whoever stops waiting may
    /// wait for another instant.
    pub(crate) async fn until(&self, instant: Instant) {
        let timer = match self {
            Self::Runtime(timers) => return timers.at(instant).await,
            Self::Kernel(timer) => timer,
        };
        loop {
            let left = instant.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let expiration = Expiration::OneShot(TimeSpec::from_duration(left));
            let set = timer.get_ref().0.set(expiration, TimerSetTimeFlags::empty());
            set.expect("the time is above zero and no run lasts for centuries");
            let ready = timer.readable().await;
            ready.expect("the runtime goes on while this is polled").clear_ready();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Late it may be, on a busy machine; a runtime's timer would be early or late by most of a
    /// millisecond.
    #[test]
    fn a_timer_of_the_kernel_is_never_early_and_can_be_set_again() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let timer = Timer::kernel().unwrap();
            for wait_us in [300, 0, 2500, 700] {
                let at = Instant::now() + Duration::from_micros(wait_us);
                timer.until(at).await;
                assert!(Instant::now() >= at);
            }
            // One that was not waited for to its end says nothing about the next.
            let far = Instant::now() + Duration::from_hours(1);
            let begun = Instant::now();
            for _ in 0..3 {
                let near = begun + Duration::from_millis(5);
                tokio::select! {
                    biased;
                    () = timer.until(far) => panic!("an hour is not over"),
                    () = tokio::task::yield_now() => {}
                }
                timer.until(near).await;
                assert!(begun.elapsed() >= Duration::from_millis(5));
            }
        });
    }
}
