//! What every mode offers: named counters.

use std::fmt;

/// Named counters, shared between threads.
///
/// The sequential meaning is the same in every mode; what differs is how much of it survives
/// when two threads call at once. Calls may block the calling thread for as long as another
/// call takes.
pub trait Counters: Send + Sync {
    /// The value of `name`.
    ///
    /// # Errors
    /// [`CounterError::UnknownName`] if `name` was never set.
    fn get(&self, name: &str) -> Result<i64, CounterError>;

    /// Sets `name` to `value`, creating it where it does not exist.
    ///
    /// # Errors
    /// [`CounterError::Full`] if `name` is new and there are [`MAX_NAMES`](crate::MAX_NAMES) already.
    fn set(&self, name: &str, value: i64) -> Result<(), CounterError>;

    /// Adds one to `name` and returns the new value.
    ///
    /// # Errors
    /// [`CounterError::UnknownName`] if `name` was never set; [`CounterError::Overflow`], with the
    /// value left as it is, if it holds `i64::MAX`.
    fn inc(&self, name: &str) -> Result<i64, CounterError>;

    /// Every counter with its value, ordered by name.
    fn list(&self) -> Vec<(String, i64)>;
}

/// Why a store of counters refused an operation; the operation then changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterError {
    /// No counter of that name exists.
    UnknownName,
    /// The counter holds `i64::MAX` and cannot grow.
    Overflow,
    /// The store holds as many names as it may.
    Full,
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName => f.write_str("not found"),
            Self::Overflow => write!(f, "at its largest value, {}", i64::MAX),
            Self::Full => write!(f, "the store holds {} names and takes no more", crate::MAX_NAMES),
        }
    }
}

impl std::error::Error for CounterError {}
