//! `rwlock`: readers side by side, whoever books alone.

use super::{Seats, seats, take};
use crate::settings::Settings;
use crate::sync;

pub(crate) struct RwLock(sync::RwLock<i64>);

impl RwLock {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(sync::RwLock::new(seats(settings)))
    }
}

impl Seats for RwLock {
    fn book(&self) -> bool {
        take(&mut self.0.write())
    }

    fn left(&self) -> i64 {
        *self.0.read()
    }
}
