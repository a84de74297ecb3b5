//! `racy`: a seat is left when it is checked, and need not be when it is taken.
//!
//! Each step is atomic, so that no data race is there to be detected; what is wrong lies between.

use super::{Seats, seats};
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::sync::{AtomicI64, Ordering::SeqCst};

pub(crate) struct Racy {
    left: AtomicI64,
    race_window: RaceWindow,
}

impl Racy {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { left: AtomicI64::new(seats(settings)), race_window: settings.race_window }
    }
}

impl Seats for Racy {
    fn book(&self) -> bool {
        if self.left.load(SeqCst) <= 0 {
            return false;
        }
        self.race_window.pass();
        self.left.fetch_sub(1, SeqCst);
        true
    }

    fn left(&self) -> i64 {
        self.left.load(SeqCst)
    }
}
