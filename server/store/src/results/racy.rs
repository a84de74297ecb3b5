//! `racy`: an append to a list whose length nobody protects.

use std::time::Duration;

use super::{Results, ResultsFull};
use crate::race_window::RaceWindow;
use crate::racy_list::RacyList;
use crate::settings::Settings;
use crate::sync::wait;

pub(crate) struct Racy {
    results: RacyList,
    race_window: RaceWindow,
    service_time: Duration,
}

impl Racy {
    pub(crate) fn new(settings: &Settings) -> Self {
        let Settings { race_window, capacity, service_time, .. } = *settings;
        Self { results: RacyList::new(capacity), race_window, service_time }
    }
}

impl Results for Racy {
    fn save(&self, id: i64) -> Result<(), ResultsFull> {
        wait(self.service_time);
        self.results.append(id, self.race_window).map_err(|_| ResultsFull)
    }

    fn list(&self) -> Vec<i64> {
        self.results.list()
    }
}
