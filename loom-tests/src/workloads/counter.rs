//! `counter`: one counter that is set, incremented and read.

use store::{Counters, MAX_NAMES, Mode, RaceWindow, Store, StoreError};

use crate::outcome::Outcome;
use crate::{Conflict, Scenario, Settings, Workload};

/// The counter that every scenario is about.
const NAME: &str = "i";

/// Named counters, of which there is one.
#[derive(Debug)]
pub struct Counter;

/// One call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Sets the counter, which creates it where it does not exist.
    Set(i64),
    /// Adds one.
    Increment,
    /// Reads the counter.
    Read,
    /// Reads every counter.
    List,
}

use Operation::{Increment, List, Read, Set};

/// The least that can lose an update.
pub static TWO_INCREMENTS: Scenario<Counter> =
    Scenario { start: Some(0), threads: &[&[Increment], &[Increment]], conflict: Conflict::Writes };

/// One more, for what needs a third thread to show.
pub static THREE_INCREMENTS: Scenario<Counter> = Scenario {
    start: Some(0),
    threads: &[&[Increment], &[Increment], &[Increment]],
    conflict: Conflict::Writes,
};

/// A reader beside a writer; it reads twice, so that a value that goes backwards would show.
pub static INCREMENT_AND_READ: Scenario<Counter> = Scenario {
    start: Some(0),
    threads: &[&[Increment], &[Read, Read]],
    conflict: Conflict::ReadAndWrite,
};

/// An iteration beside a writer.
pub static INCREMENT_AND_LIST: Scenario<Counter> = Scenario {
    start: Some(0),
    threads: &[&[Increment], &[List]],
    conflict: Conflict::IterationAndWrite,
};

/// A value far from any that increments reach, so that the order of the two is seen.
pub static SET_AND_INCREMENT: Scenario<Counter> =
    Scenario { start: Some(0), threads: &[&[Set(10)], &[Increment]], conflict: Conflict::Writes };

/// An increment that meets a counter's creation: it finds no counter, or one that keeps it.
pub static CREATE_AND_INCREMENT: Scenario<Counter> = Scenario {
    start: None,
    threads: &[&[Set(10), Increment], &[Increment]],
    conflict: Conflict::Writes,
};

impl Workload for Counter {
    type Operation = Operation;
    /// A set answers without a value.
    type Answer = Result<Option<i64>, StoreError>;
    /// `None` if the counter does not exist.
    type Last = Option<i64>;
    type Start = Option<i64>;
    type Twin = Option<i64>;
    type Store = Box<dyn Counters>;

    fn twin(start: Self::Start) -> Self::Twin {
        start
    }

    fn step(operation: Operation, counter: &mut Option<i64>) -> Self::Answer {
        match operation {
            Set(value) => {
                *counter = Some(value);
                Ok(None)
            }
            Increment => {
                let value = counter.as_mut().ok_or(StoreError::UnknownName)?;
                *value += 1;
                Ok(Some(*value))
            }
            Read => counter.map(Some).ok_or(StoreError::UnknownName),
            List => Ok(*counter),
        }
    }

    fn last_of(twin: &Self::Twin) -> Self::Last {
        *twin
    }

    fn open(mode: &Mode, start: Self::Start, race_window: RaceWindow) -> Self::Store {
        let settings = Settings { capacity: MAX_NAMES, race_window }.into();
        let Store::Counters(store) = mode.open(&settings) else {
            panic!("{} has no counters", mode.name);
        };
        if let Some(start) = start {
            store.set(NAME, start).expect("an empty store takes a name");
        }
        store
    }

    fn call(store: &Self::Store, operation: Operation) -> Self::Answer {
        match operation {
            Set(value) => store.set(NAME, value).map(|()| None),
            Increment => store.inc(NAME).map(Some),
            Read => store.get(NAME).map(Some),
            List => Ok(store.list().first().map(|(_, value)| *value)),
        }
    }

    fn last(store: &Self::Store) -> Self::Last {
        store.get(NAME).ok()
    }

    /// Every acknowledged increment counts, except those that a set of an existing counter may
    /// have overwritten; such a set is to a value above all that increments reach.
    fn anomaly(
        start: Self::Start,
        threads: &[&[Operation]],
        outcome: &Outcome<Self::Answer, Self::Last>,
    ) -> Option<&'static str> {
        let acknowledged = || outcome.pairs(threads).filter(|(_, answer)| answer.is_ok());
        let increments = acknowledged().filter(|(operation, _)| *operation == Increment).count();
        let increments = i64::try_from(increments).expect("few operations");
        let set = acknowledged().filter_map(|(operation, _)| match operation {
            Set(value) => Some(value),
            _ => None,
        });
        let least = match (start, set.max()) {
            (Some(_), Some(set)) => Some(set),
            (start, set) => start.or(set).map(|value| value + increments),
        };
        (outcome.last < least).then_some("loses updates")
    }
}
