//! `results`: a slow call, and then an append to a list that is read while it grows.

mod lock_before_sleep;
mod mutex;
mod racy;
mod rwlock;

use std::fmt;
use std::time::Duration;

use crate::bug::Bug;
use crate::catalogue::{Expectation, Mode, Store::Results as Open, Workload, mode};
use crate::jobs::CAPACITY;
use crate::race_window::RaceWindow;
use crate::settings::Settings;

/// A list of results by their ids, shared between threads.
///
/// Calls block the calling thread, a save for as long as the slow call takes.
pub trait Results: Send + Sync {
    /// Makes the slow call whose result has this id, which is not negative, and saves the result.
    ///
    /// # Errors
    /// [`ResultsFull`] if there is no room for another.
    fn save(&self, id: i64) -> Result<(), ResultsFull>;

    /// The id of every result, in the order in which they were saved.
    fn list(&self) -> Vec<i64>;

    /// Whether a save is acknowledged before it is done.
    fn acknowledges_early(&self) -> bool {
        false
    }

    /// Called once, when no save will follow and before the process ends.
    fn finish(&self) {}
}

/// The list is as long as it may be; nothing was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultsFull;

impl fmt::Display for ResultsFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no room for another result")
    }
}

impl std::error::Error for ResultsFull {}

pub(crate) static WORKLOAD: Workload = Workload {
    name: "results",
    summary: "a slow call, whose result is appended to a list",
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        capacity: CAPACITY,
        service_time: Duration::from_millis(5),
        journal: None,
    },
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 4] = {
    use Expectation::{Correct, LosesUpdates, Serialises};
    [
        mode("racy",              LosesUpdates, Some(Bug::RacyAppend),       "an append to a list whose length nobody protects", |s| Open(Box::new(racy::Racy::new(s)))),
        mode("lock-before-sleep", Serialises,   Some(Bug::LockOverSlowCall), "one lock, taken before the slow call: correct, and no longer concurrent", |s| Open(Box::new(lock_before_sleep::LockBeforeSleep::new(s)))),
        mode("mutex",             Correct,      None,                        "one lock around the append", |s| Open(Box::new(mutex::Mutex::new(s)))),
        mode("rwlock",            Correct,      None,                        "readers side by side, whoever appends alone", |s| Open(Box::new(rwlock::RwLock::new(s)))),
    ]
};

/// Appends for one thread at a time.
fn append(results: &mut Vec<i64>, id: i64, capacity: usize) -> Result<(), ResultsFull> {
    if results.len() >= capacity {
        return Err(ResultsFull);
    }
    results.push(id);
    Ok(())
}
