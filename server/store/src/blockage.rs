//! Who holds which lock, and who waits for it: what a store that hangs can still say.

use std::time::Duration;

/// A lock, or the like, that somebody holds or waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockage {
    /// What the lock is called.
    pub lock: &'static str,
    /// Who holds it; `None` where nobody does.
    pub holder: Option<Party>,
    /// Who waits for it, the longest first.
    pub waiting: Vec<Party>,
}

/// A thread that holds a lock or waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// A number that no other thread of the process has.
    pub thread: u64,
    /// The operation that it is in.
    pub operation: &'static str,
    /// For how long it has held the lock, or waited for it.
    pub since: Duration,
}
