//! Timers that cost a worker nothing while they run.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

/// Timers of another thread's runtime.
///
/// A runtime that has timers asks for the time and arms one of the kernel's whenever it waits for
/// its connections, which under load is every other request. Workers have none of their own.
#[derive(Debug, Clone)]
pub(crate) struct Timers(Handle);

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
