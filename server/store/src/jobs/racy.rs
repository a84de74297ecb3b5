//! `racy`: read the length, race window, write the job and the length; nobody else is looked at.

use super::{JobError, Jobs, id_or};
use crate::race_window::RaceWindow;
use crate::racy_cell::RacyCell;
use crate::racy_list::RacyList;
use crate::settings::Settings;

pub(crate) struct Racy {
    jobs: RacyList,
    next: RacyCell,
    race_window: RaceWindow,
}

impl Racy {
    pub(crate) fn new(settings: &Settings) -> Self {
        let jobs = RacyList::new(settings.capacity);
        Self { jobs, next: RacyCell::new(0), race_window: settings.race_window }
    }
}

impl Jobs for Racy {
    /// The list is searched by nobody: that an id was there before shows when it is read.
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let next = self.next.get();
        let id = id_or(id, next)?;
        self.jobs.append(id, self.race_window).map_err(|_| JobError::Full)?;
        self.next.set(next.max(id.saturating_add(1)));
        Ok(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.jobs.contains(id)
    }

    fn list(&self) -> Vec<i64> {
        self.jobs.ids()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        if self.jobs.clear(id) { Ok(()) } else { Err(JobError::UnknownId) }
    }
}
