//! `channel`: a manager thread owns the seats; everyone else sends it commands and waits.

use super::{Seats, seats, take};
use crate::manager::Manager;
use crate::settings::Settings;

pub(crate) struct Channel(Manager<i64>);

impl Channel {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(Manager::new(seats(settings)))
    }
}

impl Seats for Channel {
    fn book(&self) -> bool {
        self.0.ask(take)
    }

    fn left(&self) -> i64 {
        self.0.ask(|left| *left)
    }
}
