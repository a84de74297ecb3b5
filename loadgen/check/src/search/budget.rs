//! What a search may still spend.

use crate::limits::Limits;

/// How many steps are taken between two questions whether time is up: some tens of microseconds.
const STEPS_BETWEEN_QUESTIONS: u64 = 2_048;

/// Which limit a search ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Its caller's patience, or as many steps as it was given.
    Time,
    /// Its share of memory.
    Memory,
}

/// What a search may still spend.
pub(crate) struct Budget<'l> {
    expired: &'l dyn Fn() -> bool,
    memory_bytes: usize,
    taken: u64,
    most: u64,
}

impl<'l> Budget<'l> {
    /// What `limits` allow, and at most `most` steps.
    pub(crate) fn new(limits: &'l Limits<'l>, most: u64) -> Self {
        Self { expired: limits.expired, memory_bytes: limits.memory_bytes, taken: 0, most }
    }

    /// At most `most` steps, however long they take.
    pub(crate) fn of_steps(limits: &Limits<'_>, most: u64) -> Self {
        Self { expired: &|| false, memory_bytes: limits.memory_bytes, taken: 0, most }
    }

    /// Takes `steps` more.
    ///
    /// # Errors
    /// When there are not as many left, or time is up.
    pub(crate) fn take(&mut self, steps: usize) -> Result<(), Bound> {
        let before = self.taken;
        self.taken = before.saturating_add(steps as u64);
        let to_ask = before / STEPS_BETWEEN_QUESTIONS != self.taken / STEPS_BETWEEN_QUESTIONS;
        if self.taken > self.most || to_ask && (self.expired)() { Err(Bound::Time) } else { Ok(()) }
    }

    /// How many steps were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether memory reaches for `bytes` in all.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn hold(&self, bytes: usize) -> Result<(), Bound> {
        if bytes > self.memory_bytes { Err(Bound::Memory) } else { Ok(()) }
    }
}
