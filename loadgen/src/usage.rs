//! What the generator itself costs.

use std::time::Duration;

use nix::sys::resource::{Usage as Rusage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// Processor time since a start, and the largest memory the process ever had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    pub(crate) max_rss_bytes: u64,
}

/// The start of a measurement.
pub(crate) struct Meter(Rusage);

impl Meter {
    pub(crate) fn start() -> Self {
        Self(now())
    }

    pub(crate) fn read(&self) -> Usage {
        let usage = now();
        let since = |end: TimeVal, start: TimeVal| duration(end).saturating_sub(duration(start));
        Usage {
            user: since(usage.user_time(), self.0.user_time()),
            system: since(usage.system_time(), self.0.system_time()),
            // Linux counts it in kilobytes.
            max_rss_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * 1024,
        }
    }
}

fn now() -> Rusage {
    getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage")
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
