//! `unlock-of-unlocked`: the way out for errors releases the lock, and so does the way out for all.

use super::hand_lock::HandLock;
use crate::jobs::{JobError, Jobs, id_or};
use crate::race_window::RaceWindow;
use crate::racy_cell::RacyCell;
use crate::racy_list::RacyList;
use crate::settings::Settings;

/// The jobs are beside the lock, not in it: while nobody errs, it guards them all the same.
pub(crate) struct UnlockOfUnlocked {
    lock: HandLock,
    jobs: RacyList,
    next: RacyCell,
}

impl UnlockOfUnlocked {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            lock: HandLock::new("jobs"),
            jobs: RacyList::new(settings.capacity),
            next: RacyCell::new(0),
        }
    }

    fn locked<R>(&self, operation: &'static str, action: impl FnOnce() -> R) -> R {
        self.lock.lock(operation);
        let result = action();
        self.lock.unlock();
        result
    }
}

impl Jobs for UnlockOfUnlocked {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        self.locked("add", || {
            let id = id_or(id, self.next.get())?;
            if self.jobs.append(id, RaceWindow::None).is_err() {
                self.lock.unlock();
                return Err(JobError::Full);
            }
            self.next.set(self.next.get().max(id.saturating_add(1)));
            Ok(id)
        })
    }

    fn contains(&self, id: i64) -> bool {
        self.locked("contains", || self.jobs.contains(id))
    }

    fn list(&self) -> Vec<i64> {
        self.locked("list", || self.jobs.ids())
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        let found = self.locked("remove", || self.jobs.clear(id));
        if found { Ok(()) } else { Err(JobError::UnknownId) }
    }
}
