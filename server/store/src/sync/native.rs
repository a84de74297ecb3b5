//! std's primitives, for the code as it ships.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
pub(crate) use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub(crate) use std::thread;

use std::io::Write as _;
use std::time::{Duration, Instant};

pub(crate) use super::books::Book;
pub use super::books::blockages;
pub(crate) use super::cell::UnsafeCell;

/// Waits at least `duration`: asleep where that is precise enough, yielding where it is not.
pub(crate) fn wait(duration: Duration) {
    const SLEEP_IS_PRECISE: Duration = Duration::from_millis(1);
    if duration >= SLEEP_IS_PRECISE {
        return thread::sleep(duration);
    }
    let start = Instant::now();
    while start.elapsed() < duration {
        thread::yield_now();
    }
}

/// Ends the process as Go's runtime does: one line to stderr, exit status 2.
pub(crate) fn fatal(message: &str) -> ! {
    // Never released: the message is written once, whoever else gets here meanwhile.
    let mut stderr = std::io::stderr().lock();
    // Nothing can be done about a closed stderr on the way out.
    let _ = writeln!(stderr, "fatal error: {message}");
    std::process::exit(2)
}
