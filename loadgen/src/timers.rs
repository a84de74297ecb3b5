//! Timers that cost a worker nothing while they run.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::reactor::KernelTimer;

/// Timers of another thread's runtime.
///
/// A runtime that has timers asks for the time and arms one of the kernel's whenever it waits for
/// its connections, which under load is every other request. Workers have none of their own.
#[derive(Debug, Clone)]
pub(crate) struct Timers(Handle);

/// The one timer of a worker, for one instant after the other.
pub(crate) enum Timer {
    /// One of the kernel's, which is late by microseconds.
    Kernel(KernelTimer),
    /// One of a runtime, which is late by up to a millisecond, and whose time may be paused.
    Runtime(Timers),
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
    /// Waits until `instant`. Nothing else waits for this timer meanwhile; whoever stops waiting may
    /// wait for another instant.
    pub(crate) async fn until(&self, instant: Instant) {
        match self {
            Self::Runtime(timers) => timers.at(instant).await,
            Self::Kernel(timer) => timer.until(instant).await,
        }
    }
}
