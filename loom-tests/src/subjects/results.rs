//! `results`: a list that results are appended to; `unawaited` is another, saved behind the answer.

use std::sync::Arc;

use store::{Journal, Mode, RaceWindow, Results as ResultStore, ResultsFull, Settings, Store};

use crate::outcome::Outcome;
use crate::{Conflict, Scenario, Subject, settings};

/// A list of results by their ids.
#[derive(Debug)]
pub struct Results;

/// One call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Makes the slow call whose result has this id, and saves it.
    Save(i64),
    /// Reads the list.
    List,
}

/// What an operation was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Whether there was room.
    Saved(Result<(), ResultsFull>),
    /// The ids in the order in which they were saved.
    List(Vec<i64>),
}

/// A store, and where it saves what outlives it.
pub struct Saving {
    results: Box<dyn ResultStore>,
    journal: Arc<Journal>,
}

use Operation::{List, Save};

/// Each slot is one more thing that loom follows.
const CAPACITY: usize = 4;

/// One result, which only a task of the store's own can come in the way of.
pub static ONE_SAVE: Scenario<Results> =
    Scenario { start: CAPACITY, threads: &[&[Save(1)]], conflict: Conflict::Writes };

/// Two appends at once.
pub static TWO_SAVES: Scenario<Results> =
    Scenario { start: CAPACITY, threads: &[&[Save(1)], &[Save(2)]], conflict: Conflict::Writes };

/// Two results for which there is room for one.
pub static TWO_SAVES_WHERE_ONE_FITS: Scenario<Results> =
    Scenario { start: 1, threads: &[&[Save(1)], &[Save(2)]], conflict: Conflict::Writes };

/// A list that is read while it grows; twice, so that an element that goes away would show.
pub static SAVE_AND_LIST: Scenario<Results> = Scenario {
    start: CAPACITY,
    threads: &[&[Save(1)], &[List, List]],
    conflict: Conflict::IterationAndWrite,
};

impl Subject for Results {
    type Operation = Operation;
    type Answer = Answer;
    /// The ids in the order in which they were saved.
    type Last = Vec<i64>;
    /// How many results there is room for.
    type Start = usize;
    type Twin = (Vec<i64>, usize);
    type Store = Saving;

    fn twin(start: usize) -> Self::Twin {
        (Vec::new(), start)
    }

    fn step(operation: Operation, (results, capacity): &mut Self::Twin) -> Answer {
        match operation {
            Save(_) if results.len() >= *capacity => Answer::Saved(Err(ResultsFull)),
            Save(id) => {
                results.push(id);
                Answer::Saved(Ok(()))
            }
            List => Answer::List(results.clone()),
        }
    }

    fn last_of((results, _): &Self::Twin) -> Vec<i64> {
        results.clone()
    }

    fn open(mode: &Mode, start: usize, race_window: RaceWindow) -> Saving {
        let journal = Arc::new(Journal::in_memory());
        let journaled = Some(Arc::clone(&journal));
        let settings = Settings { journal: journaled, ..settings(start, race_window) };
        let Store::Results(results) = mode.open(&settings) else {
            panic!("{} has no results", mode.name);
        };
        Saving { results, journal }
    }

    fn call(store: &Saving, operation: Operation) -> Answer {
        match operation {
            Save(id) => Answer::Saved(store.results.save(id)),
            List => Answer::List(store.results.list()),
        }
    }

    /// As at the end of a process: of a store that saves behind its answers, what the journal holds.
    fn last(store: &Saving) -> Vec<i64> {
        store.results.finish();
        if store.results.acknowledges_early() {
            store.journal.read().expect("a journal in memory can be read")
        } else {
            store.results.list()
        }
    }

    fn anomaly(
        _: usize,
        threads: &[&[Operation]],
        outcome: &Outcome<Answer, Vec<i64>>,
    ) -> Option<&'static str> {
        let saved = |(operation, answer): (Operation, &Answer)| match (operation, answer) {
            (Save(id), Answer::Saved(Ok(()))) => Some(id),
            _ => None,
        };
        let mut expected: Vec<_> = outcome.pairs(threads).filter_map(saved).collect();
        let mut last = outcome.last.clone();
        expected.sort_unstable();
        last.sort_unstable();
        if expected.iter().any(|id| !last.contains(id)) {
            return Some("loses updates");
        }
        if last != expected {
            return Some("phantom");
        }
        // The list only grows: whatever a thread read is the beginning of what it reads next.
        let is_broken = |answers: &Vec<Answer>| {
            let mut before: &[i64] = &[];
            answers.iter().any(|answer| {
                let Answer::List(ids) = answer else { return false };
                let grew = ids.starts_with(before);
                before = ids;
                !grew
            })
        };
        outcome.answers.iter().any(is_broken).then_some("order violation")
    }
}
