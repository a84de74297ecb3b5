//! `channel`: a manager thread owns the map; everyone else sends it commands and waits.

use super::counters::{CounterError, Counters};
use super::names::Names;
use crate::manager::Manager;

pub(crate) struct Channel(Manager<Names<i64>>);

impl Channel {
    pub(crate) fn new() -> Self {
        Self(Manager::new(Names::new()))
    }
}

impl Counters for Channel {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        let name = name.to_owned();
        self.0.ask(move |counters| counters.get(&name).copied())
    }

    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        let name = name.to_owned();
        self.0.ask(move |counters| counters.set(&name, value))
    }

    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        let name = name.to_owned();
        self.0.ask(move |counters| counters.inc(&name))
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.0.ask(|counters| counters.list(|value| *value))
    }
}
