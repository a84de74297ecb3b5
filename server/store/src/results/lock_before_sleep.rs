//! `lock-before-sleep`: one lock, held over the slow call: every result is there, one at a time.

use std::time::Duration;

use super::{Results, ResultsFull, append};
use crate::named_mutex::NamedMutex;
use crate::settings::Settings;
use crate::sync::wait;

pub(crate) struct LockBeforeSleep {
    results: NamedMutex<Vec<i64>>,
    capacity: usize,
    service_time: Duration,
}

impl LockBeforeSleep {
    pub(crate) fn new(settings: &Settings) -> Self {
        let Settings { capacity, service_time, .. } = *settings;
        Self { results: NamedMutex::new("results", Vec::new()), capacity, service_time }
    }
}

impl Results for LockBeforeSleep {
    fn save(&self, id: i64) -> Result<(), ResultsFull> {
        let mut results = self.results.lock("save");
        wait(self.service_time);
        append(&mut results, id, self.capacity)
    }

    fn list(&self) -> Vec<i64> {
        self.results.lock("list").clone()
    }
}
