//! `mutex`: one lock around check and act.

use super::{Seats, seats, take};
use crate::settings::Settings;
use crate::sync;

pub(crate) struct Mutex(sync::Mutex<i64>);

impl Mutex {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(sync::Mutex::new(seats(settings)))
    }
}

impl Seats for Mutex {
    fn book(&self) -> bool {
        take(&mut self.0.lock())
    }

    fn left(&self) -> i64 {
        *self.0.lock()
    }
}
