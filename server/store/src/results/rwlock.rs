//! `rwlock`: readers side by side, whoever appends alone.

use std::time::Duration;

use super::{Results, ResultsFull, append};
use crate::settings::Settings;
use crate::sync::{self, wait};

pub(crate) struct RwLock {
    results: sync::RwLock<Vec<i64>>,
    capacity: usize,
    service_time: Duration,
}

impl RwLock {
    pub(crate) fn new(settings: &Settings) -> Self {
        let Settings { capacity, service_time, .. } = *settings;
        Self { results: sync::RwLock::new(Vec::new()), capacity, service_time }
    }
}

impl Results for RwLock {
    fn save(&self, id: i64) -> Result<(), ResultsFull> {
        wait(self.service_time);
        let mut results = self.results.write();
        append(&mut results, id, self.capacity)
    }

    fn list(&self) -> Vec<i64> {
        self.results.read().clone()
    }
}
