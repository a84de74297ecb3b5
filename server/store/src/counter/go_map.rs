//! `go-map`: a map that ends the process when two use it at once, as Go's do.

use super::counters::{CounterError, Counters};
use super::names::Names;
use crate::marked::Marked;
use crate::race_window::RaceWindow;

pub(crate) struct GoMap(Marked<Names<i64>>);

impl GoMap {
    pub(crate) fn new(race_window: RaceWindow) -> Self {
        Self(Marked::new(Names::new(), race_window))
    }
}

impl Counters for GoMap {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        self.0.read(|map| map.get(name).copied())
    }

    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        self.0.write(|map| map.set(name, value))
    }

    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        self.0.write(|map| map.inc(name))
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.0.iterate(|map| map.list(|value| *value))
    }
}
