//! What the generator uses of the machine, and what it may.

use std::num::NonZero;
use std::time::{Duration, SystemTime};

use nix::sys::resource::{Resource, Usage as Rusage, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeVal;
use thiserror::Error;

/// Processor time since a start, when that was, and the largest memory the process ever had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) started_at: SystemTime,
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    pub(crate) max_rss_bytes: u64,
    /// How many threads this machine can run at once.
    pub(crate) cores: usize,
}

/// The start of a measurement.
pub(crate) struct Meter {
    used: Rusage,
    started_at: SystemTime,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { used: used_by(UsageWho::RUSAGE_SELF), started_at: SystemTime::now() }
    }

    pub(crate) fn read(&self) -> Usage {
        let usage = used_by(UsageWho::RUSAGE_SELF);
        let since = |end: TimeVal, start: TimeVal| duration(end).saturating_sub(duration(start));
        Usage {
            started_at: self.started_at,
            user: since(usage.user_time(), self.used.user_time()),
            system: since(usage.system_time(), self.used.system_time()),
            // Linux counts it in kilobytes.
            max_rss_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * 1024,
            cores: cores(),
        }
    }
}

/// The process may not have as many files open as it needs.
#[derive(Debug, Error)]
#[error(
    "{needed} open files are needed, but this process may open {allowed}: raise the limit \
     (ulimit -n) or lower -c"
)]
pub struct TooManyFiles {
    /// Connections and what else is open.
    pub needed: u64,
    /// The hard limit.
    pub allowed: u64,
}

/// How many connections this process may have at once, with so many threads.
pub(crate) fn most_connections(threads: usize) -> usize {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((0, 0));
    usize::try_from(hard.saturating_sub(files_beside(threads))).unwrap_or(usize::MAX)
}

/// How many files are open beside connections.
fn files_beside(threads: usize) -> u64 {
    const A_THREAD: u64 = 8;
    const EVERYTHING_ELSE: u64 = 64;
    A_THREAD * threads as u64 + EVERYTHING_ELSE
}

/// Makes room for a connection per client and for everything else that is open.
pub(crate) fn allow_open_files(concurrency: usize, threads: usize) -> Result<(), TooManyFiles> {
    let needed = concurrency as u64 + files_beside(threads);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((needed, needed));
    if soft >= needed {
        return Ok(());
    }
    if hard < needed || setrlimit(Resource::RLIMIT_NOFILE, needed, hard).is_err() {
        return Err(TooManyFiles { needed, allowed: hard });
    }
    Ok(())
}

/// How many threads this process can have at work at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Processor time of the calling thread, in user mode and in the kernel.
pub(crate) fn thread_time() -> Duration {
    let used = used_by(UsageWho::RUSAGE_THREAD);
    duration(used.user_time()) + duration(used.system_time())
}

fn used_by(who: UsageWho) -> Rusage {
    getrusage(who).expect("a process may ask for its own usage")
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
