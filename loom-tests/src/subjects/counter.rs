//! `counter`: one counter that is set, incremented and read.

use store::{CounterError, Counters, MAX_NAMES, Mode, RaceWindow, Store};

use crate::outcome::Outcome;
use crate::{Conflict, Scenario, Subject, settings};

/// The counters that scenarios are about, most of them about the first alone.
const NAMES: [&str; 2] = ["i", "j"];

/// Named counters.
#[derive(Debug)]
pub struct Counter;

/// One call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Sets the first counter, which creates it where it does not exist.
    Set(i64),
    /// Adds one to the first counter.
    Increment,
    /// Adds one to the second counter.
    IncrementSecond,
    /// Reads the first counter.
    Read,
    /// Reads every counter.
    List,
}

use Operation::{Increment, IncrementSecond, List, Read, Set};

/// The least that can lose an update.
pub static TWO_INCREMENTS: Scenario<Counter> =
    Scenario { start: &[0], threads: &[&[Increment], &[Increment]], conflict: Conflict::Writes };

/// One more, for what needs a third thread to show.
pub static THREE_INCREMENTS: Scenario<Counter> = Scenario {
    start: &[0],
    threads: &[&[Increment], &[Increment], &[Increment]],
    conflict: Conflict::Writes,
};

/// A reader beside a writer; it reads twice, so that a value that goes backwards would show.
pub static INCREMENT_AND_READ: Scenario<Counter> = Scenario {
    start: &[0],
    threads: &[&[Increment], &[Read, Read]],
    conflict: Conflict::ReadAndWrite,
};

/// An iteration beside a writer.
pub static INCREMENT_AND_LIST: Scenario<Counter> = Scenario {
    start: &[0],
    threads: &[&[Increment], &[List]],
    conflict: Conflict::IterationAndWrite,
};

/// An iteration that may meet the second of two increments, and then has to have met the first.
pub static INCREMENT_BOTH_AND_LIST: Scenario<Counter> = Scenario {
    start: &[0, 0],
    threads: &[&[Increment, IncrementSecond], &[List]],
    conflict: Conflict::IterationAndWrite,
};

/// A value far from any that increments reach, so that the order of the two is seen.
pub static SET_AND_INCREMENT: Scenario<Counter> =
    Scenario { start: &[0], threads: &[&[Set(10)], &[Increment]], conflict: Conflict::Writes };

/// An increment that meets a counter's creation: it finds no counter, or one that keeps it.
pub static CREATE_AND_INCREMENT: Scenario<Counter> = Scenario {
    start: &[],
    threads: &[&[Set(10), Increment], &[Increment]],
    conflict: Conflict::Writes,
};

impl Subject for Counter {
    type Operation = Operation;
    /// The value, or each value of a list; a set answers without one.
    type Answer = Result<Vec<i64>, CounterError>;
    /// The value of each counter that exists.
    type Last = Vec<i64>;
    type Start = &'static [i64];
    type Twin = Vec<i64>;
    type Store = Box<dyn Counters>;

    fn twin(start: Self::Start) -> Self::Twin {
        start.to_vec()
    }

    fn step(operation: Operation, counters: &mut Vec<i64>) -> Self::Answer {
        let increment = |counter: Option<&mut i64>| {
            let value = counter.ok_or(CounterError::UnknownName)?;
            *value += 1;
            Ok(vec![*value])
        };
        match operation {
            Set(value) => {
                match counters.first_mut() {
                    Some(counter) => *counter = value,
                    None => counters.push(value),
                }
                Ok(Vec::new())
            }
            Increment => increment(counters.first_mut()),
            IncrementSecond => increment(counters.get_mut(1)),
            Read => counters.first().map(|value| vec![*value]).ok_or(CounterError::UnknownName),
            List => Ok(counters.clone()),
        }
    }

    fn last_of(twin: &Self::Twin) -> Self::Last {
        twin.clone()
    }

    fn open(mode: &Mode, start: Self::Start, race_window: RaceWindow) -> Self::Store {
        let settings = settings(MAX_NAMES, race_window);
        let Store::Counters(store) = mode.open(&settings) else {
            panic!("{} has no counters", mode.name);
        };
        for (name, value) in NAMES.into_iter().zip(start) {
            store.set(name, *value).expect("an empty store takes a name");
        }
        store
    }

    fn call(store: &Self::Store, operation: Operation) -> Self::Answer {
        match operation {
            Set(value) => store.set(NAMES[0], value).map(|()| Vec::new()),
            Increment => store.inc(NAMES[0]).map(|value| vec![value]),
            IncrementSecond => store.inc(NAMES[1]).map(|value| vec![value]),
            Read => store.get(NAMES[0]).map(|value| vec![value]),
            List => Ok(store.list().into_iter().map(|(_, value)| value).collect()),
        }
    }

    fn last(store: &Self::Store) -> Self::Last {
        NAMES.into_iter().filter_map(|name| store.get(name).ok()).collect()
    }

    /// Every acknowledged increment counts, except those that a set of an existing counter may
    /// have overwritten; such a set is to a value above all that increments reach. Where every
    /// thread adds to the first counter before it adds to the second, so does every list.
    fn anomaly(
        start: Self::Start,
        threads: &[&[Operation]],
        outcome: &Outcome<Self::Answer, Self::Last>,
    ) -> Option<&'static str> {
        let acknowledged = || outcome.pairs(threads).filter(|(_, answer)| answer.is_ok());
        let increments = |of| {
            let increments = acknowledged().filter(|(operation, _)| *operation == of).count();
            i64::try_from(increments).expect("few operations")
        };
        let set = acknowledged().filter_map(|(operation, _)| match operation {
            Set(value) => Some(value),
            _ => None,
        });
        let first = match (start.first().copied(), set.max()) {
            (Some(_), Some(set)) => Some(set),
            (start, set) => start.or(set).map(|value| value + increments(Increment)),
        };
        let second = start.get(1).map(|value| value + increments(IncrementSecond));
        let last = |at| outcome.last.get(at).copied();
        if last(0) < first || last(1) < second {
            return Some("loses updates");
        }
        let shows_second_first = |(operation, answer): (Operation, &Self::Answer)| {
            operation == List && answer.as_deref().is_ok_and(|list| is_behind(start, list))
        };
        let is_led = threads.iter().all(|operations| adds_to_the_first_first(operations));
        let is_torn = is_led && outcome.pairs(threads).any(shows_second_first);
        is_torn.then_some("tears a list")
    }
}

/// Whether the first counter is never behind the second where a thread does this alone.
fn adds_to_the_first_first(operations: &[Operation]) -> bool {
    let mut lead = 0;
    operations.iter().all(|operation| {
        match operation {
            Increment => lead += 1,
            IncrementSecond => lead -= 1,
            Set(_) => return false,
            Read | List => {}
        }
        lead >= 0
    })
}

/// Whether the second of two counters grew by more than the first.
fn is_behind(start: &[i64], list: &[i64]) -> bool {
    matches!((start, list), (&[i, j], &[first, second]) if second - j > first - i)
}
