//! `mutex`: one lock around the map, held for each operation.

use super::{JobError, Jobs, Shelf};
use crate::settings::Settings;
use crate::sync;

pub(crate) struct Mutex(sync::Mutex<Shelf>);

impl Mutex {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(sync::Mutex::new(Shelf::new(settings)))
    }
}

impl Jobs for Mutex {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        self.0.lock().add(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.0.lock().contains(id)
    }

    fn list(&self) -> Vec<i64> {
        self.0.lock().list()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.0.lock().remove(id)
    }
}
