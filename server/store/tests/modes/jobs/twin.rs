//! Any sequence of operations, answered as an ordinary set would answer it.

use std::collections::BTreeSet;

use loadgen_store::{JobError, Jobs, Mode, RaceWindow};
use proptest::prelude::*;

use super::{errs_where_full, is_append_only, open};
use crate::modes;

#[derive(Debug, Clone)]
enum Operation {
    Add(Option<i64>),
    Contains(i64),
    Remove(i64),
    List,
}

/// Few ids, so that operations meet, and the last ones there are.
fn operation() -> impl Strategy<Value = Operation> {
    let id = || prop_oneof![9 => 0..6_i64, 1 => (i64::MAX - 1)..=i64::MAX];
    prop_oneof![
        3 => prop::option::of(id()).prop_map(Operation::Add),
        1 => id().prop_map(Operation::Contains),
        2 => id().prop_map(Operation::Remove),
        1 => Just(Operation::List),
    ]
}

#[derive(Debug, PartialEq)]
enum Answer {
    Done,
    Id(i64),
    Truth(bool),
    Refused(JobError),
    Ids(Vec<i64>),
}

fn call(jobs: &dyn Jobs, operation: &Operation) -> Answer {
    let answer = match *operation {
        Operation::Add(id) => jobs.add(id).map(Answer::Id),
        Operation::Contains(id) => Ok(Answer::Truth(jobs.contains(id))),
        Operation::Remove(id) => jobs.remove(id).map(|()| Answer::Done),
        Operation::List => Ok(Answer::Ids(jobs.list())),
    };
    answer.unwrap_or_else(Answer::Refused)
}

struct Twin {
    ids: BTreeSet<i64>,
    /// The largest id that there ever was, or -1.
    largest: i64,
    additions: usize,
    capacity: usize,
    is_append_only: bool,
}

impl Twin {
    fn of(mode: &Mode, capacity: usize) -> Self {
        let is_append_only = is_append_only(mode);
        Self { ids: BTreeSet::new(), largest: -1, additions: 0, capacity, is_append_only }
    }

    fn expect(&mut self, operation: &Operation) -> Answer {
        match *operation {
            Operation::Add(id) => self.add(id).map_or_else(Answer::Refused, Answer::Id),
            Operation::Contains(id) => Answer::Truth(self.ids.contains(&id)),
            Operation::Remove(id) if self.ids.remove(&id) => Answer::Done,
            Operation::Remove(_) => Answer::Refused(JobError::UnknownId),
            Operation::List => Answer::Ids(self.ids.iter().copied().collect()),
        }
    }

    fn add(&mut self, id: Option<i64>) -> Result<i64, JobError> {
        if self.refuses(id) {
            return Err(JobError::Full);
        }
        let id = id.unwrap_or_else(|| self.largest + 1);
        self.additions += 1;
        self.ids.insert(id);
        self.largest = self.largest.max(id);
        Ok(id)
    }

    /// Whether there is no room for `id`, or none to choose.
    fn refuses(&self, id: Option<i64>) -> bool {
        let is_new = id.is_none_or(|id| !self.ids.contains(&id));
        let is_full = if self.is_append_only {
            self.additions == self.capacity
        } else {
            self.ids.len() == self.capacity && is_new
        };
        is_full || (id.is_none() && self.largest >= i64::MAX - 1)
    }
}

/// What was asked, with the id that the store chose where it was to choose a new one and did:
/// a store that was full may have passed over some.
fn resolved(operation: &Operation, answer: &Answer, largest: i64) -> Operation {
    match (operation, answer) {
        (Operation::Add(None), Answer::Id(id)) if *id > largest => Operation::Add(Some(*id)),
        _ => operation.clone(),
    }
}

proptest! {
    #[test]
    fn every_mode_answers_as_its_twin(
        capacity in 0..12_usize,
        operations in prop::collection::vec(operation(), 0..40),
    ) {
        for mode in modes("jobs").chain(modes("mistakes")) {
            let jobs = open(mode, capacity, RaceWindow::None);
            let mut twin = Twin::of(mode, capacity);
            for operation in operations.iter().chain([&Operation::List]) {
                let refused = matches!(operation, Operation::Add(id) if twin.refuses(*id));
                if refused && errs_where_full(mode) {
                    break;
                }
                let answer = call(&*jobs, operation);
                let expected = twin.expect(&resolved(operation, &answer, twin.largest));
                prop_assert_eq!(answer, expected, "{}: {:?}", mode.name, operation);
            }
        }
    }
}
