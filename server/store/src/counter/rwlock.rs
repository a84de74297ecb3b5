//! `rwlock`: readers side by side, writers alone.

use super::counters::{CounterError, Counters};
use super::names::Names;
use crate::sync;

pub(crate) struct RwLock(sync::RwLock<Names<i64>>);

impl RwLock {
    pub(crate) fn new() -> Self {
        Self(sync::RwLock::new(Names::new()))
    }
}

impl Counters for RwLock {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        self.0.read().get(name).copied()
    }

    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        self.0.write().set(name, value)
    }

    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        self.0.write().inc(name)
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.0.read().list(|value| *value)
    }
}
