//! `go-map`: a map that ends the process when two use it at once, as Go's do.

use super::{JobError, Jobs, Shelf};
use crate::marked::Marked;
use crate::settings::Settings;

pub(crate) struct GoMap(Marked<Shelf>);

impl GoMap {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(Marked::new(Shelf::new(settings), settings.race_window))
    }
}

impl Jobs for GoMap {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        self.0.write(|jobs| jobs.add(id))
    }

    fn contains(&self, id: i64) -> bool {
        self.0.read(|jobs| jobs.contains(id))
    }

    fn list(&self) -> Vec<i64> {
        self.0.iterate(Shelf::list)
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.0.write(|jobs| jobs.remove(id))
    }
}
