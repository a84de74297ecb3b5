//! `atomic`: one read-modify-write.

use super::cell_per_name::{Cell, CellPerName};
use crate::race_window::RaceWindow;
use crate::sync::{AtomicI64, Ordering::SeqCst};

pub(crate) type Atomic = CellPerName<AtomicCell>;

/// A number that is read and replaced in one step.
pub(crate) struct AtomicCell(AtomicI64);

impl Cell for AtomicCell {
    fn new(value: i64) -> Self {
        Self(AtomicI64::new(value))
    }

    fn get(&self) -> i64 {
        self.0.load(SeqCst)
    }

    /// A swap rather than a store, though its answer is of no use: loom 0.7 lets a store come
    /// between the two halves of a read-modify-write (tokio-rs/loom#254), which no processor does.
    fn set(&self, value: i64) {
        self.0.swap(value, SeqCst);
    }

    /// A compare-and-swap rather than a `fetch_add`, which would wrap at `i64::MAX`.
    fn inc(&self, _: RaceWindow) -> Option<i64> {
        let old = self.0.fetch_update(SeqCst, SeqCst, |value| value.checked_add(1)).ok()?;
        Some(old + 1)
    }
}
