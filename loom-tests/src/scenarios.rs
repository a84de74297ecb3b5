//! What the threads of a model do.

/// The counter that every scenario is about.
pub const NAME: &str = "i";

/// One call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Sets the counter, which creates it where it does not exist.
    Set(i64),
    /// Adds one.
    Increment,
    /// Reads the counter.
    Read,
    /// Reads every counter, of which there is one.
    List,
}

/// What each thread does, and what there is before any of them starts.
#[derive(Debug)]
pub struct Scenario {
    /// The counter's value at the start; `None` if it does not exist yet.
    pub initial: Option<i64>,
    /// The operations of each thread, in its order.
    pub threads: &'static [&'static [Operation]],
}

use Operation::{Increment, List, Read, Set};

/// The least that can lose an update.
pub static TWO_INCREMENTS: Scenario =
    Scenario { initial: Some(0), threads: &[&[Increment], &[Increment]] };

/// One more, for what needs a third thread to show.
pub static THREE_INCREMENTS: Scenario =
    Scenario { initial: Some(0), threads: &[&[Increment], &[Increment], &[Increment]] };

/// A reader beside a writer; it reads twice, so that a value that goes backwards would show.
pub static INCREMENT_AND_READ: Scenario =
    Scenario { initial: Some(0), threads: &[&[Increment], &[Read, Read]] };

/// An iteration beside a writer.
pub static INCREMENT_AND_LIST: Scenario =
    Scenario { initial: Some(0), threads: &[&[Increment], &[List]] };

/// A value far from any that increments reach, so that the order of the two is seen.
pub static SET_AND_INCREMENT: Scenario =
    Scenario { initial: Some(0), threads: &[&[Set(10)], &[Increment]] };

/// An increment that meets a counter's creation: it finds no counter, or one that keeps it.
pub static CREATE_AND_INCREMENT: Scenario =
    Scenario { initial: None, threads: &[&[Set(10), Increment], &[Increment]] };

impl Scenario {
    /// Whether an increment may overwrite what another thread wrote.
    #[must_use]
    pub fn can_lose_an_update(&self) -> bool {
        self.writing_threads() > 1
    }

    /// What Go's runtime says when two of the threads meet.
    #[must_use]
    pub fn conflict(&self) -> &'static str {
        if self.writing_threads() > 1 {
            "concurrent map writes"
        } else if self.threads.iter().any(|operations| operations.contains(&List)) {
            "concurrent map iteration and map write"
        } else {
            "concurrent map read and map write"
        }
    }

    fn writing_threads(&self) -> usize {
        let writes = |operation: &Operation| matches!(operation, Set(_) | Increment);
        self.threads.iter().filter(|operations| operations.iter().any(writes)).count()
    }
}
