//! `lock-twice`: whoever finds the store full asks whether it is, and holds the lock that this
//! takes.

use crate::jobs::{JobError, Jobs, Shelf};
use crate::named_mutex::NamedMutex;
use crate::settings::Settings;

pub(crate) struct LockTwice {
    jobs: NamedMutex<Shelf>,
    capacity: usize,
}

impl LockTwice {
    pub(crate) fn new(settings: &Settings) -> Self {
        let jobs = NamedMutex::new("jobs", Shelf::new(settings));
        Self { jobs, capacity: settings.capacity }
    }

    fn is_full(&self) -> bool {
        self.jobs.lock("is_full").len() >= self.capacity
    }
}

impl Jobs for LockTwice {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let mut jobs = self.jobs.lock("add");
        match jobs.add(id) {
            Err(_) if self.is_full() => Err(JobError::Full),
            added => added,
        }
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
