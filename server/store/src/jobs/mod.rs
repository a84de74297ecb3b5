//! `jobs`: a store of jobs by their ids, which two add to at once.

mod channel;
mod go_map;
mod mutex;
mod racy;
mod rwlock;
mod sharded;
mod shelf;

use std::fmt;
use std::time::Duration;

pub(crate) use shelf::Shelf;

use crate::bug::Bug;
use crate::catalogue::{Expectation, Mode, Store::Jobs as Open, Workload, mode};
use crate::race_window::RaceWindow;
use crate::settings::Settings;

/// Jobs, of which the id is all that matters here, shared between threads.
///
/// Calls may block the calling thread for as long as another call takes.
pub trait Jobs: Send + Sync {
    /// Adds a job, in the place of one with the same id; returns its id.
    ///
    /// Without an `id`, which is not negative, the store chooses one that no job had before.
    ///
    /// # Errors
    /// [`JobError::Full`] if there is no room for another.
    fn add(&self, id: Option<i64>) -> Result<i64, JobError>;

    /// Whether there is a job of this id.
    fn contains(&self, id: i64) -> bool;

    /// The id of every job, in ascending order.
    fn list(&self) -> Vec<i64>;

    /// Removes a job.
    ///
    /// # Errors
    /// [`JobError::UnknownId`] if there is no job of this id.
    fn remove(&self, id: i64) -> Result<(), JobError>;
}

/// Why a job store refused an operation; the operation then changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobError {
    /// No job of that id exists.
    UnknownId,
    /// The store holds as many jobs as it has room for.
    Full,
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownId => "no such job",
            Self::Full => "there is no room for another job",
        })
    }
}

impl std::error::Error for JobError {}

/// Room for a million jobs: more than a load of the usual size adds.
pub(crate) const CAPACITY: usize = 1 << 20;

pub(crate) static WORKLOAD: Workload = Workload {
    name: "jobs",
    summary: "a store of jobs by their ids",
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        capacity: CAPACITY,
        service_time: Duration::ZERO,
        journal: None,
    },
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 6] = {
    use Expectation::{Correct, Crashes, LosesUpdates};
    [
        mode("racy",    LosesUpdates, Some(Bug::RacyAppend),     "an append to a list whose length nobody protects", |s| Open(Box::new(racy::Racy::new(s)))),
        mode("go-map",  Crashes,      Some(Bug::UnprotectedMap), "a map that ends the process when two use it at once, as Go's do", |s| Open(Box::new(go_map::GoMap::new(s)))),
        mode("mutex",   Correct,      None,                      "one lock around the map", |s| Open(Box::new(mutex::Mutex::new(s)))),
        mode("rwlock",  Correct,      None,                      "readers side by side, writers alone", |s| Open(Box::new(rwlock::RwLock::new(s)))),
        mode("sharded", Correct,      None,                      "several maps, each with a lock of its own", |s| Open(Box::new(sharded::Sharded::new(s)))),
        mode("channel", Correct,      None,                      "a manager thread owns the map and is sent commands", |s| Open(Box::new(channel::Channel::new(s)))),
    ]
};
