//! How busy the threads were that sent requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::latency::nanoseconds;

/// How busy a thread was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Thread {
    /// From its first request to its end.
    pub(crate) whole: Work,
    /// In the second in which it had most to do; of a shorter run, in all of it.
    pub(crate) busiest: Work,
}

/// How much of a time a processor worked for a thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Work {
    pub(crate) cpu_ns: u64,
    pub(crate) wall_ns: u64,
}

impl Work {
    /// Of a time `wall` the processor worked for `cpu`.
    pub(crate) fn new(cpu: Duration, wall: Duration) -> Self {
        Self { cpu_ns: nanoseconds(cpu), wall_ns: nanoseconds(wall) }
    }

    /// Its share of the time, from 0 to 1; 0 of no time.
    #[expect(clippy::cast_precision_loss, reason = "a share is shown, not counted")]
    pub(crate) fn share(self) -> f64 {
        if self.wall_ns == 0 {
            return 0.0;
        }
        // The two clocks are read one after the other.
        (self.cpu_ns as f64 / self.wall_ns as f64).min(1.0)
    }

    /// The one of which the share is greater.
    pub(crate) fn busier(self, other: Self) -> Self {
        if other.share() > self.share() { other } else { self }
    }
}
