//! `mutex`: one lock around the map, held for each operation.

use super::counters::{CounterError, Counters};
use super::names::Names;
use crate::sync;

pub(crate) struct Mutex(sync::Mutex<Names<i64>>);

impl Mutex {
    pub(crate) fn new() -> Self {
        Self(sync::Mutex::new(Names::new()))
    }
}

impl Counters for Mutex {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        self.0.lock().get(name).copied()
    }

    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        self.0.lock().set(name, value)
    }

    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        self.0.lock().inc(name)
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.0.lock().list(|value| *value)
    }
}
