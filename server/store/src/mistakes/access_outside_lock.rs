//! `access-outside-lock`: the lock is released as soon as the length is read.

use crate::jobs::{JobError, Jobs, id_or};
use crate::race_window::RaceWindow;
use crate::racy_cell::RacyCell;
use crate::racy_list::RacyList;
use crate::settings::Settings;
use crate::sync::Mutex;

pub(crate) struct AccessOutsideLock {
    lock: Mutex<()>,
    jobs: RacyList,
    next: RacyCell,
    race_window: RaceWindow,
}

impl AccessOutsideLock {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            lock: Mutex::new(()),
            jobs: RacyList::new(settings.capacity),
            next: RacyCell::new(0),
            race_window: settings.race_window,
        }
    }
}

impl Jobs for AccessOutsideLock {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let (id, end) = {
            let _lock = self.lock.lock();
            let next = self.next.get();
            let id = id_or(id, next)?;
            self.next.set(next.max(id.saturating_add(1)));
            (id, self.jobs.end())
        };
        self.race_window.pass();
        self.jobs.place(end, id).map_err(|_| JobError::Full)?;
        Ok(id)
    }

    fn contains(&self, id: i64) -> bool {
        let _lock = self.lock.lock();
        self.jobs.contains(id)
    }

    fn list(&self) -> Vec<i64> {
        let _lock = self.lock.lock();
        self.jobs.ids()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        let _lock = self.lock.lock();
        if self.jobs.clear(id) { Ok(()) } else { Err(JobError::UnknownId) }
    }
}
