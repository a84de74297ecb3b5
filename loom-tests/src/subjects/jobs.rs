//! `jobs`: a store of jobs by their ids; `mistakes` is another.

use std::collections::BTreeSet;

use store::{JobError, Jobs as JobStore, Mode, RaceWindow, Store};

use crate::outcome::Outcome;
use crate::{Conflict, Scenario, Subject, settings};

/// Jobs, of which the id is all that matters.
#[derive(Debug)]
pub struct Jobs;

/// One call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Adds a job whose id the caller chooses, or else the store.
    Add(Option<i64>),
    /// Asks for a job.
    Contains(i64),
    /// Reads the id of every job.
    List,
    /// Removes a job.
    Remove(i64),
}

/// What an operation was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The id of the job that was added.
    Added(Result<i64, JobError>),
    /// Whether there is such a job.
    Contains(bool),
    /// Every id.
    List(Vec<i64>),
    /// Whether there was such a job.
    Removed(Result<(), JobError>),
}

/// What there is before any thread starts.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The jobs.
    pub ids: &'static [i64],
    /// How many there is room for.
    pub capacity: usize,
}

/// The jobs of one thread.
#[derive(Debug, Clone)]
pub struct Twin {
    ids: BTreeSet<i64>,
    next: i64,
    capacity: usize,
}

use Operation::{Add, Contains, List, Remove};

/// Each slot is one more thing that loom follows.
const EMPTY: Start = Start { ids: &[], capacity: 4 };
/// Something to read.
const ONE_JOB: Start = Start { ids: &[7], capacity: 4 };

/// Two writes at once.
pub static TWO_ADDS: Scenario<Jobs> = Scenario {
    start: EMPTY,
    threads: &[&[Add(Some(1))], &[Add(Some(2))]],
    conflict: Conflict::Writes,
};

/// Two writes at once, for ids that the store chooses.
pub static TWO_ADDS_WITHOUT_ID: Scenario<Jobs> =
    Scenario { start: EMPTY, threads: &[&[Add(None)], &[Add(None)]], conflict: Conflict::Writes };

/// An iteration while something is written.
pub static ADD_AND_LIST: Scenario<Jobs> = Scenario {
    start: ONE_JOB,
    threads: &[&[Add(Some(1))], &[List]],
    conflict: Conflict::IterationAndWrite,
};

/// An iteration that may meet the second of two jobs, and then has to have met the first.
pub static TWO_ADDS_AND_LIST: Scenario<Jobs> = Scenario {
    start: EMPTY,
    threads: &[&[Add(Some(1)), Add(Some(2))], &[List]],
    conflict: Conflict::IterationAndWrite,
};

/// A read while something is written.
pub static ADD_AND_CONTAINS: Scenario<Jobs> = Scenario {
    start: ONE_JOB,
    threads: &[&[Add(Some(1))], &[Contains(1)]],
    conflict: Conflict::ReadAndWrite,
};

/// A job that is removed while another is added.
pub static ADD_AND_REMOVE: Scenario<Jobs> = Scenario {
    start: ONE_JOB,
    threads: &[&[Add(Some(1))], &[Remove(7)]],
    conflict: Conflict::Writes,
};

/// An id that the store is about to choose comes and goes meanwhile, and is not to be chosen again.
pub static ADD_WITHOUT_ID_AND_REMOVE: Scenario<Jobs> = Scenario {
    start: EMPTY,
    threads: &[&[Add(None)], &[Add(Some(0)), Remove(0)]],
    conflict: Conflict::Writes,
};

/// Many reads at once are harmless.
pub static TWO_READERS: Scenario<Jobs> = Scenario {
    start: ONE_JOB,
    threads: &[&[Contains(7)], &[Contains(7), List]],
    conflict: Conflict::None,
};

/// Two jobs for which there is room for one.
pub static TWO_ADDS_WHERE_ONE_FITS: Scenario<Jobs> = Scenario {
    start: Start { ids: &[], capacity: 1 },
    threads: &[&[Add(Some(1))], &[Add(Some(2))]],
    conflict: Conflict::Full,
};

impl Subject for Jobs {
    type Operation = Operation;
    type Answer = Answer;
    /// Every id.
    type Last = Vec<i64>;
    type Start = Start;
    type Twin = Twin;
    type Store = Box<dyn JobStore>;

    fn twin(Start { ids, capacity }: Start) -> Twin {
        let next = ids.iter().max().map_or(0, |id| id + 1);
        Twin { ids: ids.iter().copied().collect(), next, capacity }
    }

    fn step(operation: Operation, twin: &mut Twin) -> Answer {
        match operation {
            Add(id) => {
                let id = id.unwrap_or(twin.next);
                if twin.ids.len() >= twin.capacity && !twin.ids.contains(&id) {
                    return Answer::Added(Err(JobError::Full));
                }
                twin.ids.insert(id);
                twin.next = twin.next.max(id + 1);
                Answer::Added(Ok(id))
            }
            Contains(id) => Answer::Contains(twin.ids.contains(&id)),
            List => Answer::List(Self::last_of(twin)),
            Remove(id) => {
                Answer::Removed(twin.ids.remove(&id).then_some(()).ok_or(JobError::UnknownId))
            }
        }
    }

    fn last_of(twin: &Twin) -> Vec<i64> {
        twin.ids.iter().copied().collect()
    }

    fn open(mode: &Mode, start: Start, race_window: RaceWindow) -> Self::Store {
        let settings = settings(start.capacity, race_window);
        let Store::Jobs(store) = mode.open(&settings) else {
            panic!("{} has no jobs", mode.name);
        };
        for &id in start.ids {
            store.add(Some(id)).expect("there is room for the jobs of the start");
        }
        store
    }

    fn call(store: &Self::Store, operation: Operation) -> Answer {
        match operation {
            Add(id) => Answer::Added(store.add(id)),
            Contains(id) => Answer::Contains(store.contains(id)),
            List => Answer::List(store.list()),
            Remove(id) => Answer::Removed(store.remove(id)),
        }
    }

    fn last(store: &Self::Store) -> Vec<i64> {
        store.list()
    }

    fn anomaly(
        start: Start,
        threads: &[&[Operation]],
        outcome: &Outcome<Answer, Vec<i64>>,
    ) -> Option<&'static str> {
        let mut expected: BTreeSet<i64> = start.ids.iter().copied().collect();
        let mut given_out = BTreeSet::new();
        for (operation, answer) in outcome.pairs(threads) {
            if let Answer::Added(Ok(id)) = answer {
                expected.insert(*id);
                if operation == Add(None) && !given_out.insert(*id) {
                    return Some("loses updates");
                }
            }
        }
        for (operation, answer) in outcome.pairs(threads) {
            if let (Remove(id), Answer::Removed(Ok(()))) = (operation, answer) {
                expected.remove(&id);
            }
        }
        // An id that is added again after its removal is outside of what this can tell.
        let last: BTreeSet<_> = outcome.last.iter().copied().collect();
        if expected.difference(&last).next().is_some() {
            Some("loses updates")
        } else if last.difference(&expected).next().is_some() {
            Some("phantom")
        } else {
            None
        }
    }
}
