//! `racy`: read, race window, write, with nothing in between that another thread would respect.

use super::cell_per_name::{Cell, CellPerName};
use crate::race_window::RaceWindow;
use crate::racy_cell::RacyCell;

pub(crate) type Racy = CellPerName<RacyCell>;

impl Cell for RacyCell {
    fn new(value: i64) -> Self {
        Self::new(value)
    }

    fn get(&self) -> i64 {
        self.get()
    }

    fn set(&self, value: i64) {
        self.set(value);
    }

    fn inc(&self, race_window: RaceWindow) -> Option<i64> {
        let new = self.get().checked_add(1)?;
        race_window.pass();
        self.set(new);
        Some(new)
    }
}
