//! `rwlock`: readers side by side, writers alone.

use super::{JobError, Jobs, Shelf};
use crate::settings::Settings;
use crate::sync;

pub(crate) struct RwLock(sync::RwLock<Shelf>);

impl RwLock {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(sync::RwLock::new(Shelf::new(settings)))
    }
}

impl Jobs for RwLock {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        self.0.write().add(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.0.read().contains(id)
    }

    fn list(&self) -> Vec<i64> {
        self.0.read().list()
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        self.0.write().remove(id)
    }
}
