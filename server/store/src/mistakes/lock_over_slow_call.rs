//! `lock-over-slow-call`: every job is there, and each waits for the slow call of all before it.

use std::time::Duration;

use crate::jobs::{JobError, Jobs, Shelf};
use crate::named_mutex::NamedMutex;
use crate::settings::Settings;
use crate::sync::wait;

pub(crate) struct LockOverSlowCall {
    jobs: NamedMutex<Shelf>,
    service_time: Duration,
}

impl LockOverSlowCall {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            jobs: NamedMutex::new("jobs", Shelf::new(settings)),
            service_time: settings.service_time,
        }
    }
}

impl Jobs for LockOverSlowCall {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let mut jobs = self.jobs.lock("add");
        wait(self.service_time);
        jobs.add(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.jobs.lock("contains").contains(id)
    }

    fn list(&self) -> Vec<i64> {
        self.jobs.lock("list").list()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.jobs.lock("remove").remove(id)
    }
}
