//! `opposite-order`: adding takes the jobs' lock and then that of the number of calls, listing
//! the other way round.

use crate::jobs::{JobError, Jobs, Shelf};
use crate::named_mutex::NamedMutex;
use crate::race_window::RaceWindow;
use crate::settings::Settings;

pub(crate) struct OppositeOrder {
    jobs: NamedMutex<Shelf>,
    /// How many calls there were.
    calls: NamedMutex<u64>,
    race_window: RaceWindow,
}

impl OppositeOrder {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            jobs: NamedMutex::new("jobs", Shelf::new(settings)),
            calls: NamedMutex::new("calls", 0),
            race_window: settings.race_window,
        }
    }
}

impl Jobs for OppositeOrder {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let mut jobs = self.jobs.lock("add");
        self.race_window.pass();
        *self.calls.lock("add") += 1;
        jobs.add(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.jobs.lock("contains").contains(id)
    }

    fn list(&self) -> Vec<i64> {
        let mut calls = self.calls.lock("list");
        *calls += 1;
        self.race_window.pass();
        self.jobs.lock("list").list()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.jobs.lock("remove").remove(id)
    }
}
