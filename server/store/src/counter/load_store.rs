//! `load-store`: every access is atomic, the increment is not.
//!
//! No data race in the language's sense, and the strongest ordering there is; updates are lost
//! all the same. That is the difference between a data race and a race condition.

use super::cell_per_name::{Cell, CellPerName};
use crate::race_window::RaceWindow;
use crate::sync::{AtomicI64, Ordering::SeqCst};

pub(crate) type LoadStore = CellPerName<LoadStoreCell>;

/// A number that is loaded and then stored, in two steps.
pub(crate) struct LoadStoreCell(AtomicI64);

impl Cell for LoadStoreCell {
    fn new(value: i64) -> Self {
        Self(AtomicI64::new(value))
    }

    fn get(&self) -> i64 {
        self.0.load(SeqCst)
    }

    fn set(&self, value: i64) {
        self.0.store(value, SeqCst);
    }

    fn inc(&self, race_window: RaceWindow) -> Option<i64> {
        let new = self.get().checked_add(1)?;
        race_window.pass();
        self.set(new);
        Some(new)
    }
}
