//! `send-nobody-receives`: each job is announced, and whoever listened has stopped.

use crate::jobs::{JobError, Jobs, Shelf};
use crate::mailbox::Mailbox;
use crate::named_mutex::NamedMutex;
use crate::settings::Settings;

pub(crate) struct SendNobodyReceives {
    jobs: NamedMutex<Shelf>,
    /// It has a receiving end, so that a send is no error, and nobody receives.
    announcements: Mailbox<i64>,
}

impl SendNobodyReceives {
    /// As many announcements wait as there is room for jobs; the next waits for a receiver.
    pub(crate) fn new(settings: &Settings) -> Self {
        let room = Settings { capacity: usize::MAX, ..settings.clone() };
        Self {
            jobs: NamedMutex::new("jobs", Shelf::new(&room)),
            announcements: Mailbox::bounded("announcements", settings.capacity),
        }
    }
}

impl Jobs for SendNobodyReceives {
    /// The announcement is made under the lock, so that it comes in the order of the jobs.
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let mut jobs = self.jobs.lock("add");
        let id = jobs.add(id)?;
        self.announcements.send(id, "add").expect("nobody closes it");
        Ok(id)
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
