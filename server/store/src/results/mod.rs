//! `results`: a slow call, and then an append to a list that is read while it grows.

mod lock_before_sleep;
pub(crate) mod modes;
mod mutex;
mod racy;
mod rwlock;

use std::fmt;

/// A list of results by their ids, shared between threads.
///
/// Calls block the calling thread, a save for as long as the slow call takes.
pub trait Results: Send + Sync {
    /// Makes the slow call whose result has this id, which is not negative, and saves the result.
    ///
    /// # Errors
    /// [`ResultsFull`] if there is no room for another, or will be none: after [`finish`](Self::finish).
    fn save(&self, id: i64) -> Result<(), ResultsFull>;

    /// The id of every result, in the order in which they were saved.
    fn list(&self) -> Vec<i64>;

    /// Whether a save is acknowledged before it is done.
    fn acknowledges_early(&self) -> bool {
        false
    }

    /// Takes nothing more, and returns when everything is saved that is going to be: to be called
    /// before the process ends.
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

/// Appends for one thread at a time.
fn append(results: &mut Vec<i64>, id: i64, capacity: usize) -> Result<(), ResultsFull> {
    if results.len() >= capacity {
        return Err(ResultsFull);
    }
    results.push(id);
    Ok(())
}
