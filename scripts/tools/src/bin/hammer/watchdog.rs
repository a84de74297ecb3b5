//! Notices that no call completes any more.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How many calls each thread has completed.
///
/// Relaxed, and a cache line for each: counting must order nothing that the specimen leaves
/// unordered, or it would hide what is looked for.
pub(crate) struct Progress(Vec<Completed>);

#[repr(align(64))]
pub(crate) struct Completed(AtomicU64);

impl Progress {
    pub(crate) fn new(threads: u64) -> Self {
        Self((0..threads).map(|_| Completed(AtomicU64::new(0))).collect())
    }

    /// The count of each thread.
    pub(crate) fn of_threads(&self) -> impl Iterator<Item = &Completed> {
        self.0.iter()
    }

    fn total(&self) -> u64 {
        self.0.iter().map(|completed| completed.0.load(Relaxed)).sum()
    }
}

impl Completed {
    /// Called by the one thread whose count it is.
    pub(crate) fn count(&self) {
        self.0.store(self.0.load(Relaxed) + 1, Relaxed);
    }
}

/// Ends the process with status 4 when nothing has been completed for `stall`.
pub(crate) fn start(progress: Arc<Progress>, stall: Duration) {
    thread::spawn(move || {
        let mut seen = 0;
        let mut since = Instant::now();
        loop {
            thread::sleep(stall / 20);
            let total = progress.total();
            if total != seen {
                (seen, since) = (total, Instant::now());
            } else if since.elapsed() >= stall {
                println!("stalled after {total} operations");
                for blockage in store::blockages() {
                    println!("{blockage:?}");
                }
                process::exit(4);
            }
        }
    });
}
