//! `mutex`: one lock, taken once the slow call is over.

use std::time::Duration;

use super::{Results, ResultsFull, append};
use crate::settings::Settings;
use crate::sync::{self, wait};

pub(crate) struct Mutex {
    results: sync::Mutex<Vec<i64>>,
    capacity: usize,
    service_time: Duration,
}

impl Mutex {
    pub(crate) fn new(settings: &Settings) -> Self {
        let Settings { capacity, service_time, .. } = *settings;
        Self { results: sync::Mutex::new(Vec::new()), capacity, service_time }
    }
}

impl Results for Mutex {
    fn save(&self, id: i64) -> Result<(), ResultsFull> {
        wait(self.service_time);
        let mut results = self.results.lock();
        append(&mut results, id, self.capacity)
    }

    fn list(&self) -> Vec<i64> {
        self.results.lock().clone()
    }
}
