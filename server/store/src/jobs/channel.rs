//! `channel`: a manager thread owns the map; everyone else sends it commands and waits.

use super::{JobError, Jobs, Shelf};
use crate::manager::Manager;
use crate::settings::Settings;

pub(crate) struct Channel(Manager<Shelf>);

impl Channel {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(Manager::new(Shelf::new(settings)))
    }
}

impl Jobs for Channel {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        self.0.ask(move |jobs| jobs.add(id))
    }

    fn contains(&self, id: i64) -> bool {
        self.0.ask(move |jobs| jobs.contains(id))
    }

    fn list(&self) -> Vec<i64> {
        self.0.ask(|jobs| jobs.list())
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.0.ask(move |jobs| jobs.remove(id))
    }
}
