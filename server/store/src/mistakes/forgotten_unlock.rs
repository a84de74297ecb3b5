//! `forgotten-unlock`: whoever finds the store full leaves with the lock.

use std::mem;

use crate::jobs::{JobError, Jobs, Shelf};
use crate::named_mutex::NamedMutex;
use crate::settings::Settings;

pub(crate) struct ForgottenUnlock(NamedMutex<Shelf>);

impl ForgottenUnlock {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(NamedMutex::new("jobs", Shelf::new(settings)))
    }
}

impl Jobs for ForgottenUnlock {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let mut jobs = self.0.lock("add");
        let added = jobs.add(id);
        if added.is_err() {
            // As a `return` without an unlock, in a language that leaves unlocking to the caller.
            mem::forget(jobs);
        }
        added
    }

    fn contains(&self, id: i64) -> bool {
        self.0.lock("contains").contains(id)
    }

    fn list(&self) -> Vec<i64> {
        self.0.lock("list").list()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.0.lock("remove").remove(id)
    }
}
