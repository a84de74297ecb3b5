//! A cell per counter in a protected map: what `racy` and `load-store` share.
//!
//! The map of names is guarded by a lock, so that whatever a cell does wrong stays inside one
//! number.

use super::counters::{CounterError, Counters};
use super::names::Names;
use crate::race_window::RaceWindow;
use crate::sync::{Arc, RwLock};

/// One number that threads share.
pub(crate) trait Cell: Send + Sync {
    fn new(value: i64) -> Self;
    fn get(&self) -> i64;
    fn set(&self, value: i64);
    /// Adds one and returns the new value, or `None` on overflow.
    fn inc(&self, race_window: RaceWindow) -> Option<i64>;
}

/// Counters that each live in a cell of their own.
pub(crate) struct CellPerName<C> {
    cells: RwLock<Names<Arc<C>>>,
    race_window: RaceWindow,
}

impl<C: Cell> CellPerName<C> {
    pub(crate) fn new(race_window: RaceWindow) -> Self {
        Self { cells: RwLock::new(Names::new()), race_window }
    }

    fn cell(&self, name: &str) -> Result<Arc<C>, CounterError> {
        self.cells.read().get(name).cloned()
    }
}

impl<C: Cell> Counters for CellPerName<C> {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        Ok(self.cell(name)?.get())
    }

    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        if let Ok(cell) = self.cell(name) {
            cell.set(value);
        } else {
            // Under the lock: once another thread can find the cell, it may add to it, and a
            // value set after that would undo an increment that has been acknowledged.
            let mut cells = self.cells.write();
            cells.get_or_insert_with(name, || Arc::new(C::new(value)))?.set(value);
        }
        Ok(())
    }

    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        self.cell(name)?.inc(self.race_window).ok_or(CounterError::Overflow)
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.cells.read().list(|cell| cell.get())
    }
}
