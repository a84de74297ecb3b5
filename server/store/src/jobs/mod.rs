//! `jobs`: a store of jobs by their ids, which two add to at once.

mod channel;
mod go_map;
pub(crate) mod modes;
mod mutex;
mod racy;
mod rwlock;
mod sharded;
mod shelf;

use std::fmt;

pub(crate) use shelf::Shelf;

/// Jobs, of which the id is all that matters here, shared between threads.
///
/// Calls may block the calling thread for as long as another call takes.
pub trait Jobs: Send + Sync {
    /// Adds a job, in the place of one with the same id; returns its id.
    ///
    /// Without an `id`, which is not negative, the store chooses one that no job had before.
    ///
    /// # Errors
    /// [`JobError::Full`] if there is no room for another, or no id left to choose.
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

/// The id of a job that is added: its own, or `next`, which is above every id there ever was.
pub(crate) fn id_or(id: Option<i64>, next: i64) -> Result<i64, JobError> {
    match id {
        Some(id) => Ok(id),
        // Nothing is above the largest id; it may have been given, and is never chosen.
        None if next == i64::MAX => Err(JobError::Full),
        None => Ok(next),
    }
}

/// Room for a million jobs: more than a load of the usual size adds.
pub(crate) const CAPACITY: usize = 1 << 20;
